#include "core/executor/task_life.h"

#include <algorithm>
#include <cstring>

#include <fmt/core.h>
#include <sys/wait.h>

namespace ekiden::executor {

using model::StatusReason;
using model::TaskState;

namespace {

std::optional<Duration> grace_of(const std::optional<model::KillPolicy>& policy) {
  if (policy && policy->grace_period) {
    return Duration(policy->grace_period->nanoseconds);
  }
  return std::nullopt;
}

}  // namespace

TaskExited task_exit(int wait_status) {
  TaskExited exited;
  if (WIFEXITED(wait_status)) {
    exited.success = WEXITSTATUS(wait_status) == 0;
    exited.text = fmt::format("Command exited with status {}", WEXITSTATUS(wait_status));
  } else {
    exited.text = fmt::format("Command terminated with signal {}{}",
                              ::strsignal(WTERMSIG(wait_status)),
                              WCOREDUMP(wait_status) ? " (core dumped)" : "");
  }
  return exited;
}

TaskLife::TaskLife(model::TaskInfo task, Killing killing, std::optional<ContainerId> container)
    : task_(std::move(task)), killing_(killing), container_(std::move(container)) {}

void TaskLife::start(TaskOrders& orders) {
  orders.start = true;
  update(next_status(TaskState::starting), orders);
}

void TaskLife::step(const TaskEvent& event, Now now, TaskOrders& orders) {
  if (!ended()) {
    std::visit([&](const auto& one) { on(one, now, orders); }, event);
  }
}

void TaskLife::tick(Now now, TaskOrders& orders) {
  if (now.time >= completion_deadline_) {
    completion_deadline_ = kNever;
    out_of_time_ = true;
    kill(std::nullopt, now, orders);
  }
  if (now.time >= kill_deadline_) {
    kill_deadline_ = kNever;
    orders.kill = true;
  }
  const auto add = [&](const std::optional<Probe>& probe) {
    if (probe) {
      orders.probe.push_back(*probe);
    }
  };
  if (health_ && health_->due(now)) {
    add(probe_of(*task_.health_check));
  }
  if (check_ && check_->due(now)) {
    add(probe_of(*task_.check));
  }
}

Time TaskLife::next_deadline() const {
  Time next = std::min(kill_deadline_, completion_deadline_);
  if (health_) {
    next = std::min(next, health_->next_deadline());
  }
  if (check_) {
    next = std::min(next, check_->next_deadline());
  }
  return next;
}

void TaskLife::on(const TaskStarted& event, Now now, TaskOrders& orders) {
  if (state_ == State::killing) {  // killed while it was being started
    orders.terminate = Terminate{std::max(kill_deadline_ - now.time, Duration::zero())};
    return;
  }
  if (state_ != State::starting) {
    return;
  }
  state_ = State::running;
  if (task_.health_check) {
    health_.emplace(*task_.health_check, now);
  }
  if (task_.check) {
    check_.emplace(*task_.check, now);
  }
  if (task_.max_completion_time) {
    completion_deadline_ = now.time + Duration(task_.max_completion_time->nanoseconds);
  }
  model::TaskStatus status = next_status(TaskState::running);
  status.data = event.data;
  if (!event.network_infos.empty()) {
    if (!status.container_status) {
      status.container_status.emplace();
    }
    status.container_status->network_infos = event.network_infos;
  }
  update(std::move(status), orders);
}

void TaskLife::on(const TaskStartFailed& event, Now, TaskOrders& orders) {
  model::TaskStatus status = next_status(kill_asked_ ? TaskState::killed : TaskState::failed);
  status.reason = kill_asked_ ? StatusReason::none : StatusReason::container_launch_failed;
  status.message = event.message;
  finish(std::move(status), orders);
}

void TaskLife::on(const TaskExited& event, Now, TaskOrders& orders) {
  TaskState state = event.success ? TaskState::finished : TaskState::failed;
  StatusReason reason = StatusReason::none;
  std::string message = event.text;
  if (out_of_time_) {
    state = TaskState::failed;
    reason = StatusReason::max_completion_time_reached;
  } else if (kill_asked_) {
    state = TaskState::killed;
  } else if (!event.success && event.memory_limit) {
    reason = StatusReason::container_limitation_memory;
    message = *event.memory_limit;
  }
  model::TaskStatus status = next_status(state);
  status.reason = reason;
  status.message = std::move(message);
  if (unhealthy_kill_) {
    status.healthy = false;
  }
  finish(std::move(status), orders);
}

void TaskLife::on(const CheckDone& event, Now now, TaskOrders& orders) {
  if (state_ != State::running) {
    return;
  }
  if (event.kind == CheckKind::health) {
    checked(event.outcome, now, orders);
    return;
  }
  if (!check_) {
    return;
  }
  if (auto result = check_->record(event.outcome, now)) {
    model::TaskStatus status = next_status(TaskState::running);
    status.reason = StatusReason::task_check_status_updated;
    status.check_status = std::move(*result);
    update(std::move(status), orders);
  }
}

void TaskLife::checked(const CheckOutcome& outcome, Now now, TaskOrders& orders) {
  const auto transition = health_ ? health_->record(outcome, now) : std::nullopt;
  if (!transition) {
    return;
  }
  model::TaskStatus status = next_status(TaskState::running);
  status.reason = StatusReason::task_health_check_status_updated;
  status.healthy = transition->healthy;
  if (!transition->text.empty()) {
    status.message = transition->text;
  }
  update(std::move(status), orders);
  if (transition->kill) {
    unhealthy_kill_ = true;
    kill(std::nullopt, now, orders);
  }
}

void TaskLife::finish(model::TaskStatus status, TaskOrders& orders) {
  state_ = State::ended;
  health_.reset();
  check_.reset();
  kill_deadline_ = kNever;
  completion_deadline_ = kNever;
  orders.stop_probes = true;
  update(std::move(status), orders);
}

void TaskLife::kill(const std::optional<model::KillPolicy>& policy, Now now, TaskOrders& orders) {
  const Duration own = grace_of(task_.kill_policy).value_or(kKillGrace);
  end(grace_of(policy).value_or(own), now, orders);
}

void TaskLife::end(Duration grace, Now now, TaskOrders& orders) {
  if (state_ == State::ended) {
    return;
  }
  const Duration left = std::max(grace, Duration::zero());
  const Time deadline = now.time + left;
  if (state_ == State::killing) {
    kill_deadline_ = kill_deadline_ == kNever ? kNever : std::min(kill_deadline_, deadline);
    return;
  }
  state_ = State::killing;
  kill_asked_ = !out_of_time_;
  kill_deadline_ = deadline;
  completion_deadline_ = kNever;
  health_.reset();
  check_.reset();
  orders.stop_probes = true;
  orders.terminate = Terminate{left};
  if (killing_ == Killing::told && !out_of_time_) {
    model::TaskStatus status = next_status(TaskState::killing);
    if (unhealthy_kill_) {
      status.healthy = false;
    }
    update(std::move(status), orders);
  }
}

// The next status keeps what the last one said [3.8].
model::TaskStatus TaskLife::next_status(TaskState state) const {
  model::TaskStatus status;
  if (last_) {
    status.data = last_->data;
    status.labels = last_->labels;
    status.container_status = last_->container_status;
    status.check_status = last_->check_status;
    status.healthy = last_->healthy;
  } else {
    if (task_.check) {
      status.check_status = no_result(*task_.check);
    }
    if (container_) {
      status.container_status.emplace().container_id = container_;
    }
  }
  status.task_id = task_.task_id;
  status.state = state;
  return status;
}

void TaskLife::update(model::TaskStatus status, TaskOrders& orders) {
  last_ = status;
  orders.updates.push_back(std::move(status));
}

}  // namespace ekiden::executor
