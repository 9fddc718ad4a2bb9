#include "core/agent/agent.h"

#include "core/agent/volumes.h"
#include "core/base/check.h"
#include "core/base/overloaded.h"
#include "core/base/strings.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::agent {

using model::StatusReason;
using model::TaskState;

Agent::Agent(AgentConfig config, Random random)
    : config_(std::move(config)), random_(random), total_(config_.info.resources) {}

Result<Agent> Agent::load(AgentConfig config, Random random, const StoredRecords& records) {
  Agent agent(std::move(config), random);
  Result<void> done = agent.load_agent(records);
  done = done ? agent.load_frameworks_and_executors(records) : done;
  done = done ? agent.load_tasks(records) : done;
  done = done ? agent.load_updates(records) : done;
  if (!done) {
    return fail(done.error());
  }
  return agent;
}

namespace {

tl::unexpected<Error> unreadable(const char* kind, const std::string& key, const Error& error) {
  return fail(
      error.code,
      fmt::format("cannot recover the agent: record {}/{}: {}; its tasks keep running. Restore "
                  "the database, or erase that record to forget it",
                  kind,
                  key,
                  error.message));
}

}  // namespace

Result<void> Agent::load_agent(const StoredRecords& records) {
  for (const auto& [key, text] : records.agent) {
    Result<void> done;
    if (key == "id") {
      done = read_agent(text).map([&](AgentId id) {
        id_ = id;
        config_.info.id = id_;
      });
    } else if (key == "drain") {
      done = read_drain(text).map([&](model::DrainConfig config) { drain_ = std::move(config); });
    } else if (key == "resources") {
      const auto checkpointed = read_resources(text);
      if (checkpointed) {
        if (Result<void> known = load_resources(*checkpointed); !known) {
          return known;
        }
      }
      done = checkpointed ? done : Result<void>(fail(checkpointed.error()));
    } else if (key.starts_with("removal.")) {
      done = read_removal(text).map(
          [&](RemovalRecord removal) { removals_[removal.path] = std::move(removal); });
    } else if (key.starts_with("operation.")) {
      done = read_operation(text).map([&](OperationRecord record) {
        Operation operation;
        operation.number = static_cast<std::uint64_t>(parse_int(key.substr(10)).value_or(0));
        operation.record = std::move(record);
        next_number_ = std::max(next_number_, operation.number + 1);
        operation_order_[operation.number] = operation.record.uuid;
        operations_.emplace(operation.record.uuid, std::move(operation));
      });
    }
    if (!done) {
      return unreadable(kAgentKind, key, done.error());
    }
  }
  return {};
}

Result<void> Agent::load_frameworks_and_executors(const StoredRecords& records) {
  for (const auto& [key, text] : records.frameworks) {
    Result<model::FrameworkInfo> info = read_framework(text);
    if (!info) {
      return unreadable(kFrameworkKind, key, info.error());
    }
    frameworks_.emplace(FrameworkId{key}, std::move(*info));
  }
  for (const auto& [key, text] : records.executors) {
    Result<ExecutorRecord> record = read_executor(text);
    if (!record) {
      return unreadable(kExecutorKind, key, record.error());
    }
    Executor executor;
    executor.number = static_cast<std::uint64_t>(parse_int(key).value_or(0));
    executor.state = Executor::State::registering;
    executor.record = std::move(*record);
    executor.used = true;  // as far as we know
    next_number_ = std::max(next_number_, executor.number + 1);
    const ContainerId container = executor.record.container;
    by_executor_[{executor.record.framework_id, executor.record.info.executor_id}] = container;
    executors_.emplace(container, std::move(executor));
  }
  return {};
}

Result<void> Agent::load_tasks(const StoredRecords& records) {
  for (const auto& [key, text] : records.tasks) {
    Result<TaskRecord> record = read_task(text);
    if (!record) {
      return unreadable(kTaskKind, key, record.error());
    }
    Task task;
    task.number = static_cast<std::uint64_t>(parse_int(key).value_or(0));
    task.framework_id = record->framework_id;
    task.container = record->container;
    task.info = std::move(record->info);
    task.group = record->group;
    task.sent = true;  // as far as we know
    next_number_ = std::max({next_number_, task.number + 1, task.group + 1});
    const TaskKey id{task.framework_id, task.info.task_id};
    const auto executor = executors_.find(task.container);
    if (executor != executors_.end()) {
      executor->second.tasks.push_back(id);
    }
    tasks_.insert_or_assign(id, std::move(task));
  }
  return {};
}

Result<void> Agent::load_updates(const StoredRecords& records) {
  std::map<std::uint64_t, Task*> by_number;
  for (auto& [key, task] : tasks_) {
    by_number[task.number] = &task;
  }
  for (const auto& [key, text] : records.updates) {
    Result<UpdateRecord> record = read_update(text);
    const auto parts = split(key, '.');
    if (!record || parts.size() != 2) {
      return unreadable(
          kUpdateKind, key, record ? Error{ErrorCode::malformed, "bad key"} : record.error());
    }
    const auto found = by_number.find(static_cast<std::uint64_t>(parse_int(parts[0]).value_or(0)));
    if (found == by_number.end()) {
      continue;  // its task was forgotten in the same batch as the update's last write
    }
    Task& task = *found->second;
    const auto number = static_cast<std::uint64_t>(parse_int(parts[1]).value_or(0));
    task.updates = number + 1;
    task.state = record->status.state;
    task.status = record->status;
    task.status_key = key;
    if (!record->acknowledged) {
      updates_.add(task.framework_id, std::move(record->status), number, Now{});
    }
  }
  return {};
}

Effects Agent::step(const Input& input, Now now) {
  Effects fx;
  std::visit([&](const auto& one) { on(one, now, fx); }, input);
  return fx;
}

Effects Agent::tick(Now now) {
  Effects fx;
  if (now.time >= ping_deadline_) {
    notice(fx, Notice::Level::warn, "no ping from the master in time: opening the link again");
    ping_deadline_ = kNever;
    linked_ = false;
    registration_ = Registration::waiting;
    registration_deadline_ = now.time;
  }
  if (registration_ != Registration::refused && registration_ != Registration::registered &&
      now.time >= registration_deadline_) {
    connect(now, fx);
  }
  if (registered()) {
    for (api::agent_link::StatusUpdate& update : updates_.due(now)) {
      send(std::move(update), fx);
    }
    send_due_operations(now, fx);
  }
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.time) {
    Executor& executor = executors_.at(deadlines_.begin()->second);
    set_deadline(executor, kNever);
    executor_deadline(executor, now, fx);
  }
  return fx;
}

Time Agent::next_deadline() const {
  Time next = ping_deadline_;
  if (registration_ == Registration::idle || registration_ == Registration::waiting) {
    next = std::min(next, registration_deadline_);
  }
  if (registered()) {
    next = std::min(next, updates_.next_deadline());
    next =
        operation_deadlines_.empty() ? next : std::min(next, operation_deadlines_.begin()->first);
  }
  if (!deadlines_.empty()) {
    next = std::min(next, deadlines_.begin()->first);
  }
  return next;
}

// Opens the link unless one is open, and says everything that the agent runs.
void Agent::connect(Now now, Effects& fx) {
  if (!linked_) {
    fx.connect = true;
    linked_ = true;
    welcomed_ = false;
  }
  registration_ = Registration::waiting;
  const Duration delay = config_.registration.delay(++failures_);
  registration_deadline_ =
      now.time + delay / 2 +
      Duration(static_cast<Duration::rep>(random_.unit() * static_cast<double>(delay.count()) / 2));
  api::agent_link::Register message;
  message.attempt = ++attempt_;
  message.info = config_.info;
  message.ip = config_.ip;
  message.version = config_.version;
  std::set<FrameworkId> frameworks;
  for (const auto& [key, task] : tasks_) {
    const auto executor = executors_.find(task.container);
    const bool custom =
        executor != executors_.end() && executor->second.record.kind != ExecutorKind::command;
    message.tasks.push_back(
        {task.framework_id,
         task.info,
         task.state,
         task.status,
         custom ? std::optional(executor->second.record.info.executor_id) : std::nullopt});
    frameworks.insert(task.framework_id);
  }
  for (const auto& [container, executor] : executors_) {
    if (executor.record.kind != ExecutorKind::command &&
        executor.state != Executor::State::terminated) {
      message.executors.push_back({executor.record.framework_id, executor.record.info});
      frameworks.insert(executor.record.framework_id);
    }
  }
  for (const auto& [number, uuid] : operation_order_) {
    const OperationRecord& record = operations_.at(uuid).record;
    message.operations.push_back({record.framework_id, record.operation, record.status, uuid});
  }
  message.resources = total_.list();
  message.draining = drain_.has_value();
  for (const FrameworkId& framework : frameworks) {
    message.frameworks.push_back(frameworks_.at(framework));
  }
  send(std::move(message), fx);
}

void Agent::send(decltype(api::agent_link::ToMaster::body) body, Effects& fx) const {
  fx.to_master.push_back({id_, std::move(body)});
}

void Agent::set_deadline(Executor& executor, Time when) {
  const ContainerId& container = executor.record.container;
  if (executor.deadline != kNever) {
    deadlines_.erase({executor.deadline, container});
  }
  executor.deadline = when;
  if (when != kNever) {
    deadlines_.insert({when, container});
  }
}

void Agent::executor_deadline(Executor& executor, Now now, Effects& fx) {
  switch (executor.state) {
    case Executor::State::starting:
      start_again(executor, now, fx);
      return;
    case Executor::State::registering:
      destroy(executor,
              {TaskState::failed,
               StatusReason::executor_registration_timeout,
               "Executor did not register within " + to_text(config_.executor_registration_timeout),
               {}},
              fx);
      return;
    case Executor::State::terminating:
      destroy(executor, {}, fx);
      return;
    case Executor::State::running:
    case Executor::State::terminated:
      return;
  }
}

// A recovered container without any trace of a process, and nobody has shown up: it was recorded
// and never started.
void Agent::start_again(Executor& executor, Now now, Effects& fx) {
  const bool reported =
      std::any_of(executor.tasks.begin(), executor.tasks.end(), [&](const TaskKey& key) {
        return tasks_.at(key).status.has_value();
      });
  if (reported || !has_live_task(executor)) {
    ended(executor,
          {lost_or(executor.record.framework_id, TaskState::dropped),
           StatusReason::agent_restarted,
           "The agent restarted and found no trace of the executor",
           {}},
          now,
          fx);
    return;
  }
  for (const TaskKey& key : executor.tasks) {
    tasks_.at(key).sent = false;
  }
  executor.used = false;
  StartContainer start = start_container(executor);
  start.again = true;
  fx.start.push_back(std::move(start));
}

StartContainer Agent::start_container(const Executor& executor) const {
  StartContainer start;
  start.container = executor.record.container;
  start.agent_id = id_.value_or(AgentId{});
  start.kind = executor.record.kind;
  start.executor = executor.record.info;
  const auto framework = frameworks_.find(executor.record.framework_id);
  if (framework != frameworks_.end()) {
    start.framework = framework->second;
  }
  model::Resources sum(executor.record.info.resources);
  for (const TaskKey& key : executor.tasks) {
    const Task& task = tasks_.at(key);
    if (model::is_terminal(task.state)) {
      continue;
    }
    sum += model::Resources(task.info.resources);
    if (executor.record.kind == ExecutorKind::command) {
      start.task = task.info;
      start.limits = task.info.limits;
    }
  }
  start.volumes = volume_mounts(sum.list());
  start.cpus = sum.scalar("cpus").to_double();
  start.mem_mb = sum.scalar("mem").to_double();
  return start;
}

Agent::Executor* Agent::find_executor(const ExecutorKey& key) {
  const auto found = by_executor_.find(key);
  return found == by_executor_.end() ? nullptr : &executors_.at(found->second);
}

bool Agent::partition_aware(const FrameworkId& framework) const {
  const auto found = frameworks_.find(framework);
  return found != frameworks_.end() &&
         found->second.has(model::FrameworkCapability::partition_aware);
}

TaskState Agent::lost_or(const FrameworkId& framework, TaskState state) const {
  return partition_aware(framework) ? state : TaskState::lost;
}

void Agent::notice(Effects& fx, Notice::Level level, std::string text) const {
  fx.notify.push_back({level, std::move(text)});
}

}  // namespace ekiden::agent
