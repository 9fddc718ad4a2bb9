#include "marathon/instance/update.h"

#include "marathon/model/pod.h"

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

// [LC-1]: the first of these that a container is in.
constexpr Condition kWeightiest[] = {Condition::error,
                                     Condition::failed,
                                     Condition::gone,
                                     Condition::dropped,
                                     Condition::unreachable,
                                     Condition::killing,
                                     Condition::starting,
                                     Condition::staging,
                                     Condition::unknown,
                                     Condition::provisioned,
                                     Condition::running,
                                     Condition::finished,
                                     Condition::killed};

// A pod of which one container ended badly while others still stop is on its way out: its next
// launch waits until all of it is gone.
Condition sum_of_conditions(const std::vector<Task>& tasks) {
  bool all_ended = true;
  for (const Task& task : tasks) {
    all_ended = all_ended && is_terminal(task.condition);
  }
  for (const Condition condition : kWeightiest) {
    for (const Task& task : tasks) {
      if (task.condition == condition) {
        return is_terminal(condition) && !all_ended ? Condition::killing : condition;
      }
    }
  }
  return Condition::unknown;
}

// One task per container, each with the host ports of its own endpoints.
void provision_containers(Instance& instance) {
  auto port = instance.task->host_ports.begin();
  for (const PodContainer& container : instance.app->pod->containers) {
    Task& task = instance.containers.emplace_back();
    task.id = make_task_id(instance.id, container.name, instance.incarnation);
    task.staged_at = instance.task->staged_at;
    for (const PodEndpoint& endpoint : container.endpoints) {
      if (endpoint.host_port && port != instance.task->host_ports.end()) {
        task.host_ports.push_back(*port++);
      }
    }
  }
  summarise(instance);
}

// The task that a status is about gets its successor, and a pod with it the sum.
bool take_status(Instance& instance, const model::TaskStatus& status, Now now) {
  if (instance.containers.empty()) {
    std::optional<Task> task = update_task(*instance.task, status, now);
    if (task) {
      instance.task = std::move(task);
      return true;
    }
    return false;
  }
  for (Task& task : instance.containers) {
    if (task.id != status.task_id) {
      continue;
    }
    std::optional<Task> next = update_task(task, status, now);
    if (!next) {
      return false;
    }
    task = std::move(*next);
    summarise(instance);
    return true;
  }
  return false;
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

void summarise(Instance& pod) {
  Task& sum = *pod.task;
  sum.condition = sum_of_conditions(pod.containers);
  sum.started_at.reset();
  sum.ip_addresses.clear();
  sum.id = pod.containers.front().id;
  sum.status = pod.containers.front().status;
  for (const Task& task : pod.containers) {
    if (task.started_at && (!sum.started_at || *task.started_at < *sum.started_at)) {
      sum.started_at = task.started_at;
    }
    if (sum.ip_addresses.empty()) {
      sum.ip_addresses = task.ip_addresses;
    }
    if (task.condition == Condition::unreachable) {
      sum.status = task.status;
    }
  }
}

std::optional<bool> reported_health(const Instance& pod) {
  std::optional<bool> health;
  for (const Task& task : pod.containers) {
    const std::optional<bool> reported = task.status ? task.status->healthy : std::nullopt;
    if (task.condition == Condition::running && reported == std::optional(false)) {
      return false;
    }
    if (task.condition != Condition::running && task.condition != Condition::finished) {
      return std::nullopt;
    }
    if (task.condition == Condition::running && reported) {
      health = true;
    }
  }
  return health;
}

Instance seen_from(const Instance& instance, const TaskId& task) {
  Instance seen = instance;
  if (const Task* one = find_task(instance, task)) {
    seen.task = *one;
  }
  return seen;
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
  next.containers.clear();
  if (next.app->pod) {
    provision_containers(next);
  }
  if (next.reservation) {
    next.reservation->state = Reservation::State::launched;
    next.reservation->deadline.reset();
  }
  return next;
}

Instance reserve(const Instance& instance, AgentPlace place, Reservation reservation, Now now) {
  Instance next = instance;
  next.since = now.wall;
  next.place = std::move(place);
  next.reservation = std::move(reservation);
  return next;
}

Instance reschedule(const Instance& instance, AppPtr app, Now now) {
  Instance next = instance;
  next.app = std::move(app);
  next.goal = Goal::running;
  next.condition = Condition::scheduled;
  next.since = now.wall;
  next.active_since.reset();
  next.healthy.reset();
  next.task.reset();
  next.containers.clear();
  return next;
}

Instance without_reservation(const Instance& instance, Now now) {
  Instance next = instance;
  next.reservation.reset();
  next.place.reset();
  if (next.goal == Goal::running) {
    next.condition = Condition::scheduled;
    next.since = now.wall;
    next.active_since.reset();
    next.task.reset();
    next.containers.clear();
  }
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
  Instance next = instance;
  if (!take_status(next, status, now)) {
    return std::nullopt;
  }
  const std::optional<Task>& task = next.task;
  const bool was_written_off = instance.condition == Condition::unreachable_inactive;
  next.condition = was_written_off && task->condition == Condition::unreachable
                       ? Condition::unreachable_inactive
                       : task->condition;
  next.active_since = task->started_at;
  if (!next.containers.empty()) {
    next.healthy = reported_health(next);
  } else if (next.condition != Condition::running) {
    next.healthy.reset();
  }
  if (next.condition != instance.condition || next.healthy != instance.healthy) {
    next.since = now.wall;
  }
  if (next.reservation && is_terminal(next.condition)) {
    next.reservation->state = Reservation::State::suspended;
  }
  return next;
}

bool is_finished(const Instance& instance) {
  const bool ended = !instance.task || is_terminal(instance.condition);
  return instance.goal != Goal::running && ended && !instance.reservation;
}

bool is_quiet(Condition condition) {
  return is_terminal(condition) || condition == Condition::killing ||
         condition == Condition::unreachable;
}

}  // namespace ekiden::marathon::instance
