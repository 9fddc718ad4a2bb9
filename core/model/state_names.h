#pragma once

#include "core/model/task_state.h"

#include <string_view>
#include <utility>

// The wire names, once; to_text and the JSON tables read them here.
namespace ekiden::model {

inline constexpr std::pair<TaskState, std::string_view> kTaskStateNames[] = {
    {TaskState::staging, "TASK_STAGING"},
    {TaskState::starting, "TASK_STARTING"},
    {TaskState::running, "TASK_RUNNING"},
    {TaskState::killing, "TASK_KILLING"},
    {TaskState::finished, "TASK_FINISHED"},
    {TaskState::failed, "TASK_FAILED"},
    {TaskState::killed, "TASK_KILLED"},
    {TaskState::error, "TASK_ERROR"},
    {TaskState::lost, "TASK_LOST"},
    {TaskState::dropped, "TASK_DROPPED"},
    {TaskState::unreachable, "TASK_UNREACHABLE"},
    {TaskState::gone, "TASK_GONE"},
    {TaskState::gone_by_operator, "TASK_GONE_BY_OPERATOR"},
    {TaskState::unknown, "TASK_UNKNOWN"},
};

inline constexpr std::pair<StatusReason, std::string_view> kStatusReasonNames[] = {
    {StatusReason::command_executor_failed, "REASON_COMMAND_EXECUTOR_FAILED"},
    {StatusReason::container_launch_failed, "REASON_CONTAINER_LAUNCH_FAILED"},
    {StatusReason::container_limitation, "REASON_CONTAINER_LIMITATION"},
    {StatusReason::container_limitation_disk, "REASON_CONTAINER_LIMITATION_DISK"},
    {StatusReason::container_limitation_memory, "REASON_CONTAINER_LIMITATION_MEMORY"},
    {StatusReason::container_preempted, "REASON_CONTAINER_PREEMPTED"},
    {StatusReason::container_update_failed, "REASON_CONTAINER_UPDATE_FAILED"},
    {StatusReason::executor_registration_timeout, "REASON_EXECUTOR_REGISTRATION_TIMEOUT"},
    {StatusReason::executor_reregistration_timeout, "REASON_EXECUTOR_REREGISTRATION_TIMEOUT"},
    {StatusReason::executor_terminated, "REASON_EXECUTOR_TERMINATED"},
    {StatusReason::executor_unregistered, "REASON_EXECUTOR_UNREGISTERED"},
    {StatusReason::framework_removed, "REASON_FRAMEWORK_REMOVED"},
    {StatusReason::gc_error, "REASON_GC_ERROR"},
    {StatusReason::invalid_frameworkid, "REASON_INVALID_FRAMEWORKID"},
    {StatusReason::invalid_offers, "REASON_INVALID_OFFERS"},
    {StatusReason::io_switchboard_exited, "REASON_IO_SWITCHBOARD_EXITED"},
    {StatusReason::max_completion_time_reached, "REASON_MAX_COMPLETION_TIME_REACHED"},
    {StatusReason::master_disconnected, "REASON_MASTER_DISCONNECTED"},
    {StatusReason::reconciliation, "REASON_RECONCILIATION"},
    {StatusReason::resources_unknown, "REASON_RESOURCES_UNKNOWN"},
    {StatusReason::agent_disconnected, "REASON_AGENT_DISCONNECTED"},
    {StatusReason::agent_draining, "REASON_AGENT_DRAINING"},
    {StatusReason::agent_removed, "REASON_AGENT_REMOVED"},
    {StatusReason::agent_removed_by_operator, "REASON_AGENT_REMOVED_BY_OPERATOR"},
    {StatusReason::agent_restarted, "REASON_AGENT_RESTARTED"},
    {StatusReason::agent_reregistered, "REASON_AGENT_REREGISTERED"},
    {StatusReason::agent_unknown, "REASON_AGENT_UNKNOWN"},
    {StatusReason::task_check_status_updated, "REASON_TASK_CHECK_STATUS_UPDATED"},
    {StatusReason::task_health_check_status_updated, "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED"},
    {StatusReason::task_group_invalid, "REASON_TASK_GROUP_INVALID"},
    {StatusReason::task_group_unauthorized, "REASON_TASK_GROUP_UNAUTHORIZED"},
    {StatusReason::task_invalid, "REASON_TASK_INVALID"},
    {StatusReason::task_killed_during_launch, "REASON_TASK_KILLED_DURING_LAUNCH"},
    {StatusReason::task_unauthorized, "REASON_TASK_UNAUTHORIZED"},
    {StatusReason::task_unknown, "REASON_TASK_UNKNOWN"},
};

}  // namespace ekiden::model
