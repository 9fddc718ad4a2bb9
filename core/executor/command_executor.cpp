#include "core/executor/command_executor.h"

#include <algorithm>
#include <cstring>

#include <fmt/core.h>
#include <sys/wait.h>

namespace ekiden::executor {

using model::StatusReason;
using model::TaskState;
namespace api = ekiden::api::executor;

namespace {

constexpr auto kKillGrace = std::chrono::seconds(3);
// Left to the agent between the executor's own kill and the agent's.
constexpr auto kShutdownMargin = std::chrono::seconds(2);

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

CommandExecutor::CommandExecutor(ExecutorIds ids, Random random)
    : ids_(std::move(ids)), random_(random) {}

Effects CommandExecutor::step(const Input& input, Now now) {
  Effects fx;
  std::visit([&](const auto& one) { on(one, now, fx); }, input);
  return fx;
}

Effects CommandExecutor::tick(Now now) {
  Effects fx;
  if (now.time >= completion_deadline_) {
    completion_deadline_ = kNever;
    out_of_time_ = true;
    end_task(grace_of(task_->kill_policy).value_or(kKillGrace), now, fx);
  }
  if (now.time >= kill_deadline_) {
    kill_deadline_ = kNever;
    fx.kill = true;
  }
  if (health_ && health_->due(now)) {
    run_probe(probe_of(*task_->health_check), now, fx);
  }
  if (check_ && check_->due(now)) {
    run_probe(probe_of(*task_->check), now, fx);
  }
  return fx;
}

Time CommandExecutor::next_deadline() const {
  Time next = std::min(kill_deadline_, completion_deadline_);
  if (health_) {
    next = std::min(next, health_->next_deadline());
  }
  if (check_) {
    next = std::min(next, check_->next_deadline());
  }
  return next;
}

api::Call CommandExecutor::subscribe() const {
  api::Subscribe body;
  if (task_ && !task_acknowledged_) {
    body.unacknowledged_tasks.push_back(*task_);
  }
  body.unacknowledged_updates = unacknowledged_;
  return {ids_.framework_id, ids_.executor_id, std::move(body)};
}

void CommandExecutor::run_probe(const std::optional<Probe>& probe, Now, Effects& fx) {
  if (probe) {
    fx.probe.push_back(*probe);
  }
}

void CommandExecutor::on(const AgentEvent& input, Now now, Effects& fx) {
  if (const auto* subscribed = std::get_if<api::Subscribed>(&input.event)) {
    task_killing_ = subscribed->framework_info.has(model::FrameworkCapability::task_killing_state);
  } else if (const auto* launched = std::get_if<api::Launch>(&input.event)) {
    launch(launched->task, now, fx);
  } else if (const auto* kill = std::get_if<api::Kill>(&input.event)) {
    if (task_ && kill->task_id == task_->task_id) {
      const auto policy = grace_of(task_->kill_policy).value_or(kKillGrace);
      end_task(grace_of(kill->kill_policy).value_or(policy), now, fx);
    }
  } else if (const auto* acknowledgement = std::get_if<api::Acknowledged>(&input.event)) {
    acknowledged(*acknowledgement, fx);
  } else if (std::holds_alternative<api::Shutdown>(input.event) ||
             std::holds_alternative<api::LaunchGroup>(input.event)) {
    shutdown(now, fx);
  }
}

void CommandExecutor::on(const Interrupted&, Now now, Effects& fx) {
  shutdown(now, fx);
}

void CommandExecutor::launch(const model::TaskInfo& task, Now now, Effects& fx) {
  if (task_ && task_->task_id == task.task_id) {
    return;  // a repeat
  }
  if (task_ || leaving_) {
    model::TaskStatus status;
    status.task_id = task.task_id;
    status.state = TaskState::failed;
    status.message = "Attempted to run multiple tasks using a command executor";
    update(std::move(status), now, fx);
    return;
  }
  task_ = task;
  state_ = State::starting;
  update(next_status(TaskState::starting), now, fx);
  fx.start = task;
}

void CommandExecutor::on(const TaskStarted& input, Now now, Effects& fx) {
  if (state_ == State::killing) {  // killed while it was being started
    fx.terminate = Terminate{std::max(kill_deadline_ - now.time, Duration::zero())};
    return;
  }
  if (state_ != State::starting) {
    return;
  }
  state_ = State::running;
  if (task_->health_check) {
    health_.emplace(*task_->health_check, now);
  }
  if (task_->check) {
    check_.emplace(*task_->check, now);
  }
  if (task_->max_completion_time) {
    completion_deadline_ = now.time + Duration(task_->max_completion_time->nanoseconds);
  }
  model::TaskStatus status = next_status(TaskState::running);
  status.data = input.data;
  if (!input.network_infos.empty()) {
    status.container_status.emplace().network_infos = input.network_infos;
  }
  update(std::move(status), now, fx);
}

void CommandExecutor::on(const TaskStartFailed& input, Now now, Effects& fx) {
  if (state_ == State::ended || !task_) {
    return;
  }
  model::TaskStatus status = next_status(kill_asked_ ? TaskState::killed : TaskState::failed);
  status.reason = kill_asked_ ? StatusReason::none : StatusReason::container_launch_failed;
  status.message = input.message;
  ended(std::move(status), now, fx);
}

void CommandExecutor::on(const TaskExited& input, Now now, Effects& fx) {
  if (state_ == State::ended || !task_) {
    return;
  }
  TaskState state = input.success ? TaskState::finished : TaskState::failed;
  StatusReason reason = StatusReason::none;
  std::string message = input.text;
  if (out_of_time_) {
    state = TaskState::failed;
    reason = StatusReason::max_completion_time_reached;
  } else if (kill_asked_) {
    state = TaskState::killed;
  } else if (!input.success && input.memory_limit) {
    reason = StatusReason::container_limitation_memory;
    message = *input.memory_limit;
  }
  model::TaskStatus status = next_status(state);
  status.reason = reason;
  status.message = std::move(message);
  if (unhealthy_kill_) {
    status.healthy = false;
  }
  ended(std::move(status), now, fx);
}

void CommandExecutor::ended(model::TaskStatus status, Now now, Effects& fx) {
  state_ = State::ended;
  health_.reset();
  check_.reset();
  kill_deadline_ = kNever;
  completion_deadline_ = kNever;
  fx.stop_probes = true;
  update(std::move(status), now, fx);
}

void CommandExecutor::on(const CheckDone& input, Now now, Effects& fx) {
  if (state_ != State::running) {
    return;
  }
  if (input.kind == CheckKind::check && check_) {
    if (auto result = check_->record(input.outcome, now)) {
      model::TaskStatus status = next_status(TaskState::running);
      status.reason = StatusReason::task_check_status_updated;
      status.check_status = std::move(*result);
      update(std::move(status), now, fx);
    }
    return;
  }
  if (!health_) {
    return;
  }
  const auto transition = health_->record(input.outcome, now);
  if (!transition) {
    return;
  }
  model::TaskStatus status = next_status(TaskState::running);
  status.reason = StatusReason::task_health_check_status_updated;
  status.healthy = transition->healthy;
  if (!transition->text.empty()) {
    status.message = transition->text;
  }
  update(std::move(status), now, fx);
  if (transition->kill) {
    unhealthy_kill_ = true;
    end_task(grace_of(task_->kill_policy).value_or(kKillGrace), now, fx);
  }
}

// SIGTERM now, SIGKILL after the grace period; a later order may only shorten it.
void CommandExecutor::end_task(Duration grace, Now now, Effects& fx) {
  if (state_ == State::ended || state_ == State::idle) {
    return;
  }
  const Time deadline = now.time + std::max(grace, Duration::zero());
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
  fx.stop_probes = true;
  fx.terminate = Terminate{std::max(grace, Duration::zero())};
  if (task_killing_ && !out_of_time_) {
    model::TaskStatus status = next_status(TaskState::killing);
    if (unhealthy_kill_) {
      status.healthy = false;
    }
    update(std::move(status), now, fx);
  }
}

void CommandExecutor::shutdown(Now now, Effects& fx) {
  leaving_ = true;
  if (!task_ || (state_ == State::ended && unacknowledged_.empty())) {
    fx.exit = 0;
    return;
  }
  end_task(std::max<Duration>(ids_.shutdown_grace - kShutdownMargin, Duration::zero()), now, fx);
}

void CommandExecutor::acknowledged(const api::Acknowledged& event, Effects& fx) {
  if (task_ && event.task_id == task_->task_id) {
    task_acknowledged_ = true;
  }
  std::erase_if(unacknowledged_, [&](const auto& status) { return status.uuid == event.uuid; });
  if (state_ == State::ended && unacknowledged_.empty()) {
    fx.exit = 0;
  }
}

// The next status keeps what the last one said [3.8].
model::TaskStatus CommandExecutor::next_status(TaskState state) const {
  model::TaskStatus status;
  if (last_) {
    status.data = last_->data;
    status.labels = last_->labels;
    status.container_status = last_->container_status;
    status.check_status = last_->check_status;
    status.healthy = last_->healthy;
  } else if (task_ && task_->check) {
    status.check_status = no_result(*task_->check);
  }
  status.task_id = task_ ? task_->task_id : TaskId{};
  status.state = state;
  return status;
}

void CommandExecutor::update(model::TaskStatus status, Now now, Effects& fx) {
  status.source = model::StatusSource::executor;
  status.executor_id = ids_.executor_id;
  status.timestamp = to_epoch_seconds(now.wall);
  status.uuid = random_.uuid_bytes();
  if (task_ && status.task_id == task_->task_id) {
    last_ = status;
  }
  unacknowledged_.push_back(status);
  fx.send.push_back({ids_.framework_id, ids_.executor_id, api::Update{std::move(status)}});
}

}  // namespace ekiden::executor
