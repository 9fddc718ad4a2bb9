#include "core/api/agent_operator.h"

#include "core/api/model_tables.h"
#include "core/api/operator_tables.h"

namespace ekiden::json {

namespace api = ekiden::api::agent_operator;
using api::CallType;
using api::ProcessIo;
using api::ResponseType;

template <>
struct Names<CallType> {
  static constexpr model::NumberedName<CallType> table[] = {
      {CallType::unknown, "UNKNOWN", 0},
      {CallType::get_health, "GET_HEALTH", 1},
      {CallType::get_flags, "GET_FLAGS", 2},
      {CallType::get_version, "GET_VERSION", 3},
      {CallType::get_metrics, "GET_METRICS", 4},
      {CallType::get_logging_level, "GET_LOGGING_LEVEL", 5},
      {CallType::set_logging_level, "SET_LOGGING_LEVEL", 6},
      {CallType::list_files, "LIST_FILES", 7},
      {CallType::read_file, "READ_FILE", 8},
      {CallType::get_state, "GET_STATE", 9},
      {CallType::get_containers, "GET_CONTAINERS", 10},
      {CallType::get_frameworks, "GET_FRAMEWORKS", 11},
      {CallType::get_executors, "GET_EXECUTORS", 12},
      {CallType::get_operations, "GET_OPERATIONS", 31},
      {CallType::get_tasks, "GET_TASKS", 13},
      {CallType::get_agent, "GET_AGENT", 20},
      {CallType::get_resource_providers, "GET_RESOURCE_PROVIDERS", 26},
      {CallType::launch_nested_container, "LAUNCH_NESTED_CONTAINER", 14},
      {CallType::wait_nested_container, "WAIT_NESTED_CONTAINER", 15},
      {CallType::kill_nested_container, "KILL_NESTED_CONTAINER", 16},
      {CallType::remove_nested_container, "REMOVE_NESTED_CONTAINER", 21},
      {CallType::launch_nested_container_session, "LAUNCH_NESTED_CONTAINER_SESSION", 17},
      {CallType::attach_container_input, "ATTACH_CONTAINER_INPUT", 18},
      {CallType::attach_container_output, "ATTACH_CONTAINER_OUTPUT", 19},
      {CallType::launch_container, "LAUNCH_CONTAINER", 22},
      {CallType::wait_container, "WAIT_CONTAINER", 23},
      {CallType::kill_container, "KILL_CONTAINER", 24},
      {CallType::remove_container, "REMOVE_CONTAINER", 25},
      {CallType::add_resource_provider_config, "ADD_RESOURCE_PROVIDER_CONFIG", 27},
      {CallType::update_resource_provider_config, "UPDATE_RESOURCE_PROVIDER_CONFIG", 28},
      {CallType::remove_resource_provider_config, "REMOVE_RESOURCE_PROVIDER_CONFIG", 29},
      {CallType::mark_resource_provider_gone, "MARK_RESOURCE_PROVIDER_GONE", 32},
      {CallType::prune_images, "PRUNE_IMAGES", 30}};
};

// ---- streams
template <>
struct Names<ProcessIo::Type> {
  static constexpr model::NumberedName<ProcessIo::Type> table[] = {
      {ProcessIo::Type::unknown, "UNKNOWN", 0},
      {ProcessIo::Type::data, "DATA", 1},
      {ProcessIo::Type::control, "CONTROL", 2}};
};

template <>
struct Names<ProcessIo::Data::Type> {
  static constexpr model::NumberedName<ProcessIo::Data::Type> table[] = {
      {ProcessIo::Data::Type::unknown, "UNKNOWN", 0},
      {ProcessIo::Data::Type::in, "STDIN", 1},
      {ProcessIo::Data::Type::out, "STDOUT", 2},
      {ProcessIo::Data::Type::err, "STDERR", 3}};
};

template <>
struct Names<ProcessIo::Control::Type> {
  static constexpr model::NumberedName<ProcessIo::Control::Type> table[] = {
      {ProcessIo::Control::Type::unknown, "UNKNOWN", 0},
      {ProcessIo::Control::Type::tty_info, "TTY_INFO", 1},
      {ProcessIo::Control::Type::heartbeat, "HEARTBEAT", 2}};
};

template <>
struct Schema<ProcessIo::Data> {
  static constexpr auto fields = std::tuple{field(1, "type", &ProcessIo::Data::type),
                                            field(2, "data", &ProcessIo::Data::data).as<Base64>()};
};

template <>
struct Schema<ProcessIo::Control> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &ProcessIo::Control::type),
                 field(2, "tty_info", &ProcessIo::Control::tty_info),
                 field(3, "heartbeat", &ProcessIo::Control::heartbeat).inside<"interval">()};
};

template <>
struct Schema<ProcessIo> {
  static constexpr auto fields = std::tuple{field(1, "type", &ProcessIo::type).required(),
                                            field(2, "data", &ProcessIo::data),
                                            field(3, "control", &ProcessIo::control)};
};

// ---- calls
template <>
struct Schema<api::GetContainers> {
  static constexpr auto fields =
      std::tuple{field(1, "show_nested", &api::GetContainers::show_nested),
                 field(2, "show_standalone", &api::GetContainers::show_standalone)};
};

template <>
struct Schema<api::LaunchContainer> {
  static constexpr auto fields =
      std::tuple{field(1, "container_id", &api::LaunchContainer::container_id).required(),
                 field(2, "command", &api::LaunchContainer::command),
                 field(3, "resources", &api::LaunchContainer::resources),
                 field(4, "container", &api::LaunchContainer::container),
                 field(5, "limits", &api::LaunchContainer::limits)
                     .as<MapCoder<double, InsideCoder<"value", double>>>()};
};

template <>
struct Schema<api::LaunchNestedContainer> {
  static constexpr auto fields =
      std::tuple{field(1, "container_id", &api::LaunchNestedContainer::container_id).required(),
                 field(2, "command", &api::LaunchNestedContainer::command),
                 field(3, "container", &api::LaunchNestedContainer::container)};
};

template <>
struct Schema<api::NamedContainer> {
  static constexpr auto fields =
      std::tuple{field(1, "container_id", &api::NamedContainer::container_id).required()};
};

template <>
struct Schema<api::KillContainer> {
  static constexpr auto fields =
      std::tuple{field(1, "container_id", &api::KillContainer::container_id).required(),
                 field(2, "signal", &api::KillContainer::signal)};
};

template <>
struct Names<api::AttachContainerInput::Type> {
  using Type = api::AttachContainerInput::Type;
  static constexpr model::NumberedName<Type> table[] = {{Type::unknown, "UNKNOWN", 0},
                                                 {Type::container_id, "CONTAINER_ID", 1},
                                                 {Type::process_io, "PROCESS_IO", 2}};
};

template <>
struct Schema<api::AttachContainerInput> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &api::AttachContainerInput::type).required(),
                 field(2, "container_id", &api::AttachContainerInput::container_id),
                 field(3, "process_io", &api::AttachContainerInput::process_io)};
};

// Of the info of a resource provider nothing is read: there are none.
template <>
struct Schema<api::ResourceProviderName> {
  static constexpr auto fields = std::tuple{field(1, "type", &api::ResourceProviderName::type),
                                            field(2, "name", &api::ResourceProviderName::name)};
};

template <>
struct Schema<api::PruneImages> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::Call> {
  using C = api::Call;
  static constexpr auto fields =
      std::tuple{field(1, "type", &C::type).required(),
                 field(2, "get_metrics", &C::get_metrics),
                 field(3, "set_logging_level", &C::set_logging_level),
                 field(4, "list_files", &C::list_files),
                 field(5, "read_file", &C::read_file),
                 field(20, "get_containers", &C::get_containers),
                 field(6, "launch_nested_container", &C::launch_nested_container),
                 field(7, "wait_nested_container", &C::wait_nested_container),
                 field(8, "kill_nested_container", &C::kill_nested_container),
                 field(12, "remove_nested_container", &C::remove_nested_container),
                 field(9, "launch_nested_container_session", &C::launch_nested_container_session),
                 field(10, "attach_container_input", &C::attach_container_input),
                 field(11, "attach_container_output", &C::attach_container_output),
                 field(13, "launch_container", &C::launch_container),
                 field(14, "wait_container", &C::wait_container),
                 field(15, "kill_container", &C::kill_container),
                 field(16, "remove_container", &C::remove_container),
                 field(17, "add_resource_provider_config", &C::add_resource_provider_config),
                 field(18, "update_resource_provider_config", &C::update_resource_provider_config),
                 field(19, "remove_resource_provider_config", &C::remove_resource_provider_config),
                 field(22, "mark_resource_provider_gone", &C::mark_resource_provider_gone),
                 field(21, "prune_images", &C::prune_images)};
};

// ---- answers
template <>
struct Schema<api::ResourceStatistics> {
  using S = api::ResourceStatistics;
  static constexpr auto fields =
      std::tuple{field(1, "timestamp", &S::timestamp).required(),
                 field(30, "processes", &S::processes),
                 field(31, "threads", &S::threads),
                 field(2, "cpus_user_time_secs", &S::cpus_user_time_secs),
                 field(3, "cpus_system_time_secs", &S::cpus_system_time_secs),
                 field(4, "cpus_limit", &S::cpus_limit),
                 field(45, "cpus_soft_limit", &S::cpus_soft_limit),
                 field(7, "cpus_nr_periods", &S::cpus_nr_periods),
                 field(8, "cpus_nr_throttled", &S::cpus_nr_throttled),
                 field(9, "cpus_throttled_time_secs", &S::cpus_throttled_time_secs),
                 field(36, "mem_total_bytes", &S::mem_total_bytes),
                 field(6, "mem_limit_bytes", &S::mem_limit_bytes),
                 field(38, "mem_soft_limit_bytes", &S::mem_soft_limit_bytes),
                 field(10, "mem_file_bytes", &S::mem_file_bytes),
                 field(11, "mem_anon_bytes", &S::mem_anon_bytes),
                 field(39, "mem_cache_bytes", &S::mem_cache_bytes),
                 field(5, "mem_rss_bytes", &S::mem_rss_bytes),
                 field(12, "mem_mapped_file_bytes", &S::mem_mapped_file_bytes),
                 field(40, "mem_swap_bytes", &S::mem_swap_bytes),
                 field(26, "disk_limit_bytes", &S::disk_limit_bytes),
                 field(27, "disk_used_bytes", &S::disk_used_bytes)};
};

template <>
struct Schema<api::Container> {
  using C = api::Container;
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &C::framework_id),
                 field(2, "executor_id", &C::executor_id),
                 field(3, "executor_name", &C::executor_name),
                 field(4, "container_id", &C::container_id).required(),
                 field(5, "container_status", &C::container_status),
                 field(6, "resource_statistics", &C::resource_statistics)};
};

template <>
struct Schema<api::ContainerList> {
  static constexpr auto fields =
      std::tuple{field(1, "containers", &api::ContainerList::containers).always()};
};

template <>
struct Schema<api::FrameworkList> {
  using Coders =
      ListCoder<model::FrameworkInfo, InsideCoder<"framework_info", model::FrameworkInfo>>;
  static constexpr auto fields =
      std::tuple{field(1, "frameworks", &api::FrameworkList::frameworks).always().as<Coders>(),
                 field(2, "completed_frameworks", &api::FrameworkList::completed_frameworks)
                     .always()
                     .as<Coders>()};
};

template <>
struct Schema<api::ExecutorList> {
  using Coders = ListCoder<model::ExecutorInfo, InsideCoder<"executor_info", model::ExecutorInfo>>;
  static constexpr auto fields =
      std::tuple{field(1, "executors", &api::ExecutorList::executors).always().as<Coders>(),
                 field(2, "completed_executors", &api::ExecutorList::completed_executors)
                     .always()
                     .as<Coders>()};
};

template <>
struct Schema<api::TaskList> {
  using L = api::TaskList;
  static constexpr auto fields =
      std::tuple{field(1, "pending_tasks", &L::pending_tasks).always(),
                 field(2, "queued_tasks", &L::queued_tasks).always(),
                 field(3, "launched_tasks", &L::launched_tasks).always(),
                 field(4, "terminated_tasks", &L::terminated_tasks).always(),
                 field(5, "completed_tasks", &L::completed_tasks).always()};
};

template <>
struct Schema<api::State> {
  static constexpr auto fields =
      std::tuple{field(1, "get_tasks", &api::State::get_tasks),
                 field(2, "get_executors", &api::State::get_executors),
                 field(3, "get_frameworks", &api::State::get_frameworks)};
};

template <>
struct Schema<api::AgentAnswer> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_info", &api::AgentAnswer::agent_info),
                 field(2, "drain_config", &api::AgentAnswer::drain_config)};
};

template <>
struct Schema<api::Nothing> {
  static constexpr auto fields =
      std::tuple{field(1, "resource_providers", &api::Nothing::resource_providers).always()};
};

template <>
struct Schema<api::Termination> {
  static constexpr auto fields = std::tuple{field(1, "exit_status", &api::Termination::exit_status),
                                            field(2, "state", &api::Termination::state),
                                            field(3, "reason", &api::Termination::reason),
                                            field(4, "limitation", &api::Termination::limitation),
                 field(5, "message", &api::Termination::message)};
};

template <>
struct Names<ResponseType> {
  static constexpr model::NumberedName<ResponseType> table[] = {
      {ResponseType::unknown, "UNKNOWN", 0},
      {ResponseType::get_health, "GET_HEALTH", 1},
      {ResponseType::get_flags, "GET_FLAGS", 2},
      {ResponseType::get_version, "GET_VERSION", 3},
      {ResponseType::get_metrics, "GET_METRICS", 4},
      {ResponseType::get_logging_level, "GET_LOGGING_LEVEL", 5},
      {ResponseType::list_files, "LIST_FILES", 6},
      {ResponseType::read_file, "READ_FILE", 7},
      {ResponseType::get_state, "GET_STATE", 8},
      {ResponseType::get_containers, "GET_CONTAINERS", 9},
      {ResponseType::get_frameworks, "GET_FRAMEWORKS", 10},
      {ResponseType::get_executors, "GET_EXECUTORS", 11},
      {ResponseType::get_tasks, "GET_TASKS", 12},
      {ResponseType::wait_nested_container, "WAIT_NESTED_CONTAINER", 13},
      {ResponseType::get_agent, "GET_AGENT", 14},
      {ResponseType::wait_container, "WAIT_CONTAINER", 15},
      {ResponseType::get_resource_providers, "GET_RESOURCE_PROVIDERS", 16},
      {ResponseType::get_operations, "GET_OPERATIONS", 17}};
};

template <>
struct Schema<api::Response> {
  using R = api::Response;
  static constexpr auto fields =
      std::tuple{field(1, "type", &R::type).required(),
                 field(2, "get_health", &R::get_health),
                 field(3, "get_flags", &R::get_flags),
                 field(4, "get_version", &R::get_version),
                 field(5, "get_metrics", &R::get_metrics),
                 field(6, "get_logging_level", &R::get_logging_level),
                 field(7, "list_files", &R::list_files),
                 field(8, "read_file", &R::read_file),
                 field(9, "get_state", &R::get_state),
                 field(10, "get_containers", &R::get_containers),
                 field(11, "get_frameworks", &R::get_frameworks),
                 field(12, "get_executors", &R::get_executors),
                 field(13, "get_tasks", &R::get_tasks),
                 field(15, "get_agent", &R::get_agent),
                 field(17, "get_resource_providers", &R::get_resource_providers),
                 field(18, "get_operations", &R::get_operations),
                 field(14, "wait_nested_container", &R::wait_nested_container),
                 field(16, "wait_container", &R::wait_container)};
};

}  // namespace ekiden::json

EKIDEN_WIRE_TYPE(ekiden::api::agent_operator::ProcessIo)
EKIDEN_WIRE_TYPE(ekiden::api::agent_operator::LaunchContainer)
EKIDEN_WIRE_TYPE(ekiden::api::agent_operator::ResourceStatistics)
EKIDEN_WIRE_TYPE(ekiden::api::agent_operator::Call)
EKIDEN_WIRE_TYPE(ekiden::api::agent_operator::Response)
