// LAUNCH_GROUP: all tasks of a group or none, in one executor [mesos-core 2.9].
#include "core/master/allocated.h"
#include "core/master/master.h"
#include "core/master/validation.h"

#include <fmt/core.h>

namespace ekiden::master {

using model::Operation;
using model::Resources;
using model::StatusReason;
using model::TaskState;
namespace link = api::agent_link;

std::optional<std::string> Master::group_problem(const Accepted& accepted,
                                                 const Operation& operation) const {
  const FrameworkId& framework = *accepted.framework.info.id;
  const model::ExecutorInfo& executor = *operation.launch_group_executor;
  if (auto problem = task_group_problem(executor, operation.launch_group_tasks)) {
    return problem;
  }
  if (!executor.framework_id) {
    return "'ExecutorInfo.framework_id' must be set";
  }
  if (auto problem = executor_problem(accepted, executor)) {
    return problem;
  }
  Resources wanted;
  for (const model::TaskInfo& task : operation.launch_group_tasks) {
    if (auto problem = place_problem(accepted, task)) {
      return fmt::format("Task '{}' is invalid: {}", task.task_id.value, *problem);
    }
    wanted += bare(task.resources);
  }
  if (!accepted.agent.executors.contains({framework, executor.executor_id})) {
    wanted += bare(executor.resources);
  }
  if (!accepted.remaining.contains(wanted)) {
    return fmt::format(
        "Total resources {} required by task group and its executor are more than available {}",
        to_text(wanted),
        to_text(accepted.remaining));
  }
  return std::nullopt;
}

void Master::launch_group(Accepted& accepted, const Operation& operation, Now now, Effects& fx) {
  Framework& framework = accepted.framework;
  Agent& agent = accepted.agent;
  std::optional<Ended> ended;
  if (!agent.connection) {
    ended = Ended{lost_or(framework, TaskState::dropped),
                  StatusReason::agent_disconnected,
                  "Agent " + agent.info.id->value + " is disconnected"};
  } else if (!operation.launch_group_executor) {
    ended = Ended{TaskState::error, StatusReason::task_group_invalid, "the group has no executor"};
  } else if (const auto problem = group_problem(accepted, operation)) {
    ended = Ended{TaskState::error,
                  StatusReason::task_group_invalid,
                  "cannot launch the task group: " + *problem};
  }
  if (ended) {
    for (const model::TaskInfo& task : operation.launch_group_tasks) {
      task_error(framework, task.task_id, *ended, now, fx);
    }
    return;
  }
  auto group = std::make_shared<link::RunTaskGroup>();
  group->framework = framework.info;
  group->executor = *operation.launch_group_executor;
  group->executor.resources = with_role(group->executor.resources, accepted.role);
  group->tasks = operation.launch_group_tasks;
  use_executor(accepted, *operation.launch_group_executor);
  for (model::TaskInfo& task : group->tasks) {
    take(accepted, task.resources);
    task.executor.reset();  // it is the group's
    task.resources = with_role(task.resources, accepted.role);
  }
  send(agent, *group, fx);
  for (const model::TaskInfo& task : group->tasks) {
    agent.launching[{*framework.info.id, task.task_id}] = {now.time, *agent.connection, group};
    Task entry;
    entry.framework_id = *framework.info.id;
    entry.info = task;
    entry.executor_id = group->executor.executor_id;
    add_task(std::move(entry), agent, fx);
  }
}

}  // namespace ekiden::master
