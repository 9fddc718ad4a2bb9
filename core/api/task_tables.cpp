#include "core/api/model_tables.h"

namespace ekiden::json {

using namespace model;  // NOLINT: tables of its types

template <>
struct Names<EnvironmentVariable::Type> {
  using Type = EnvironmentVariable::Type;
  static constexpr NumberedName<Type> table[] = {
      {Type::unknown, "UNKNOWN", 0}, {Type::value, "VALUE", 1}, {Type::secret, "SECRET", 2}};
};

template <>
struct Schema<EnvironmentVariable> {
  static constexpr auto fields =
      std::tuple{field(1, "name", &EnvironmentVariable::name).required(),
                 field(3, "type", &EnvironmentVariable::type).omit_default(),
                 field(2, "value", &EnvironmentVariable::value),
                 field(4, "secret", &EnvironmentVariable::secret)};
};

template <>
struct Schema<Environment> {
  static constexpr auto fields = std::tuple{field(1, "variables", &Environment::variables)};
};

template <>
struct Schema<KillPolicy> {
  static constexpr auto fields = std::tuple{field(1, "grace_period", &KillPolicy::grace_period)};
};

template <>
struct Schema<FetchUri> {
  static constexpr auto fields =
      std::tuple{field(1, "value", &FetchUri::value).required(),
                 field(2, "executable", &FetchUri::executable).omit_default(),
                 field(3, "extract", &FetchUri::extract),
                 field(4, "cache", &FetchUri::cache).omit_default(),
                 field(5, "output_file", &FetchUri::output_file)};
};

template <>
struct Schema<CommandInfo> {
  static constexpr auto fields = std::tuple{field(1, "uris", &CommandInfo::uris),
                                            field(2, "environment", &CommandInfo::environment),
                                            field(6, "shell", &CommandInfo::shell),
                                            field(3, "value", &CommandInfo::value),
                                            field(7, "arguments", &CommandInfo::arguments),
                                            field(5, "user", &CommandInfo::user)};
};

template <>
struct Schema<PortMapping> {
  static constexpr auto fields =
      std::tuple{field(1, "host_port", &PortMapping::host_port).required(),
                 field(2, "container_port", &PortMapping::container_port).required(),
                 field(3, "protocol", &PortMapping::protocol)};
};

template <>
struct Names<DockerInfo::Network> {
  static constexpr NumberedName<DockerInfo::Network> table[] = {
      {DockerInfo::Network::host, "HOST", 1},
      {DockerInfo::Network::bridge, "BRIDGE", 2},
      {DockerInfo::Network::none, "NONE", 3},
      {DockerInfo::Network::user, "USER", 4}};
};

template <>
struct Schema<DockerInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "image", &DockerInfo::image).required(),
                 field(2, "network", &DockerInfo::network),
                 field(3, "port_mappings", &DockerInfo::port_mappings),
                 field(4, "privileged", &DockerInfo::privileged),
                 field(5, "parameters", &DockerInfo::parameters),
                 field(6, "force_pull_image", &DockerInfo::force_pull_image)};
};

constexpr NumberedName<int> kProtocols[] = {{1, "IPv4", 1}, {2, "IPv6", 2}};
using Protocol = EnumText<kProtocols>;

template <>
struct Schema<NetworkIpAddress> {
  static constexpr auto fields =
      std::tuple{field(1, "protocol", &NetworkIpAddress::protocol).as<Protocol>(),
                 field(2, "ip_address", &NetworkIpAddress::ip_address)};
};

template <>
struct Schema<NetworkInfo> {
  static constexpr auto fields = std::tuple{field(5, "ip_addresses", &NetworkInfo::ip_addresses),
                                            field(6, "name", &NetworkInfo::name),
                                            field(3, "groups", &NetworkInfo::groups),
                                            field(4, "labels", &NetworkInfo::labels),
                                            field(7, "port_mappings", &NetworkInfo::port_mappings)};
};

template <>
struct Names<MesosImage::Type> {
  static constexpr NumberedName<MesosImage::Type> table[] = {
      {MesosImage::Type::appc, "APPC", 1}, {MesosImage::Type::docker, "DOCKER", 2}};
};

struct DockerImage {
  std::string name;
  std::optional<Secret> config;
  bool operator==(const DockerImage&) const = default;
};

template <>
struct Schema<DockerImage> {
  static constexpr auto fields = std::tuple{field(1, "name", &DockerImage::name).required(),
                                            field(3, "config", &DockerImage::config)};
};

template <>
struct Schema<MesosImage> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &MesosImage::type).required(),
                 Via<MesosImage, DockerImage>{
                     "docker",
                     [](const MesosImage& image) { return image.docker_name.has_value(); },
                     [](const MesosImage& image) {
                       return DockerImage{*image.docker_name, image.docker_config};
                     },
                     [](MesosImage& image, DockerImage&& docker) {
                       image.docker_name = std::move(docker.name);
                       image.docker_config = std::move(docker.config);
                     },
                     3},
                 field(4, "cached", &MesosImage::cached)};
};

template <>
struct Names<ContainerInfo::Type> {
  static constexpr NumberedName<ContainerInfo::Type> table[] = {
      {ContainerInfo::Type::docker, "DOCKER", 1}, {ContainerInfo::Type::mesos, "MESOS", 2}};
};

template <>
struct Schema<SeccompInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "profile_name", &SeccompInfo::profile_name),
                 field(2, "unconfined", &SeccompInfo::unconfined)};
};

template <>
struct Names<LinuxInfo::IpcMode> {
  static constexpr NumberedName<LinuxInfo::IpcMode> table[] = {
      {LinuxInfo::IpcMode::unknown, "UNKNOWN", 0},
      {LinuxInfo::IpcMode::private_, "PRIVATE", 1},
      {LinuxInfo::IpcMode::share_parent, "SHARE_PARENT", 2}};
};

template <>
struct Schema<LinuxInfo> {
  static constexpr auto fields =
      std::tuple{field(4, "share_pid_namespace", &LinuxInfo::share_pid_namespace),
                 field(5, "seccomp", &LinuxInfo::seccomp),
                 field(6, "ipc_mode", &LinuxInfo::ipc_mode).omit_default(),
                 field(7, "shm_size", &LinuxInfo::shm_size),
                 field(8, "share_cgroups", &LinuxInfo::share_cgroups)};
};

template <>
struct Schema<TtyInfo::WindowSize> {
  static constexpr auto fields =
      std::tuple{field(1, "rows", &TtyInfo::WindowSize::rows).required(),
                 field(2, "columns", &TtyInfo::WindowSize::columns).required()};
};

template <>
struct Schema<TtyInfo> {
  static constexpr auto fields = std::tuple{field(1, "window_size", &TtyInfo::window_size)};
};

struct MesosContainer {
  std::optional<MesosImage> image;
  bool operator==(const MesosContainer&) const = default;
};

template <>
struct Schema<MesosContainer> {
  static constexpr auto fields = std::tuple{field(1, "image", &MesosContainer::image)};
};

template <>
struct Schema<ContainerInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &ContainerInfo::type).required(),
                 field(2, "volumes", &ContainerInfo::volumes),
                 field(4, "hostname", &ContainerInfo::hostname),
                 field(3, "docker", &ContainerInfo::docker),
                 Via<ContainerInfo, MesosContainer>{
                     "mesos",
                     [](const ContainerInfo& info) { return info.mesos || info.mesos_image; },
                     [](const ContainerInfo& info) { return MesosContainer{info.mesos_image}; },
                     [](ContainerInfo& info, MesosContainer&& mesos) {
                       info.mesos = !mesos.image;
                       info.mesos_image = std::move(mesos.image);
                     },
                     5},
                 field(7, "network_infos", &ContainerInfo::network_infos),
                 field(8, "linux_info", &ContainerInfo::linux_info),
                 field(10, "tty_info", &ContainerInfo::tty_info)};
};

template <>
struct Names<HealthCheck::Type> {
  static constexpr NumberedName<HealthCheck::Type> table[] = {
      {HealthCheck::Type::unknown, "UNKNOWN", 0},
      {HealthCheck::Type::command, "COMMAND", 1},
      {HealthCheck::Type::http, "HTTP", 2},
      {HealthCheck::Type::tcp, "TCP", 3}};
};

template <>
struct Names<CheckInfo::Type> {
  static constexpr NumberedName<CheckInfo::Type> table[] = {
      {CheckInfo::Type::unknown, "UNKNOWN", 0},
      {CheckInfo::Type::command, "COMMAND", 1},
      {CheckInfo::Type::http, "HTTP", 2},
      {CheckInfo::Type::tcp, "TCP", 3}};
};

template <>
struct Schema<HttpCheck> {
  static constexpr auto fields =
      std::tuple{field(5, "protocol", &HttpCheck::protocol).as<Protocol>(),
                 field(3, "scheme", &HttpCheck::scheme),
                 field(1, "port", &HttpCheck::port).required(),
                 field(2, "path", &HttpCheck::path)};
};

template <>
struct Schema<TcpCheck> {
  static constexpr auto fields =
      std::tuple{field(2, "protocol", &TcpCheck::protocol).as<Protocol>(),
                 field(1, "port", &TcpCheck::port).required()};
};

template <>
struct Schema<HealthCheck> {
  static constexpr auto fields =
      std::tuple{field(2, "delay_seconds", &HealthCheck::delay_seconds),
                 field(3, "interval_seconds", &HealthCheck::interval_seconds),
                 field(4, "timeout_seconds", &HealthCheck::timeout_seconds),
                 field(5, "consecutive_failures", &HealthCheck::consecutive_failures),
                 field(6, "grace_period_seconds", &HealthCheck::grace_period_seconds),
                 field(8, "type", &HealthCheck::type).omit_default(),
                 field(7, "command", &HealthCheck::command),
                 field(1, "http", &HealthCheck::http),
                 field(9, "tcp", &HealthCheck::tcp)};
};

template <>
struct Schema<CheckInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &CheckInfo::type).omit_default(),
                 field(2, "command", &CheckInfo::command).inside<"command">(),
                 field(3, "http", &CheckInfo::http),
                 field(7, "tcp", &CheckInfo::tcp),
                 field(4, "delay_seconds", &CheckInfo::delay_seconds),
                 field(5, "interval_seconds", &CheckInfo::interval_seconds),
                 field(6, "timeout_seconds", &CheckInfo::timeout_seconds)};
};

template <>
struct Schema<DiscoveryPort> {
  static constexpr auto fields = std::tuple{field(1, "number", &DiscoveryPort::number).required(),
                                            field(2, "name", &DiscoveryPort::name),
                                            field(3, "protocol", &DiscoveryPort::protocol),
                                            field(5, "labels", &DiscoveryPort::labels)};
};

template <>
struct Names<DiscoveryInfo::Visibility> {
  static constexpr NumberedName<DiscoveryInfo::Visibility> table[] = {
      {DiscoveryInfo::Visibility::framework, "FRAMEWORK", 0},
      {DiscoveryInfo::Visibility::cluster, "CLUSTER", 1},
      {DiscoveryInfo::Visibility::external, "EXTERNAL", 2}};
};

template <>
struct Schema<DiscoveryInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "visibility", &DiscoveryInfo::visibility).required(),
                 field(2, "name", &DiscoveryInfo::name),
                 field(3, "environment", &DiscoveryInfo::environment),
                 field(4, "location", &DiscoveryInfo::location),
                 field(5, "version", &DiscoveryInfo::version),
                 field(6, "ports", &DiscoveryInfo::ports).inside<"ports">(),
                 field(7, "labels", &DiscoveryInfo::labels)};
};

template <>
struct Names<ExecutorInfo::Type> {
  static constexpr NumberedName<ExecutorInfo::Type> table[] = {
      {ExecutorInfo::Type::unknown, "UNKNOWN", 0},
      {ExecutorInfo::Type::default_, "DEFAULT", 1},
      {ExecutorInfo::Type::custom, "CUSTOM", 2}};
};

template <>
struct Schema<ExecutorInfo> {
  static constexpr auto fields =
      std::tuple{field(15, "type", &ExecutorInfo::type).omit_default(),
                 field(1, "executor_id", &ExecutorInfo::executor_id).required(),
                 field(8, "framework_id", &ExecutorInfo::framework_id),
                 field(7, "command", &ExecutorInfo::command),
                 field(11, "container", &ExecutorInfo::container),
                 field(5, "resources", &ExecutorInfo::resources),
                 field(9, "name", &ExecutorInfo::name),
                 field(10, "source", &ExecutorInfo::source),
                 field(4, "data", &ExecutorInfo::data).as<Base64>(),
                 field(12, "discovery", &ExecutorInfo::discovery),
                 field(13, "shutdown_grace_period", &ExecutorInfo::shutdown_grace_period),
                 field(14, "labels", &ExecutorInfo::labels)};
};

template <>
struct Schema<TaskInfo> {
  static constexpr auto fields = std::tuple{
      field(1, "name", &TaskInfo::name).required(),
      field(2, "task_id", &TaskInfo::task_id).required(),
      field(3, "agent_id", &TaskInfo::agent_id).required(),
      field(4, "resources", &TaskInfo::resources),
      field(15, "limits", &TaskInfo::limits).as<MapCoder<double, InsideCoder<"value", double>>>(),
      field(5, "executor", &TaskInfo::executor),
      field(7, "command", &TaskInfo::command),
      field(9, "container", &TaskInfo::container),
      field(8, "health_check", &TaskInfo::health_check),
      field(13, "check", &TaskInfo::check),
      field(12, "kill_policy", &TaskInfo::kill_policy),
      field(6, "data", &TaskInfo::data).as<Base64>(),
      field(10, "labels", &TaskInfo::labels),
      field(11, "discovery", &TaskInfo::discovery),
      field(14, "max_completion_time", &TaskInfo::max_completion_time)};
};

}  // namespace ekiden::json

EKIDEN_WIRE_TYPE(ekiden::model::Environment)
EKIDEN_WIRE_TYPE(ekiden::model::KillPolicy)
EKIDEN_WIRE_TYPE(ekiden::model::CommandInfo)
EKIDEN_WIRE_TYPE(ekiden::model::NetworkInfo)
EKIDEN_WIRE_TYPE(ekiden::model::TtyInfo)
EKIDEN_WIRE_TYPE(ekiden::model::ContainerInfo)
EKIDEN_WIRE_TYPE(ekiden::model::HealthCheck)
EKIDEN_WIRE_TYPE(ekiden::model::CheckInfo)
EKIDEN_WIRE_TYPE(ekiden::model::DiscoveryInfo)
EKIDEN_WIRE_TYPE(ekiden::model::ExecutorInfo)
EKIDEN_WIRE_TYPE(ekiden::model::TaskInfo)
