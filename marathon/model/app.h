#pragma once

#include "core/base/time.h"
#include "core/json/json.h"
#include "marathon/model/path_id.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// An app definition in canonical form: after normalisation no deprecated member is left
// [marathon-api 3.2 to 3.9]. Defaults are the member initialisers.
namespace ekiden::marathon {

struct Secret {  // {"secret": "name"}
  std::string secret;
  bool operator==(const Secret&) const = default;
};

using EnvValue = std::variant<std::string, Secret>;

struct Artifact {
  std::string uri;
  bool extract = true;
  bool executable = false;
  bool cache = false;
  std::optional<std::string> dest_path;
  bool operator==(const Artifact&) const = default;
};

enum class NetworkMode { host, container, bridge };

struct Network {
  NetworkMode mode = NetworkMode::container;
  std::optional<std::string> name;
  std::map<std::string, std::string> labels;
  bool operator==(const Network&) const = default;
};

struct PortDefinition {
  std::int32_t port = 0;         // service port; also the host port with requirePorts
  std::string protocol = "tcp";  // "tcp" | "udp" | "udp,tcp"
  std::optional<std::string> name;
  std::map<std::string, std::string> labels;
  bool operator==(const PortDefinition&) const = default;
};

struct PortMapping {
  std::int32_t container_port = 0;        // 0: same as the host port
  std::optional<std::int32_t> host_port;  // 0: random; absent: none
  std::int32_t service_port = 0;
  std::string protocol = "tcp";
  std::optional<std::string> name;
  std::map<std::string, std::string> labels;
  std::vector<std::string> network_names;
  bool operator==(const PortMapping&) const = default;
};

enum class Engine { docker, mesos };

struct DockerParameter {
  std::string key;
  std::string value;
  bool operator==(const DockerParameter&) const = default;
};

struct DockerContainer {
  std::string image;
  bool force_pull_image = false;
  bool privileged = false;
  std::vector<DockerParameter> parameters;
  std::optional<Secret> pull_config;
  bool operator==(const DockerContainer&) const = default;
};

struct PersistentVolume {
  enum class Type { root, path, mount };
  Type type = Type::root;
  std::int64_t size = 0;  // MiB
  std::optional<std::int64_t> max_size;
  std::optional<std::string> profile_name;
  std::vector<std::vector<std::string>> constraints;
  bool operator==(const PersistentVolume&) const = default;
};

// One of host, persistent, external, secret: exactly one of the optionals is set.
struct Volume {
  std::string container_path;
  std::string mode = "RW";  // "RO" | "RW"; not written for secrets
  std::optional<std::string> host_path;
  std::optional<PersistentVolume> persistent;
  std::optional<json::Value> external;  // kept as it came, validated
  std::optional<std::string> secret;
  bool operator==(const Volume&) const = default;
};

struct Container {
  Engine type = Engine::docker;
  std::optional<DockerContainer> docker;
  std::vector<Volume> volumes;
  std::vector<PortMapping> port_mappings;  // only without host networking
  std::optional<json::Value> linux_info;
  bool operator==(const Container&) const = default;
};

enum class HealthProtocol { http, https, tcp, command, mesos_http, mesos_https, mesos_tcp };

// True for checks that Marathon performs itself; the others go into TaskInfo [HC-1].
constexpr bool is_marathon_side(HealthProtocol protocol) {
  return protocol == HealthProtocol::http || protocol == HealthProtocol::https ||
         protocol == HealthProtocol::tcp;
}

struct HealthCheck {
  HealthProtocol protocol = HealthProtocol::http;
  std::optional<std::string> path;
  std::optional<std::int32_t> port;
  std::optional<std::int32_t> port_index;
  std::optional<std::string> command;  // wire: {"value": ...}
  std::int32_t grace_period_seconds = 300;
  std::int32_t interval_seconds = 60;
  std::int32_t timeout_seconds = 20;
  std::int32_t max_consecutive_failures = 3;  // 0: never kill
  std::int32_t delay_seconds = 15;
  std::string ip_protocol = "IPv4";
  bool ignore_http1xx = false;  // HTTP and HTTPS only
  bool operator==(const HealthCheck&) const = default;
};

struct ReadinessCheck {
  std::string name = "readinessCheck";
  std::string protocol = "HTTP";
  std::string path = "/";
  std::string port_name = "http-api";
  std::int32_t interval_seconds = 30;
  std::int32_t timeout_seconds = 10;
  std::vector<std::int32_t> http_status_codes_for_ready = {200};
  bool preserve_last_response = false;
  bool operator==(const ReadinessCheck&) const = default;
};

enum class ConstraintOperator { unique, cluster, group_by, like, unlike, max_per, is };

// By their number.
inline constexpr std::array<std::string_view, 7> kConstraintOperators{
    "UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS"};

constexpr std::string_view to_text(ConstraintOperator op) {
  return kConstraintOperators[static_cast<std::size_t>(op)];
}

struct Constraint {
  std::string field;
  ConstraintOperator op = ConstraintOperator::unique;
  std::optional<std::string> value;
  auto operator<=>(const Constraint&) const = default;
};

struct UpgradeStrategy {
  enum class OnFailure { carry_on, pause, rollback };
  double minimum_health_capacity = 1.0;
  double maximum_over_capacity = 1.0;
  // Beyond Marathon: an update that makes no progress for so long, or of whose new instances more
  // than so many ended, has failed.
  std::optional<std::int32_t> progress_deadline_seconds{};
  std::optional<std::int32_t> max_failures{};
  std::optional<OnFailure> on_failure{};  // absent: carry_on
  bool operator==(const UpgradeStrategy&) const = default;
};

struct UnreachableStrategy {
  bool disabled = false;
  std::int64_t inactive_after_seconds = 0;
  std::int64_t expunge_after_seconds = 0;
  bool operator==(const UnreachableStrategy&) const = default;
};

enum class KillSelection { youngest_first, oldest_first };

struct ExecutorResources {
  double cpus = 0.1;
  double mem = 32;
  double disk = 10;
  bool operator==(const ExecutorResources&) const = default;
};

// A number, or "unlimited" (infinity).
struct ResourceLimits {
  std::optional<double> cpus;
  std::optional<double> mem;
  bool operator==(const ResourceLimits&) const = default;
};

struct VersionInfo {
  WallTime version{};
  WallTime last_scaling_at{};
  WallTime last_config_change_at{};
  bool operator==(const VersionInfo&) const = default;
};

struct Pod;

// Shared, and compared by value.
struct PodPtr : std::shared_ptr<const Pod> {
  using std::shared_ptr<const Pod>::shared_ptr;
  bool operator==(const PodPtr& other) const;
};

// An app, or a pod when `pod` is set (model/pod.h says how the other members are meant then).
struct App {
  PathId id;
  PodPtr pod;
  std::optional<std::string> cmd;
  std::vector<std::string> args;
  std::optional<std::string> user;
  std::map<std::string, EnvValue> env;
  std::int32_t instances = 1;
  double cpus = 1;
  double mem = 128;
  double disk = 0;
  std::int32_t gpus = 0;
  std::string executor;
  std::optional<ExecutorResources> executor_resources;
  std::vector<Constraint> constraints;  // sorted, no duplicates
  std::vector<Artifact> fetch;
  std::vector<Network> networks = {Network{NetworkMode::host, {}, {}}};
  std::vector<PortDefinition> port_definitions;  // only with host networking
  bool require_ports = false;
  std::optional<Container> container;
  std::vector<HealthCheck> health_checks;
  std::optional<json::Value> check;  // kept as it came, validated
  std::vector<ReadinessCheck> readiness_checks;
  std::int32_t backoff_seconds = 1;
  double backoff_factor = 1.15;
  std::int32_t max_launch_delay_seconds = 300;
  std::optional<std::int32_t> task_kill_grace_period_seconds;
  std::vector<PathId> dependencies;  // sorted, no duplicates
  UpgradeStrategy upgrade_strategy;
  std::map<std::string, std::string> labels;
  std::vector<std::string> accepted_resource_roles;  // sorted, no duplicates; empty: by the flags
  KillSelection kill_selection = KillSelection::youngest_first;
  UnreachableStrategy unreachable_strategy;
  std::map<std::string, std::string> secrets;  // name -> source
  std::optional<bool> tty;
  std::string role = "*";
  std::optional<ResourceLimits> resource_limits;
  VersionInfo version_info;

  bool uses_host_network() const;
  bool is_resident() const;  // has persistent volumes

  bool has_health_checks() const;  // of any kind, those of a pod's containers too

  std::vector<std::int32_t> service_ports() const;  // none of a pod
  std::size_t port_count() const;  // port definitions or port mappings
  bool operator==(const App&) const = default;
};

// Does replacing `a` by `b` need new tasks? Compares exactly the fields of [DP-8] (1.3).
bool is_upgrade(const App& a, const App& b);

}  // namespace ekiden::marathon
