// Everything that changes a task. A task's resources go back when its first terminal state is
// known; its entry goes when the framework acknowledged the terminal update [mesos-core 2.10].
#include "core/base/check.h"
#include "core/master/master.h"

#include <utility>

namespace ekiden::master {

using model::TaskState;

allocator::Allocation Master::allocation_of(const Task& task) {
  const std::vector<model::Resource> resources = task.info.resources();
  std::string role = "*";
  if (!resources.empty()) {
    role = resources.front().allocation_role.value_or("*");
  }
  return {task.framework_id,
          std::move(role),
          task.info.agent_id,
          model::Resources(resources).with_allocation(std::nullopt)};
}

void Master::store_task(Framework& framework, Task task) {
  const TaskId id = task.info.task_id;
  task.info.share(common_parts_);
  framework.tasks[id] = std::make_shared<const Task>(std::move(task));
}

void Master::add_task(Task task, Agent& agent, Effects& fx) {
  Framework& framework = frameworks_.at(task.framework_id);
  const TaskId id = task.info.task_id;
  agent.tasks.insert({task.framework_id, id});
  store_task(framework, std::move(task));
  fx.notify.emplace_back(TaskAdded{framework.tasks.at(id)});
}

void Master::release(const Task& task, Now now) {
  allocator_.recover(allocation_of(task), std::nullopt, now.time);
}

void Master::complete_task(Framework& framework, const TaskId& id) {
  const auto found = framework.tasks.find(id);
  CHECK(found != framework.tasks.end(), "task {} is completed twice", id.value);
  const TaskPtr task = found->second;
  framework.tasks.erase(found);
  framework.completed.push_back(task);
  while (framework.completed.size() > config_.completed_tasks_max) {
    framework.completed.pop_front();
  }
  if (Agent* agent = find_agent(task->info.agent_id); agent != nullptr) {
    const TaskKey key{task->framework_id, id};
    agent->tasks.erase(key);
    agent->launching.erase(key);
    agent->kills.erase(key);
  }
}

void Master::record_status(
    Framework& framework, const model::TaskStatus& status, TaskState latest, Now now, Effects& fx) {
  Task task = *framework.tasks.at(status.task_id);
  const bool was_terminal = model::is_terminal(task.state);
  if (!was_terminal && model::is_terminal(latest)) {
    release(task, now);
  }
  if (!was_terminal || model::is_terminal(latest)) {
    task.state = latest;
  }
  task.status_state = status.state;
  task.status_uuid = status.uuid.value_or("");
  task.statuses.add(status);
  store_task(framework, std::move(task));
  fx.notify.emplace_back(TaskUpdated{framework.tasks.at(status.task_id), status});
}

model::TaskStatus Master::status_of(const TaskId& task, const Ended& ended, Now now) const {
  model::TaskStatus status;
  status.task_id = task;
  status.state = ended.state;
  status.source = model::StatusSource::master;
  status.reason = ended.reason;
  status.message = ended.message;
  status.timestamp = to_epoch_seconds(now.wall);
  return status;
}

TaskState Master::lost_or(const Framework& framework, TaskState state) {
  return framework.info.has(model::FrameworkCapability::partition_aware) ? state : TaskState::lost;
}

void Master::lose_task(
    Framework& framework, const TaskId& id, const Ended& ended, Now now, Effects& fx) {
  const TaskPtr task = framework.tasks.at(id);
  if (!model::is_terminal(task->state)) {
    model::TaskStatus status = status_of(id, ended, now);
    status.agent_id = task->info.agent_id;
    status.executor_id = task->executor_id;
    record_status(framework, status, status.state, now, fx);
    send(framework, api::scheduler::Update{std::move(status)}, fx);
  }
  complete_task(framework, id);
}

}  // namespace ekiden::master
