#pragma once

#include "core/model/task_state.h"

#include <string_view>

// The wire names, once; to_text and the wire tables read them here.
namespace ekiden::model {

template <class E>
struct NumberedName {
  E value;
  std::string_view name;
  int number;  // protobuf's [mesos-core Appendix A]
};

inline constexpr NumberedName<TaskState> kTaskStateNames[] = {
    {TaskState::staging, "TASK_STAGING", 6},
    {TaskState::starting, "TASK_STARTING", 0},
    {TaskState::running, "TASK_RUNNING", 1},
    {TaskState::killing, "TASK_KILLING", 8},
    {TaskState::finished, "TASK_FINISHED", 2},
    {TaskState::failed, "TASK_FAILED", 3},
    {TaskState::killed, "TASK_KILLED", 4},
    {TaskState::error, "TASK_ERROR", 7},
    {TaskState::lost, "TASK_LOST", 5},
    {TaskState::dropped, "TASK_DROPPED", 9},
    {TaskState::unreachable, "TASK_UNREACHABLE", 10},
    {TaskState::gone, "TASK_GONE", 11},
    {TaskState::gone_by_operator, "TASK_GONE_BY_OPERATOR", 12},
    {TaskState::unknown, "TASK_UNKNOWN", 13},
};

inline constexpr NumberedName<StatusReason> kStatusReasonNames[] = {
    {StatusReason::command_executor_failed, "REASON_COMMAND_EXECUTOR_FAILED", 0},
    {StatusReason::container_launch_failed, "REASON_CONTAINER_LAUNCH_FAILED", 21},
    {StatusReason::container_limitation, "REASON_CONTAINER_LIMITATION", 19},
    {StatusReason::container_limitation_disk, "REASON_CONTAINER_LIMITATION_DISK", 20},
    {StatusReason::container_limitation_memory, "REASON_CONTAINER_LIMITATION_MEMORY", 8},
    {StatusReason::container_preempted, "REASON_CONTAINER_PREEMPTED", 17},
    {StatusReason::container_update_failed, "REASON_CONTAINER_UPDATE_FAILED", 22},
    {StatusReason::executor_registration_timeout, "REASON_EXECUTOR_REGISTRATION_TIMEOUT", 23},
    {StatusReason::executor_reregistration_timeout, "REASON_EXECUTOR_REREGISTRATION_TIMEOUT", 24},
    {StatusReason::executor_terminated, "REASON_EXECUTOR_TERMINATED", 1},
    {StatusReason::executor_unregistered, "REASON_EXECUTOR_UNREGISTERED", 2},
    {StatusReason::framework_removed, "REASON_FRAMEWORK_REMOVED", 3},
    {StatusReason::gc_error, "REASON_GC_ERROR", 4},
    {StatusReason::invalid_frameworkid, "REASON_INVALID_FRAMEWORKID", 5},
    {StatusReason::invalid_offers, "REASON_INVALID_OFFERS", 6},
    {StatusReason::io_switchboard_exited, "REASON_IO_SWITCHBOARD_EXITED", 27},
    {StatusReason::max_completion_time_reached, "REASON_MAX_COMPLETION_TIME_REACHED", 33},
    {StatusReason::master_disconnected, "REASON_MASTER_DISCONNECTED", 7},
    {StatusReason::reconciliation, "REASON_RECONCILIATION", 9},
    {StatusReason::resources_unknown, "REASON_RESOURCES_UNKNOWN", 18},
    {StatusReason::agent_disconnected, "REASON_AGENT_DISCONNECTED", 10},
    {StatusReason::agent_draining, "REASON_AGENT_DRAINING", 34},
    {StatusReason::agent_removed, "REASON_AGENT_REMOVED", 11},
    {StatusReason::agent_removed_by_operator, "REASON_AGENT_REMOVED_BY_OPERATOR", 31},
    {StatusReason::agent_restarted, "REASON_AGENT_RESTARTED", 12},
    {StatusReason::agent_reregistered, "REASON_AGENT_REREGISTERED", 32},
    {StatusReason::agent_unknown, "REASON_AGENT_UNKNOWN", 13},
    {StatusReason::task_check_status_updated, "REASON_TASK_CHECK_STATUS_UPDATED", 28},
    {StatusReason::task_health_check_status_updated, "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED", 29},
    {StatusReason::task_group_invalid, "REASON_TASK_GROUP_INVALID", 25},
    {StatusReason::task_group_unauthorized, "REASON_TASK_GROUP_UNAUTHORIZED", 26},
    {StatusReason::task_invalid, "REASON_TASK_INVALID", 14},
    {StatusReason::task_killed_during_launch, "REASON_TASK_KILLED_DURING_LAUNCH", 30},
    {StatusReason::task_unauthorized, "REASON_TASK_UNAUTHORIZED", 15},
    {StatusReason::task_unknown, "REASON_TASK_UNKNOWN", 16},
};

}  // namespace ekiden::model
