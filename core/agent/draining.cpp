// How an agent is emptied [mesos-core 5.11, 6.12].
#include "core/agent/agent.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::agent {

using model::StatusReason;
using model::TaskState;
namespace link = api::agent_link;

namespace {

constexpr std::int64_t kKillGraceNanoseconds = 3'000'000'000;  // what executors take for themselves

}  // namespace

void Agent::on_master(const link::DrainAgent& message, Now now, Effects& fx) {
  if (drain_ != message.config) {
    drain_ = message.config;
    fx.persist.push_back(drain_record(message.config));
    notice(fx, Notice::Level::info, "the agent is draining: its tasks are killed");
  }
  std::vector<TaskKey> live;
  for (const auto& [key, task] : tasks_) {
    if (!model::is_terminal(task.state)) {
      live.push_back(key);
    }
  }
  for (const TaskKey& key : live) {
    Task& task = tasks_.at(key);
    if (model::is_terminal(task.state)) {
      continue;  // went with its group
    }
    std::optional<model::KillPolicy> policy = task.info.kill_policy;
    if (message.config.max_grace_period) {
      const std::int64_t own = policy && policy->grace_period ? policy->grace_period->nanoseconds
                                                              : kKillGraceNanoseconds;
      const std::int64_t grace = std::min(own, message.config.max_grace_period->nanoseconds);
      policy = model::KillPolicy{model::DurationInfo{grace}};
    }
    kill(task, policy, now, fx);
  }
}

void Agent::on_master(const link::StopDraining&, Now, Effects& fx) {
  if (drain_) {
    drain_.reset();
    fx.persist.push_back(erased(kAgentKind, "drain"));
    notice(fx, Notice::Level::info, "the agent takes tasks again");
  }
}

// A killed task says why, and that its agent has gone when that is what the drain is for.
void Agent::mark_drained(const Task& task, model::TaskStatus& status) const {
  if (!drain_ || (status.state != TaskState::killing && status.state != TaskState::killed)) {
    return;
  }
  status.reason = StatusReason::agent_draining;
  if (status.state == TaskState::killed && drain_->mark_gone &&
      partition_aware(task.framework_id)) {
    status.state = TaskState::gone_by_operator;
  }
}

void Agent::on_master(const link::ShutdownAgent& message, Now now, Effects& fx) {
  registration_ = Registration::refused;
  ping_deadline_ = kNever;
  if (!leaving_) {
    leaving_ = message.message;
    notice(fx,
           Notice::Level::error,
           fmt::format("the master told this agent to shut down: {}; its executors are ended",
                       message.message));
  }
  std::vector<ContainerId> all;
  for (const auto& [container, executor] : executors_) {
    all.push_back(container);
  }
  for (const ContainerId& container : all) {
    Executor& executor = executors_.at(container);
    if (executor.state != Executor::State::terminated) {
      shut_down(executor, now, fx);
    }
  }
  leave_if_empty(fx);
}

void Agent::leave_if_empty(Effects& fx) const {
  if (!leaving_) {
    return;
  }
  const bool empty = std::all_of(executors_.begin(), executors_.end(), [](const auto& entry) {
    return entry.second.state == Executor::State::terminated;
  });
  if (empty) {
    fx.leave = *leaving_;
  }
}

}  // namespace ekiden::agent
