// What the master tells the agent, one function per message. Every message may come twice, late, or
// for something that has gone; none of these may hurt a running task.
#include "core/agent/agent.h"

#include <fmt/core.h>

namespace ekiden::agent {

using model::StatusReason;
using model::TaskState;
namespace link = api::agent_link;

void Agent::on(const MasterMessage& input, Now now, Effects& fx) {
  std::visit([&](const auto& message) { on_master(message, now, fx); }, input.body);
}

void Agent::on(const MasterLost&, Now now, Effects& fx) {
  linked_ = false;
  ping_deadline_ = kNever;
  if (registration_ == Registration::refused) {
    return;
  }
  if (registered()) {
    notice(fx, Notice::Level::warn, "the link to the master closed: registering again");
    failures_ = 0;
    // A short wait: many agents lose a master at the same moment.
    registration_deadline_ = now.time + std::chrono::milliseconds(random_.below(100));
  }
  registration_ = Registration::waiting;
}

void Agent::on_master(const link::Registered& message, Now now, Effects& fx) {
  if (message.attempt != attempt_ || registration_ == Registration::refused) {
    return;  // the answer to an attempt that has been given up
  }
  if (id_ != message.agent_id) {
    if (id_) {
      notice(
          fx,
          Notice::Level::warn,
          fmt::format("the master knows agent {} as {} now", id_->value, message.agent_id.value));
    }
    id_ = message.agent_id;
    config_.info.id = id_;
    fx.persist.push_back(agent_record(*id_));
  }
  if (!registered()) {
    notice(fx, Notice::Level::info, fmt::format("agent {} registered", id_->value));
  }
  registration_ = Registration::registered;
  welcomed_ = true;
  failures_ = 0;
  ping_timeout_ = message.ping_timeout;
  ping_deadline_ = ping_timeout_ > Duration::zero() ? now.time + ping_timeout_ : kNever;
  for (link::StatusUpdate& update : updates_.resend_all(now)) {
    send(std::move(update), fx);
  }
  resend_operations(now, fx);
}

void Agent::on_master(const link::Refused& message, Now, Effects& fx) {
  registration_ = Registration::refused;
  ping_deadline_ = kNever;
  notice(fx,
         Notice::Level::error,
         fmt::format("the master refused this agent: {}; its tasks keep running", message.message));
}

void Agent::on_master(const link::Ping&, Now now, Effects& fx) {
  if (registered() && ping_timeout_ > Duration::zero()) {
    ping_deadline_ = now.time + ping_timeout_;
  }
  send(link::Pong{}, fx);
}

void Agent::on_master(const link::KillTask& message, Now now, Effects& fx) {
  const auto found = tasks_.find({message.framework_id, message.task_id});
  if (found == tasks_.end()) {
    early_kills_.emplace_back(message.framework_id, message.task_id);
    if (early_kills_.size() > kEarlyKillsMax) {
      early_kills_.pop_front();
    }
    model::TaskStatus status;  // without uuid: an answer, not an event
    status.task_id = message.task_id;
    status.state = lost_or(message.framework_id, TaskState::dropped);
    status.source = model::StatusSource::agent;
    status.reason = StatusReason::executor_terminated;
    status.message = "Cannot kill the task: the agent does not know it";
    status.agent_id = id_;
    status.timestamp = to_epoch_seconds(now.wall);
    const TaskState state = status.state;
    send(link::StatusUpdate{message.framework_id, std::move(status), state}, fx);
    return;
  }
  kill(found->second, message.kill_policy, now, fx);
}

void Agent::kill(Task& task, const std::optional<model::KillPolicy>& policy, Now now, Effects& fx) {
  if (model::is_terminal(task.state)) {
    return;  // the update is on its way
  }
  const auto executor = executors_.find(task.container);
  if (executor == executors_.end()) {
    end_task(task,
             {TaskState::killed, StatusReason::executor_terminated, "Executor is gone", {}},
             now,
             fx);
    return;
  }
  Executor& runner = executor->second;
  task.kill = link::KillTask{task.framework_id, task.info.task_id, policy};
  task.kill_sent = false;
  if (runner.stream && task.delivered) {
    task.kill_sent = true;
    fx.stream.push_back({*runner.stream, api::executor::Kill{task.info.task_id, policy}});
    return;
  }
  // A recovered executor may have the task already: it decides when it subscribes.
  const bool fresh = runner.state == Executor::State::starting ||
                     (runner.state == Executor::State::registering && runner.pid != 0);
  const bool waits_for_folder = runner.stream && !task.sent;
  if ((fresh || waits_for_folder) && !task.status && !task.sent) {
    kill_undelivered(task, runner, now, fx);
  }
}

// A task goes alone, a group as a whole [2.11].
void Agent::kill_undelivered(Task& task, Executor& runner, Now now, Effects& fx) {
  const End end{TaskState::killed,
                StatusReason::task_killed_during_launch,
                "Task killed before it was delivered to its executor",
                {}};
  const std::uint64_t group = task.group;
  end_task(task, end, now, fx);
  for (const TaskKey& key : std::vector(runner.tasks)) {
    Task& other = tasks_.at(key);
    if (group != 0 && other.group == group && !model::is_terminal(other.state)) {
      end_task(other, end, now, fx);
    }
  }
  if (!runner.used && !has_live_task(runner)) {
    if (runner.stream) {
      shut_down(runner, now, fx);
    } else {
      destroy(runner, end, fx);
    }
  }
}

void Agent::on_master(const link::AcknowledgeUpdate& message, Now now, Effects& fx) {
  const TaskKey key{message.framework_id, message.task_id};
  const std::optional<std::uint64_t> number = updates_.acknowledge(key, message.uuid, now);
  if (!number) {
    return;  // late or repeated
  }
  Task& task = tasks_.at(key);
  const bool last = !updates_.has_pending(key);
  if (last && model::is_terminal(task.state)) {
    forget_task(key, fx);
    return;
  }
  const std::string record = update_key(task.number, *number);
  if (last) {
    fx.persist.push_back(update_record(record, {true, *task.status}));
  } else {
    fx.persist.push_back(erased(kUpdateKind, record));
    if (registered()) {
      send(*updates_.front(key), fx);
    }
  }
}

void Agent::on_master(const link::ShutdownFramework& message, Now now, Effects& fx) {
  for (auto& [container, executor] : executors_) {
    if (executor.record.framework_id == message.framework_id &&
        executor.state != Executor::State::terminated) {
      executor.silent = true;
      shut_down(executor, now, fx);
    }
  }
  forget_framework_if_done(message.framework_id, fx);
}

void Agent::on_master(const link::ShutdownExecutor& message, Now now, Effects& fx) {
  Executor* executor = find_executor({message.framework_id, message.executor_id});
  if (executor != nullptr) {
    shut_down(*executor, now, fx);
  }
}

void Agent::on_master(const link::FrameworkMessage& message, Now, Effects& fx) {
  const Executor* executor = find_executor({message.framework_id, message.executor_id});
  if (executor != nullptr && executor->stream) {
    fx.stream.push_back({*executor->stream, api::executor::Message{message.data}});
  }
}

}  // namespace ekiden::agent
