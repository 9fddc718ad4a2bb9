#pragma once

#include "core/model/agent.h"
#include "core/model/framework.h"
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

// Opens the link, every time: id absent on the very first registration. The master answers
// Registered; until then the agent repeats it with backoff.
struct Register {
  std::uint64_t attempt = 0;  // echoed, so that a late answer to an older attempt is recognised
  model::AgentInfo info;
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

struct Pong {
  bool operator==(const Pong&) const = default;
};

struct Unregister {  // the agent goes away for good (SIGUSR1, --destroy)
  bool operator==(const Unregister&) const = default;
};

struct ToMaster {
  std::optional<AgentId> agent_id;  // absent before the first Registered
  std::variant<Register, StatusUpdate, ExecutorExited, ExecutorMessage, Pong, Unregister> body;
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

using ToAgent = std::variant<Registered,
                             Refused,
                             RunTask,
                             RunTaskGroup,
                             KillTask,
                             AcknowledgeUpdate,
                             ShutdownFramework,
                             ShutdownExecutor,
                             FrameworkMessage,
                             Ping>;

}  // namespace ekiden::api::agent_link
