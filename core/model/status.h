#pragma once

#include "core/model/common.h"
#include "core/model/task.h"
#include "core/model/task_state.h"

#include <optional>
#include <string>
#include <vector>

namespace ekiden::model {

struct ContainerStatus {
  std::optional<ContainerId> container_id;
  std::vector<NetworkInfo> network_infos;
  std::optional<std::uint32_t> cgroup_classid;  // wire: cgroup_info.net_cls.classid
  std::optional<std::uint32_t> executor_pid;
  bool operator==(const ContainerStatus&) const = default;
};

struct CheckStatusInfo {
  CheckInfo::Type type = CheckInfo::Type::unknown;
  std::optional<std::int32_t> exit_code;     // wire: command.exit_code
  std::optional<std::uint32_t> status_code;  // wire: http.status_code
  std::optional<bool> succeeded;             // wire: tcp.succeeded
  bool operator==(const CheckStatusInfo&) const = default;
};

struct TaskResourceLimitation {
  std::vector<Resource> resources;
  bool operator==(const TaskResourceLimitation&) const = default;
};

struct TaskStatus {
  TaskId task_id;
  TaskState state = TaskState::staging;
  std::optional<std::string> message;
  std::optional<StatusSource> source;
  StatusReason reason = StatusReason::none;  // none: absent on the wire
  std::optional<std::string> data;           // base64 on the wire
  std::optional<AgentId> agent_id;
  std::optional<ExecutorId> executor_id;
  std::optional<double> timestamp;  // seconds since the epoch
  std::optional<std::string>
      uuid;  // 16 raw bytes; base64 on the wire; present: wants an ACKNOWLEDGE
  std::optional<bool> healthy;
  std::optional<CheckStatusInfo> check_status;
  std::optional<Labels> labels;
  std::optional<ContainerStatus> container_status;
  std::optional<TimeInfo> unreachable_time;
  std::optional<TaskResourceLimitation> limitation;
  bool operator==(const TaskStatus&) const = default;
};

}  // namespace ekiden::model
