// How containers end and what becomes of their tasks [mesos-core 2.19, 6.5].
#include "core/agent/agent.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::agent {

using model::StatusReason;
using model::TaskState;

void Agent::on(const ContainerStarted& input, Now now, Effects&) {
  const auto found = executors_.find(input.container);
  if (found == executors_.end()) {
    return;
  }
  Executor& executor = found->second;
  const bool recovered = executor.state == Executor::State::registering;
  executor.pid = input.pid;
  if (executor.state == Executor::State::starting && !executor.stream) {
    executor.state = Executor::State::registering;
    set_deadline(executor, now.time + config_.executor_registration_timeout);
  } else if (recovered) {
    // Its process is alive: however long it takes to come back, it is not ended for that.
    set_deadline(executor, kNever);
  }
}

void Agent::on(const ContainerFailed& input, Now now, Effects& fx) {
  const auto found = executors_.find(input.container);
  if (found == executors_.end()) {
    return;
  }
  ended(found->second,
        found->second.end.value_or(End{TaskState::failed,
                                       StatusReason::container_launch_failed,
                                       "Failed to launch container: " + input.message,
                                       {}}),
        now,
        fx);
}

void Agent::on(const ContainerExited& input, Now now, Effects& fx) {
  const auto found = executors_.find(input.container);
  if (found == executors_.end() || found->second.state == Executor::State::terminated) {
    return;
  }
  Executor& executor = found->second;
  if (revive(executor, fx)) {
    return;
  }
  End end = executor.end.value_or(End{});
  if (!executor.end && input.memory_limit) {
    const StartContainer sum = start_container(executor);
    end = {TaskState::failed,
           StatusReason::container_limitation_memory,
           *input.memory_limit,
           {model::scalar_resource("mem", sum.mem_mb)}};
  }
  if (executor.record.kind != ExecutorKind::command && registered()) {
    send(api::agent_link::ExecutorExited{executor.record.framework_id,
                                         executor.record.info.executor_id,
                                         input.status.value_or(-1)},
         fx);
  }
  ended(executor, end, now, fx);
}

// The container of a Docker task does not die with its executor: another one takes it over.
bool Agent::revive(Executor& executor, Effects& fx) {
  if (executor.record.kind != ExecutorKind::command || executor.end || executor.shutdown_wanted ||
      executor.state == Executor::State::terminating || executor.revivals >= kRevivalsMax ||
      !has_live_task(executor)) {
    return false;
  }
  const Task& task = tasks_.at(executor.tasks.front());
  const bool docker =
      task.info.container && task.info.container->type == model::ContainerInfo::Type::docker;
  if (!docker || !task.status) {
    return false;
  }
  ++executor.revivals;
  executor.relaunch = true;
  executor.state = Executor::State::starting;
  executor.pid = 0;
  set_deadline(executor, kNever);
  close_stream(executor, fx);
  StartContainer start = start_container(executor);
  start.again = true;
  fx.start.push_back(std::move(start));
  notice(fx,
         Notice::Level::warn,
         fmt::format("the executor of task {} died: another one takes its container over",
                     task.info.task_id.value));
  return true;
}

bool Agent::has_live_task(const Executor& executor) const {
  return std::any_of(executor.tasks.begin(), executor.tasks.end(), [&](const TaskKey& key) {
    return !model::is_terminal(tasks_.at(key).state);
  });
}

void Agent::update_limits(const Executor& executor, Effects& fx) const {
  StartContainer sum = start_container(executor);
  fx.limits.push_back({sum.container, sum.cpus, sum.mem_mb, std::move(sum.volumes)});
}

void Agent::close_stream(Executor& executor, Effects& fx) {
  if (executor.stream) {
    fx.close.push_back(*executor.stream);
    streams_.erase(*executor.stream);
    executor.stream.reset();
  }
}

void Agent::on(const ContainerMissing& input, Now now, Effects&) {
  const auto found = executors_.find(input.container);
  if (found != executors_.end() && found->second.state == Executor::State::registering &&
      found->second.pid == 0) {
    found->second.state = Executor::State::starting;
    set_deadline(found->second, now.time + config_.executor_reregistration_timeout);
  }
}

void Agent::on(const DestroyAll&, Now, Effects& fx) {
  for (auto& [container, executor] : executors_) {
    if (executor.state != Executor::State::terminated) {
      destroy(
          executor, {TaskState::killed, StatusReason::none, "Destroyed by the operator", {}}, fx);
    }
  }
}

// The container is no more.
void Agent::ended(Executor& executor, const End& end, Now now, Effects& fx) {
  const ContainerId container = executor.record.container;
  executor.state = Executor::State::terminated;
  set_deadline(executor, kNever);
  close_stream(executor, fx);
  by_executor_.erase({executor.record.framework_id, executor.record.info.executor_id});
  fx.release.push_back(container);
  const std::vector<TaskKey> keys = executor.tasks;
  for (const TaskKey& key : keys) {
    Task& task = tasks_.at(key);
    if (executor.silent) {
      while (updates_.has_pending(key)) {
        updates_.acknowledge(key, *updates_.front(key)->status.uuid, now);
      }
      for (std::uint64_t number = 0; number < task.updates; ++number) {
        fx.persist.push_back(erased(kUpdateKind, update_key(task.number, number)));
      }
      forget_task(key, fx);
    } else if (!model::is_terminal(task.state)) {
      end_task(task, end, now, fx);
    }
  }
  forget_executor_if_done(container, fx);
  leave_if_empty(fx);
}

// ContainerExited or ContainerFailed follows.
void Agent::destroy(Executor& executor, End end, Effects& fx) {
  executor.state = Executor::State::terminating;
  set_deadline(executor, kNever);
  if (!executor.end) {
    executor.end = std::move(end);
  }
  fx.destroy.push_back(executor.record.container);
}

void Agent::shut_down(Executor& executor, Now now, Effects& fx) {
  if (executor.shutdown_wanted) {
    return;
  }
  executor.shutdown_wanted = true;
  if (executor.state == Executor::State::starting ||
      (!executor.stream && executor.pid != 0 && executor.state == Executor::State::registering)) {
    destroy(executor, {}, fx);
    return;
  }
  Duration grace = config_.executor_shutdown_grace;
  if (executor.record.info.shutdown_grace_period) {
    grace = Duration(executor.record.info.shutdown_grace_period->nanoseconds);
  }
  executor.state = Executor::State::terminating;
  if (executor.stream) {
    fx.stream.push_back({*executor.stream, api::executor::Shutdown{}});
  }
  set_deadline(executor, now.time + grace);
}

void Agent::end_task(Task& task, const End& end, Now now, Effects& fx) {
  model::TaskStatus status;
  status.task_id = task.info.task_id;
  status.state = end.state;
  status.source = model::StatusSource::agent;
  status.reason = end.reason;
  status.message = end.message;
  status.uuid = random_.uuid_bytes();
  if (!end.limitation.empty()) {
    status.limitation = model::TaskResourceLimitation{end.limitation};
  }
  status.executor_id =
      task.info.executor ? task.info.executor->executor_id : ExecutorId{task.info.task_id.value};
  add_status(task, std::move(status), now, fx);
}

// Durable first; then it goes on when nothing of the task is in flight.
void Agent::add_status(Task& task, model::TaskStatus status, Now now, Effects& fx) {
  const TaskKey key{task.framework_id, task.info.task_id};
  status.agent_id = id_;
  if (!status.timestamp) {
    status.timestamp = to_epoch_seconds(now.wall);
  }
  if (!status.container_status) {
    status.container_status.emplace();
  }
  // A nested task's executor names its container itself.
  const auto& own = status.container_status->container_id;
  if (!task.container.empty() && !(own && own->value.starts_with(task.container.value + "."))) {
    status.container_status->container_id = task.container;
  }
  mark_drained(task, status);
  if (status.container_status->network_infos.empty()) {
    model::NetworkInfo network;
    network.ip_addresses.push_back({"IPv4", config_.ip});
    status.container_status->network_infos.push_back(std::move(network));
  }
  const std::uint64_t number = task.updates++;
  if (!task.status_key.empty() && !updates_.has_pending(key)) {
    fx.persist.push_back(erased(kUpdateKind, task.status_key));  // acknowledged, superseded
  }
  task.state = status.state;
  task.status = status;
  task.status_key = update_key(task.number, number);
  fx.persist.push_back(update_record(task.status_key, {false, status}));
  notice(fx,
         Notice::Level::info,
         fmt::format("task {}: {}{}{}",
                     key.second.value,
                     model::to_text(status.state),
                     status.message ? ", " : "",
                     status.message.value_or("")));
  if (model::is_terminal(status.state)) {
    ++ended_[status.state];
  }
  const auto executor = executors_.find(task.container);
  if (model::is_terminal(task.state) && executor != executors_.end() &&
      executor->second.record.kind != ExecutorKind::command &&
      executor->second.state == Executor::State::running) {
    update_limits(executor->second, fx);
  }
  if (updates_.add(task.framework_id, std::move(status), number, now) && registered()) {
    send(*updates_.front(key), fx);
  }
}

// Ended and acknowledged: nothing of the task remains.
void Agent::forget_task(const TaskKey& key, Effects& fx) {
  const Task& task = tasks_.at(key);
  const ContainerId container = task.container;
  if (!task.status_key.empty()) {
    fx.persist.push_back(erased(kUpdateKind, task.status_key));
  }
  fx.persist.push_back(erased(kTaskKind, sequence_key(task.number)));
  tasks_.erase(key);
  const auto executor = executors_.find(container);
  if (executor != executors_.end()) {
    std::erase(executor->second.tasks, key);
  }
  forget_executor_if_done(container, fx);
}

void Agent::forget_executor_if_done(const ContainerId& container, Effects& fx) {
  const auto found = executors_.find(container);
  if (found == executors_.end() || found->second.state != Executor::State::terminated ||
      !found->second.tasks.empty()) {
    return;
  }
  fx.persist.push_back(erased(kExecutorKind, sequence_key(found->second.number)));
  const FrameworkId framework = found->second.record.framework_id;
  const bool silent = found->second.silent;
  executors_.erase(found);
  if (silent) {
    forget_framework_if_done(framework, fx);
  }
}

// Only a framework that was shut down is forgotten: others come back with the next task.
void Agent::forget_framework_if_done(const FrameworkId& framework, Effects& fx) {
  const auto task = tasks_.lower_bound({framework, TaskId{}});
  const auto executor = by_executor_.lower_bound({framework, ExecutorId{}});
  const bool in_use = (task != tasks_.end() && task->first.first == framework) ||
                      (executor != by_executor_.end() && executor->first.first == framework);
  if (!in_use && frameworks_.erase(framework) > 0) {
    fx.persist.push_back(erased(kFrameworkKind, framework.value));
  }
}

}  // namespace ekiden::agent
