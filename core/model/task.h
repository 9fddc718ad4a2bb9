#pragma once

#include "core/model/common.h"
#include "core/model/resources.h"

#include <optional>
#include <string>
#include <vector>

namespace ekiden::model {

struct FetchUri {
  std::string value;
  bool executable = false;
  bool extract = true;
  bool cache = false;
  std::optional<std::string> output_file;
  bool operator==(const FetchUri&) const = default;
};

struct CommandInfo {
  std::vector<FetchUri> uris;
  std::optional<Environment> environment;
  bool shell = true;
  std::optional<std::string> value;
  std::vector<std::string> arguments;
  std::optional<std::string> user;
  bool operator==(const CommandInfo&) const = default;
};

struct PortMapping {
  std::uint32_t host_port = 0;
  std::uint32_t container_port = 0;
  std::optional<std::string> protocol;
  bool operator==(const PortMapping&) const = default;
};

struct DockerInfo {
  enum class Network { host, bridge, none, user };
  std::string image;
  Network network = Network::host;
  std::vector<PortMapping> port_mappings;
  bool privileged = false;
  std::vector<Parameter> parameters;
  std::optional<bool> force_pull_image;
  bool operator==(const DockerInfo&) const = default;
};

struct NetworkIpAddress {
  std::optional<std::string> protocol;  // "IPv4" | "IPv6"
  std::optional<std::string> ip_address;
  bool operator==(const NetworkIpAddress&) const = default;
};

struct NetworkInfo {
  std::vector<NetworkIpAddress> ip_addresses;
  std::optional<std::string> name;
  std::vector<std::string> groups;
  std::optional<Labels> labels;
  std::vector<PortMapping> port_mappings;
  bool operator==(const NetworkInfo&) const = default;
};

struct MesosImage {
  enum class Type { appc, docker };
  Type type = Type::docker;
  std::optional<std::string> docker_name;  // wire: docker.name
  std::optional<bool> cached;
  std::optional<Secret> docker_config{};  // wire: docker.config
  bool operator==(const MesosImage&) const = default;
};

struct SeccompInfo {
  std::optional<std::string> profile_name;
  std::optional<bool> unconfined;
  bool operator==(const SeccompInfo&) const = default;
};

struct LinuxInfo {
  enum class IpcMode { unknown, private_, share_parent };
  std::optional<bool> share_pid_namespace;
  std::optional<SeccompInfo> seccomp;
  IpcMode ipc_mode = IpcMode::unknown;
  std::optional<std::uint32_t> shm_size;  // MiB
  bool share_cgroups = true;
  bool operator==(const LinuxInfo&) const = default;
};

struct TtyInfo {
  struct WindowSize {
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    bool operator==(const WindowSize&) const = default;
  };

  std::optional<WindowSize> window_size;
  bool operator==(const TtyInfo&) const = default;
};

struct ContainerInfo {
  enum class Type { docker, mesos };
  Type type = Type::mesos;
  std::vector<VolumeRef> volumes;
  std::optional<std::string> hostname;
  std::optional<DockerInfo> docker;
  std::optional<MesosImage> mesos_image;  // wire: mesos.image
  bool mesos = false;                     // "mesos" is there without an image
  std::vector<NetworkInfo> network_infos;
  std::optional<LinuxInfo> linux_info;
  std::optional<TtyInfo> tty_info;
  bool operator==(const ContainerInfo&) const = default;
};

struct HttpCheck {
  std::optional<std::string> scheme;
  std::uint32_t port = 0;
  std::optional<std::string> path;
  std::optional<std::string> protocol;  // IPV4 | IPV6 (HealthCheck only)
  bool operator==(const HttpCheck&) const = default;
};

struct TcpCheck {
  std::uint32_t port = 0;
  std::optional<std::string> protocol;
  bool operator==(const TcpCheck&) const = default;
};

struct HealthCheck {
  enum class Type { unknown, command, http, tcp };
  Type type = Type::unknown;
  std::optional<CommandInfo> command;
  std::optional<HttpCheck> http;
  std::optional<TcpCheck> tcp;
  double delay_seconds = 15;
  double interval_seconds = 10;
  double timeout_seconds = 20;  // 0: none
  std::uint32_t consecutive_failures = 3;
  double grace_period_seconds = 10;
  bool operator==(const HealthCheck&) const = default;
};

struct CheckInfo {
  enum class Type { unknown, command, http, tcp };
  Type type = Type::unknown;
  std::optional<CommandInfo> command;  // wire: command.command
  std::optional<HttpCheck> http;
  std::optional<TcpCheck> tcp;
  double delay_seconds = 15;
  double interval_seconds = 10;
  double timeout_seconds = 20;
  bool operator==(const CheckInfo&) const = default;
};

struct DiscoveryPort {
  std::uint32_t number = 0;
  std::optional<std::string> name;
  std::optional<std::string> protocol;
  std::optional<Labels> labels;
  bool operator==(const DiscoveryPort&) const = default;
};

struct DiscoveryInfo {
  enum class Visibility { framework, cluster, external };
  Visibility visibility = Visibility::framework;
  std::optional<std::string> name;
  std::optional<std::string> environment;
  std::optional<std::string> location;
  std::optional<std::string> version;
  std::vector<DiscoveryPort> ports;  // wire: ports.ports
  std::optional<Labels> labels;
  bool operator==(const DiscoveryInfo&) const = default;
};

struct ExecutorInfo {
  enum class Type { unknown, default_, custom };
  Type type = Type::unknown;
  ExecutorId executor_id;
  std::optional<FrameworkId> framework_id;
  std::optional<CommandInfo> command;
  std::optional<ContainerInfo> container;
  std::vector<Resource> resources;
  std::optional<std::string> name;
  std::optional<std::string> source;
  std::optional<std::string> data;  // base64 on the wire
  std::optional<DiscoveryInfo> discovery;
  std::optional<DurationInfo> shutdown_grace_period;
  std::optional<Labels> labels;
  bool operator==(const ExecutorInfo&) const = default;
};

struct TaskInfo {
  std::string name;
  TaskId task_id;
  AgentId agent_id;
  std::vector<Resource> resources;
  std::map<std::string, double> limits;  // wire: {"cpus": {"value": 2.0}}; infinity allowed
  std::optional<ExecutorInfo> executor;
  std::optional<CommandInfo> command;
  std::optional<ContainerInfo> container;
  std::optional<HealthCheck> health_check;
  std::optional<CheckInfo> check;
  std::optional<KillPolicy> kill_policy;
  std::optional<std::string> data;  // base64 on the wire
  std::optional<Labels> labels;
  std::optional<DiscoveryInfo> discovery;
  std::optional<DurationInfo> max_completion_time;
  bool operator==(const TaskInfo&) const = default;
};

}  // namespace ekiden::model
