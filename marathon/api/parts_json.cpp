#include "marathon/api/wire.h"

namespace ekiden::marathon::wire {
namespace {

const char* network_name(const std::string& name) {
  return is_network_name(name) ? nullptr : "error.pattern";
}

const char* network_names(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name.size() > kNameMax || !is_label(name)) {
      return "error.pattern";
    }
  }
  return nullptr;
}

}  // namespace
}  // namespace ekiden::marathon::wire

namespace ekiden::json {

using namespace marathon;        // NOLINT: the tables below are made of these
using namespace marathon::wire;  // NOLINT

template <>
struct Names<NetworkMode> {
  static constexpr std::pair<NetworkMode, std::string_view> table[] = {
      {NetworkMode::host, "host"},
      {NetworkMode::container, "container"},
      {NetworkMode::bridge, "container/bridge"}};
};

template <>
struct Schema<Network> {
  static constexpr auto fields = std::tuple{field("name", &Network::name)
                                                .check(size_at_least<1>)
                                                .check(size_at_most<kNameMax>)
                                                .check(network_name),
                                            field("mode", &Network::mode),
                                            field("labels", &Network::labels).non_empty()};
};

template <>
struct Schema<PortDefinition> {
  static constexpr auto fields =
      std::tuple{field("port", &PortDefinition::port).check(any_port),
                 field("labels", &PortDefinition::labels).non_empty(),
                 field("name", &PortDefinition::name).check(size_at_least<1>).check(legacy_name),
                 field("protocol", &PortDefinition::protocol).as<WordCoder<kNetworkProtocols>>()};
};

template <>
struct Schema<PortMapping> {
  static constexpr auto fields = std::tuple{
      field("containerPort", &PortMapping::container_port).check(any_port),
      field("hostPort", &PortMapping::host_port).check(any_port),
      field("labels", &PortMapping::labels),
      field("name", &PortMapping::name).check(size_at_least<1>).check(legacy_name),
      field("protocol", &PortMapping::protocol).as<WordCoder<kNetworkProtocols>>(),
      field("servicePort", &PortMapping::service_port).check(any_port),
      field("networkNames", &PortMapping::network_names).non_empty().check(network_names)};
};

template <>
struct Schema<Artifact> {
  static constexpr auto fields = std::tuple{
      field("uri", &Artifact::uri).required().check(size_at_least<1>).check(size_at_most<kPathMax>),
      field("extract", &Artifact::extract),
      field("executable", &Artifact::executable),
      field("cache", &Artifact::cache),
      field("destPath", &Artifact::dest_path)
          .check(size_at_least<1>)
          .check(size_at_most<kPathMax>)};
};

template <>
struct Schema<Secret> {
  static constexpr auto fields =
      std::tuple{field("secret", &Secret::secret).required(Missing::path_missing)};
};

template <>
struct Custom<EnvValue> {  // a string, else {"secret": name}

  static bool read(const Node& node, Reader& reader, EnvValue& out) {
    if (node.IsString()) {
      return read_scalar(node, reader, out.emplace<std::string>());
    }
    return Coder<Secret>::read(node, reader, out.emplace<Secret>());
  }

  static void write(Writer& writer, const EnvValue& value, const Dialect& dialect) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      writer.string(*text);
    } else {
      Coder<Secret>::write(writer, std::get<Secret>(value), dialect);
    }
  }

  static Value schema(SchemaDefinitions& definitions) {
    return Value(Object{
        {"anyOf",
         Array{Coder<std::string>::schema(definitions), Coder<Secret>::schema(definitions)}}});
  }
};

template <>
struct Schema<SecretSource> {
  static constexpr auto fields =
      std::tuple{field("source", &SecretSource::source).required().check(size_at_least<1>)};
};

template <>
struct Schema<ExecutorResources> {
  static constexpr auto fields =
      std::tuple{field("cpus", &ExecutorResources::cpus).check(at_least_milli<100>),
                 field("mem", &ExecutorResources::mem).check(at_least<32>),
                 field("disk", &ExecutorResources::disk).check(at_least<10>)};
};

template <>
struct Schema<UpgradeStrategy> {
  static constexpr auto fields =
      std::tuple{field("maximumOverCapacity", &UpgradeStrategy::maximum_over_capacity)
                     .required()
                     .check(at_least<0>)
                     .check(at_most<1>),
                 field("minimumHealthCapacity", &UpgradeStrategy::minimum_health_capacity)
                     .required()
                     .check(at_least<0>)
                     .check(at_most<1>),
                 field("progressDeadlineSeconds", &UpgradeStrategy::progress_deadline_seconds)
                     .check(at_least<1>),
                 field("maxFailures", &UpgradeStrategy::max_failures).check(at_least<0>),
                 field("onFailure", &UpgradeStrategy::on_failure)};
};

}  // namespace ekiden::json

namespace ekiden::marathon::wire {

struct UnreachableEnabled {
  std::int64_t inactive_after_seconds = 0;
  std::int64_t expunge_after_seconds = 0;
  bool operator==(const UnreachableEnabled&) const = default;
};

}  // namespace ekiden::marathon::wire

namespace ekiden::json {

template <>
struct Schema<UnreachableEnabled> {
  static constexpr auto fields = std::tuple{
      field("inactiveAfterSeconds", &UnreachableEnabled::inactive_after_seconds).check(at_least<0>),
      field("expungeAfterSeconds", &UnreachableEnabled::expunge_after_seconds).check(at_least<0>)};
};

template <>
struct Custom<UnreachableStrategy> {  // any string means disabled [marathon-api 3.2]

  static bool read(const Node& node, Reader& reader, UnreachableStrategy& out) {
    if (node.IsString()) {
      out.disabled = true;
      return true;
    }
    UnreachableEnabled enabled;
    if (!Coder<UnreachableEnabled>::read(node, reader, enabled)) {
      return false;
    }
    out = {false, enabled.inactive_after_seconds, enabled.expunge_after_seconds};
    return true;
  }

  static void write(Writer& writer, const UnreachableStrategy& value, const Dialect& dialect) {
    if (value.disabled) {
      writer.string("disabled");
      return;
    }
    const UnreachableEnabled enabled{value.inactive_after_seconds, value.expunge_after_seconds};
    Coder<UnreachableEnabled>::write(writer, enabled, dialect);
  }

  static Value schema(SchemaDefinitions& definitions) {
    return Value(Object{{"anyOf",
                         Array{Value(Object{{"const", "disabled"}}),
                               Coder<UnreachableEnabled>::schema(definitions)}}});
  }
};

}  // namespace ekiden::json

EKIDEN_JSON_TYPE(ekiden::marathon::Network)
EKIDEN_JSON_TYPE(ekiden::marathon::PortDefinition)
EKIDEN_JSON_TYPE(ekiden::marathon::PortMapping)
EKIDEN_JSON_TYPE(ekiden::marathon::Artifact)
EKIDEN_JSON_TYPE(ekiden::marathon::Secret)
EKIDEN_JSON_TYPE(ekiden::marathon::EnvValue)
EKIDEN_JSON_TYPE(ekiden::marathon::wire::SecretSource)
EKIDEN_JSON_TYPE(ekiden::marathon::ExecutorResources)
EKIDEN_JSON_TYPE(ekiden::marathon::UpgradeStrategy)
EKIDEN_JSON_TYPE(ekiden::marathon::UnreachableStrategy)
