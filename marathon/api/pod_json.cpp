#include "marathon/api/checks_json.h"
#include "marathon/api/parts_json.h"
#include "marathon/api/pod_form.h"
#include "marathon/api/wire.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ekiden::marathon::wire {
namespace {

constexpr std::array<std::string_view, 1> kScalingKinds{"fixed"};
constexpr std::array<std::string_view, 1> kImageKinds{"DOCKER"};
constexpr std::size_t kVariableNameMax = 255;

const char* path_id(const std::string& id) {
  return is_path_id(id) ? nullptr : "error.pattern";
}

const char* name_text(const std::string& name) {
  return name.empty()             ? "error.minLength"
         : name.size() > kNameMax ? "error.maxLength"
         : is_label(name)         ? nullptr
                                  : "error.pattern";
}

const char* real_port(const std::int32_t& port) {
  return port < 1 ? "error.min" : port > 65535 ? "error.max" : nullptr;
}

const char* positive(const std::string& text) {
  return text.empty() ? "error.minLength" : nullptr;
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.size() <= kVariableNameMax &&
         std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
         });
}

// Values as everywhere; the names are checked one by one.
struct VariablesCoder {
  using Variables = std::map<std::string, EnvValue>;

  static bool read(const json::Node& node, json::Reader& reader, Variables& out) {
    bool ok = json::Coder<Variables>::read(node, reader, out);
    for (const auto& [name, value] : out) {
      if (!is_variable_name(name)) {
        const json::Reader::In in(reader, std::string_view(name));
        ok = reader.problem("error.pattern");
      }
    }
    return ok;
  }

  static void write(json::Writer& writer, const Variables& value, const json::Dialect& dialect) {
    json::Coder<Variables>::write(writer, value, dialect);
  }

  static json::Value schema(json::SchemaDefinitions& definitions) {
    return json::Coder<Variables>::schema(definitions);
  }
};

// A list whose elements are checked one by one.
template <const char* (*kCheck)(const std::string&)>
struct TextsCoder {
  using Texts = std::vector<std::string>;

  static bool read(const json::Node& node, json::Reader& reader, Texts& out) {
    bool ok = json::Coder<Texts>::read(node, reader, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (const char* reason = kCheck(out[i])) {
        const json::Reader::In in(reader, i);
        ok = reader.problem(reason);
      }
    }
    return ok;
  }

  static void write(json::Writer& writer, const Texts& value, const json::Dialect& dialect) {
    json::Coder<Texts>::write(writer, value, dialect);
  }

  static json::Value schema(json::SchemaDefinitions& definitions) {
    return json::Coder<Texts>::schema(definitions);
  }
};

}  // namespace

// The wire's "kind" of an image, which has one value only.
struct ImageForm {
  std::string kind = "DOCKER";
  std::string id;
  std::optional<bool> force_pull;
  std::optional<Secret> pull_config;
  std::map<std::string, std::string> labels;
  bool operator==(const ImageForm&) const = default;
};
}  // namespace ekiden::marathon::wire

namespace ekiden::json {

using namespace marathon;        // NOLINT: the tables below are made of these
using namespace marathon::wire;  // NOLINT

template <class Derived, class Base, class M>
constexpr Field<Derived, M> inherited(std::string_view name, M Base::*member) {
  return field(name, static_cast<M Derived::*>(member));
}

template <>
struct Custom<PodCommand> {  // shell, else argv

  static bool read(const Node& node, Reader& reader, PodCommand& out) {
    if (!reader.expect_object(node)) {
      return false;
    }
    if (const Node* shell = find_member(node, "shell"); shell != nullptr && shell->IsString()) {
      return read_scalar(*shell, reader, out.shell.emplace());
    }
    const Node* argv = find_member(node, "argv");
    if (argv == nullptr) {
      return reader.missing("argv", node, Missing::path_missing);
    }
    const Reader::In in(reader, "argv");
    return Coder<std::vector<std::string>>::read(*argv, reader, out.argv);
  }

  static void write(Writer& writer, const PodCommand& value, const Dialect& dialect) {
    writer.begin_object();
    if (value.shell) {
      writer.member("shell", *value.shell);
    } else {
      writer.key("argv");
      Coder<std::vector<std::string>>::write(writer, value.argv, dialect);
    }
    writer.end_object();
  }

  static Value schema(SchemaDefinitions& definitions) {
    return object_schema({{"shell", Coder<std::string>::schema(definitions)},
                          {"argv", Coder<std::vector<std::string>>::schema(definitions)}});
  }
};

template <>
struct Schema<PodExec> {
  static constexpr auto fields =
      std::tuple{field("command", &PodExec::command).required(Missing::path_missing),
                 field("overrideEntrypoint", &PodExec::override_entrypoint)};
};

template <>
struct Schema<ImageForm> {
  static constexpr auto fields =
      std::tuple{field("kind", &ImageForm::kind).required().as<WordCoder<kImageKinds>>(),
                 field("id", &ImageForm::id).required().check(size_at_least<1>),
                 field("forcePull", &ImageForm::force_pull),
                 field("pullConfig", &ImageForm::pull_config),
                 field("labels", &ImageForm::labels).non_empty()};
};

template <>
struct StandIn<PodImage> {
  using type = ImageForm;

  static ImageForm get(const PodImage& image) {
    return {"DOCKER", image.id, image.force_pull, image.pull_config, image.labels};
  }

  static PodImage from(const ImageForm& form) {
    return {form.id, form.force_pull, form.pull_config, form.labels};
  }
};

template <>
struct Schema<PodEndpoint> {
  static constexpr auto fields = std::tuple{
      field("name", &PodEndpoint::name).required().check(name_text),
      field("containerPort", &PodEndpoint::container_port).check(real_port),
      field("hostPort", &PodEndpoint::host_port).check(any_port),
      field("protocol", &PodEndpoint::protocols).as<TextsCoder<name_text>>(),
      field("labels", &PodEndpoint::labels).non_empty(),
      field("networkNames", &PodEndpoint::network_names).non_empty().as<TextsCoder<name_text>>()};
};

template <>
struct Schema<PodHttpCheck> {
  static constexpr auto fields = std::tuple{
      field("endpoint", &PodHttpCheck::endpoint).required().check(name_text),
      field("path", &PodHttpCheck::path).check(size_at_least<1>).check(size_at_most<kPathMax>),
      field("scheme", &PodHttpCheck::scheme).as<WordCoder<kHttpSchemes>>()};
};

template <>
struct Schema<PodTcpCheck> {
  static constexpr auto fields =
      std::tuple{field("endpoint", &PodTcpCheck::endpoint).required().check(name_text)};
};

template <>
struct Schema<PodCommandCheck> {
  static constexpr auto fields =
      std::tuple{field("command", &PodCommandCheck::command).required(Missing::path_missing)};
};

template <>
struct Schema<PodHealthCheck> {
  static constexpr auto fields = std::tuple{
      field("http", &PodHealthCheck::http),
      field("tcp", &PodHealthCheck::tcp),
      field("exec", &PodHealthCheck::exec),
      field("gracePeriodSeconds", &PodHealthCheck::grace_period_seconds).check(at_least<0>),
      field("intervalSeconds", &PodHealthCheck::interval_seconds).check(at_least<0>),
      field("maxConsecutiveFailures", &PodHealthCheck::max_consecutive_failures).check(at_least<0>),
      field("timeoutSeconds", &PodHealthCheck::timeout_seconds).check(at_least<0>),
      field("delaySeconds", &PodHealthCheck::delay_seconds).check(at_least<0>)};
};

template <>
struct Schema<PodResources> {
  static constexpr auto fields =
      std::tuple{field("cpus", &PodResources::cpus).check(at_least_milli<1>),
                 field("mem", &PodResources::mem).check(at_least_milli<1>),
                 field("disk", &PodResources::disk).check(at_least<0>),
                 field("gpus", &PodResources::gpus).check(at_least<0>)};
};

template <>
struct Schema<PodVolumeMount> {
  static constexpr auto fields =
      std::tuple{field("name", &PodVolumeMount::name).required().check(name_text),
                 field("mountPath", &PodVolumeMount::mount_path)
                     .required()
                     .check(size_at_least<1>)
                     .check(size_at_most<kPathMax>),
                 field("readOnly", &PodVolumeMount::read_only)};
};

template <>
struct Schema<PodLifecycle> {
  static constexpr auto fields =
      std::tuple{field("killGracePeriodSeconds", &PodLifecycle::kill_grace_period_seconds)};
};

// `check` is understood and dropped, as Marathon does [3.14].
bool drop_check(const Node& node, Reader& reader, PodContainerForm&) {
  Value dropped;
  return CheckCoder::read(node, reader, dropped);
}

template <>
struct Schema<PodContainerForm> {
  static constexpr auto fields = std::tuple{
      inherited<PodContainerForm>("name", &PodContainer::name).required().check(name_text),
      inherited<PodContainerForm>("exec", &PodContainer::exec),
      inherited<PodContainerForm>("resources", &PodContainer::resources).required(),
      field("resourceLimits", &PodContainerForm::limits),
      inherited<PodContainerForm>("endpoints", &PodContainer::endpoints).non_empty(),
      inherited<PodContainerForm>("image", &PodContainer::image),
      inherited<PodContainerForm>("environment", &PodContainer::environment)
          .non_empty()
          .as<VariablesCoder>(),
      inherited<PodContainerForm>("user", &PodContainer::user),
      inherited<PodContainerForm>("healthCheck", &PodContainer::health_check),
      inherited<PodContainerForm>("volumeMounts", &PodContainer::volume_mounts).non_empty(),
      inherited<PodContainerForm>("artifacts", &PodContainer::artifacts).non_empty(),
      inherited<PodContainerForm>("labels", &PodContainer::labels).non_empty(),
      inherited<PodContainerForm>("lifecycle", &PodContainer::lifecycle),
      inherited<PodContainerForm>("tty", &PodContainer::tty),
      inherited<PodContainerForm>("linuxInfo", &PodContainer::linux_info).as<LinuxInfoCoder>(),
      Hook<PodContainerForm>{"check",
                             drop_check,
                             [](const PodContainerForm&) { return false; },
                             [](Writer&, const PodContainerForm&, const Dialect&) {}}};
};

// The order of a union [1.9]: persistent, secret, host, ephemeral. What is written says which.
template <>
struct Custom<PodVolume> {
  static bool read(const Node& node, Reader& reader, PodVolume& out) {
    if (!reader.expect_object(node)) {
      return false;
    }
    const std::size_t before = reader.problem_count();
    if (read_persistent(node, reader, out) && read_name(node, reader, out)) {
      return true;
    }
    reader.forget_problems_after(before);
    out = {};
    if (read_text(node, "secret", out.secret) && read_name(node, reader, out)) {
      return true;
    }
    reader.forget_problems_after(before);
    out = {};
    if (read_text(node, "host", out.host) && read_name(node, reader, out)) {
      return true;
    }
    reader.forget_problems_after(before);
    out = {};
    return read_name(node, reader, out);
  }

  static void write(Writer& writer, const PodVolume& volume, const Dialect& dialect) {
    writer.begin_object().member("name", volume.name);
    if (volume.host) {
      writer.member("host", *volume.host);
    } else if (volume.secret) {
      writer.member("secret", *volume.secret);
    } else if (volume.persistent) {
      writer.key("persistent");
      Coder<PersistentForm>::write(writer, to_form(*volume.persistent), dialect);
    }
    writer.end_object();
  }

  static Value schema(SchemaDefinitions& definitions) {
    return object_schema({{"name", Coder<std::string>::schema(definitions)},
                          {"host", Coder<std::string>::schema(definitions)},
                          {"secret", Coder<std::string>::schema(definitions)},
                          {"persistent", Coder<PersistentForm>::schema(definitions)}});
  }

 private:
  static bool read_name(const Node& node, Reader& reader, PodVolume& out) {
    const Node* name = find_member(node, "name");
    if (name == nullptr) {
      return reader.missing("name", node, Missing::undefined_on_object);
    }
    const Reader::In in(reader, "name");
    if (!read_scalar(*name, reader, out.name)) {
      return false;
    }
    const char* reason = name_text(out.name);
    return reason == nullptr || reader.problem(reason);
  }

  static bool read_text(const Node& node,
                        std::string_view member,
                        std::optional<std::string>& out) {
    const Node* value = find_member(node, member);
    if (value == nullptr || !value->IsString() || value->GetStringLength() == 0) {
      return false;
    }
    out.emplace(value->GetString(), value->GetStringLength());
    return true;
  }

  static bool read_persistent(const Node& node, Reader& reader, PodVolume& out) {
    const Node* value = find_member(node, "persistent");
    PersistentForm form;
    if (value == nullptr || !Coder<PersistentForm>::read(*value, reader, form)) {
      return false;
    }
    out.persistent = to_persistent(std::move(form));
    return true;
  }
};

template <>
struct Schema<ScalingForm> {
  static constexpr auto fields =
      std::tuple{field("kind", &ScalingForm::kind).required().as<WordCoder<kScalingKinds>>(),
                 field("instances", &ScalingForm::instances).check(at_least<0>)};
};

template <>
struct Schema<PodBackoff> {
  static constexpr auto fields =
      std::tuple{field("backoff", &PodBackoff::backoff).check(at_least<0>),
                 field("backoffFactor", &PodBackoff::backoff_factor).check(at_least<0>),
                 field("maxLaunchDelay", &PodBackoff::max_launch_delay).check(at_least<0>)};
};

template <>
struct Schema<PodUpgradeForm> {
  static constexpr auto fields = std::tuple{
      inherited<PodUpgradeForm>("minimumHealthCapacity", &UpgradeStrategy::minimum_health_capacity)
          .check(at_least<0>)
          .check(at_most<1>),
      inherited<PodUpgradeForm>("maximumOverCapacity", &UpgradeStrategy::maximum_over_capacity)
          .check(at_least<0>)
          .check(at_most<1>),
      inherited<PodUpgradeForm>("progressDeadlineSeconds",
                                &UpgradeStrategy::progress_deadline_seconds)
          .check(at_least<1>),
      inherited<PodUpgradeForm>("maxFailures", &UpgradeStrategy::max_failures).check(at_least<0>),
      inherited<PodUpgradeForm>("onFailure", &UpgradeStrategy::on_failure)};
};

template <>
struct Schema<PodConstraintForm> {
  static constexpr auto fields =
      std::tuple{field("fieldName", &PodConstraintForm::field_name).required(Missing::path_missing),
                 field("operator", &PodConstraintForm::op)
                     .required(Missing::path_missing)
                     .as<WordCoder<kConstraintOperators>>(),
                 field("value", &PodConstraintForm::value)};
};

template <>
struct Schema<PlacementForm> {
  static constexpr auto fields =
      std::tuple{field("constraints", &PlacementForm::constraints).non_empty(),
                 field("acceptedResourceRoles", &PlacementForm::accepted_resource_roles)};
};

template <>
struct Schema<SchedulingForm> {
  static constexpr auto fields =
      std::tuple{field("backoff", &SchedulingForm::backoff),
                 field("upgrade", &SchedulingForm::upgrade),
                 field("placement", &SchedulingForm::placement),
                 field("killSelection", &SchedulingForm::kill_selection),
                 field("unreachableStrategy", &SchedulingForm::unreachable_strategy)};
};

template <>
struct Schema<PodForm> {
  static constexpr auto fields =
      std::tuple{field("id", &PodForm::id).required().check(positive).check(path_id),
                 field("version", &PodForm::version),
                 field("user", &PodForm::user),
                 field("environment", &PodForm::environment).non_empty().as<VariablesCoder>(),
                 field("labels", &PodForm::labels).non_empty(),
                 field("containers", &PodForm::containers).required().check(size_at_least<1>),
                 field("secrets", &PodForm::secrets).non_empty(),
                 field("volumes", &PodForm::volumes).non_empty(),
                 field("networks", &PodForm::networks).non_empty(),
                 field("scaling", &PodForm::scaling),
                 field("scheduling", &PodForm::scheduling),
                 field("executorResources", &PodForm::executor_resources),
                 field("role", &PodForm::role).check(size_at_least<1>),
                 field("linuxInfo", &PodForm::linux_info).as<LinuxInfoCoder>(),
                 field("legacySharedCgroups", &PodForm::legacy_shared_cgroups)};
};

}  // namespace ekiden::json

EKIDEN_JSON_TYPE(ekiden::marathon::wire::PodForm)

namespace ekiden::marathon::wire {
namespace {

Result<PodForm> with_marathon_text(Result<PodForm> decoded) {
  if (!decoded && decoded.error().code == ErrorCode::invalid) {
    decoded.error().message = "Invalid JSON";
  }
  return decoded;
}

}  // namespace

Result<PodForm> decode_pod(std::string_view body) {
  return with_marathon_text(json::decode<PodForm>(body, json::kMarathon));
}

Result<PodForm> decode_pod(const json::Value& body) {
  return with_marathon_text(json::decode<PodForm>(body, json::kMarathon));
}

}  // namespace ekiden::marathon::wire
