#pragma once

#include "core/api/agent_link.h"
#include "core/api/scheduler.h"
#include "core/base/record.h"
#include "core/base/time.h"
#include "core/master/packed_task.h"
#include "core/master/operator_commands.h"
#include "core/model/cluster.h"
#include "core/model/resources.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What happens to a master and what it wants done about it; see master.h. All values.
namespace ekiden::master {

// One subscription of a framework or one link of an agent; never used again after it closed.
using ConnectionId = std::uint64_t;
using TaskKey = std::pair<FrameworkId, TaskId>;
using ExecutorKey = std::pair<FrameworkId, ExecutorId>;

// ---- inputs
struct SchedulerCall {
  ConnectionId connection = 0;  // the subscription the call belongs to; a new one for SUBSCRIBE
  api::scheduler::Call call;
};

struct SchedulerClosed {
  ConnectionId connection = 0;
};

struct AgentMessage {
  ConnectionId connection = 0;
  api::agent_link::ToMaster message;
};

struct AgentClosed {
  ConnectionId connection = 0;
};

using RequestId = std::uint64_t;

// Answered by exactly one OperatorReply with the same id, in the same step.
struct OperatorRequest {
  RequestId id = 0;
  OperatorCommand command;
  std::optional<std::string> principal;  // of the authenticated caller
};

using Input =
    std::variant<SchedulerCall, SchedulerClosed, AgentMessage, AgentClosed, OperatorRequest>;

// ---- what readers see. Values are shared between snapshots and never change.
struct Task {
  FrameworkId framework_id;
  PackedTaskInfo info;                                 // every resource with its allocation role
  std::optional<ExecutorId> executor_id;               // custom executors only
  model::TaskState state = model::TaskState::staging;  // latest the agent reported
  model::TaskState status_state = model::TaskState::staging;  // of the last forwarded update
  std::string status_uuid;                                    // of the last forwarded update
  PackedStatuses statuses;
};

using TaskPtr = std::shared_ptr<const Task>;

struct AgentView {
  model::AgentInfo info;
  std::string pid;  // "slave(1)@127.0.0.1:5051"
  std::string version;
  bool active = false;
  bool recovered = false;  // known from the registry, not back yet
  bool unreachable = false;
  WallTime registered{};
  std::optional<WallTime> reregistered;
  model::Resources total;  // with dynamic reservations and volumes
  model::Resources used;
  model::Resources offered;
  bool deactivated = false;               // by DEACTIVATE_AGENT or DRAIN_AGENT
  std::optional<model::DrainInfo> drain;  // DRAIN_AGENT was asked for
  std::optional<WallTime> drain_started;  // when
};

// An operation of a framework or an operator that has not come to its end.
struct OperationView {
  std::optional<FrameworkId> framework_id;
  std::optional<AgentId> agent_id;
  model::Operation info;
  model::OperationStatus latest_status;
  std::vector<model::OperationStatus> statuses;
  std::string uuid;  // 16 raw bytes
};

// How a framework answered the wish to leave an agent.
struct InverseOfferStatus {
  enum class Answer { unknown, accept, decline };
  Answer status = Answer::unknown;
  FrameworkId framework_id;
  WallTime timestamp{};
};

struct DrainingMachine {
  model::MachineId id;
  std::vector<InverseOfferStatus> statuses;
};

struct GoneAgent {
  AgentId id;
  WallTime since{};
};

struct ExecutorView {
  AgentId agent_id;
  model::ExecutorInfo info;
};

struct FrameworkView {
  model::FrameworkInfo info;
  bool active = false;
  bool connected = false;
  bool recovered = false;  // known from the registry or an agent, not subscribed yet
  WallTime registered{};
  std::optional<WallTime> reregistered;
  std::optional<WallTime> unregistered;
  std::vector<TaskPtr> tasks;
  std::vector<TaskPtr> unreachable;
  std::vector<TaskPtr> completed;
  std::vector<model::Offer> offers;
  std::vector<ExecutorView> executors;
  std::vector<model::InverseOffer> inverse_offers;
  std::optional<model::OfferConstraints> offer_constraints;
  std::vector<std::string> suppressed_roles;
  model::Resources used;
  model::Resources offered;
};

// ---- effects
struct SchedulerEvent {
  ConnectionId connection = 0;
  api::scheduler::Event event;
};

struct AgentOrder {
  ConnectionId connection = 0;
  api::agent_link::ToAgent message;
};

// To the operator's request of that id: an HTTP status and, for a refusal, the reason.
struct OperatorReply {
  RequestId id = 0;
  int status = 200;
  std::string text;
};

// Facts for the operator event stream [mesos-core 4.2], the log and the metrics.
struct TaskAdded {
  TaskPtr task;
};

struct TaskUpdated {
  TaskPtr task;
  model::TaskStatus status;
};

struct AgentAdded {
  AgentView agent;
};

struct AgentRemoved {
  AgentId id;
};

struct FrameworkAdded {
  FrameworkView framework;  // without tasks and offers
};

struct FrameworkUpdated {
  FrameworkView framework;
};

struct FrameworkRemoved {
  model::FrameworkInfo info;
};

struct OffersSent {
  std::size_t count = 0;
};

// An agent that is to become unreachable waits for the rate limit, or does no longer.
struct RemovalQueue {
  enum class What { scheduled, completed, canceled };
  What what = What::scheduled;
};

struct LogLine {
  enum class Level { info, warn, error };
  Level level = Level::info;
  std::string text;
};

using Notice = std::variant<TaskAdded,
                            TaskUpdated,
                            AgentAdded,
                            AgentRemoved,
                            FrameworkAdded,
                            FrameworkUpdated,
                            FrameworkRemoved,
                            OffersSent,
                            RemovalQueue,
                            LogLine>;

// Dispatched in this order once `persist` is durable.
struct Effects {
  Batch persist;
  std::vector<SchedulerEvent> to_schedulers;
  std::vector<AgentOrder> to_agents;
  std::vector<ConnectionId> close_schedulers;
  std::vector<ConnectionId> close_agents;
  std::vector<OperatorReply> replies;
  std::vector<Notice> notify;
};

}  // namespace ekiden::master
