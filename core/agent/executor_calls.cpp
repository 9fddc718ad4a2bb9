// The executor API's calls, one function each [mesos-core 3.1, 3.3].
#include "core/agent/agent.h"

#include <map>
#include <set>
#include <vector>

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
  const bool ours = executor.record.kind != ExecutorKind::custom;
  fx.reply.push_back({input.id, 200, ""});
  close_stream(executor, fx);  // the latest wins
  const bool ending = executor.state == Executor::State::terminating || executor.shutdown_wanted;
  if (ending && !ours) {
    fx.stream.push_back({input.id, executor_api::Shutdown{}});
    fx.close.push_back(input.id);
    return;
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
  for (const model::TaskStatus& status : call.unacknowledged_updates) {
    if (problem(executor, status).empty()) {
      update(executor, status, now, fx);
    }
  }
  for (const TaskKey& key : executor.tasks) {
    Task& task = tasks_.at(key);
    task.delivered = (task.status && !executor.relaunch) || has.contains(key.second);
    task.kill_sent = false;
  }
  executor.relaunch = false;
  if (!ours) {
    drop_lost(executor, has, now, fx);
  }
  const bool idle = !has_live_task(executor) && has.empty() && call.unacknowledged_updates.empty();
  const bool never_needed =
      idle && (executor.record.kind == ExecutorKind::command || !executor.used);
  if (ending || never_needed) {
    fx.stream.push_back({input.id, executor_api::Shutdown{}});
    if (!ending) {
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

// What a foreign executor was sent and does not have, it never got [3.3.5]. Our own are sent it
// again: they take repeats.
void Agent::drop_lost(Executor& executor, const std::set<TaskId>& has, Now now, Effects& fx) {
  for (const TaskKey& key : std::vector(executor.tasks)) {
    Task& task = tasks_.at(key);
    if (task.sent && !task.status && !has.contains(key.second)) {
      end_task(task,
               {lost_or(key.first, TaskState::dropped),
                model::StatusReason::agent_restarted,
                "The task was launched while its executor was away",
                {}},
               now,
               fx);
    }
  }
}

// Sends the tasks and the kills that wait for the executor.
void Agent::deliver(Executor& executor, Effects& fx) {
  if (!executor.stream || executor.state != Executor::State::running) {
    return;
  }
  std::map<std::uint64_t, std::vector<Task*>> groups;
  for (const TaskKey& key : executor.tasks) {
    Task& task = tasks_.at(key);
    if (model::is_terminal(task.state) || task.delivered) {
      continue;
    }
    if (task.group != 0) {
      groups[task.group].push_back(&task);
      continue;
    }
    task.delivered = true;
    task.sent = true;
    executor.used = true;
    fx.stream.push_back({*executor.stream, executor_api::Launch{task.info}});
  }
  for (const auto& [number, tasks] : groups) {
    deliver_group(executor, tasks, fx);
    executor.used = executor.used || tasks.front()->sent;
  }
  for (const TaskKey& key : executor.tasks) {
    Task& task = tasks_.at(key);
    if (task.kill && !task.kill_sent && task.delivered && !model::is_terminal(task.state)) {
      task.kill_sent = true;
      fx.stream.push_back(
          {*executor.stream, executor_api::Kill{key.second, task.kill->kill_policy}});
    }
  }
}

// As a whole, once every task has its folder.
void Agent::deliver_group(const Executor& executor,
                          const std::vector<Task*>& tasks,
                          Effects& fx) const {
  bool ready = true;
  for (Task* task : tasks) {
    const bool fetches = executor.record.kind == ExecutorKind::default_ && task->info.command &&
                         !task->info.command->uris.empty();
    if (!fetches || task->folder == Task::Folder::ready) {
      continue;
    }
    ready = false;
    if (task->folder == Task::Folder::unknown) {
      task->folder = Task::Folder::asked;
      fx.prepare.push_back({start_container(executor), task->info});
    }
  }
  if (!ready) {
    return;
  }
  executor_api::LaunchGroup group;
  for (Task* task : tasks) {
    task->delivered = true;
    task->sent = true;
    group.tasks.push_back(task->info);
  }
  fx.stream.push_back({*executor.stream, std::move(group)});
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
  if (status.check_status && status.check_status->type == model::CheckInfo::Type::unknown) {
    return "Check status has no 'type'";
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
  // A new executor of a container that runs begins at the beginning.
  const bool behind = status.state == TaskState::starting && task.state != TaskState::staging;
  if (known || behind || model::is_terminal(task.state)) {
    return;
  }
  status.executor_id = executor.record.info.executor_id;
  add_status(task, std::move(status), now, fx);
}

}  // namespace ekiden::agent
