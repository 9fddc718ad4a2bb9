// Tasks and task groups that the master sends: refused with a reason, or recorded and started
// [mesos-core 2.8, 2.9, 2.19, 3.9].
#include "core/agent/agent.h"
#include "core/agent/command_executor_info.h"
#include "core/agent/volumes.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::agent {

using model::StatusReason;
using model::TaskState;
namespace link = api::agent_link;

struct Agent::Launch {
  const model::FrameworkInfo& framework;
  const std::vector<model::TaskInfo>& tasks;
  const model::ExecutorInfo* executor = nullptr;  // null: one command task
  bool grouped = false;
  std::uint64_t group = 0;

  const FrameworkId& framework_id() const { return *framework.id; }

  ExecutorId executor_id() const {
    return executor != nullptr ? executor->executor_id : ExecutorId{tasks.front().task_id.value};
  }
};

void Agent::on_master(const link::RunTask& message, Now now, Effects& fx) {
  const std::vector<model::TaskInfo> tasks{message.task};
  Launch one{message.framework, tasks};
  one.executor = tasks.front().executor ? &*tasks.front().executor : nullptr;
  launch(one, now, fx);
}

void Agent::on_master(const link::RunTaskGroup& message, Now now, Effects& fx) {
  Launch group{message.framework, message.tasks};
  group.executor = &message.executor;
  group.grouped = true;
  launch(group, now, fx);
}

void Agent::launch(const Launch& given, Now now, Effects& fx) {
  if (!given.framework.id || !id_ || given.tasks.empty()) {
    return;
  }
  if (!welcomed_) {
    return;  // read late, of an old link: the Register on the new one does not list it
  }
  const bool repeat =
      std::any_of(given.tasks.begin(), given.tasks.end(), [&](const model::TaskInfo& task) {
        return tasks_.contains({given.framework_id(), task.task_id});
      });
  if (repeat) {
    return;
  }
  remember(given.framework, fx);
  Launch launch = given;
  launch.group = launch.grouped ? next_number_++ : 0;
  Executor* executor = find_executor({launch.framework_id(), launch.executor_id()});
  if (const std::optional<End> end = refusal(launch, executor)) {
    for (const model::TaskInfo& info : launch.tasks) {
      end_task(add_task(launch, info, ContainerId{}, fx), *end, now, fx);
      std::erase(early_kills_, TaskKey{launch.framework_id(), info.task_id});
    }
    return;
  }
  const bool fresh = executor == nullptr;
  Executor& runner = fresh ? add_executor(launch, fx) : *executor;
  for (const model::TaskInfo& info : launch.tasks) {
    add_task(launch, info, runner.record.container, fx);
  }
  if (fresh) {
    fx.start.push_back(start_container(runner));
  } else {
    update_limits(runner, fx);
    deliver(runner, fx);
  }
}

void Agent::remember(const model::FrameworkInfo& framework, Effects& fx) {
  model::FrameworkInfo& known = frameworks_[*framework.id];
  if (known != framework) {
    known = framework;
    fx.persist.push_back(framework_record(framework));
  }
}

void Agent::on_master(const link::UpdateFramework& message, Now, Effects& fx) {
  if (message.framework.id && frameworks_.contains(*message.framework.id)) {
    remember(message.framework, fx);
  }
}

namespace {

// Shared volumes are used by several at once: they are not counted.
model::Resources counted(const std::vector<model::Resource>& list) {
  model::Resources sum;
  for (const model::Resource& resource : list) {
    if (!resource.shared) {
      sum += resource;
    }
  }
  return sum.with_allocation(std::nullopt);
}

bool holds(const std::vector<model::Range>& have, const model::Range& wanted) {
  return std::any_of(have.begin(), have.end(), [&](const model::Range& owned) {
    return owned.begin <= wanted.begin && wanted.end <= owned.end;
  });
}

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
      if (!holds(have, range)) {
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

// Networks with a name are CNI's, which this agent does not have [mesos-core 6.8].
std::optional<std::string> unknown_network(const std::optional<model::ContainerInfo>& container) {
  if (!container || container->type != model::ContainerInfo::Type::mesos ||
      (container->mesos_image && container->mesos_image->docker_name)) {
    return std::nullopt;
  }
  for (const model::NetworkInfo& network : container->network_infos) {
    if (network.name) {
      return network.name;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Agent::End> Agent::refusal(const Launch& launch, const Executor* executor) const {
  const TaskState dropped = lost_or(launch.framework_id(), TaskState::dropped);
  if (drain_ || leaving_) {
    return End{dropped, StatusReason::agent_draining, "The agent is draining", {}};
  }
  for (const model::TaskInfo& task : launch.tasks) {
    const TaskKey key{launch.framework_id(), task.task_id};
    if (std::find(early_kills_.begin(), early_kills_.end(), key) != early_kills_.end()) {
      return End{TaskState::killed,
                 StatusReason::task_killed_during_launch,
                 "Killed before the launch arrived",
                 {}};
    }
    if (launch.executor == nullptr && !task.command && !task.container) {
      return End{TaskState::error,
                 StatusReason::task_invalid,
                 "Task has neither command nor executor",
                 {}};
    }
  }
  if (const auto lack = lacks(launch, executor)) {
    return lack;
  }
  const auto& container =
      launch.executor != nullptr ? launch.executor->container : launch.tasks.front().container;
  if (const auto network = unknown_network(container)) {
    return End{TaskState::failed,
               StatusReason::container_launch_failed,
               fmt::format("Failed to launch container: this agent has no container network '{}'; "
                           "use the host's network, or a Docker image",
                           *network),
               {}};
  }
  if (executor != nullptr && (executor->state == Executor::State::terminating ||
                              executor->record.kind == ExecutorKind::command)) {
    return End{dropped,
               StatusReason::executor_terminated,
               "Executor is ending; the task can be launched again",
               {}};
  }
  return std::nullopt;
}

// Never more than its resources, whatever the master believes (design.md invariant 1).
std::optional<Agent::End> Agent::lacks(const Launch& launch, const Executor* executor) const {
  const TaskState dropped = lost_or(launch.framework_id(), TaskState::dropped);
  std::vector<model::Resource> all;
  for (const model::TaskInfo& task : launch.tasks) {
    all.insert(all.end(), task.resources.begin(), task.resources.end());
  }
  if (launch.executor != nullptr && executor == nullptr) {
    all.insert(all.end(), launch.executor->resources.begin(), launch.executor->resources.end());
  }
  const model::Resources wanted = counted(all);
  std::string lacking;
  if (!fits(total_, wanted, &lacking)) {
    return End{TaskState::error,
               launch.grouped ? StatusReason::task_group_invalid : StatusReason::task_invalid,
               "Task uses more than the agent has: " + lacking,
               {}};
  }
  for (const model::Resource& resource :
       model::Resources(all).with_allocation(std::nullopt).list()) {
    if (is_checkpointed(resource) && !total_.contains(model::Resources({resource}))) {
      return End{dropped,
                 StatusReason::resources_unknown,
                 "Unknown resources on this agent: " + model::to_text(model::Resources({resource})),
                 {}};
    }
  }
  const model::Resources in_use = used();
  if (overlap(in_use, wanted, &lacking) || !fits(total_, in_use + wanted, &lacking)) {
    return End{dropped,
               StatusReason::invalid_offers,
               "Task does not fit on the agent beside what runs there: " + lacking,
               {}};
  }
  return std::nullopt;
}

model::Resources Agent::used() const {
  model::Resources sum;
  for (const auto& [key, task] : tasks_) {
    if (!model::is_terminal(task.state)) {
      sum += counted(task.info.resources);
    }
  }
  for (const auto& [container, executor] : executors_) {
    if (executor.record.kind != ExecutorKind::command &&
        executor.state != Executor::State::terminated) {
      sum += counted(executor.record.info.resources);
    }
  }
  return sum;
}

Agent::Executor& Agent::add_executor(const Launch& launch, Effects& fx) {
  Executor executor;
  executor.number = next_number_++;
  executor.record.framework_id = launch.framework_id();
  executor.record.container = ContainerId{random_.uuid()};
  if (launch.executor != nullptr) {
    executor.record.kind = launch.executor->type == model::ExecutorInfo::Type::default_
                               ? ExecutorKind::default_
                               : ExecutorKind::custom;
    executor.record.info = *launch.executor;
    executor.record.info.framework_id = launch.framework_id();
  } else {
    executor.record.info = command_executor_info(launch.framework, launch.tasks.front());
  }
  fx.persist.push_back(executor_record(executor.number, executor.record));
  const ContainerId container = executor.record.container;
  by_executor_[{executor.record.framework_id, executor.record.info.executor_id}] = container;
  return executors_.emplace(container, std::move(executor)).first->second;
}

Agent::Task& Agent::add_task(const Launch& launch,
                             const model::TaskInfo& info,
                             const ContainerId& container,
                             Effects& fx) {
  Task task;
  task.number = next_number_++;
  task.framework_id = launch.framework_id();
  task.container = container;
  task.info = info;
  task.group = launch.group;
  if (launch.executor != nullptr && !task.info.executor) {
    task.info.executor = *launch.executor;  // so that every record says whose task it is
    task.info.executor->framework_id = launch.framework_id();
  }
  fx.persist.push_back(
      task_record(task.number, {task.framework_id, container, task.info, task.group}));
  const TaskKey key{task.framework_id, task.info.task_id};
  const auto executor = executors_.find(container);
  if (executor != executors_.end()) {
    executor->second.tasks.push_back(key);
  }
  return tasks_.emplace(key, std::move(task)).first->second;
}

// One task's folder could not be made: it has failed, and its group goes with it [3.9].
void Agent::on(const NestedPrepared& input, Now now, Effects& fx) {
  const auto executor = executors_.find(input.container);
  const auto task = executor == executors_.end()
                        ? tasks_.end()
                        : tasks_.find({executor->second.record.framework_id, input.task});
  if (task == tasks_.end() || task->second.folder != Task::Folder::asked) {
    return;
  }
  Executor& runner = executor->second;
  task->second.folder = Task::Folder::ready;
  if (!input.error) {
    deliver(runner, fx);
    return;
  }
  const std::uint64_t group = task->second.group;
  if (!model::is_terminal(task->second.state)) {
    end_task(task->second,
             {TaskState::failed,
              StatusReason::container_launch_failed,
              "Failed to launch container: " + *input.error,
              {}},
             now,
             fx);
  }
  for (const TaskKey& key : std::vector(runner.tasks)) {
    Task& other = tasks_.at(key);
    if (other.group == group && !model::is_terminal(other.state)) {
      end_task(other,
               {TaskState::killed, StatusReason::none, "Another task of the group failed", {}},
               now,
               fx);
    }
  }
  if (!runner.used && !has_live_task(runner)) {
    shut_down(runner, now, fx);
  }
}

}  // namespace ekiden::agent
