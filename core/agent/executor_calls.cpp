// The executor API's calls, one function each [mesos-core 3.1, 3.3].
#include "core/agent/agent.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

namespace ekiden::agent {

using model::TaskState;
namespace executor_api = api::executor;

void Agent::on(const ExecutorRequest& input, Now now, Effects& fx) {
  if (std::holds_alternative<executor_api::HeartbeatCall>(input.call.body)) {
    fx.reply.push_back({input.id, 202, ""});
    return;
  }
  Executor* executor = find_executor({input.call.framework_id, input.call.executor_id});
  if (executor == nullptr) {
    notice(fx,
           Notice::Level::warn,
           fmt::format("executor {} of framework {} called and is not known here; it is left alone",
                       input.call.executor_id.value,
                       input.call.framework_id.value));
    fx.reply.push_back({input.id,
                        400,
                        frameworks_.contains(input.call.framework_id)
                            ? "Executor cannot be found"
                            : "Framework cannot be found"});
    return;
  }
  if (std::holds_alternative<executor_api::Subscribe>(input.call.body)) {
    subscribe(input, *executor, now, fx);
    return;
  }
  if (!executor->stream) {
    fx.reply.push_back({input.id, 403, "Executor is not subscribed"});
    return;
  }
  if (const auto* call = std::get_if<executor_api::Update>(&input.call.body)) {
    const std::string reason = problem(*executor, call->status);
    if (!reason.empty()) {
      fx.reply.push_back({input.id, 400, reason});
      return;
    }
    fx.reply.push_back({input.id, 202, ""});
    update(*executor, call->status, now, fx);
    return;
  }
  const auto& message = std::get<executor_api::MessageCall>(input.call.body);
  fx.reply.push_back({input.id, 202, ""});
  if (registered()) {
    send(
        api::agent_link::ExecutorMessage{
            input.call.framework_id, input.call.executor_id, message.data},
        fx);
  }
}

// The connection's end says nothing about the executor: its process does.
void Agent::on(const ExecutorStreamClosed& input, Now, Effects&) {
  const auto found = streams_.find(input.id);
  if (found == streams_.end()) {
    return;
  }
  const auto executor = executors_.find(found->second);
  if (executor != executors_.end() && executor->second.stream == input.id) {
    executor->second.stream.reset();
  }
  streams_.erase(found);
}

void Agent::subscribe(const ExecutorRequest& input, Executor& executor, Now now, Effects& fx) {
  const auto& call = std::get<executor_api::Subscribe>(input.call.body);
  fx.reply.push_back({input.id, 200, ""});
  if (executor.stream) {  // the latest wins
    fx.close.push_back(*executor.stream);
    streams_.erase(*executor.stream);
  }
  executor.stream = input.id;
  streams_[input.id] = executor.record.container;
  if (executor.pid == 0 && executor.state != Executor::State::terminating) {
    fx.adopt.push_back(executor.record.container);
  }
  std::set<TaskId> has;
  for (const model::TaskInfo& task : call.unacknowledged_tasks) {
    has.insert(task.task_id);
  }
  for (const TaskKey& key : executor.tasks) {
    Task& task = tasks_.at(key);
    task.delivered = task.status.has_value() || has.contains(key.second);
  }
  for (const model::TaskStatus& status : call.unacknowledged_updates) {
    if (problem(executor, status).empty()) {
      update(executor, status, now, fx);
    }
  }
  const bool live = std::any_of(executor.tasks.begin(), executor.tasks.end(), [&](const auto& key) {
    return !model::is_terminal(tasks_.at(key).state);
  });
  const bool idle_command = executor.record.kind == ExecutorKind::command && !live && has.empty() &&
                            call.unacknowledged_updates.empty();
  if (executor.state == Executor::State::terminating || executor.shutdown_wanted || idle_command) {
    fx.stream.push_back({input.id, executor_api::Shutdown{}});
    if (!executor.shutdown_wanted && executor.state != Executor::State::terminating) {
      shut_down(executor, now, fx);
    }
    return;
  }
  executor.state = Executor::State::running;
  set_deadline(executor, kNever);
  executor_api::Subscribed subscribed;
  subscribed.executor_info = executor.record.info;
  subscribed.framework_info = frameworks_.at(executor.record.framework_id);
  subscribed.agent_info = config_.info;
  subscribed.container_id = executor.record.container;
  fx.stream.push_back({input.id, std::move(subscribed)});
  deliver(executor, fx);
}

// Sends the tasks and the kills that wait for the executor.
void Agent::deliver(Executor& executor, Effects& fx) {
  if (!executor.stream || executor.state != Executor::State::running) {
    return;
  }
  for (const TaskKey& key : executor.tasks) {
    Task& task = tasks_.at(key);
    if (model::is_terminal(task.state)) {
      continue;
    }
    if (!task.delivered) {
      task.delivered = true;
      fx.stream.push_back({*executor.stream, executor_api::Launch{task.info}});
    }
    if (task.kill) {
      fx.stream.push_back(
          {*executor.stream, executor_api::Kill{key.second, task.kill->kill_policy}});
      task.kill.reset();
    }
  }
}

std::string Agent::problem(const Executor& executor, const model::TaskStatus& status) {
  if (!status.uuid) {
    return "Expecting 'uuid' to be present";
  }
  if (status.uuid->size() != 16) {
    return "Not a valid UUID";
  }
  if (status.executor_id && *status.executor_id != executor.record.info.executor_id) {
    return "ExecutorID in Call does not match ExecutorID in TaskStatus";
  }
  if (status.source != model::StatusSource::executor) {
    return "Received Call from executor with invalid source, expecting 'SOURCE_EXECUTOR'";
  }
  if (status.state == TaskState::staging) {
    return "Received TASK_STAGING from executor";
  }
  return "";
}

void Agent::update(Executor& executor, model::TaskStatus status, Now now, Effects& fx) {
  const TaskKey key{executor.record.framework_id, status.task_id};
  const executor_api::Acknowledged acknowledged{status.task_id, *status.uuid};
  const auto found = tasks_.find(key);
  if (found == tasks_.end() || found->second.container != executor.record.container) {
    // A task that has been forgotten: ended and acknowledged. The executor may let go of it too.
    fx.stream.push_back({*executor.stream, acknowledged});
    return;
  }
  Task& task = found->second;
  fx.stream.push_back({*executor.stream, acknowledged});
  const bool known =
      updates_.is_pending(key, *status.uuid) || (task.status && task.status->uuid == status.uuid);
  if (known || model::is_terminal(task.state)) {
    return;
  }
  status.executor_id = executor.record.info.executor_id;
  add_status(task, std::move(status), now, fx);
}

}  // namespace ekiden::agent
