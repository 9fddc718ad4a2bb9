#pragma once

#include "core/model/agent.h"
#include "core/model/framework.h"
#include "core/model/status.h"
#include "core/model/task.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

// The v1 executor API (mesos-core.md section 3) as values: what an executor and its agent say to
// each other over HTTP. Wire tables in executor.cpp.
namespace ekiden::api::executor {

// ---- calls: executor -> agent
struct Subscribe {
  std::vector<model::TaskInfo> unacknowledged_tasks;
  std::vector<model::TaskStatus> unacknowledged_updates;  // wire: [{"status": ...}]
  bool operator==(const Subscribe&) const = default;
};

struct Update {
  model::TaskStatus status;
  bool operator==(const Update&) const = default;
};

struct MessageCall {
  std::string data;  // base64 on the wire
  bool operator==(const MessageCall&) const = default;
};

struct HeartbeatCall {
  bool operator==(const HeartbeatCall&) const = default;
};

struct Call {
  FrameworkId framework_id;
  ExecutorId executor_id;
  std::variant<Subscribe, Update, MessageCall, HeartbeatCall> body;
  bool operator==(const Call&) const = default;
};

// ---- events: agent -> executor
struct Subscribed {
  model::ExecutorInfo executor_info;
  model::FrameworkInfo framework_info;
  model::AgentInfo agent_info;
  std::optional<ContainerId> container_id;
  bool operator==(const Subscribed&) const = default;
};

struct Launch {
  model::TaskInfo task;
  bool operator==(const Launch&) const = default;
};

struct LaunchGroup {
  std::vector<model::TaskInfo> tasks;  // wire: task_group.tasks
  bool operator==(const LaunchGroup&) const = default;
};

struct Kill {
  TaskId task_id;
  std::optional<model::KillPolicy> kill_policy;
  bool operator==(const Kill&) const = default;
};

struct Acknowledged {
  TaskId task_id;
  std::string uuid;  // 16 raw bytes; base64 on the wire
  bool operator==(const Acknowledged&) const = default;
};

struct Message {
  std::string data;
  bool operator==(const Message&) const = default;
};

struct Shutdown {
  bool operator==(const Shutdown&) const = default;
};

struct ErrorEvent {
  std::string message;
  bool operator==(const ErrorEvent&) const = default;
};

struct Heartbeat {
  bool operator==(const Heartbeat&) const = default;
};

using Event = std::variant<Subscribed,
                           Launch,
                           LaunchGroup,
                           Kill,
                           Acknowledged,
                           Message,
                           Shutdown,
                           ErrorEvent,
                           Heartbeat>;

}  // namespace ekiden::api::executor
