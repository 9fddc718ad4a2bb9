// What the master tells the agent, one function per message. Every message may come twice, late, or
// for something that has gone; none of these may hurt a running task.
#include "core/agent/agent.h"
#include "core/agent/command_executor_info.h"

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
  failures_ = 0;
  ping_timeout_ = message.ping_timeout;
  ping_deadline_ = ping_timeout_ > Duration::zero() ? now.time + ping_timeout_ : kNever;
  for (link::StatusUpdate& update : updates_.resend_all(now)) {
    send(std::move(update), fx);
  }
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

namespace {

bool fits(const model::Resources& total, const model::Resources& wanted, std::string* lacking) {
  for (const model::Resource& resource : wanted.list()) {
    if (resource.type == model::ValueType::scalar) {
      const model::Scalar have = total.scalar(resource.name);
      const model::Scalar want = wanted.scalar(resource.name);
      if (want > have) {
        *lacking = fmt::format("{}: {} of {}", resource.name, want.to_double(), have.to_double());
        return false;
      }
      continue;
    }
    const auto have = total.ranges(resource.name);
    for (const model::Range& range : resource.ranges) {
      bool inside = false;
      for (const model::Range& owned : have) {
        inside = inside || (owned.begin <= range.begin && range.end <= owned.end);
      }
      if (!inside) {
        *lacking = fmt::format("{}: [{}-{}]", resource.name, range.begin, range.end);
        return false;
      }
    }
  }
  return true;
}

bool overlap(const model::Resources& used, const model::Resources& wanted, std::string* lacking) {
  for (const model::Resource& resource : wanted.list()) {
    for (const model::Range& range : resource.ranges) {
      for (const model::Range& taken : used.ranges(resource.name)) {
        if (taken.begin <= range.end && range.begin <= taken.end) {
          *lacking = fmt::format("{}: [{}-{}] in use", resource.name, range.begin, range.end);
          return true;
        }
      }
    }
  }
  return false;
}

}  // namespace

// Never more than its resources, whatever the master believes (design.md invariant 1).
std::optional<Agent::End> Agent::refusal(const link::RunTask& message) const {
  const model::Resources wanted =
      model::Resources(message.task.resources).with_allocation(std::nullopt);
  std::string lacking;
  if (!fits(total_, wanted, &lacking)) {
    return End{TaskState::error,
               StatusReason::task_invalid,
               "Task uses more than the agent has: " + lacking};
  }
  const model::Resources in_use = used();
  if (overlap(in_use, wanted, &lacking) || !fits(total_, in_use + wanted, &lacking)) {
    return End{lost_or(*message.framework.id, TaskState::dropped),
               StatusReason::invalid_offers,
               "Task does not fit on the agent beside what runs there: " + lacking};
  }
  if (!message.task.executor && !message.task.command && !message.task.container) {
    return End{
        TaskState::error, StatusReason::task_invalid, "Task has neither command nor executor"};
  }
  return std::nullopt;
}

void Agent::on_master(const link::RunTask& message, Now now, Effects& fx) {
  if (!message.framework.id || !id_) {
    return;
  }
  const TaskKey key{*message.framework.id, message.task.task_id};
  if (tasks_.contains(key)) {
    return;  // a repeat
  }
  if (frameworks_[key.first] != message.framework) {
    frameworks_[key.first] = message.framework;
    fx.persist.push_back(framework_record(message.framework));
  }
  if (const std::optional<End> end = refusal(message)) {
    refuse(message, *end, now, fx);
    return;
  }
  const ExecutorId executor_id =
      message.task.executor ? message.task.executor->executor_id : ExecutorId{key.second.value};
  Executor* executor = find_executor({key.first, executor_id});
  if (executor != nullptr && (executor->state == Executor::State::terminating ||
                              executor->record.kind == ExecutorKind::command)) {
    refuse(message,
           {lost_or(key.first, TaskState::dropped),
            StatusReason::executor_terminated,
            "Executor is ending; the task can be launched again"},
           now,
           fx);
    return;
  }
  if (executor != nullptr) {
    add_task(message, executor->record.container, fx);
    const StartContainer sum = start_container(*executor);
    fx.limits.push_back({sum.container, sum.cpus, sum.mem_mb});
    deliver(*executor, fx);
    return;
  }
  Executor& added = add_executor(message, fx);
  add_task(message, added.record.container, fx);
  fx.start.push_back(start_container(added));
}

void Agent::refuse(const link::RunTask& message, const End& end, Now now, Effects& fx) {
  Task& task = add_task(message, ContainerId{}, fx);
  end_task(task, end, now, fx);
}

Agent::Executor& Agent::add_executor(const link::RunTask& message, Effects& fx) {
  Executor executor;
  executor.number = next_number_++;
  executor.record.framework_id = *message.framework.id;
  executor.record.container = ContainerId{random_.uuid()};
  if (message.task.executor) {
    executor.record.kind = ExecutorKind::custom;
    executor.record.info = *message.task.executor;
    executor.record.info.framework_id = message.framework.id;
  } else {
    executor.record.info = command_executor_info(message.framework, message.task);
  }
  fx.persist.push_back(executor_record(executor.number, executor.record));
  const ContainerId container = executor.record.container;
  by_executor_[{executor.record.framework_id, executor.record.info.executor_id}] = container;
  return executors_.emplace(container, std::move(executor)).first->second;
}

Agent::Task& Agent::add_task(const link::RunTask& message,
                             const ContainerId& container,
                             Effects& fx) {
  Task task;
  task.number = next_number_++;
  task.framework_id = *message.framework.id;
  task.container = container;
  task.info = message.task;
  fx.persist.push_back(task_record(task.number, {task.framework_id, container, task.info}));
  const TaskKey key{task.framework_id, task.info.task_id};
  const auto executor = executors_.find(container);
  if (executor != executors_.end()) {
    executor->second.tasks.push_back(key);
  }
  return tasks_.emplace(key, std::move(task)).first->second;
}

// Task groups need the default executor, which this agent does not have yet.
void Agent::on_master(const link::RunTaskGroup& message, Now now, Effects& fx) {
  for (const model::TaskInfo& task : message.tasks) {
    const link::RunTask one{message.framework, task};
    if (message.framework.id && !tasks_.contains({*message.framework.id, task.task_id})) {
      if (frameworks_[*message.framework.id] != message.framework) {
        frameworks_[*message.framework.id] = message.framework;
        fx.persist.push_back(framework_record(message.framework));
      }
      refuse(one,
             {TaskState::error,
              StatusReason::task_group_invalid,
              "Task groups are not supported by this agent"},
             now,
             fx);
    }
  }
}

void Agent::on_master(const link::KillTask& message, Now now, Effects& fx) {
  const auto found = tasks_.find({message.framework_id, message.task_id});
  if (found == tasks_.end()) {
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
  Task& task = found->second;
  if (model::is_terminal(task.state)) {
    return;  // the update is on its way
  }
  const auto executor = executors_.find(task.container);
  if (executor == executors_.end()) {
    end_task(
        task, {TaskState::killed, StatusReason::executor_terminated, "Executor is gone"}, now, fx);
    return;
  }
  Executor& runner = executor->second;
  if (runner.stream && task.delivered) {
    fx.stream.push_back(
        {*runner.stream, api::executor::Kill{message.task_id, message.kill_policy}});
    return;
  }
  // A recovered executor may have the task already: it decides when it subscribes.
  const bool fresh = runner.state == Executor::State::starting ||
                     (runner.state == Executor::State::registering && runner.pid != 0);
  if (!fresh || task.status) {
    task.kill = message;
    return;
  }
  const End end{TaskState::killed,
                StatusReason::task_killed_during_launch,
                "Task killed before it was delivered to its executor"};
  end_task(task, end, now, fx);
  if (runner.record.kind == ExecutorKind::command) {
    destroy(runner, end, fx);
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
