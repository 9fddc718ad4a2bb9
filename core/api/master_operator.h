#pragma once

#include "core/api/operator_common.h"
#include "core/api/scheduler.h"
#include "core/model/agent.h"
#include "core/model/cluster.h"
#include "core/model/framework.h"
#include "core/model/offer.h"
#include "core/model/offer_constraints.h"
#include "core/model/operation.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

// The master's v1 operator API [mesos-core 4.1, 4.2] as values: calls, answers, events of the
// stream. Member names are the wire names; tables in master_operator.cpp and
// master_operator_answers.cpp.
namespace ekiden::api::master_operator {

// ---- calls. Reads have no body; kKind only tells the types apart.
enum class Read {
  health,
  flags,
  version,
  logging_level,
  state,
  agents,
  frameworks,
  executors,
  operations,
  tasks,
  roles,
  weights,
  master,
  subscribe,
  maintenance_status,
  maintenance_schedule,
  quota,
};

template <Read kKind>
struct ReadCall {
  bool operator==(const ReadCall&) const = default;
};

struct UpdateWeights {
  std::vector<model::WeightInfo> weight_infos;
  bool operator==(const UpdateWeights&) const = default;
};

struct ReserveResources {
  AgentId agent_id;
  std::vector<model::Resource> source;
  std::vector<model::Resource> resources;
  bool operator==(const ReserveResources&) const = default;
};

struct UnreserveResources {
  AgentId agent_id;
  std::vector<model::Resource> resources;
  bool operator==(const UnreserveResources&) const = default;
};

struct CreateVolumes {
  AgentId agent_id;
  std::vector<model::Resource> volumes;
  bool operator==(const CreateVolumes&) const = default;
};

struct DestroyVolumes {
  AgentId agent_id;
  std::vector<model::Resource> volumes;
  bool operator==(const DestroyVolumes&) const = default;
};

struct GrowVolume {
  std::optional<AgentId> agent_id;
  model::Resource volume;
  model::Resource addition;
  bool operator==(const GrowVolume&) const = default;
};

struct ShrinkVolume {
  std::optional<AgentId> agent_id;
  model::Resource volume;
  model::Scalar subtract;
  bool operator==(const ShrinkVolume&) const = default;
};

struct UpdateMaintenanceSchedule {
  model::MaintenanceSchedule schedule;
  bool operator==(const UpdateMaintenanceSchedule&) const = default;
};

struct StartMaintenance {
  std::vector<model::MachineId> machines;
  bool operator==(const StartMaintenance&) const = default;
};

struct StopMaintenance {
  std::vector<model::MachineId> machines;
  bool operator==(const StopMaintenance&) const = default;
};

struct UpdateQuota {
  std::optional<bool> force;
  std::vector<model::QuotaConfig> quota_configs;
  bool operator==(const UpdateQuota&) const = default;
};

// Deprecated, and the body of POST /quota.
struct QuotaRequest {
  std::optional<bool> force;
  std::optional<std::string> role;
  std::vector<model::Resource> guarantee;
  bool operator==(const QuotaRequest&) const = default;
};

struct SetQuota {
  QuotaRequest quota_request;
  bool operator==(const SetQuota&) const = default;
};

struct RemoveQuota {
  std::string role;
  bool operator==(const RemoveQuota&) const = default;
};

struct Teardown {
  FrameworkId framework_id;
  bool operator==(const Teardown&) const = default;
};

struct MarkAgentGone {
  AgentId agent_id;
  bool operator==(const MarkAgentGone&) const = default;
};

// google.protobuf.Duration
struct ProtobufDuration {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  bool operator==(const ProtobufDuration&) const = default;
};

struct DrainAgent {
  AgentId agent_id;
  std::optional<ProtobufDuration> max_grace_period;
  std::optional<bool> mark_gone;
  bool operator==(const DrainAgent&) const = default;
};

struct DeactivateAgent {
  AgentId agent_id;
  bool operator==(const DeactivateAgent&) const = default;
};

struct ReactivateAgent {
  AgentId agent_id;
  bool operator==(const ReactivateAgent&) const = default;
};

// An explicit "UNKNOWN".
struct UnknownCall {
  bool operator==(const UnknownCall&) const = default;
};

struct Call {
  std::variant<ReadCall<Read::health>,
               ReadCall<Read::flags>,
               ReadCall<Read::version>,
               op::GetMetrics,
               ReadCall<Read::logging_level>,
               op::SetLoggingLevel,
               op::ListFiles,
               op::ReadFile,
               ReadCall<Read::state>,
               ReadCall<Read::agents>,
               ReadCall<Read::frameworks>,
               ReadCall<Read::executors>,
               ReadCall<Read::operations>,
               ReadCall<Read::tasks>,
               ReadCall<Read::roles>,
               ReadCall<Read::weights>,
               UpdateWeights,
               ReadCall<Read::master>,
               ReadCall<Read::subscribe>,
               ReserveResources,
               UnreserveResources,
               CreateVolumes,
               DestroyVolumes,
               GrowVolume,
               ShrinkVolume,
               ReadCall<Read::maintenance_status>,
               ReadCall<Read::maintenance_schedule>,
               UpdateMaintenanceSchedule,
               StartMaintenance,
               StopMaintenance,
               ReadCall<Read::quota>,
               UpdateQuota,
               SetQuota,
               RemoveQuota,
               Teardown,
               MarkAgentGone,
               DrainAgent,
               DeactivateAgent,
               ReactivateAgent,
               UnknownCall>
      body;
  bool operator==(const Call&) const = default;
};

// ---- answers
struct ResourceProvider {
  std::vector<model::Resource> total_resources;
  bool operator==(const ResourceProvider&) const = default;
};

enum class AgentCapability {
  unknown,
  multi_role,
  hierarchical_role,
  reservation_refinement,
  resource_provider,
  resize_volume,
  agent_operation_feedback,
  agent_draining,
  task_resource_limits,
};

struct AgentCapabilityInfo {
  AgentCapability type = AgentCapability::unknown;
  bool operator==(const AgentCapabilityInfo&) const = default;
};

struct Agent {
  model::AgentInfo agent_info;
  bool active = false;
  bool deactivated = false;
  std::string version;
  std::optional<std::string> pid;
  std::optional<model::TimeInfo> registered_time;
  std::optional<model::TimeInfo> reregistered_time;
  std::vector<model::Resource> total_resources;
  std::vector<model::Resource> allocated_resources;
  std::vector<model::Resource> offered_resources;
  std::vector<AgentCapabilityInfo> capabilities;
  std::vector<ResourceProvider> resource_providers;
  std::optional<model::DrainInfo> drain_info;
  std::optional<model::TimeInfo> estimated_drain_start_time;
  bool operator==(const Agent&) const = default;
};

struct Agents {
  std::vector<Agent> agents;
  std::vector<model::AgentInfo> recovered_agents;
  bool operator==(const Agents&) const = default;
};

struct Framework {
  model::FrameworkInfo framework_info;
  bool active = false;
  bool connected = false;
  bool recovered = false;
  std::optional<model::TimeInfo> registered_time;
  std::optional<model::TimeInfo> reregistered_time;
  std::optional<model::TimeInfo> unregistered_time;
  std::vector<model::Offer> offers;
  std::vector<model::InverseOffer> inverse_offers;
  std::vector<model::Resource> allocated_resources;
  std::vector<model::Resource> offered_resources;
  std::optional<model::OfferConstraints> offer_constraints;
  bool operator==(const Framework&) const = default;
};

struct Frameworks {
  std::vector<Framework> frameworks;
  std::vector<Framework> completed_frameworks;
  bool operator==(const Frameworks&) const = default;
};

struct Executor {
  model::ExecutorInfo executor_info;
  AgentId agent_id;
  bool operator==(const Executor&) const = default;
};

struct Executors {
  std::vector<Executor> executors;
  bool operator==(const Executors&) const = default;
};

using Operation = op::Operation;
using Operations = op::Operations;

struct Tasks {
  std::vector<op::Task> pending_tasks;
  std::vector<op::Task> tasks;
  std::vector<op::Task> unreachable_tasks;
  std::vector<op::Task> completed_tasks;
  bool operator==(const Tasks&) const = default;
};

struct State {
  Tasks get_tasks;
  Executors get_executors;
  Frameworks get_frameworks;
  Agents get_agents;
  bool operator==(const State&) const = default;
};

struct Role {
  std::string name;
  double weight = 1;
  std::vector<FrameworkId> frameworks;
  std::vector<model::Resource> resources;
  bool operator==(const Role&) const = default;
};

struct Roles {
  std::vector<Role> roles;
  bool operator==(const Roles&) const = default;
};

struct Weights {
  std::vector<model::WeightInfo> weight_infos;
  bool operator==(const Weights&) const = default;
};

struct Master {
  std::optional<scheduler::MasterInfo> master_info;
  std::optional<double> start_time;
  std::optional<double> elected_time;
  bool operator==(const Master&) const = default;
};

enum class InverseOfferAnswer { unknown, accept, decline };

struct InverseOfferStatus {
  InverseOfferAnswer status = InverseOfferAnswer::unknown;
  FrameworkId framework_id;
  model::TimeInfo timestamp;
  bool operator==(const InverseOfferStatus&) const = default;
};

struct DrainingMachine {
  model::MachineId id;
  std::vector<InverseOfferStatus> statuses;
  bool operator==(const DrainingMachine&) const = default;
};

struct ClusterStatus {
  std::vector<DrainingMachine> draining_machines;
  std::vector<model::MachineId> down_machines;
  bool operator==(const ClusterStatus&) const = default;
};

struct MaintenanceStatus {
  ClusterStatus status;
  bool operator==(const MaintenanceStatus&) const = default;
};

struct MaintenanceScheduleAnswer {
  model::MaintenanceSchedule schedule;
  bool operator==(const MaintenanceScheduleAnswer&) const = default;
};

struct QuotaInfo {
  std::optional<std::string> role;
  std::optional<std::string> principal;
  std::vector<model::Resource> guarantee;
  bool operator==(const QuotaInfo&) const = default;
};

struct QuotaStatus {
  std::vector<QuotaInfo> infos;
  std::vector<model::QuotaConfig> configs;
  bool operator==(const QuotaStatus&) const = default;
};

struct Quota {
  QuotaStatus status;
  bool operator==(const Quota&) const = default;
};

struct Response {
  std::variant<op::Health,
               op::FlagList,
               op::Version,
               op::MetricList,
               op::LoggingLevel,
               op::FileList,
               op::FileData,
               State,
               Agents,
               Frameworks,
               Executors,
               Operations,
               Tasks,
               Roles,
               Weights,
               Master,
               MaintenanceStatus,
               MaintenanceScheduleAnswer,
               Quota>
      body;
  bool operator==(const Response&) const = default;
};

// ---- events
struct Subscribed {
  State get_state;
  double heartbeat_interval_seconds = 15;
  bool operator==(const Subscribed&) const = default;
};

struct TaskAdded {
  op::Task task;
  bool operator==(const TaskAdded&) const = default;
};

struct TaskUpdated {
  FrameworkId framework_id;
  model::TaskStatus status;
  model::TaskState state = model::TaskState::staging;
  bool operator==(const TaskUpdated&) const = default;
};

struct AgentAdded {
  Agent agent;
  bool operator==(const AgentAdded&) const = default;
};

struct AgentRemoved {
  AgentId agent_id;
  bool operator==(const AgentRemoved&) const = default;
};

struct FrameworkAdded {
  Framework framework;
  bool operator==(const FrameworkAdded&) const = default;
};

struct FrameworkUpdated {
  Framework framework;
  bool operator==(const FrameworkUpdated&) const = default;
};

struct FrameworkRemoved {
  model::FrameworkInfo framework_info;
  bool operator==(const FrameworkRemoved&) const = default;
};

struct Heartbeat {
  bool operator==(const Heartbeat&) const = default;
};

struct Event {
  std::variant<Subscribed,
               TaskAdded,
               TaskUpdated,
               AgentAdded,
               AgentRemoved,
               FrameworkAdded,
               FrameworkUpdated,
               FrameworkRemoved,
               Heartbeat>
      body;
  bool operator==(const Event&) const = default;
};

}  // namespace ekiden::api::master_operator
