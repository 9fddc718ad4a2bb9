#pragma once

#include "core/json/json.h"
#include "marathon/model/app.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

// An app as it is written on the wire: every member optional, deprecated ones included. A request
// is decoded into it, normalised (normalise.h) and turned into an App (convert.h); answers go the
// other way, so that one table serves both.
namespace ekiden::marathon::wire {

struct DockerForm {
  std::string image;
  bool force_pull_image = false;
  bool privileged = false;
  std::vector<DockerParameter> parameters;
  std::optional<Secret> pull_config;
  std::optional<json::Value> credential;                  // deprecated, refused
  std::optional<std::string> network;                     // deprecated
  std::optional<std::vector<PortMapping>> port_mappings;  // deprecated
  bool operator==(const DockerForm&) const = default;
};

struct ContainerForm {
  Engine type = Engine::docker;
  std::optional<DockerForm> docker;
  std::vector<Volume> volumes;
  std::optional<std::vector<PortMapping>> port_mappings;
  std::optional<json::Value> linux_info;
  bool operator==(const ContainerForm&) const = default;
};

struct DiscoveryPort {
  std::int32_t number = 0;
  std::string name;
  std::string protocol = "tcp";
  std::map<std::string, std::string> labels;
  bool operator==(const DiscoveryPort&) const = default;
};

struct Discovery {
  std::vector<DiscoveryPort> ports;
  bool operator==(const Discovery&) const = default;
};

struct IpAddressForm {  // deprecated
  std::optional<std::string> network_name;
  std::map<std::string, std::string> labels;
  std::optional<Discovery> discovery;
  bool operator==(const IpAddressForm&) const = default;
};

struct SecretSource {
  std::string source;
  bool operator==(const SecretSource&) const = default;
};

struct ResourceLimitsForm {  // numbers or texts
  std::optional<json::Value> cpus;
  std::optional<json::Value> mem;
  bool operator==(const ResourceLimitsForm&) const = default;
};

struct AppForm {
  std::optional<std::string> id;
  std::optional<std::string> cmd;
  std::optional<std::vector<std::string>> args;
  std::optional<std::string> user;
  std::optional<std::map<std::string, EnvValue>> env;
  std::optional<std::int32_t> instances;
  std::optional<double> cpus;
  std::optional<double> mem;
  std::optional<double> disk;
  std::optional<std::int32_t> gpus;
  std::optional<std::string> executor;
  std::optional<ExecutorResources> executor_resources;
  std::optional<std::vector<std::vector<std::string>>> constraints;
  std::optional<std::vector<Artifact>> fetch;
  std::optional<std::vector<std::string>> uris;  // deprecated
  std::optional<std::vector<Network>> networks;
  std::optional<std::vector<PortDefinition>> port_definitions;
  std::optional<std::vector<std::int32_t>> ports;  // deprecated
  std::optional<IpAddressForm> ip_address;         // deprecated
  std::optional<bool> require_ports;
  std::optional<ContainerForm> container;
  std::optional<std::vector<HealthCheck>> health_checks;
  std::optional<json::Value> check;
  std::optional<std::vector<ReadinessCheck>> readiness_checks;
  std::optional<std::int32_t> backoff_seconds;
  std::optional<double> backoff_factor;
  std::optional<std::int32_t> max_launch_delay_seconds;
  std::optional<std::int32_t> task_kill_grace_period_seconds;
  std::optional<std::vector<std::string>> dependencies;
  std::optional<UpgradeStrategy> upgrade_strategy;
  std::optional<std::map<std::string, std::string>> labels;
  std::optional<std::vector<std::string>> accepted_resource_roles;
  std::optional<KillSelection> kill_selection;
  std::optional<UnreachableStrategy> unreachable_strategy;
  std::optional<json::Value> residency;  // deprecated, no effect
  std::optional<std::map<std::string, SecretSource>> secrets;
  std::optional<bool> tty;
  std::optional<std::string> role;
  std::optional<ResourceLimitsForm> resource_limits;
  std::optional<std::string> version;
  std::optional<json::Value> version_info;
  bool operator==(const AppForm&) const = default;
};

// Members that two forms have in common are taken from `update`; a member is never merged deeper.
AppForm merge(AppForm base, const AppForm& update);

struct GroupForm {
  std::optional<std::string> id;
  std::optional<std::vector<AppForm>> apps;
  std::optional<std::vector<GroupForm>> groups;
  std::optional<std::vector<std::string>> dependencies;
  std::optional<bool> enforce_role;
  std::optional<std::string> version;
  std::optional<double> scale_by;
  bool operator==(const GroupForm&) const = default;
};

// Decoding with the error texts of 1.9: message "Invalid JSON" and every problem.
Result<AppForm> decode_app(std::string_view body);
Result<AppForm> decode_app(const json::Value& body);
Result<GroupForm> decode_group(const json::Value& body);
// A malformed body (not JSON) and a parsed one.
Result<json::Value> parse_body(std::string_view body);

}  // namespace ekiden::marathon::wire
