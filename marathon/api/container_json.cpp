#include "marathon/api/checks_json.h"
#include "marathon/api/parts_json.h"
#include "marathon/api/wire.h"

namespace ekiden::marathon::wire {

struct SeccompForm {
  std::optional<std::string> profile_name;
  bool unconfined = false;
  bool operator==(const SeccompForm&) const = default;
};

struct IpcForm {
  std::string mode;
  std::optional<std::int32_t> shm_size;
  bool operator==(const IpcForm&) const = default;
};

struct LinuxInfoForm {
  std::optional<SeccompForm> seccomp;
  std::optional<IpcForm> ipc_info;
  bool operator==(const LinuxInfoForm&) const = default;
};

struct PersistentVolumeForm {
  std::string container_path;
  std::string mode;
  PersistentForm persistent;
  bool operator==(const PersistentVolumeForm&) const = default;
};

constexpr std::array<std::string_view, 5> kAccessModes{"SINGLE_NODE_WRITER",
                                                       "SINGLE_NODE_READER_ONLY",
                                                       "MULTI_NODE_READER_ONLY",
                                                       "MULTI_NODE_SINGLE_WRITER",
                                                       "MULTI_NODE_MULTI_WRITER"};
constexpr std::array<std::string_view, 2> kAccessTypes{"block", "mount"};

struct DvdiForm {
  std::optional<std::string> name;
  std::optional<std::string> provider;
  std::optional<std::int64_t> size;
  std::optional<std::map<std::string, std::string>> options;
  std::optional<bool> shared;
  bool operator==(const DvdiForm&) const = default;
};

struct CsiCapabilityForm {
  std::string access_mode;
  std::string access_type;
  std::optional<std::string> fs_type;
  std::vector<std::string> mount_flags;
  bool operator==(const CsiCapabilityForm&) const = default;
};

struct CsiOptionsForm {
  std::string plugin_name;
  CsiCapabilityForm capability;
  std::map<std::string, std::string> node_stage_secret;
  std::map<std::string, std::string> node_publish_secret;
  std::map<std::string, std::string> volume_context;
  bool operator==(const CsiOptionsForm&) const = default;
};

struct CsiForm {
  std::string name;
  std::string provider;
  CsiOptionsForm options;
  bool operator==(const CsiForm&) const = default;
};

struct ExternalVolumeForm {
  std::string container_path;
  std::string mode;
  json::Value external;
  bool operator==(const ExternalVolumeForm&) const = default;
};

struct SecretVolumeForm {
  std::string container_path;
  std::string secret;
  bool operator==(const SecretVolumeForm&) const = default;
};

struct HostVolumeForm {
  std::string container_path;
  std::string host_path;
  std::string mode;
  bool operator==(const HostVolumeForm&) const = default;
};

}  // namespace ekiden::marathon::wire

namespace ekiden::json {

using namespace marathon;        // NOLINT: the tables below are made of these
using namespace marathon::wire;  // NOLINT

template <>
struct Names<Engine> {
  static constexpr std::pair<Engine, std::string_view> table[] = {{Engine::docker, "DOCKER"},
                                                                  {Engine::mesos, "MESOS"}};
};

template <>
struct Schema<SeccompForm> {
  static constexpr auto fields = std::tuple{field("profileName", &SeccompForm::profile_name),
                                            field("unconfined", &SeccompForm::unconfined)};
};

template <>
struct Schema<IpcForm> {
  static constexpr auto fields = std::tuple{
      field("mode", &IpcForm::mode).required(Missing::path_missing).as<WordCoder<kIpcModes>>(),
      field("shmSize", &IpcForm::shm_size)};
};

template <>
struct Schema<LinuxInfoForm> {
  static constexpr auto fields = std::tuple{field("seccomp", &LinuxInfoForm::seccomp),
                                            field("ipcInfo", &LinuxInfoForm::ipc_info)};
};

template <>
struct Schema<PersistentForm> {
  static constexpr auto fields =
      std::tuple{field("type", &PersistentForm::type),
                 field("profileName", &PersistentForm::profile_name),
                 field("size", &PersistentForm::size).required().check(at_least<0>),
                 field("maxSize", &PersistentForm::max_size),
                 field("constraints", &PersistentForm::constraints)};
};

template <>
struct Schema<PersistentVolumeForm> {
  static constexpr auto fields =
      std::tuple{field("containerPath", &PersistentVolumeForm::container_path)
                     .required()
                     .check(size_at_least<1>),
                 field("mode", &PersistentVolumeForm::mode).required().as<WordCoder<kReadModes>>(),
                 field("persistent", &PersistentVolumeForm::persistent).required()};
};

template <>
struct Schema<DvdiForm> {
  static constexpr auto fields = std::tuple{field("name", &DvdiForm::name),
                                            field("provider", &DvdiForm::provider),
                                            field("size", &DvdiForm::size),
                                            field("options", &DvdiForm::options),
                                            field("shared", &DvdiForm::shared)};
};

template <>
struct Schema<CsiCapabilityForm> {
  static constexpr auto fields = std::tuple{
      field("accessMode", &CsiCapabilityForm::access_mode).required().as<WordCoder<kAccessModes>>(),
      field("accessType", &CsiCapabilityForm::access_type).required().as<WordCoder<kAccessTypes>>(),
      field("fsType", &CsiCapabilityForm::fs_type),
      field("mountFlags", &CsiCapabilityForm::mount_flags)};
};

template <>
struct Schema<CsiOptionsForm> {
  static constexpr auto fields =
      std::tuple{field("pluginName", &CsiOptionsForm::plugin_name).required(),
                 field("capability", &CsiOptionsForm::capability).required(),
                 field("nodeStageSecret", &CsiOptionsForm::node_stage_secret),
                 field("nodePublishSecret", &CsiOptionsForm::node_publish_secret),
                 field("volumeContext", &CsiOptionsForm::volume_context)};
};

template <>
struct Schema<CsiForm> {
  static constexpr auto fields = std::tuple{field("name", &CsiForm::name).required(),
                                            field("provider", &CsiForm::provider).required(),
                                            field("options", &CsiForm::options).required()};
};

struct ExternalCoder {  // DVDI when every option is a text, else CSI [1.9 rule 6]

  static bool read(const Node& node, Reader& reader, Value& out) {
    const std::size_t before = reader.problem_count();
    if (DvdiForm dvdi; !Coder<DvdiForm>::read(node, reader, dvdi)) {
      reader.forget_problems_after(before);
      if (CsiForm csi; !Coder<CsiForm>::read(node, reader, csi)) {
        return false;
      }
    }
    return read_scalar(node, reader, out);
  }

  static void write(Writer& writer, const Value& value, const Dialect&) { writer.value(value); }

  static Value schema(SchemaDefinitions&) { return Value(Object{{"type", "object"}}); }
};

template <>
struct Schema<ExternalVolumeForm> {
  static constexpr auto fields =
      std::tuple{field("containerPath", &ExternalVolumeForm::container_path)
                     .required()
                     .check(size_at_least<1>),
                 field("mode", &ExternalVolumeForm::mode).required().as<WordCoder<kReadModes>>(),
                 field("external", &ExternalVolumeForm::external).required().as<ExternalCoder>()};
};

template <>
struct Schema<SecretVolumeForm> {
  static constexpr auto fields = std::tuple{
      field("containerPath", &SecretVolumeForm::container_path).required().check(size_at_least<1>),
      field("secret", &SecretVolumeForm::secret).required()};
};

template <>
struct Schema<HostVolumeForm> {
  static constexpr auto fields = std::tuple{
      field("containerPath", &HostVolumeForm::container_path).required().check(size_at_least<1>),
      field("hostPath", &HostVolumeForm::host_path).required().check(size_at_least<1>),
      field("mode", &HostVolumeForm::mode).required().as<WordCoder<kReadModes>>()};
};

template <class Form>
std::optional<Form> try_volume(const Node& node, Reader& reader) {
  const std::size_t before = reader.problem_count();
  Form form;
  if (Coder<Form>::read(node, reader, form)) {
    return form;
  }
  reader.forget_problems_after(before);
  return std::nullopt;
}

Value with_external_defaults(Value external) {
  if (external["provider"].as_string() != "csi" && external.find("shared") == nullptr) {
    external.set("shared", false);
  }
  return external;
}

template <>
struct Custom<Volume> {  // persistent, external, secret, host: the last one reports [1.9 rule 5]

  static bool read(const Node& node, Reader& reader, Volume& out) {
    if (auto persistent = try_volume<PersistentVolumeForm>(node, reader)) {
      out.container_path = std::move(persistent->container_path);
      out.mode = std::move(persistent->mode);
      out.persistent = to_persistent(std::move(persistent->persistent));
      return true;
    }
    if (auto external = try_volume<ExternalVolumeForm>(node, reader)) {
      out.container_path = std::move(external->container_path);
      out.mode = std::move(external->mode);
      out.external = with_external_defaults(std::move(external->external));
      return true;
    }
    if (auto secret = try_volume<SecretVolumeForm>(node, reader)) {
      out.container_path = std::move(secret->container_path);
      out.secret = std::move(secret->secret);
      return true;
    }
    HostVolumeForm host;
    if (!Coder<HostVolumeForm>::read(node, reader, host)) {
      return false;
    }
    out.container_path = std::move(host.container_path);
    out.host_path = std::move(host.host_path);
    out.mode = std::move(host.mode);
    return true;
  }

  static void write(Writer& writer, const Volume& volume, const Dialect& dialect) {
    if (volume.persistent) {
      const PersistentVolumeForm form{
          volume.container_path, volume.mode, to_form(*volume.persistent)};
      Coder<PersistentVolumeForm>::write(writer, form, dialect);
    } else if (volume.external) {
      const ExternalVolumeForm form{volume.container_path, volume.mode, *volume.external};
      Coder<ExternalVolumeForm>::write(writer, form, dialect);
    } else if (volume.secret) {
      const SecretVolumeForm form{volume.container_path, *volume.secret};
      Coder<SecretVolumeForm>::write(writer, form, dialect);
    } else {
      const HostVolumeForm form{volume.container_path, volume.host_path.value_or(""), volume.mode};
      Coder<HostVolumeForm>::write(writer, form, dialect);
    }
  }

  static Value schema(SchemaDefinitions& definitions) {
    return Value(Object{{"anyOf",
                         Array{Coder<PersistentVolumeForm>::schema(definitions),
                               Coder<ExternalVolumeForm>::schema(definitions),
                               Coder<SecretVolumeForm>::schema(definitions),
                               Coder<HostVolumeForm>::schema(definitions)}}});
  }
};

template <>
struct Schema<DockerParameter> {
  static constexpr auto fields =
      std::tuple{field("key", &DockerParameter::key).required().check(size_at_least<1>),
                 field("value", &DockerParameter::value).required()};
};

template <>
struct Schema<DockerForm> {
  static constexpr auto fields =
      std::tuple{field("credential", &DockerForm::credential),
                 field("forcePullImage", &DockerForm::force_pull_image),
                 field("image", &DockerForm::image).required().check(size_at_least<1>),
                 field("network", &DockerForm::network).as<WordCoder<kDockerNetworks>>(),
                 field("parameters", &DockerForm::parameters),
                 field("portMappings", &DockerForm::port_mappings),
                 field("privileged", &DockerForm::privileged),
                 field("pullConfig", &DockerForm::pull_config)};
};

template <>
struct Schema<ContainerForm> {
  static constexpr auto fields =
      std::tuple{field("type", &ContainerForm::type),
                 field("docker", &ContainerForm::docker),
                 field("volumes", &ContainerForm::volumes),
                 field("portMappings", &ContainerForm::port_mappings),
                 field("linuxInfo", &ContainerForm::linux_info).as<LinuxInfoCoder>()};
};

}  // namespace ekiden::json

namespace ekiden::marathon::wire {

PersistentVolume to_persistent(PersistentForm form) {
  PersistentVolume volume;
  const auto type_default =
      form.profile_name ? PersistentVolume::Type::mount : PersistentVolume::Type::root;
  volume.type = form.type.value_or(type_default);
  volume.size = form.size;
  volume.max_size = form.max_size;
  volume.profile_name = std::move(form.profile_name);
  volume.constraints = std::move(form.constraints);
  return volume;
}

PersistentForm to_form(const PersistentVolume& volume) {
  return {volume.type, volume.size, volume.max_size, volume.profile_name, volume.constraints};
}

bool LinuxInfoCoder::read(const json::Node& node, json::Reader& reader, json::Value& out) {
  return OpaqueCoder<LinuxInfoForm>::read(node, reader, out);
}

void LinuxInfoCoder::write(json::Writer& writer, const json::Value& value, const json::Dialect& d) {
  OpaqueCoder<LinuxInfoForm>::write(writer, value, d);
}

json::Value LinuxInfoCoder::schema(json::SchemaDefinitions& definitions) {
  return OpaqueCoder<LinuxInfoForm>::schema(definitions);
}

}  // namespace ekiden::marathon::wire

EKIDEN_JSON_TYPE(ekiden::marathon::wire::PersistentForm)
EKIDEN_JSON_TYPE(ekiden::marathon::wire::ContainerForm)
