// One function per call of a framework [mesos-core 2]. Calls on a connection that is not the
// framework's current subscription are ignored: it has failed over.
#include "core/base/check.h"
#include "core/master/master.h"
#include "core/master/records.h"
#include "core/master/refuse_seconds.h"
#include "core/master/validation.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::master {

using model::StatusReason;
using model::TaskState;
namespace scheduler = api::scheduler;
namespace link = api::agent_link;

void Master::on(const SchedulerCall& input, Now now, Effects& fx) {
  if (std::holds_alternative<scheduler::Subscribe>(input.call.body)) {
    subscribe(input.connection, input.call, now, fx);
    return;
  }
  Framework* framework = framework_of(input.connection);
  if (framework == nullptr || input.call.framework_id != framework->info.id) {
    say(fx,
        LogLine::Level::warn,
        fmt::format("a call of framework {} was ignored: it is not subscribed on this connection",
                    input.call.framework_id.value_or(FrameworkId{"?"}).value));
    return;
  }
  std::visit([&](const auto& call) { on(*framework, call, now, fx); }, input.call.body);
}

void Master::on(const SchedulerClosed& input, Now now, Effects& fx) {
  Framework* framework = framework_of(input.connection);
  scheduler_links_.erase(input.connection);
  if (framework == nullptr || framework->connection != input.connection) {
    return;
  }
  say(fx,
      LogLine::Level::info,
      fmt::format(
          "framework {} ({}) disconnected", framework->info.id->value, framework->info.name));
  disconnect(*framework, now, fx);
}

std::optional<std::string> Master::suppressed_problem(const model::FrameworkInfo& info,
                                                      const std::vector<std::string>& suppressed) {
  const auto roles = info.all_roles();
  for (const std::string& role : suppressed) {
    if (std::find(roles.begin(), roles.end(), role) == roles.end()) {
      return fmt::format("suppressed role '{}' is not among the roles", role);
    }
  }
  return std::nullopt;
}

std::optional<std::string> Master::subscribe_problem(const scheduler::Call& call) const {
  const auto& subscribe = std::get<scheduler::Subscribe>(call.body);
  const model::FrameworkInfo& info = subscribe.framework_info;
  if (auto problem = framework_problem(info)) {
    return problem;
  }
  if (auto problem = suppressed_problem(info, subscribe.suppressed_roles)) {
    return problem;
  }
  for (const FrameworkView& completed : completed_frameworks_) {
    if (completed.info.id == info.id) {
      return "Framework has been removed";
    }
  }
  const auto known = info.id ? frameworks_.find(*info.id) : frameworks_.end();
  if (known != frameworks_.end() && known->second.info.principal != info.principal) {
    return "'principal' must not change";
  }
  return std::nullopt;
}

Master::Framework& Master::add_framework(model::FrameworkInfo info, Now now) {
  const FrameworkId id = *info.id;
  Framework& framework = frameworks_[id];
  framework.info = std::move(info);
  framework.registered = now.wall;
  allocator_.add_framework(id, spec(framework.info, {}), allocator::Activity::inactive);
  return framework;
}

void Master::subscribe(ConnectionId connection, const scheduler::Call& call, Now now, Effects& fx) {
  if (const auto problem = subscribe_problem(call)) {
    fx.to_schedulers.push_back({connection, scheduler::ErrorEvent{*problem}});
    fx.close_schedulers.push_back(connection);
    return;
  }
  const auto& subscribe = std::get<scheduler::Subscribe>(call.body);
  model::FrameworkInfo info = subscribe.framework_info;
  if (!info.id || info.id->empty()) {
    // A repeat on the same connection is the same framework.
    const Framework* repeated = framework_of(connection);
    info.id = repeated != nullptr
                  ? *repeated->info.id
                  : FrameworkId{fmt::format("{}-{:04}", facts_.id, next_framework_++)};
  }
  const bool is_new = !frameworks_.contains(*info.id);
  Framework& framework = is_new ? add_framework(info, now) : frameworks_.at(*info.id);
  if (framework.connection && *framework.connection != connection) {
    fx.to_schedulers.push_back(
        {*framework.connection, scheduler::ErrorEvent{"Framework failed over"}});
    fx.close_schedulers.push_back(*framework.connection);
    scheduler_links_.erase(*framework.connection);
  }
  withdraw_offers(framework.offers, Tell::nothing, now, fx);
  framework.connection = connection;
  scheduler_links_[connection] = *info.id;
  scheduler::Subscribe accepted = subscribe;
  accepted.framework_info = std::move(info);
  resubscribe(framework, accepted, fx, now);
  if (is_new) {
    fx.notify.emplace_back(FrameworkAdded{view(framework)});
  } else {
    framework.reregistered = now.wall;
    fx.notify.emplace_back(FrameworkUpdated{view(framework)});
  }
}

void Master::resubscribe(Framework& framework,
                         const scheduler::Subscribe& call,
                         Effects& fx,
                         Now now) {
  const std::string user = framework.info.user;
  const bool checkpoint = framework.info.checkpoint;
  framework.info = call.framework_info;
  framework.info.user = user;  // both cannot change any more [mesos-core 2.3]
  framework.info.checkpoint = checkpoint;
  framework.recovered = false;
  set_failover_deadline(framework, kNever);
  const FrameworkId id = *framework.info.id;
  allocator_.set_framework(id, allocator::Activity::inactive);  // forgets its filters
  allocator_.update_framework(id, spec(framework.info, call.suppressed_roles));
  allocator_.set_framework(id, allocator::Activity::active);
  fx.persist.push_back(record(FrameworkRecord{framework.info, framework.registered}));
  send(framework,
       scheduler::Subscribed{id, to_seconds(config_.heartbeat_interval), facts_.info()},
       fx);
  send(framework, scheduler::Heartbeat{}, fx);
  next_heartbeat_ = std::min(next_heartbeat_, now.time + config_.heartbeat_interval);
  say(fx,
      LogLine::Level::info,
      fmt::format("framework {} ({}) subscribed", id.value, framework.info.name));
}

void Master::disconnect(Framework& framework, Now now, Effects& fx) {
  framework.connection.reset();
  allocator_.set_framework(*framework.info.id, allocator::Activity::inactive);
  withdraw_offers(framework.offers, Tell::nothing, now, fx);
  set_failover_deadline(framework, now.time + from_seconds(framework.info.failover_timeout));
}

void Master::on(Framework&, const scheduler::Subscribe&, Now, Effects&) {
  CHECK(false, "SUBSCRIBE is answered before");
}

void Master::on(Framework& framework, const scheduler::Teardown&, Now now, Effects& fx) {
  remove_framework(*framework.info.id, now, fx);
}

void Master::on(Framework& framework, const scheduler::Decline& call, Now now, Effects&) {
  for (const OfferId& id : call.offer_ids) {
    if (framework.offers.contains(id)) {
      return_offer(id, refusal(call.filters), now);
    }
  }
}

namespace {

bool holds_all(const model::FrameworkInfo& info, const std::vector<std::string>& roles) {
  const auto held = info.all_roles();
  return std::all_of(roles.begin(), roles.end(), [&](const std::string& role) {
    return std::find(held.begin(), held.end(), role) != held.end();
  });
}

}  // namespace

void Master::on(Framework& framework, const scheduler::Revive& call, Now, Effects&) {
  if (holds_all(framework.info, call.roles)) {
    allocator_.revive(*framework.info.id, call.roles);
  }
}

void Master::on(Framework& framework, const scheduler::Suppress& call, Now, Effects&) {
  if (holds_all(framework.info, call.roles)) {
    allocator_.suppress(*framework.info.id, call.roles);
  }
}

// A kill is answered or passed on, never dropped: an agent may run what this master has not heard
// of yet, and answers itself when it does not.
void Master::on(Framework& framework, const scheduler::Kill& call, Now now, Effects& fx) {
  const auto known = framework.tasks.find(call.task_id);
  const auto lost = framework.unreachable.find(call.task_id);
  std::optional<AgentId> agent_id = call.agent_id;
  if (known != framework.tasks.end()) {
    agent_id = known->second->info.agent_id;
  } else if (lost != framework.unreachable.end()) {
    agent_id = lost->second->info.agent_id;
  }
  Agent* agent = agent_id ? find_agent(*agent_id) : nullptr;
  if (agent == nullptr) {
    answer_about_unknown(framework, call.task_id, agent_id, now, fx);
    return;
  }
  const link::KillTask kill{*framework.info.id, call.task_id, call.kill_policy};
  if (agent->connection) {
    send(*agent, kill, fx);
    return;
  }
  // Sent when it is back; it answers then, also about what it does not know.
  agent->kills[{*framework.info.id, call.task_id}] = kill;
}

void Master::on(Framework& framework, const scheduler::Shutdown& call, Now, Effects& fx) {
  if (const Agent* agent = find_agent(call.agent_id); agent != nullptr) {
    send(*agent, link::ShutdownExecutor{*framework.info.id, call.executor_id}, fx);
  }
}

void Master::on(Framework& framework, const scheduler::Acknowledge& call, Now, Effects& fx) {
  Agent* agent = find_agent(call.agent_id);
  if (agent == nullptr || !agent->connection) {
    return;  // the agent repeats the update when it is back
  }
  send(*agent, link::AcknowledgeUpdate{*framework.info.id, call.task_id, call.uuid}, fx);
  const auto known = framework.tasks.find(call.task_id);
  if (known != framework.tasks.end() && known->second->status_uuid == call.uuid &&
      model::is_terminal(known->second->status_state)) {
    complete_task(framework, call.task_id);
  }
}

void Master::on(Framework& framework, const scheduler::FrameworkMessage& call, Now, Effects& fx) {
  if (const Agent* agent = find_agent(call.agent_id); agent != nullptr) {
    send(*agent, link::FrameworkMessage{*framework.info.id, call.executor_id, call.data}, fx);
  }
}

// [mesos-core 2.12]
void Master::on(Framework& framework, const scheduler::Reconcile& call, Now now, Effects& fx) {
  if (call.tasks.empty()) {
    for (const auto& [id, task] : framework.tasks) {
      answer_about(framework, *task, now, fx);
    }
    return;
  }
  for (const auto& asked : call.tasks) {
    const auto known = framework.tasks.find(asked.task_id);
    if (known != framework.tasks.end()) {
      answer_about(framework, *known->second, now, fx);
      continue;
    }
    std::optional<AgentId> agent = asked.agent_id;
    const auto lost = framework.unreachable.find(asked.task_id);
    if (!agent && lost != framework.unreachable.end()) {
      agent = lost->second->info.agent_id;
    }
    answer_about_unknown(framework, asked.task_id, agent, now, fx);
  }
}

void Master::answer_about(const Framework& framework,
                          const Task& task,
                          Now now,
                          Effects& fx) const {
  const TaskState state = task.statuses.empty() ? task.state : task.status_state;
  model::TaskStatus status =
      status_of(task.info.task_id,
                {state, StatusReason::reconciliation, "Reconciliation: Latest task state"},
                now);
  status.agent_id = task.info.agent_id;
  if (!task.statuses.empty()) {
    const model::TaskStatus& last = task.statuses.back();
    status.executor_id = last.executor_id;
    status.healthy = last.healthy;
    status.check_status = last.check_status;
    status.container_status = last.container_status;
    status.labels = last.labels;
  }
  send(framework, scheduler::Update{std::move(status)}, fx);
}

void Master::answer_about_unknown(const Framework& framework,
                                  const TaskId& task,
                                  const std::optional<AgentId>& agent,
                                  Now now,
                                  Effects& fx) const {
  const auto known = agent ? agents_.find(*agent) : agents_.end();
  TaskState state = TaskState::unknown;
  std::optional<WallTime> unreachable;
  if (known != agents_.end()) {
    switch (known->second.state) {
      case Agent::State::recovered:
        return;  // it may well run there: no answer is right yet
      case Agent::State::registered:
      case Agent::State::disconnected:
        state = TaskState::gone;
        break;
      case Agent::State::unreachable:
        state = TaskState::unreachable;
        unreachable = known->second.unreachable;
        break;
    }
  } else if (!agent) {
    const bool some_are_missing =
        std::any_of(agents_.begin(), agents_.end(), [](const auto& entry) {
          return entry.second.state == Agent::State::recovered;
        });
    if (some_are_missing) {
      return;
    }
  }
  model::TaskStatus status = status_of(
      task,
      {lost_or(framework, state), StatusReason::reconciliation, "Reconciliation: Task is unknown"},
      now);
  status.agent_id = agent;
  if (unreachable) {
    status.unreachable_time = model::TimeInfo{unreachable->time_since_epoch().count()};
  }
  send(framework, scheduler::Update{std::move(status)}, fx);
}

std::optional<Master::Subscription> Master::subscription(const FrameworkId& id) const {
  const auto found = frameworks_.find(id);
  return found == frameworks_.end() ? std::nullopt
                                    : std::optional(Subscription{found->second.connection});
}

std::optional<std::string> Master::update_problem(const FrameworkId& id,
                                                  const scheduler::UpdateFramework& call) const {
  const auto found = frameworks_.find(id);
  if (found == frameworks_.end()) {
    return "Framework cannot be found";
  }
  const model::FrameworkInfo& now = found->second.info;
  const model::FrameworkInfo& wanted = call.framework_info;
  if (wanted.id != now.id) {
    return "'framework_info.id' must be the framework's id";
  }
  if (wanted.principal != now.principal) {
    return "Updating 'FrameworkInfo.principal' is unsupported";
  }
  if (wanted.user != now.user) {
    return "Updating 'FrameworkInfo.user' is unsupported";
  }
  if (wanted.checkpoint != now.checkpoint) {
    return "Updating 'FrameworkInfo.checkpoint' is unsupported";
  }
  if (auto problem = framework_problem(wanted)) {
    return problem;
  }
  return suppressed_problem(wanted, call.suppressed_roles);
}

std::vector<model::OperationStatus> Master::reconcile_operations(
    const FrameworkId&, const scheduler::ReconcileOperations& call) const {
  std::vector<model::OperationStatus> answers;
  for (const auto& asked : call.operations) {
    model::OperationStatus& answer = answers.emplace_back();
    answer.operation_id = asked.operation_id;
    answer.state = model::OperationState::unknown;
  }
  return answers;
}

void Master::on(const OperatorRequest& input, Now, Effects& fx) {
  fx.replies.push_back({input.id, 501, "The command is not implemented yet"});
}

void Master::on(Framework& framework,
                const scheduler::UpdateFramework& call,
                Now now,
                Effects& fx) {
  const FrameworkId id = *framework.info.id;
  if (update_problem(id, call)) {
    return;  // the caller has been told
  }
  framework.info = call.framework_info;
  const auto roles = framework.info.all_roles();
  std::set<OfferId> leaving;
  for (const OfferId& offer : framework.offers) {
    if (std::find(roles.begin(), roles.end(), offers_.at(offer).allocation.role) == roles.end()) {
      leaving.insert(offer);
    }
  }
  withdraw_offers(std::move(leaving), Tell::rescind, now, fx);
  allocator_.update_framework(id, spec(framework.info, call.suppressed_roles));
  fx.persist.push_back(record(FrameworkRecord{framework.info, framework.registered}));
  fx.notify.emplace_back(FrameworkUpdated{view(framework)});
}

// TEARDOWN and the failover timeout: the only two ways in which this master ends tasks.
void Master::remove_framework(const FrameworkId& id, Now now, Effects& fx) {
  Framework& framework = frameworks_.at(id);
  withdraw_offers(framework.offers, Tell::nothing, now, fx);
  const Ended ended{TaskState::killed, StatusReason::framework_removed, "Framework is removed"};
  while (!framework.tasks.empty()) {
    const TaskId task = framework.tasks.begin()->first;
    if (!model::is_terminal(framework.tasks.begin()->second->state)) {
      record_status(framework, status_of(task, ended, now), TaskState::killed, now, fx);
    }
    complete_task(framework, task);
  }
  for (auto& [agent_id, agent] : agents_) {
    send(agent, link::ShutdownFramework{id}, fx);
    for (auto entry = agent.executors.begin(); entry != agent.executors.end();) {
      const ExecutorKey key = (entry++)->first;
      if (key.first == id) {
        free_executor(agent, key, now);
      }
    }
  }
  if (framework.connection) {
    fx.close_schedulers.push_back(*framework.connection);
    scheduler_links_.erase(*framework.connection);
    framework.connection.reset();
  }
  set_failover_deadline(framework, kNever);
  allocator_.remove_framework(id);
  FrameworkView last = view(framework);
  last.unregistered = now.wall;
  last.completed = {framework.completed.begin(), framework.completed.end()};
  completed_frameworks_.push_back(std::move(last));
  while (completed_frameworks_.size() > config_.completed_frameworks_max) {
    completed_frameworks_.pop_front();
  }
  fx.persist.push_back(erased(kFrameworkKind, id.value));
  fx.notify.emplace_back(FrameworkRemoved{framework.info});
  say(fx, LogLine::Level::info, fmt::format("framework {} removed", id.value));
  frameworks_.erase(id);
}

}  // namespace ekiden::master
