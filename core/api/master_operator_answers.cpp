// The answers and events of the master's operator API.
#include "core/api/master_operator.h"
#include "core/api/model_tables.h"
#include "core/api/operator_tables.h"

EKIDEN_WIRE_EXTERN(ekiden::api::scheduler::MasterInfo)

namespace ekiden::json {

namespace api = ekiden::api::master_operator;

template <>
struct Schema<api::ResourceProvider> {
  static constexpr auto fields =
      std::tuple{field(2, "total_resources", &api::ResourceProvider::total_resources)};
};

template <>
struct Names<api::AgentCapability> {
  using Capability = api::AgentCapability;
  static constexpr model::NumberedName<Capability> table[] = {
      {Capability::unknown, "UNKNOWN", 0},
      {Capability::multi_role, "MULTI_ROLE", 1},
      {Capability::hierarchical_role, "HIERARCHICAL_ROLE", 2},
      {Capability::reservation_refinement, "RESERVATION_REFINEMENT", 3},
      {Capability::resource_provider, "RESOURCE_PROVIDER", 4},
      {Capability::resize_volume, "RESIZE_VOLUME", 5},
      {Capability::agent_operation_feedback, "AGENT_OPERATION_FEEDBACK", 6},
      {Capability::agent_draining, "AGENT_DRAINING", 7},
      {Capability::task_resource_limits, "TASK_RESOURCE_LIMITS", 8}};
};

template <>
struct Schema<api::AgentCapabilityInfo> {
  static constexpr auto fields = std::tuple{field(1, "type", &api::AgentCapabilityInfo::type)};
};

template <>
struct Schema<api::Agent> {
  using Agent = api::Agent;
  static constexpr auto fields =
      std::tuple{field(1, "agent_info", &Agent::agent_info).required(),
                 field(2, "active", &Agent::active).required(),
                 field(12, "deactivated", &Agent::deactivated),
                 field(3, "version", &Agent::version).required(),
                 field(4, "pid", &Agent::pid),
                 field(5, "registered_time", &Agent::registered_time),
                 field(6, "reregistered_time", &Agent::reregistered_time),
                 field(7, "total_resources", &Agent::total_resources).always(),
                 field(8, "allocated_resources", &Agent::allocated_resources).always(),
                 field(9, "offered_resources", &Agent::offered_resources).always(),
                 field(10, "capabilities", &Agent::capabilities).always(),
                 field(11, "resource_providers", &Agent::resource_providers).always(),
                 field(13, "drain_info", &Agent::drain_info),
                 field(14, "estimated_drain_start_time", &Agent::estimated_drain_start_time)};
};

template <>
struct Schema<api::Agents> {
  static constexpr auto fields =
      std::tuple{field(1, "agents", &api::Agents::agents).always(),
                 field(2, "recovered_agents", &api::Agents::recovered_agents).always()};
};

template <>
struct Schema<api::Framework> {
  using Framework = api::Framework;
  static constexpr auto fields =
      std::tuple{field(1, "framework_info", &Framework::framework_info).required(),
                 field(2, "active", &Framework::active).required(),
                 field(3, "connected", &Framework::connected).required(),
                 field(11, "recovered", &Framework::recovered).required(),
                 field(4, "registered_time", &Framework::registered_time),
                 field(5, "reregistered_time", &Framework::reregistered_time),
                 field(6, "unregistered_time", &Framework::unregistered_time),
                 field(7, "offers", &Framework::offers).always(),
                 field(8, "inverse_offers", &Framework::inverse_offers).always(),
                 field(9, "allocated_resources", &Framework::allocated_resources).always(),
                 field(10, "offered_resources", &Framework::offered_resources).always(),
                 field(12, "offer_constraints", &Framework::offer_constraints)};
};

template <>
struct Schema<api::Frameworks> {
  using Frameworks = api::Frameworks;
  static constexpr auto fields =
      std::tuple{field(1, "frameworks", &Frameworks::frameworks).always(),
                 field(2, "completed_frameworks", &Frameworks::completed_frameworks).always()};
};

template <>
struct Schema<api::Executor> {
  static constexpr auto fields =
      std::tuple{field(1, "executor_info", &api::Executor::executor_info).required(),
                 field(2, "agent_id", &api::Executor::agent_id).required()};
};

template <>
struct Schema<api::Executors> {
  static constexpr auto fields =
      std::tuple{field(1, "executors", &api::Executors::executors).always()};
};

template <>
struct Schema<api::Tasks> {
  static constexpr auto fields =
      std::tuple{field(1, "pending_tasks", &api::Tasks::pending_tasks).always(),
                 field(2, "tasks", &api::Tasks::tasks).always(),
                 field(5, "unreachable_tasks", &api::Tasks::unreachable_tasks).always(),
                 field(3, "completed_tasks", &api::Tasks::completed_tasks).always()};
};

template <>
struct Schema<api::State> {
  static constexpr auto fields = std::tuple{field(1, "get_tasks", &api::State::get_tasks),
                                            field(2, "get_executors", &api::State::get_executors),
                                            field(3, "get_frameworks", &api::State::get_frameworks),
                                            field(4, "get_agents", &api::State::get_agents)};
};

template <>
struct Schema<api::Role> {
  static constexpr auto fields = std::tuple{field(1, "name", &api::Role::name).required(),
                                            field(2, "weight", &api::Role::weight).required(),
                                            field(3, "frameworks", &api::Role::frameworks).always(),
                                            field(4, "resources", &api::Role::resources).always()};
};

template <>
struct Schema<api::Roles> {
  static constexpr auto fields = std::tuple{field(1, "roles", &api::Roles::roles).always()};
};

template <>
struct Schema<api::Weights> {
  static constexpr auto fields =
      std::tuple{field(1, "weight_infos", &api::Weights::weight_infos).always()};
};

template <>
struct Schema<api::Master> {
  static constexpr auto fields = std::tuple{field(1, "master_info", &api::Master::master_info),
                                            field(2, "start_time", &api::Master::start_time),
                                            field(3, "elected_time", &api::Master::elected_time)};
};

template <>
struct Names<api::InverseOfferAnswer> {
  using Answer = api::InverseOfferAnswer;
  static constexpr model::NumberedName<Answer> table[] = {{Answer::unknown, "UNKNOWN", 1},
                                                          {Answer::accept, "ACCEPT", 2},
                                                          {Answer::decline, "DECLINE", 3}};
};

template <>
struct Schema<api::InverseOfferStatus> {
  using Status = api::InverseOfferStatus;
  static constexpr auto fields =
      std::tuple{field(1, "status", &Status::status).required(),
                 field(2, "framework_id", &Status::framework_id).required(),
                 field(3, "timestamp", &Status::timestamp).required()};
};

template <>
struct Schema<api::DrainingMachine> {
  static constexpr auto fields =
      std::tuple{field(1, "id", &api::DrainingMachine::id).required(),
                 field(2, "statuses", &api::DrainingMachine::statuses).always()};
};

template <>
struct Schema<api::ClusterStatus> {
  using Status = api::ClusterStatus;
  static constexpr auto fields =
      std::tuple{field(1, "draining_machines", &Status::draining_machines).always(),
                 field(2, "down_machines", &Status::down_machines).always()};
};

template <>
struct Schema<api::MaintenanceStatus> {
  static constexpr auto fields =
      std::tuple{field(1, "status", &api::MaintenanceStatus::status).required()};
};

template <>
struct Schema<api::MaintenanceScheduleAnswer> {
  static constexpr auto fields =
      std::tuple{field(1, "schedule", &api::MaintenanceScheduleAnswer::schedule).required()};
};

template <>
struct Schema<api::QuotaInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "role", &api::QuotaInfo::role),
                 field(2, "principal", &api::QuotaInfo::principal),
                 field(3, "guarantee", &api::QuotaInfo::guarantee).always()};
};

template <>
struct Schema<api::QuotaStatus> {
  static constexpr auto fields =
      std::tuple{field(1, "infos", &api::QuotaStatus::infos).always(),
                 field(2, "configs", &api::QuotaStatus::configs).always()};
};

template <>
struct Schema<api::Quota> {
  static constexpr auto fields = std::tuple{field(1, "status", &api::Quota::status).required()};
};

template <>
struct Schema<api::Subscribed> {
  static constexpr auto fields = std::tuple{
      field(1, "get_state", &api::Subscribed::get_state),
      field(2, "heartbeat_interval_seconds", &api::Subscribed::heartbeat_interval_seconds)};
};

template <>
struct Schema<api::TaskAdded> {
  static constexpr auto fields = std::tuple{field(1, "task", &api::TaskAdded::task).required()};
};

template <>
struct Schema<api::TaskUpdated> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::TaskUpdated::framework_id).required(),
                 field(2, "status", &api::TaskUpdated::status).required(),
                 field(3, "state", &api::TaskUpdated::state).required()};
};

template <>
struct Schema<api::AgentAdded> {
  static constexpr auto fields = std::tuple{field(1, "agent", &api::AgentAdded::agent).required()};
};

template <>
struct Schema<api::AgentRemoved> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::AgentRemoved::agent_id).required()};
};

template <>
struct Schema<api::FrameworkAdded> {
  static constexpr auto fields =
      std::tuple{field(1, "framework", &api::FrameworkAdded::framework).required()};
};

template <>
struct Schema<api::FrameworkUpdated> {
  static constexpr auto fields =
      std::tuple{field(1, "framework", &api::FrameworkUpdated::framework).required()};
};

template <>
struct Schema<api::FrameworkRemoved> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_info", &api::FrameworkRemoved::framework_info).required()};
};

template <>
struct Schema<api::Heartbeat> {
  static constexpr auto fields = std::tuple<>{};
};

namespace {

constexpr Alternative kResponses[] = {
    {"GET_HEALTH", "get_health", Body::required, 1, 2},
    {"GET_FLAGS", "get_flags", Body::required, 2, 3},
    {"GET_VERSION", "get_version", Body::required, 3, 4},
    {"GET_METRICS", "get_metrics", Body::required, 4, 5},
    {"GET_LOGGING_LEVEL", "get_logging_level", Body::required, 5, 6},
    {"LIST_FILES", "list_files", Body::required, 6, 7},
    {"READ_FILE", "read_file", Body::required, 7, 8},
    {"GET_STATE", "get_state", Body::required, 8, 9},
    {"GET_AGENTS", "get_agents", Body::required, 9, 10},
    {"GET_FRAMEWORKS", "get_frameworks", Body::required, 10, 11},
    {"GET_EXECUTORS", "get_executors", Body::required, 11, 12},
    {"GET_OPERATIONS", "get_operations", Body::required, 19, 20},
    {"GET_TASKS", "get_tasks", Body::required, 12, 13},
    {"GET_ROLES", "get_roles", Body::required, 13, 14},
    {"GET_WEIGHTS", "get_weights", Body::required, 14, 15},
    {"GET_MASTER", "get_master", Body::required, 15, 16},
    {"GET_MAINTENANCE_STATUS", "get_maintenance_status", Body::required, 16, 17},
    {"GET_MAINTENANCE_SCHEDULE", "get_maintenance_schedule", Body::required, 17, 18},
    {"GET_QUOTA", "get_quota", Body::required, 18, 19}};

constexpr Alternative kEvents[] = {{"SUBSCRIBED", "subscribed", Body::required, 1, 2},
                                   {"TASK_ADDED", "task_added", Body::required, 2, 3},
                                   {"TASK_UPDATED", "task_updated", Body::required, 3, 4},
                                   {"AGENT_ADDED", "agent_added", Body::required, 4, 5},
                                   {"AGENT_REMOVED", "agent_removed", Body::required, 5, 6},
                                   {"FRAMEWORK_ADDED", "framework_added", Body::required, 6, 7},
                                   {"FRAMEWORK_UPDATED", "framework_updated", Body::required, 7, 8},
                                   {"FRAMEWORK_REMOVED", "framework_removed", Body::required, 8, 9},
                                   {"HEARTBEAT", "heartbeat", Body::none, 9, 0}};

}  // namespace

template <>
struct Envelope<api::Response> {
  static constexpr auto fields = std::tuple<>{};
  static constexpr int kTypeNumber = 1;
  static constexpr const auto& alternatives = kResponses;

  static auto& body(auto& response) { return response.body; }
};

template <>
struct Envelope<api::Event> {
  static constexpr auto fields = std::tuple<>{};
  static constexpr int kTypeNumber = 1;
  static constexpr const auto& alternatives = kEvents;

  static auto& body(auto& event) { return event.body; }
};

}  // namespace ekiden::json

// The first few also stand alone in older endpoints.
EKIDEN_WIRE_TYPE(ekiden::api::master_operator::ClusterStatus)
EKIDEN_WIRE_TYPE(ekiden::api::master_operator::QuotaStatus)
EKIDEN_WIRE_TYPE(ekiden::api::master_operator::Response)
EKIDEN_WIRE_TYPE(ekiden::api::master_operator::Event)
