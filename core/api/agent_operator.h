#pragma once

#include "core/api/operator_common.h"
#include "core/model/agent.h"
#include "core/model/cluster.h"
#include "core/model/framework.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// The operator API of an agent, POST /api/v1 [mesos-core 4.3, 4.4]. Tables in agent_operator.cpp.
namespace ekiden::api::agent_operator {

enum class CallType {
  unknown,
  get_health,
  get_flags,
  get_version,
  get_metrics,
  get_logging_level,
  set_logging_level,
  list_files,
  read_file,
  get_state,
  get_containers,
  get_frameworks,
  get_executors,
  get_operations,
  get_tasks,
  get_agent,
  get_resource_providers,
  launch_nested_container,
  wait_nested_container,
  kill_nested_container,
  remove_nested_container,
  launch_nested_container_session,
  attach_container_input,
  attach_container_output,
  launch_container,
  wait_container,
  kill_container,
  remove_container,
  add_resource_provider_config,
  update_resource_provider_config,
  remove_resource_provider_config,
  mark_resource_provider_gone,
  prune_images,
};

// ---- what goes over the streams of a container
struct ProcessIo {
  enum class Type { unknown, data, control };

  struct Data {
    enum class Type { unknown, in, out, err };
    Type type = Type::unknown;
    std::string data;  // base64 on the wire; empty on `in`: its end
    bool operator==(const Data&) const = default;
  };

  struct Control {
    enum class Type { unknown, tty_info, heartbeat };
    Type type = Type::unknown;
    std::optional<model::TtyInfo> tty_info;
    std::optional<model::DurationInfo> heartbeat;  // wire: heartbeat.interval
    bool operator==(const Control&) const = default;
  };

  Type type = Type::unknown;
  std::optional<Data> data;
  std::optional<Control> control;
  bool operator==(const ProcessIo&) const = default;
};

// ---- bodies of calls
struct GetContainers {
  bool show_nested = false;
  bool show_standalone = false;
  bool operator==(const GetContainers&) const = default;
};

// LAUNCH_CONTAINER; the two older calls have no resources and limits.
struct LaunchContainer {
  ContainerId container_id;
  std::optional<model::CommandInfo> command;
  std::vector<model::Resource> resources;
  std::optional<model::ContainerInfo> container;
  std::map<std::string, double> limits;
  bool operator==(const LaunchContainer&) const = default;
};

struct LaunchNestedContainer {
  ContainerId container_id;
  std::optional<model::CommandInfo> command;
  std::optional<model::ContainerInfo> container;
  bool operator==(const LaunchNestedContainer&) const = default;
};

struct NamedContainer {  // WAIT, REMOVE, ATTACH_CONTAINER_OUTPUT
  ContainerId container_id;
  bool operator==(const NamedContainer&) const = default;
};

struct KillContainer {
  ContainerId container_id;
  std::optional<std::int32_t> signal;
  bool operator==(const KillContainer&) const = default;
};

struct AttachContainerInput {
  enum class Type { unknown, container_id, process_io };
  Type type = Type::unknown;
  std::optional<ContainerId> container_id;
  std::optional<ProcessIo> process_io;
  bool operator==(const AttachContainerInput&) const = default;
};

struct ResourceProviderName {  // of the calls about its configuration; there are none here
  std::optional<std::string> type;
  std::optional<std::string> name;
  bool operator==(const ResourceProviderName&) const = default;
};

struct PruneImages {
  bool operator==(const PruneImages&) const = default;
};

struct Call {
  CallType type = CallType::unknown;
  std::optional<op::GetMetrics> get_metrics;
  std::optional<op::SetLoggingLevel> set_logging_level;
  std::optional<op::ListFiles> list_files;
  std::optional<op::ReadFile> read_file;
  std::optional<GetContainers> get_containers;
  std::optional<LaunchNestedContainer> launch_nested_container;
  std::optional<NamedContainer> wait_nested_container;
  std::optional<KillContainer> kill_nested_container;
  std::optional<NamedContainer> remove_nested_container;
  std::optional<LaunchNestedContainer> launch_nested_container_session;
  std::optional<AttachContainerInput> attach_container_input;
  std::optional<NamedContainer> attach_container_output;
  std::optional<LaunchContainer> launch_container;
  std::optional<NamedContainer> wait_container;
  std::optional<KillContainer> kill_container;
  std::optional<NamedContainer> remove_container;
  std::optional<ResourceProviderName> add_resource_provider_config;
  std::optional<ResourceProviderName> update_resource_provider_config;
  std::optional<ResourceProviderName> remove_resource_provider_config;
  std::optional<ResourceProviderName> mark_resource_provider_gone;
  std::optional<PruneImages> prune_images;
  bool operator==(const Call&) const = default;
};

// ---- bodies of answers
struct ResourceStatistics {
  double timestamp = 0;
  std::optional<std::uint32_t> processes;
  std::optional<std::uint32_t> threads;
  std::optional<double> cpus_user_time_secs;
  std::optional<double> cpus_system_time_secs;
  std::optional<double> cpus_limit;
  std::optional<double> cpus_soft_limit;
  std::optional<std::uint32_t> cpus_nr_periods;
  std::optional<std::uint32_t> cpus_nr_throttled;
  std::optional<double> cpus_throttled_time_secs;
  std::optional<std::uint64_t> mem_total_bytes;
  std::optional<std::uint64_t> mem_limit_bytes;
  std::optional<std::uint64_t> mem_soft_limit_bytes;
  std::optional<std::uint64_t> mem_file_bytes;
  std::optional<std::uint64_t> mem_anon_bytes;
  std::optional<std::uint64_t> mem_cache_bytes;
  std::optional<std::uint64_t> mem_rss_bytes;
  std::optional<std::uint64_t> mem_mapped_file_bytes;
  std::optional<std::uint64_t> mem_swap_bytes;
  std::optional<std::uint64_t> disk_limit_bytes;
  std::optional<std::uint64_t> disk_used_bytes;
  bool operator==(const ResourceStatistics&) const = default;
};

struct Container {
  std::optional<FrameworkId> framework_id;
  std::optional<ExecutorId> executor_id;
  std::optional<std::string> executor_name;
  ContainerId container_id;
  std::optional<model::ContainerStatus> container_status;
  std::optional<ResourceStatistics> resource_statistics;
  bool operator==(const Container&) const = default;
};

struct ContainerList {
  std::vector<Container> containers;
  bool operator==(const ContainerList&) const = default;
};

struct FrameworkList {
  std::vector<model::FrameworkInfo> frameworks;  // wire: [{"framework_info": ...}]
  std::vector<model::FrameworkInfo> completed_frameworks;
  bool operator==(const FrameworkList&) const = default;
};

struct ExecutorList {
  std::vector<model::ExecutorInfo> executors;  // wire: [{"executor_info": ...}]
  std::vector<model::ExecutorInfo> completed_executors;
  bool operator==(const ExecutorList&) const = default;
};

struct TaskList {
  std::vector<op::Task> pending_tasks;
  std::vector<op::Task> queued_tasks;
  std::vector<op::Task> launched_tasks;
  std::vector<op::Task> terminated_tasks;
  std::vector<op::Task> completed_tasks;
  bool operator==(const TaskList&) const = default;
};

struct State {
  TaskList get_tasks;
  ExecutorList get_executors;
  FrameworkList get_frameworks;
  bool operator==(const State&) const = default;
};

struct AgentAnswer {
  model::AgentInfo agent_info;
  std::optional<model::DrainConfig> drain_config;
  bool operator==(const AgentAnswer&) const = default;
};

struct Nothing {  // a list that has no elements here: resource providers
  std::vector<ResourceProviderName> resource_providers;
  bool operator==(const Nothing&) const = default;
};

struct Termination {                        // WAIT_CONTAINER
  std::optional<std::int32_t> exit_status;  // a raw wait status
  std::optional<model::TaskState> state;
  std::optional<model::StatusReason> reason;
  std::optional<model::TaskResourceLimitation> limitation;
  std::optional<std::string> message;
  bool operator==(const Termination&) const = default;
};

enum class ResponseType {
  unknown,
  get_health,
  get_flags,
  get_version,
  get_metrics,
  get_logging_level,
  list_files,
  read_file,
  get_state,
  get_containers,
  get_frameworks,
  get_executors,
  get_tasks,
  wait_nested_container,
  get_agent,
  wait_container,
  get_resource_providers,
  get_operations,
};

struct Response {
  ResponseType type = ResponseType::unknown;
  std::optional<op::Health> get_health;
  std::optional<op::FlagList> get_flags;
  std::optional<op::Version> get_version;
  std::optional<op::MetricList> get_metrics;
  std::optional<op::LoggingLevel> get_logging_level;
  std::optional<op::FileList> list_files;
  std::optional<op::FileData> read_file;
  std::optional<State> get_state;
  std::optional<ContainerList> get_containers;
  std::optional<FrameworkList> get_frameworks;
  std::optional<ExecutorList> get_executors;
  std::optional<TaskList> get_tasks;
  std::optional<AgentAnswer> get_agent;
  std::optional<Nothing> get_resource_providers;
  std::optional<op::Operations> get_operations;
  std::optional<Termination> wait_nested_container;
  std::optional<Termination> wait_container;
  bool operator==(const Response&) const = default;
};

}  // namespace ekiden::api::agent_operator
