#include "core/agent/operator_reads.h"

#include "core/executor/nested_id.h"

#include <set>

#include <fmt/core.h>

namespace ekiden::agent {

namespace op = api::op;
namespace api = ekiden::api::agent_operator;

op::Task operator_task(const Agent::Task& task, const AgentId& agent_id) {
  op::Task shown;
  shown.name = task.info.name;
  shown.task_id = task.info.task_id;
  shown.framework_id = task.framework_id;
  if (task.info.executor) {
    shown.executor_id = task.info.executor->executor_id;
  }
  shown.agent_id = agent_id;
  shown.state = task.state;
  shown.resources = task.info.resources;
  if (task.status) {
    shown.statuses = {*task.status};
    shown.statuses.front().data.reset();
    shown.status_update_state = task.status->state;
    shown.status_update_uuid = task.status->uuid;
  }
  shown.labels = task.info.labels;
  shown.discovery = task.info.discovery;
  shown.container = task.info.container;
  shown.health_check = task.info.health_check;
  shown.kill_policy = task.info.kill_policy;
  if (task.info.command) {
    shown.user = task.info.command->user;
  }
  shown.limits = task.info.limits;
  return shown;
}

api::TaskList task_list(const Agent& agent, const History& history) {
  const AgentId agent_id = agent.id().value_or(AgentId{});
  api::TaskList list;
  for (const auto& [key, task] : agent.tasks()) {
    const bool waits = !task.delivered && !task.status;
    auto& where = model::is_terminal(task.state) ? list.terminated_tasks
                  : waits                        ? list.queued_tasks
                                                 : list.launched_tasks;
    where.push_back(operator_task(task, agent_id));
  }
  for (const auto& [container, executor] : agent.executors()) {
    for (const auto& [key, task] : history.ended_tasks(container)) {
      if (!agent.tasks().contains(key)) {
        list.completed_tasks.push_back(operator_task(task, agent_id));
      }
    }
  }
  for (const History::Entry& entry : history.entries()) {
    for (const Agent::Task& task : entry.tasks) {
      if (!agent.tasks().contains({task.framework_id, task.info.task_id})) {
        list.completed_tasks.push_back(operator_task(task, agent_id));
      }
    }
  }
  return list;
}

api::ExecutorList executor_list(const Agent& agent, const History& history) {
  api::ExecutorList list;
  for (const auto& [container, executor] : agent.executors()) {
    if (executor.state != Agent::Executor::State::terminated) {
      list.executors.push_back(executor.record.info);
    }
  }
  for (const History::Entry& entry : history.entries()) {
    list.completed_executors.push_back(entry.executor.record.info);
  }
  return list;
}

api::FrameworkList framework_list(const Agent& agent, const History& history) {
  api::FrameworkList list;
  for (const auto& [id, framework] : agent.frameworks()) {
    list.frameworks.push_back(framework);
  }
  std::set<FrameworkId> completed;
  for (const History::Entry& entry : history.entries()) {
    const FrameworkId& id = entry.executor.record.framework_id;
    if (!agent.frameworks().contains(id) && completed.insert(id).second) {
      list.completed_frameworks.push_back(entry.framework);
    }
  }
  return list;
}

api::State state_of(const Agent& agent, const History& history) {
  return {task_list(agent, history), executor_list(agent, history), framework_list(agent, history)};
}

op::Operations operation_list(const Agent& agent) {
  op::Operations list;
  for (const auto& [uuid, operation] : agent.operations()) {
    op::Operation shown;
    shown.framework_id = operation.record.framework_id;
    shown.agent_id = agent.id();
    shown.info = operation.record.operation;
    shown.latest_status = operation.record.status;
    shown.statuses = {operation.record.status};
    shown.uuid = operation.record.uuid;
    list.operations.push_back(std::move(shown));
  }
  return list;
}

namespace {

void add_environment(const std::optional<model::CommandInfo>& command,
                     std::vector<std::string>& texts) {
  if (!command || !command->environment) {
    return;
  }
  for (const model::EnvironmentVariable& variable : command->environment->variables) {
    texts.push_back(variable.name + "=" + variable.value.value_or(""));
  }
}

}  // namespace

Result<OperatorContainers::Above> executor_above(const Agent& agent,
                                                 const Agent::Executor& executor,
                                                 const ContainerId& parent,
                                                 const ContainerHost& host) {
  const StartContainer start = agent.start_container(executor);
  const ContainerSpec spec = container_spec(start, host);
  OperatorContainers::Above above;
  above.sandbox = spec.sandbox;
  above.user = spec.user;
  above.environment = spec.environment;
  if (parent == executor.record.container) {
    if (start.task) {
      add_environment(start.task->command, above.environment);
    }
    if (spec.docker) {
      above.docker = docker_container_name(parent);
      above.user.clear();  // the image's
    }
    return above;
  }
  for (const TaskKey& key : executor.tasks) {
    const Agent::Task& task = agent.tasks().at(key);
    if (executor::nested_container(executor.record.container, key.second) == parent) {
      above.sandbox += "/containers/" + executor::own_part(parent);
      add_environment(task.info.command, above.environment);
      above.environment.push_back("MESOS_SANDBOX=" + above.sandbox);
      if (task.info.command && task.info.command->user) {
        above.user = *task.info.command->user;
      }
      if (needs_engine(task.info.container)) {
        above.docker = docker_container_name(parent);
        above.user.clear();  // the image's
      }
      return above;
    }
  }
  return fail(ErrorCode::invalid, fmt::format("Parent container {} does not exist", parent.value));
}

namespace {

// Each task of a task group has a container below its executor's.
void add_tasks(const Agent& agent, const Agent::Executor& executor, api::ContainerList& list) {
  for (const TaskKey& key : executor.tasks) {
    if (model::is_terminal(agent.tasks().at(key).state)) {
      continue;
    }
    api::Container shown;
    shown.framework_id = executor.record.framework_id;
    shown.executor_id = executor.record.info.executor_id;
    shown.container_id = executor::nested_container(executor.record.container, key.second);
    shown.container_status.emplace().container_id = shown.container_id;
    list.containers.push_back(std::move(shown));
  }
}

}  // namespace

api::ContainerList container_list(const ContainersView& view, const api::GetContainers& which) {
  api::ContainerList list;
  for (const auto& [id, executor] : view.agent.executors()) {
    if (executor.state == Agent::Executor::State::terminated) {
      continue;
    }
    api::Container shown;
    shown.framework_id = executor.record.framework_id;
    shown.executor_id = executor.record.info.executor_id;
    shown.executor_name = executor.record.info.name.value_or("");
    shown.container_id = id;
    shown.container_status = container_status(executor);
    shown.resource_statistics =
        resource_statistics(view.usage(id), view.agent.start_container(executor), view.now);
    list.containers.push_back(std::move(shown));
    if (which.show_nested && executor.record.kind == ExecutorKind::default_) {
      add_tasks(view.agent, executor, list);
    }
  }
  for (const OperatorContainers::Info& info : view.containers.list()) {
    const bool alone = parent_of(info.id).empty();
    if (alone ? !which.show_standalone : !which.show_nested) {
      continue;
    }
    api::Container shown;
    shown.container_id = info.id;
    shown.container_status = model::ContainerStatus{};
    shown.container_status->container_id = info.id;
    if (info.pid != 0) {
      shown.container_status->executor_pid = static_cast<std::uint32_t>(info.pid);
    }
    if (info.own_cgroup) {
      shown.resource_statistics = resource_statistics(view.usage(info.id), {}, view.now);
    }
    list.containers.push_back(std::move(shown));
  }
  return list;
}

}  // namespace ekiden::agent
