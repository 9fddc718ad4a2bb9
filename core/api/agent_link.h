#pragma once

#include "core/model/agent.h"
#include "core/model/cluster.h"
#include "core/model/framework.h"
#include "core/model/operation.h"
#include "core/model/status.h"
#include "core/model/task.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

// What a master and its agents say to each other: one streaming link that the agent opens. Messages
// may be lost, repeated or late; every one is idempotent. Wire tables in agent_link.cpp.
namespace ekiden::api::agent_link {

// ---- agent -> master
struct RunningTask {  // what the agent reports when it (re-)registers
  FrameworkId framework_id;
  model::TaskInfo task;
  model::TaskState state = model::TaskState::staging;  // latest the agent knows
  std::optional<model::TaskStatus> latest_status;
  std::optional<ExecutorId> executor_id;  // custom executors only
  bool operator==(const RunningTask&) const = default;
};

struct RunningExecutor {  // custom and default ones; not those of single command tasks
  FrameworkId framework_id;
  model::ExecutorInfo info;
  bool operator==(const RunningExecutor&) const = default;
};

// An operation that the agent has recorded and whose status the master has not acknowledged yet.
struct KnownOperation {
  std::optional<FrameworkId> framework_id;  // absent: an operator's
  model::Operation operation;
  model::OperationStatus latest_status;
  std::string uuid;  // 16 raw bytes: the operation's
  bool operator==(const KnownOperation&) const = default;
};

// Opens the link, every time: id absent on the very first registration. The master answers
// Registered; until then the agent repeats it with backoff. Sent again on an open link when the
// agent's resources are not what the master must believe (an operation failed).
struct Register {
  std::uint64_t attempt = 0;  // echoed, so that a late answer to an older attempt is recognised
  model::AgentInfo info;      // its resources as configured: static reservations only
  // What it has now: with dynamic reservations and volumes. The truth. Empty: as configured.
  std::vector<model::Resource> resources;
  std::vector<RunningExecutor> executors;
  std::vector<KnownOperation> operations;        // in the order in which they were applied
  bool draining = false;                         // a DrainAgent is recorded
  std::optional<std::string> ip;                 // where it listens; for maintenance by machine
  std::vector<RunningTask> tasks;                // everything not terminal-and-acknowledged
  std::vector<model::FrameworkInfo> frameworks;  // those the tasks belong to
  std::string version;
  bool operator==(const Register&) const = default;
};

// Repeated by the agent until AcknowledgeUpdate comes back. `latest_state` may be ahead of
// status.state when several updates of one task wait in order.
struct StatusUpdate {
  FrameworkId framework_id;
  model::TaskStatus status;
  model::TaskState latest_state = model::TaskState::staging;
  bool operator==(const StatusUpdate&) const = default;
};

struct ExecutorExited {
  FrameworkId framework_id;
  ExecutorId executor_id;
  std::int32_t status = 0;
  bool operator==(const ExecutorExited&) const = default;
};

struct ExecutorMessage {
  FrameworkId framework_id;
  ExecutorId executor_id;
  std::string data;
  bool operator==(const ExecutorMessage&) const = default;
};

// Repeated until AcknowledgeOperation comes back, for every ApplyOperation, with an operation id or
// without. Sent once what it says is durable. `status.uuid` is the update's own.
struct OperationUpdate {
  std::optional<FrameworkId> framework_id;
  model::OperationStatus status;
  std::string uuid;  // 16 raw bytes: the operation's
  bool operator==(const OperationUpdate&) const = default;
};

struct Pong {
  bool operator==(const Pong&) const = default;
};

struct Unregister {  // the agent goes away for good (SIGUSR1, --destroy)
  bool operator==(const Unregister&) const = default;
};

struct ToMaster {
  std::optional<AgentId> agent_id;  // absent before the first Registered
  std::variant<Register,
               StatusUpdate,
               ExecutorExited,
               ExecutorMessage,
               Pong,
               Unregister,
               OperationUpdate>
      body;
  bool operator==(const ToMaster&) const = default;
};

// ---- master -> agent
struct Registered {
  std::uint64_t attempt = 0;
  AgentId agent_id;
  Duration ping_timeout{};  // no Ping for that long: the agent opens the link again
  bool operator==(const Registered&) const = default;
};

struct Refused {  // the agent must stop trying: marked gone, wrong version...
  std::string message;
  bool operator==(const Refused&) const = default;
};

struct RunTask {
  model::FrameworkInfo framework;  // id set
  model::TaskInfo task;
  bool operator==(const RunTask&) const = default;
};

struct RunTaskGroup {
  model::FrameworkInfo framework;
  model::ExecutorInfo executor;
  std::vector<model::TaskInfo> tasks;
  bool operator==(const RunTaskGroup&) const = default;
};

struct KillTask {
  FrameworkId framework_id;
  TaskId task_id;
  std::optional<model::KillPolicy> kill_policy;
  bool operator==(const KillTask&) const = default;
};

struct AcknowledgeUpdate {
  FrameworkId framework_id;
  TaskId task_id;
  std::string uuid;  // 16 raw bytes
  bool operator==(const AcknowledgeUpdate&) const = default;
};

struct ShutdownFramework {
  FrameworkId framework_id;
  bool operator==(const ShutdownFramework&) const = default;
};

struct ShutdownExecutor {
  FrameworkId framework_id;
  ExecutorId executor_id;
  bool operator==(const ShutdownExecutor&) const = default;
};

struct FrameworkMessage {
  FrameworkId framework_id;
  ExecutorId executor_id;
  std::string data;
  bool operator==(const FrameworkMessage&) const = default;
};

struct Ping {
  bool operator==(const Ping&) const = default;
};

// RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME or SHRINK_VOLUME, validated; resources without
// allocation role. The agent does model::apply to its total, makes it durable, answers
// OperationUpdate: FINISHED, DROPPED when something it consumes is not there, FAILED when a folder
// could not be made. A repeat (same uuid) changes nothing: the agent remembers recent uuids.
struct ApplyOperation {
  std::optional<FrameworkId> framework_id;  // absent: an operator's
  model::Operation operation;
  std::string uuid;  // 16 raw bytes
  bool operator==(const ApplyOperation&) const = default;
};

struct AcknowledgeOperation {
  std::string uuid;         // the operation's
  std::string status_uuid;  // of the acknowledged OperationUpdate
  std::optional<OperationId> operation_id;
  bool operator==(const AcknowledgeOperation&) const = default;
};

// Kill every task, each within the shorter of its own grace period and this one; refuse new ones
// [mesos-core 5.11]. Sent again on registration until everything has ended.
struct DrainAgent {
  model::DrainConfig config;
  bool operator==(const DrainAgent&) const = default;
};

struct StopDraining {  // the agent may take tasks again
  bool operator==(const StopDraining&) const = default;
};

struct UpdateFramework {
  model::FrameworkInfo framework;  // id set
  bool operator==(const UpdateFramework&) const = default;
};

// Marked gone, or its machine is down: end every executor, then exit.
struct ShutdownAgent {
  std::string message;
  bool operator==(const ShutdownAgent&) const = default;
};

using ToAgent = std::variant<Registered,
                             Refused,
                             RunTask,
                             RunTaskGroup,
                             KillTask,
                             AcknowledgeUpdate,
                             ShutdownFramework,
                             ShutdownExecutor,
                             FrameworkMessage,
                             Ping,
                             ApplyOperation,
                             AcknowledgeOperation,
                             DrainAgent,
                             StopDraining,
                             UpdateFramework,
                             ShutdownAgent>;

}  // namespace ekiden::api::agent_link
