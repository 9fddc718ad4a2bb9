// ACCEPT: offers become launches [mesos-core 2.7 to 2.9]. Operations run in order against what
// remains; a failing one is skipped and answered, never dropped in silence. What remains at the end
// goes back with the filter.
#include "core/master/master.h"
#include "core/master/refuse_seconds.h"
#include "core/master/validation.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::master {

using model::Operation;
using model::Resources;
using model::StatusReason;
using model::TaskState;
namespace scheduler = api::scheduler;
namespace link = api::agent_link;

namespace {

std::vector<TaskId> tasks_of(const Operation& operation) {
  std::vector<TaskId> ids;
  for (const auto* list : {&operation.launch_task_infos, &operation.launch_group_tasks}) {
    for (const model::TaskInfo& task : *list) {
      ids.push_back(task.task_id);
    }
  }
  return ids;
}

std::vector<model::Resource> with_role(const std::vector<model::Resource>& resources,
                                       const std::string& role) {
  std::vector<model::Resource> result = resources;
  for (model::Resource& resource : result) {
    resource.allocation_role = role;
  }
  return result;
}

Resources bare(const std::vector<model::Resource>& resources) {
  return Resources(resources).with_allocation(std::nullopt);
}

}  // namespace

std::optional<std::string> Master::offers_problem(const Framework& framework,
                                                  const std::vector<OfferId>& ids) const {
  if (ids.empty()) {
    return "No offers specified";
  }
  std::set<OfferId> seen;
  const OutstandingOffer* first = nullptr;
  for (const OfferId& id : ids) {
    const auto found = offers_.find(id);
    if (!seen.insert(id).second) {
      return fmt::format("Offer {} is given twice", id.value);
    }
    if (found == offers_.end()) {
      return fmt::format("Offer {} is no longer valid", id.value);
    }
    const OutstandingOffer& offer = found->second;
    if (offer.allocation.framework != *framework.info.id) {
      return fmt::format("Offer {} belongs to another framework", id.value);
    }
    first = first == nullptr ? &offer : first;
    if (offer.allocation.agent != first->allocation.agent) {
      return "The offers are of more than one agent";
    }
    if (offer.allocation.role != first->allocation.role) {
      return "The offers are allocated to more than one role";
    }
  }
  return std::nullopt;
}

void Master::task_error(
    const Framework& framework, const TaskId& task, const Ended& ended, Now now, Effects& fx) {
  send(framework, scheduler::Update{status_of(task, ended, now)}, fx);
}

void Master::refuse_accept(Framework& framework,
                           const scheduler::Accept& accept,
                           const std::string& why,
                           Now now,
                           Effects& fx) {
  for (const OfferId& id : accept.offer_ids) {
    if (framework.offers.contains(id)) {
      return_offer(id, std::nullopt, now);
    }
  }
  const Ended ended{lost_or(framework, TaskState::dropped),
                    StatusReason::invalid_offers,
                    "Task launched with invalid offers: " + why};
  for (const Operation& operation : accept.operations) {
    for (const TaskId& task : tasks_of(operation)) {
      if (!framework.tasks.contains(task)) {  // a repeated ACCEPT says nothing about what runs
        task_error(framework, task, ended, now, fx);
      }
    }
  }
}

void Master::on(Framework& framework, const scheduler::Accept& accept, Now now, Effects& fx) {
  if (const auto problem = offers_problem(framework, accept.offer_ids)) {
    refuse_accept(framework, accept, *problem, now, fx);
    return;
  }
  const allocator::Allocation& first = offers_.at(accept.offer_ids.front()).allocation;
  const AgentId agent_id = first.agent;
  const std::string role = first.role;
  Accepted accepted{framework, agents_.at(agent_id), role, {}};
  for (const OfferId& id : accept.offer_ids) {
    accepted.remaining += offers_.at(id).allocation.resources;
    forget_offer(id);
  }
  for (const Operation& operation : accept.operations) {
    switch (operation.type) {
      case Operation::Type::launch:
        for (const model::TaskInfo& task : operation.launch_task_infos) {
          launch(accepted, task, now, fx);
        }
        break;
      case Operation::Type::launch_group:
        launch_group(accepted, operation, now, fx);
        break;
      default:
        say(fx,
            LogLine::Level::warn,
            fmt::format("framework {}: an operation of ACCEPT other than LAUNCH was skipped; this "
                        "master does not support it yet",
                        framework.info.id->value));
        break;
    }
  }
  allocator_.recover(
      {*framework.info.id, role, agent_id, accepted.remaining}, refusal(accept.filters), now.time);
}

std::optional<std::string> Master::launch_problem(const Accepted& accepted,
                                                  const model::TaskInfo& task) const {
  const Framework& framework = accepted.framework;
  if (auto problem = task_problem(task)) {
    return problem;
  }
  if (framework.tasks.contains(task.task_id) || framework.unreachable.contains(task.task_id)) {
    return fmt::format("the task id {} is in use", task.task_id.value);
  }
  if (task.agent_id != *accepted.agent.info.id) {
    return fmt::format("the task names agent {}, the offer is of agent {}",
                       task.agent_id.value,
                       accepted.agent.info.id->value);
  }
  Resources wanted = bare(task.resources);
  for (const model::Resource& resource : task.resources) {
    if (resource.allocation_role && *resource.allocation_role != accepted.role) {
      return fmt::format("resources are allocated to role {}, the offer to role {}",
                         *resource.allocation_role,
                         accepted.role);
    }
  }
  if (task.executor) {
    const ExecutorKey key{*framework.info.id, task.executor->executor_id};
    const auto running = accepted.agent.executors.find(key);
    if (running == accepted.agent.executors.end()) {
      wanted += bare(task.executor->resources);
    } else if (running->second.info.command != task.executor->command) {
      return fmt::format("executor {} runs already with another command", key.second.value);
    }
  }
  if (!accepted.remaining.contains(wanted)) {
    return fmt::format("the task uses more than is offered: {} of {}",
                       to_text(wanted),
                       to_text(accepted.remaining));
  }
  return std::nullopt;
}

// True when the executor is new on the agent: its resources are used from now on.
bool Master::use_executor(Accepted& accepted, const model::ExecutorInfo& executor) {
  const ExecutorKey key{*accepted.framework.info.id, executor.executor_id};
  if (accepted.agent.executors.contains(key)) {
    return false;
  }
  RunningExecutor running{executor, accepted.role};
  running.info.framework_id = accepted.framework.info.id;
  running.info.resources = with_role(executor.resources, accepted.role);
  accepted.remaining -= bare(executor.resources);
  accepted.agent.executors.emplace(key, std::move(running));
  return true;
}

void Master::launch(Accepted& accepted, model::TaskInfo task, Now now, Effects& fx) {
  Framework& framework = accepted.framework;
  Agent& agent = accepted.agent;
  if (!agent.connection) {
    const Ended ended{lost_or(framework, TaskState::dropped),
                      StatusReason::agent_disconnected,
                      "Agent " + agent.info.id->value + " is disconnected"};
    task_error(framework, task.task_id, ended, now, fx);
    return;
  }
  if (task.health_check && task.health_check->type == model::HealthCheck::Type::unknown) {
    task.health_check->type = task.health_check->http      ? model::HealthCheck::Type::http
                              : task.health_check->command ? model::HealthCheck::Type::command
                                                           : model::HealthCheck::Type::unknown;
  }
  if (const auto problem = launch_problem(accepted, task)) {
    const Ended ended{TaskState::error,
                      StatusReason::task_invalid,
                      fmt::format("cannot launch task {}: {}", task.task_id.value, *problem)};
    task_error(framework, task.task_id, ended, now, fx);
    return;
  }
  accepted.remaining -= bare(task.resources);
  std::optional<ExecutorId> executor_id;
  if (task.executor) {
    executor_id = task.executor->executor_id;
    use_executor(accepted, *task.executor);
    task.executor->framework_id = framework.info.id;
  }
  task.resources = with_role(task.resources, accepted.role);
  const TaskKey key{*framework.info.id, task.task_id};
  agent.launching[key] = {now.time, *agent.connection};
  send(agent, link::RunTask{framework.info, task}, fx);
  Task entry;
  entry.framework_id = key.first;
  entry.info = std::move(task);
  entry.executor_id = executor_id;
  add_task(std::move(entry), agent, fx);
}

void Master::launch_group(Accepted& accepted, const Operation& operation, Now now, Effects& fx) {
  const Ended invalid{TaskState::error,
                      StatusReason::task_group_invalid,
                      "cannot launch a task group: this master does not support groups yet; "
                      "launch its tasks one by one"};
  for (const model::TaskInfo& task : operation.launch_group_tasks) {
    task_error(accepted.framework, task.task_id, invalid, now, fx);
  }
}

}  // namespace ekiden::master
