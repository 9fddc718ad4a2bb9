#pragma once

#include <string_view>

namespace ekiden::model {

enum class TaskState {
  staging,
  starting,
  running,
  killing,
  finished,
  failed,
  killed,
  error,
  lost,
  dropped,
  unreachable,
  gone,
  gone_by_operator,
  unknown,
};

bool is_terminal(TaskState state);
// "TASK_RUNNING"
std::string_view to_text(TaskState state);

enum class StatusSource { master, agent, executor };

enum class StatusReason {
  none,
  command_executor_failed,
  container_launch_failed,
  container_limitation,
  container_limitation_disk,
  container_limitation_memory,
  container_preempted,
  container_update_failed,
  executor_registration_timeout,
  executor_reregistration_timeout,
  executor_terminated,
  executor_unregistered,
  framework_removed,
  gc_error,
  invalid_frameworkid,
  invalid_offers,
  io_switchboard_exited,
  max_completion_time_reached,
  master_disconnected,
  reconciliation,
  resources_unknown,
  agent_disconnected,
  agent_draining,
  agent_removed,
  agent_removed_by_operator,
  agent_restarted,
  agent_reregistered,
  agent_unknown,
  task_check_status_updated,
  task_health_check_status_updated,
  task_group_invalid,
  task_group_unauthorized,
  task_invalid,
  task_killed_during_launch,
  task_unauthorized,
  task_unknown,
};

// "REASON_CONTAINER_LIMITATION_MEMORY"
std::string_view to_text(StatusReason reason);

}  // namespace ekiden::model
