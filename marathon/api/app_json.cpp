#include "core/base/overloaded.h"
#include "marathon/api/checks_json.h"
#include "marathon/api/parts_json.h"
#include "marathon/api/wire.h"

namespace ekiden::marathon::wire {
namespace {

const char* path_id(const std::string& id) {
  return is_path_id(id) ? nullptr : "error.pattern";
}

const char* executor_text(const std::string& executor) {
  return is_executor_text(executor) ? nullptr : "error.pattern";
}

const char* constraint_sizes(const std::vector<std::string>& constraint) {
  return constraint.size() < 2   ? "error.minLength"
         : constraint.size() > 3 ? "error.maxLength"
                                 : nullptr;
}

const char* uris(const std::vector<std::string>& list) {
  for (const std::string& uri : list) {
    if (uri.empty()) {
      return "error.minLength";
    }
    if (uri.size() > kPathMax) {
      return "error.maxLength";
    }
  }
  return nullptr;
}

const char* ports(const std::vector<std::int32_t>& list) {
  for (std::int32_t port : list) {
    if (const char* reason = any_port(port)) {
      return reason;
    }
  }
  return nullptr;
}

struct ConstraintCoder {
  static bool read(const json::Node& node, json::Reader& reader, std::vector<std::string>& out) {
    if (!json::Coder<std::vector<std::string>>::read(node, reader, out)) {
      return false;
    }
    const char* reason = constraint_sizes(out);
    return reason == nullptr || reader.problem(reason);
  }

  static void write(json::Writer& writer,
                    const std::vector<std::string>& value,
                    const json::Dialect& dialect) {
    json::Coder<std::vector<std::string>>::write(writer, value, dialect);
  }

  static json::Value schema(json::SchemaDefinitions& definitions) {
    json::Value list = json::Coder<std::vector<std::string>>::schema(definitions);
    list.set("minItems", 2);
    list.set("maxItems", 3);
    return list;
  }
};

struct LimitCoder {  // a text, else a number

  static bool read(const json::Node& node, json::Reader& reader, json::Value& out) {
    if (!node.IsString() && !node.IsNumber()) {
      return reader.expected("number");
    }
    return json::read_scalar(node, reader, out);
  }

  static void write(json::Writer& writer, const json::Value& value, const json::Dialect&) {
    writer.value(value);
  }

  static json::Value schema(json::SchemaDefinitions&) {
    return json::Value(json::Object{{"type", json::Array{"number", "string"}}});
  }
};

struct ResidencyForm {
  std::int64_t relaunch_escalation_timeout_seconds = 3600;
  std::string task_lost_behavior = "WAIT_FOREVER";
  bool operator==(const ResidencyForm&) const = default;
};

constexpr std::array<std::string_view, 2> kTaskLostBehaviors{"WAIT_FOREVER",
                                                             "RELAUNCH_AFTER_TIMEOUT"};

}  // namespace
}  // namespace ekiden::marathon::wire

namespace ekiden::json {

using namespace marathon;        // NOLINT: the tables below are made of these
using namespace marathon::wire;  // NOLINT

template <>
struct Schema<DiscoveryPort> {
  static constexpr auto fields =
      std::tuple{field("number", &DiscoveryPort::number).check(any_port),
                 field("name", &DiscoveryPort::name).required().check(legacy_name),
                 field("protocol", &DiscoveryPort::protocol).as<WordCoder<kNetworkProtocols>>(),
                 field("labels", &DiscoveryPort::labels)};
};

template <>
struct Schema<Discovery> {
  static constexpr auto fields = std::tuple{field("ports", &Discovery::ports)};
};

template <>
struct Schema<IpAddressForm> {
  static constexpr auto fields =
      std::tuple{field("networkName", &IpAddressForm::network_name).check(size_at_least<1>),
                 field("labels", &IpAddressForm::labels),
                 field("discovery", &IpAddressForm::discovery)};
};

template <>
struct Schema<ResourceLimitsForm> {
  static constexpr auto fields =
      std::tuple{field("cpus", &ResourceLimitsForm::cpus).as<LimitCoder>(),
                 field("mem", &ResourceLimitsForm::mem).as<LimitCoder>()};
};

template <>
struct Schema<ResidencyForm> {
  static constexpr auto fields = std::tuple{
      field("relaunchEscalationTimeoutSeconds", &ResidencyForm::relaunch_escalation_timeout_seconds)
          .check(at_least<0>),
      field("taskLostBehavior", &ResidencyForm::task_lost_behavior)
          .as<WordCoder<kTaskLostBehaviors>>()};
};

struct VersionInfoCoder {  // ours alone: whatever a client sends is taken and dropped

  static bool read(const Node& node, Reader& reader, Value& out) {
    return read_scalar(node, reader, out);
  }

  static void write(Writer& writer, const Value& value, const Dialect&) { writer.value(value); }

  static Value schema(SchemaDefinitions& definitions) {
    Value whole = object_schema({{"lastScalingAt", Coder<std::string>::schema(definitions)},
                                 {"lastConfigChangeAt", Coder<std::string>::schema(definitions)}});
    whole.set("readOnly", true);
    return whole;
  }
};

template <>
struct Schema<AppForm> {
  static constexpr auto fields = std::tuple{
      field("id", &AppForm::id).check(size_at_least<1>).check(path_id),
      field("acceptedResourceRoles", &AppForm::accepted_resource_roles),
      field("args", &AppForm::args),
      field("backoffFactor", &AppForm::backoff_factor).check(at_least<1>),
      field("backoffSeconds", &AppForm::backoff_seconds).check(at_least<0>),
      field("cmd", &AppForm::cmd).check(size_at_least<1>),
      field("constraints", &AppForm::constraints)
          .as<ListCoder<std::vector<std::string>, ConstraintCoder>>(),
      field("container", &AppForm::container),
      field("cpus", &AppForm::cpus).check(at_least_milli<1>),
      field("dependencies", &AppForm::dependencies),
      field("disk", &AppForm::disk).check(at_least<0>),
      field("env", &AppForm::env),
      field("executor", &AppForm::executor).check(executor_text),
      field("executorResources", &AppForm::executor_resources),
      field("fetch", &AppForm::fetch),
      field("uris", &AppForm::uris).check(uris),
      field("healthChecks", &AppForm::health_checks),
      field("instances", &AppForm::instances).check(at_least<0>),
      field("labels", &AppForm::labels),
      field("maxLaunchDelaySeconds", &AppForm::max_launch_delay_seconds).check(at_least<0>),
      field("mem", &AppForm::mem).check(at_least<0>),
      field("gpus", &AppForm::gpus).check(at_least<0>),
      field("ipAddress", &AppForm::ip_address),
      field("networks", &AppForm::networks),
      field("ports", &AppForm::ports).check(ports),
      field("portDefinitions", &AppForm::port_definitions),
      field("readinessChecks", &AppForm::readiness_checks),
      field("check", &AppForm::check).as<CheckCoder>(),
      field("requirePorts", &AppForm::require_ports),
      field("residency", &AppForm::residency).as<OpaqueCoder<ResidencyForm>>(),
      field("secrets", &AppForm::secrets),
      field("taskKillGracePeriodSeconds", &AppForm::task_kill_grace_period_seconds)
          .check(at_least<0>),
      field("upgradeStrategy", &AppForm::upgrade_strategy),
      field("user", &AppForm::user),
      field("version", &AppForm::version),
      field("versionInfo", &AppForm::version_info).as<VersionInfoCoder>(),
      field("killSelection", &AppForm::kill_selection),
      field("unreachableStrategy", &AppForm::unreachable_strategy),
      field("tty", &AppForm::tty),
      field("role", &AppForm::role).check(size_at_least<1>),
      field("resourceLimits", &AppForm::resource_limits)};
};

template <>
struct Schema<GroupForm> {
  static constexpr auto fields =
      std::tuple{field("id", &GroupForm::id).check(size_at_least<1>).check(path_id),
                 field("apps", &GroupForm::apps),
                 field("groups", &GroupForm::groups),
                 field("dependencies", &GroupForm::dependencies),
                 field("enforceRole", &GroupForm::enforce_role),
                 field("version", &GroupForm::version),
                 field("scaleBy", &GroupForm::scale_by).check(at_least<0>)};
};

}  // namespace ekiden::json

EKIDEN_JSON_TYPE(ekiden::marathon::wire::ResourceLimitsForm)
EKIDEN_JSON_TYPE(ekiden::marathon::wire::AppForm)
EKIDEN_JSON_TYPE(ekiden::marathon::wire::GroupForm)

namespace ekiden::marathon::wire {
namespace {

template <class T>
Result<T> with_marathon_text(Result<T> decoded) {
  if (!decoded && decoded.error().code == ErrorCode::invalid) {
    decoded.error().message = "Invalid JSON";
  }
  return decoded;
}

template <class T>
void take(std::optional<T>& base, const std::optional<T>& update) {
  if (update) {
    base = update;
  }
}

// Apps of a group are whole ones; an app alone may be a part of one, so the table lets it pass.
// NOLINTNEXTLINE: depth is bounded by the JSON parser
void find_apps_without_id(const json::Value& group,
                          const std::string& path,
                          std::vector<Problem>& problems) {
  std::size_t index = 0;
  for (const json::Value& app : group["apps"].as_array()) {
    const std::string place = path + "/apps(" + std::to_string(index++) + ")/id";
    if (app.is_object() && app["id"].is_null()) {
      problems.push_back({place, "'id' is undefined on object: " + json::to_text(app)});
    }
  }
  index = 0;
  for (const json::Value& child : group["groups"].as_array()) {
    find_apps_without_id(child, path + "/groups(" + std::to_string(index++) + ")", problems);
  }
}

template <std::size_t... I>
void merge_fields(AppForm& base, const AppForm& update, std::index_sequence<I...>) {
  (take(base.*std::get<I>(json::Schema<AppForm>::fields).member,
        update.*std::get<I>(json::Schema<AppForm>::fields).member),
   ...);
}

}  // namespace

AppForm merge(AppForm base, const AppForm& update) {
  merge_fields(base, update, std::make_index_sequence<json::Table<AppForm>::kCount>{});
  return base;
}

Result<AppForm> decode_app(std::string_view body) {
  return with_marathon_text(json::decode<AppForm>(body, json::kMarathon));
}

Result<AppForm> decode_app(const json::Value& body) {
  return with_marathon_text(json::decode<AppForm>(body, json::kMarathon));
}

Result<GroupForm> decode_group(const json::Value& body) {
  auto form = with_marathon_text(json::decode<GroupForm>(body, json::kMarathon));
  Error missing{ErrorCode::invalid, "Invalid JSON", {}};
  find_apps_without_id(body, "", missing.problems);
  if (!missing.problems.empty() && (form || form.error().code == ErrorCode::invalid)) {
    if (!form) {
      auto& others = form.error().problems;
      missing.problems.insert(missing.problems.end(), others.begin(), others.end());
    }
    return fail(std::move(missing));
  }
  return form;
}

Result<json::Value> parse_body(std::string_view body) {
  return json::parse(body);
}

}  // namespace ekiden::marathon::wire
