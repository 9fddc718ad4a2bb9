#include "marathon/instance/update.h"

#include <utility>

namespace ekiden::marathon::instance {

namespace {

Condition condition_of_lost(const model::TaskStatus& status) {
  const std::string message = status.message.value_or("");
  if (status.reason == model::StatusReason::task_unknown ||
      message.starts_with("Reconciliation: Task is unknown to the")) {
    return Condition::unknown;
  }
  switch (status.reason) {
    case model::StatusReason::reconciliation:
    case model::StatusReason::agent_disconnected:
    case model::StatusReason::agent_removed:
      return Condition::unreachable;
    default:
      return Condition::gone;
  }
}

std::vector<model::NetworkIpAddress> addresses_of(const model::TaskStatus& status) {
  std::vector<model::NetworkIpAddress> addresses;
  if (status.container_status) {
    for (const model::NetworkInfo& network : status.container_status->network_infos) {
      addresses.insert(addresses.end(), network.ip_addresses.begin(), network.ip_addresses.end());
    }
  }
  return addresses;
}

// What is kept of a status: not its uuid or data, which may be large and say nothing later.
model::TaskStatus kept(model::TaskStatus status) {
  status.uuid.reset();
  status.data.reset();
  if (status.message && status.message->size() > kMessageLengthMax) {
    status.message->resize(kMessageLengthMax);
  }
  return status;
}

bool says_something_new(const Task& task, const model::TaskStatus& status) {
  if (!task.status || task.status->state != status.state ||
      condition_of(status) != task.condition) {
    return true;
  }
  const bool health = status.healthy && status.healthy != task.status->healthy;
  const bool check = status.check_status && status.check_status != task.status->check_status;
  return health || check;
}

// Health known before stays known while the state stays the same.
void keep_known_health(const Task& task, model::TaskStatus& status) {
  if (task.status && task.status->state == status.state) {
    if (!status.healthy) {
      status.healthy = task.status->healthy;
    }
    if (!status.check_status) {
      status.check_status = task.status->check_status;
    }
  }
}

std::optional<Task> update_task(const Task& task, const model::TaskStatus& status, Now now) {
  if (is_terminal(task.condition) || !says_something_new(task, status)) {
    return std::nullopt;
  }
  Task next = task;
  const Condition condition = condition_of(status);
  model::TaskStatus stored = kept(status);
  keep_known_health(task, stored);
  if (condition == Condition::running && !next.started_at) {
    next.started_at = now.wall;
  }
  if (!is_terminal(condition)) {
    std::vector<model::NetworkIpAddress> addresses = addresses_of(status);
    if (!addresses.empty()) {
      next.ip_addresses = std::move(addresses);
    }
  }
  next.condition = condition;
  next.status = std::move(stored);
  return next;
}

}  // namespace

Instance schedule(AppPtr app, InstanceId id, Now now) {
  Instance instance;
  instance.id = std::move(id);
  instance.role = app->role;
  instance.app = std::move(app);
  instance.since = now.wall;
  return instance;
}

Instance provision(const Instance& instance, Launch launch, Now now) {
  Instance next = instance;
  next.condition = Condition::provisioned;
  next.since = now.wall;
  next.active_since.reset();
  next.healthy.reset();
  next.place = std::move(launch.place);
  ++next.incarnation;
  Task task;
  task.id = make_task_id(next.id, next.incarnation);
  task.staged_at = now.wall;
  task.host_ports = std::move(launch.host_ports);
  next.task = std::move(task);
  return next;
}

Instance with_goal(const Instance& instance, Goal goal) {
  Instance next = instance;
  next.goal = goal;
  return next;
}

Instance with_health(const Instance& instance, std::optional<bool> healthy, Now now) {
  Instance next = instance;
  next.healthy = healthy;
  next.since = now.wall;
  return next;
}

Instance written_off(const Instance& instance, Now now) {
  Instance next = instance;
  next.condition = Condition::unreachable_inactive;
  next.since = now.wall;
  return next;
}

Condition condition_of(const model::TaskStatus& status) {
  switch (status.state) {
    case model::TaskState::staging:
      return Condition::staging;
    case model::TaskState::starting:
      return Condition::starting;
    case model::TaskState::running:
      return Condition::running;
    case model::TaskState::killing:
      return Condition::killing;
    case model::TaskState::finished:
      return Condition::finished;
    case model::TaskState::failed:
      return Condition::failed;
    case model::TaskState::killed:
      return Condition::killed;
    case model::TaskState::error:
      return Condition::error;
    case model::TaskState::lost:
      return condition_of_lost(status);
    case model::TaskState::dropped:
      return Condition::dropped;
    case model::TaskState::unreachable:
      return Condition::unreachable;
    case model::TaskState::gone:
    case model::TaskState::gone_by_operator:
      return Condition::gone;
    case model::TaskState::unknown:
      return Condition::unknown;
  }
  return Condition::unknown;
}

std::optional<Instance> update(const Instance& instance, const model::TaskStatus& status, Now now) {
  if (!instance.task) {
    return std::nullopt;
  }
  std::optional<Task> task = update_task(*instance.task, status, now);
  if (!task) {
    return std::nullopt;
  }
  Instance next = instance;
  const bool was_written_off = instance.condition == Condition::unreachable_inactive;
  next.condition = was_written_off && task->condition == Condition::unreachable
                       ? Condition::unreachable_inactive
                       : task->condition;
  next.active_since = task->started_at;
  if (next.condition != Condition::running) {
    next.healthy.reset();
  }
  if (next.condition != instance.condition || next.healthy != instance.healthy) {
    next.since = now.wall;
  }
  next.task = std::move(task);
  return next;
}

bool is_finished(const Instance& instance) {
  const bool ended = !instance.task || is_terminal(instance.condition);
  return instance.goal == Goal::decommissioned && ended;
}

bool is_quiet(Condition condition) {
  return is_terminal(condition) || condition == Condition::killing ||
         condition == Condition::unreachable;
}

}  // namespace ekiden::marathon::instance
