#pragma once

#include "marathon/snapshot.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

// What the machine tells the world after it happened: event stream, log lines and metrics are all
// written from these, so that they agree. Each carries its wall time. JSON forms: routes/events.cpp
// [marathon-api 5.3].
namespace ekiden::marathon {

struct DeploymentStarted {  // deployment_info for each step, deployment_step_* below
  std::shared_ptr<const DeploymentPlan> plan;
};

struct DeploymentStepStarted {  // deployment_info
  std::shared_ptr<const DeploymentPlan> plan;
  std::size_t step = 0;
};

struct DeploymentStepDone {  // deployment_step_success / deployment_step_failure
  std::shared_ptr<const DeploymentPlan> plan;
  std::size_t step = 0;
  bool success = true;
};

struct DeploymentEnded {  // deployment_success / deployment_failed
  std::shared_ptr<const DeploymentPlan> plan;
  bool success = true;
  std::string reason;  // of a failure: cancelled, overridden...
};

struct DeploymentHalted {  // deployment_paused / deployment_stalled
  std::shared_ptr<const DeploymentPlan> plan;
  DeploymentHalt halt;
};

struct DeploymentResumed {  // deployment_resumed
  std::shared_ptr<const DeploymentPlan> plan;
  std::string actor;
};

struct RootChanged {  // group_change_success
  PathId group;
  WallTime version{};
};

struct RootChangeFailed {  // group_change_failed
  PathId group;
  WallTime version{};
  std::string reason;
};

struct StatusChanged {  // status_update_event
  InstancePtr instance;
  std::string message;
  std::string task_status;  // "TASK_RUNNING"
};

struct InstanceChanged {  // instance_changed_event; condition is the new one
  InstancePtr instance;
};

struct InstanceHealthChanged {  // instance_health_changed_event
  InstancePtr instance;
};

struct HealthStatusChanged {  // health_status_changed_event: a Marathon-side check flipped
  InstancePtr instance;
  bool alive = false;
};

struct HealthCheckFailed {  // failed_health_check_event
  InstancePtr instance;
  std::size_t check = 0;
};

struct UnhealthyInstanceKill {  // unhealthy_task_kill_event / unhealthy_instance_kill_event
  InstancePtr instance;
  std::string reason;
};

struct HealthCheckAdded {  // add_health_check_event
  PathId app;
  WallTime version{};
  HealthCheck check;
};

struct HealthCheckRemoved {  // remove_health_check_event
  PathId app;
};

struct AppTerminated {  // app_terminated_event
  PathId app;
};

struct UnknownInstanceTerminated {  // unknown_instance_terminated_event
  InstanceId id;
  PathId app;
  std::string condition;
};

struct FrameworkMessageReceived {
  AgentId agent_id;
  ExecutorId executor_id;
  std::string data;
};

struct SchedulerRegistered {  // scheduler_registered_event / scheduler_reregistered_event
  FrameworkId id;
  std::string master;
  bool again = false;
};

struct SchedulerDisconnected {};  // scheduler_disconnected_event

struct LogNotice {  // no event: a line for people
  std::string text;
  bool warning = false;
};

struct Notice {
  WallTime at{};
  std::variant<DeploymentStarted,
               DeploymentStepStarted,
               DeploymentStepDone,
               DeploymentEnded,
               DeploymentHalted,
               DeploymentResumed,
               RootChanged,
               RootChangeFailed,
               StatusChanged,
               InstanceChanged,
               InstanceHealthChanged,
               HealthStatusChanged,
               HealthCheckFailed,
               UnhealthyInstanceKill,
               HealthCheckAdded,
               HealthCheckRemoved,
               AppTerminated,
               UnknownInstanceTerminated,
               FrameworkMessageReceived,
               SchedulerRegistered,
               SchedulerDisconnected,
               LogNotice>
      body;
};

}  // namespace ekiden::marathon
