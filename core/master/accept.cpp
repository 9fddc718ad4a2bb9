// ACCEPT: offers become launches and operations [mesos-core 2.7 to 2.9]. Operations run in order
// against what remains; a failing one is skipped and answered, never dropped in silence. What
// remains at the end goes back with the filter.
#include "core/master/allocated.h"
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

bool is_launch(const Operation& operation) {
  return operation.type == Operation::Type::launch ||
         operation.type == Operation::Type::launch_group;
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
      return fmt::format("Duplicate offer {} in offer list", id.value);
    }
    if (found == offers_.end()) {
      return fmt::format("Offer {} is no longer valid", id.value);
    }
    const OutstandingOffer& offer = found->second;
    if (offer.allocation.framework != *framework.info.id) {
      return fmt::format("Offer {} belongs to another framework", id.value);
    }
    first = first == nullptr ? &offer : first;
    if (offer.allocation.role != first->allocation.role) {
      return "Aggregated offers must be allocated to the same role";
    }
    if (offer.allocation.agent != first->allocation.agent) {
      return "Aggregated offers must belong to one single agent";
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
    if (!is_launch(operation)) {
      operation_error(framework, operation, "Operation attempted with invalid offers: " + why, fx);
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
  Accepted accepted{framework, agents_.at(agent_id), role, {}, {}};
  for (const OfferId& id : accept.offer_ids) {
    accepted.remaining += offers_.at(id).allocation.resources;
    forget_offer(id);
  }
  for (const Operation& operation : accept.operations) {
    run(accepted, operation, now, fx);
  }
  return_remaining(accepted, accept.filters, now);
}

void Master::run(Accepted& accepted, const Operation& operation, Now now, Effects& fx) {
  const Framework& framework = accepted.framework;
  if (is_launch(operation) && operation.id) {
    const Ended ended{TaskState::error,
                      operation.type == Operation::Type::launch ? StatusReason::task_invalid
                                                                : StatusReason::task_group_invalid,
                      "Operation 'id' must not be set for launches, they have task updates"};
    for (const TaskId& task : tasks_of(operation)) {
      task_error(framework, task, ended, now, fx);
    }
    return;
  }
  if (operation.type == Operation::Type::launch) {
    for (const model::TaskInfo& task : operation.launch_task_infos) {
      launch(accepted, task, now, fx);
    }
  } else if (operation.type == Operation::Type::launch_group) {
    launch_group(accepted, operation, now, fx);
  } else {
    convert(accepted, operation, now, fx);
  }
}

// With the filter; but what operations have made is to be offered again soon [mesos-core 2.7].
void Master::return_remaining(const Accepted& accepted,
                              const std::optional<model::Filters>& filters,
                              Now now) {
  const auto same_kind = [](model::Resource a, model::Resource b) {
    for (model::Resource* r : {&a, &b}) {
      r->scalar = {};
      r->ranges.clear();
      r->set.clear();
    }
    return a == b;
  };
  const auto& all = accepted.converted.list();
  Resources made;
  Resources unused = all.empty() ? accepted.remaining : Resources{};
  for (const model::Resource& resource : accepted.remaining.list()) {
    if (all.empty()) {
      break;
    }
    const bool is_made = std::any_of(all.begin(), all.end(), [&](const model::Resource& other) {
      return same_kind(resource, other);
    });
    (is_made ? made : unused) += resource;
  }
  const auto back = [&](const Resources& resources, std::optional<Duration> refuse) {
    if (!resources.empty()) {
      allocator_.recover(
          {*accepted.framework.info.id, accepted.role, *accepted.agent.info.id, resources},
          refuse,
          now.time);
    }
  };
  back(unused, refusal(filters));
  back(made, std::nullopt);
}

// What a task or executor uses leaves what remains; a shared volume stays, one more copy is used.
void Master::take(Accepted& accepted, const std::vector<model::Resource>& resources) {
  Resources own = bare(resources);
  Resources copies;
  for (const model::Resource& resource : own.list()) {
    if (resource.shared) {
      copies += resource;
    }
  }
  if (!copies.empty()) {
    allocator_.use({*accepted.framework.info.id, accepted.role, *accepted.agent.info.id, copies});
    own -= copies;
  }
  accepted.remaining -= own;
}

// Where the task would run, and whether it has room there.
std::optional<std::string> Master::place_problem(const Accepted& accepted,
                                                 const model::TaskInfo& task) const {
  const Framework& framework = accepted.framework;
  if (framework.tasks.contains(task.task_id) || framework.unreachable.contains(task.task_id)) {
    return fmt::format("Task has duplicate ID: {} is in use", task.task_id.value);
  }
  if (task.agent_id != *accepted.agent.info.id) {
    return fmt::format("Task uses invalid agent {} while agent {} is expected",
                       task.agent_id.value,
                       accepted.agent.info.id->value);
  }
  for (const model::Resource& resource : task.resources) {
    if (resource.allocation_role && *resource.allocation_role != accepted.role) {
      return fmt::format("The resources are allocated to role '{}', the offer to role '{}'",
                         *resource.allocation_role,
                         accepted.role);
    }
  }
  return std::nullopt;
}

std::optional<std::string> Master::executor_problem(const Accepted& accepted,
                                                    const model::ExecutorInfo& executor) const {
  const FrameworkId& framework = *accepted.framework.info.id;
  if (executor.framework_id && *executor.framework_id != framework) {
    return fmt::format("ExecutorInfo has an invalid FrameworkID (Actual: {} vs Expected: {})",
                       executor.framework_id->value,
                       framework.value);
  }
  const auto running = accepted.agent.executors.find({framework, executor.executor_id});
  if (running == accepted.agent.executors.end()) {
    return std::nullopt;
  }
  model::ExecutorInfo wanted = executor;
  model::ExecutorInfo known = running->second.info;
  wanted.framework_id = known.framework_id = framework;
  wanted.type = known.type = std::max(wanted.type, known.type);  // absent means custom
  const bool same_resources = bare(wanted.resources) == bare(known.resources);
  wanted.resources.clear();
  known.resources.clear();
  if (!same_resources || wanted != known) {
    return fmt::format(
        "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID ({})",
        executor.executor_id.value);
  }
  return std::nullopt;
}

std::optional<std::string> Master::launch_problem(const Accepted& accepted,
                                                  const model::TaskInfo& task) const {
  if (auto problem = task_problem(task)) {
    return problem;
  }
  if (auto problem = place_problem(accepted, task)) {
    return problem;
  }
  Resources wanted = bare(task.resources);
  if (task.executor) {
    if (auto problem = executor_problem(accepted, *task.executor)) {
      return problem;
    }
    const ExecutorKey key{*accepted.framework.info.id, task.executor->executor_id};
    if (!accepted.agent.executors.contains(key)) {
      wanted += bare(task.executor->resources);
    }
  }
  if (!accepted.remaining.contains(wanted)) {
    return fmt::format(
        "Total resources {} required by task and its executor is more than available {}",
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
  take(accepted, executor.resources);
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
  take(accepted, task.resources);
  std::optional<ExecutorId> executor_id;
  if (task.executor) {
    executor_id = task.executor->executor_id;
    use_executor(accepted, *task.executor);
    task.executor->framework_id = framework.info.id;
    task.executor->type = model::ExecutorInfo::Type::custom;
  }
  task.resources = with_role(task.resources, accepted.role);
  const TaskKey key{*framework.info.id, task.task_id};
  agent.launching[key] = {now.time, *agent.connection, nullptr};
  send(agent, link::RunTask{framework.info, task}, fx);
  Task entry;
  entry.framework_id = key.first;
  entry.info = std::move(task);
  entry.executor_id = executor_id;
  add_task(std::move(entry), agent, fx);
}

}  // namespace ekiden::master
