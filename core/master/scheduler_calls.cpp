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

namespace {

constexpr std::size_t kWaitingKillsMax = 10'000;  // per agent that is away

}  // namespace

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

// What SUBSCRIBE and UPDATE_FRAMEWORK are judged by alike [mesos-core 2.2].
template <class Call>
std::optional<std::string> Master::info_problem(const Call& call) const {
  const model::FrameworkInfo& info = call.framework_info;
  if (auto problem = framework_problem(info)) {
    return problem;
  }
  const auto roles = info.all_roles();
  const auto holds = [&](const std::string& role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  for (const std::string& role : roles) {
    if (config_.roles && !config_.roles->contains(role)) {
      return fmt::format("Role '{}' is not present in the master's --roles", role);
    }
  }
  if (info.user == "root" && !config_.root_submissions) {
    return "User 'root' is not allowed to run frameworks without --root_submissions set";
  }
  for (const std::string& role : call.suppressed_roles) {
    if (!holds(role)) {
      return fmt::format("Suppressed role '{}' is not contained in the list of roles", role);
    }
  }
  if (call.offer_constraints) {
    for (const auto& [role, constraints] : call.offer_constraints->role_constraints) {
      if (!holds(role)) {
        return fmt::format("Offer constraints specify role '{}' not contained in the roles", role);
      }
    }
    auto compiled =
        allocator::ConstraintsFilter::compile(*call.offer_constraints, config_.constraint_limits);
    if (!compiled) {
      return "Offer constraints are not valid: " + compiled.error().message;
    }
  }
  return std::nullopt;
}

template <class Call>
void Master::adopt_constraints(Framework& framework, const Call& call) const {
  framework.suppressed = call.suppressed_roles;
  framework.offer_constraints = call.offer_constraints;
  framework.constraints = nullptr;
  if (call.offer_constraints) {
    auto compiled =
        allocator::ConstraintsFilter::compile(*call.offer_constraints, config_.constraint_limits);
    framework.constraints = compiled ? *compiled : nullptr;
  }
}

std::optional<std::string> Master::subscribe_problem(const scheduler::Call& call) const {
  const auto& subscribe = std::get<scheduler::Subscribe>(call.body);
  const model::FrameworkInfo& info = subscribe.framework_info;
  if (auto problem = info_problem(subscribe)) {
    return problem;
  }
  for (const FrameworkView& completed : completed_frameworks_) {
    if (completed.info.id == info.id) {
      return "Framework has been removed";
    }
  }
  const auto known = info.id ? frameworks_.find(*info.id) : frameworks_.end();
  if (known != frameworks_.end() && known->second.info.principal != info.principal) {
    return "Changing framework's principal is not allowed";
  }
  return std::nullopt;
}

Master::Framework& Master::add_framework(model::FrameworkInfo info, Now now) {
  const FrameworkId id = *info.id;
  Framework& framework = frameworks_[id];
  framework.info = std::move(info);
  framework.registered = now.wall;
  allocator_.add_framework(id, spec(framework), allocator::Activity::inactive);
  return framework;
}

// Agents pass it on to executors that start from now on.
void Master::tell_agents(const Framework& framework, Effects& fx) const {
  const FrameworkId& id = *framework.info.id;
  for (const auto& [agent_id, agent] : agents_) {
    const auto task = agent.tasks.lower_bound({id, TaskId{}});
    const auto executor = agent.executors.lower_bound({id, ExecutorId{}});
    if ((task != agent.tasks.end() && task->first == id) ||
        (executor != agent.executors.end() && executor->first.first == id)) {
      send(agent, link::UpdateFramework{framework.info}, fx);
    }
  }
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
  drop_inverse_offers(framework, now);
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
  const model::FrameworkInfo before = framework.info;
  framework.info = call.framework_info;
  framework.info.user = before.user;  // both cannot change any more [mesos-core 2.3]
  framework.info.checkpoint = before.checkpoint;
  adopt_constraints(framework, call);
  framework.recovered = false;
  if (framework.info != before) {
    tell_agents(framework, fx);
  }
  set_failover_deadline(framework, kNever);
  const FrameworkId id = *framework.info.id;
  allocator_.set_framework(id, allocator::Activity::inactive);  // forgets its filters
  allocator_.update_framework(id, spec(framework));
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
  drop_inverse_offers(framework, now);
  const Duration patience = from_seconds(framework.info.failover_timeout);
  set_failover_deadline(framework, now.time + std::min(patience, kNever - now.time));
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
    std::erase_if(framework.suppressed, [&](const std::string& role) {
      return call.roles.empty() ||
             std::find(call.roles.begin(), call.roles.end(), role) != call.roles.end();
    });
  }
}

void Master::on(Framework& framework, const scheduler::Suppress& call, Now, Effects&) {
  if (holds_all(framework.info, call.roles)) {
    allocator_.suppress(*framework.info.id, call.roles);
    for (const std::string& role : call.roles.empty() ? framework.info.all_roles() : call.roles) {
      if (std::find(framework.suppressed.begin(), framework.suppressed.end(), role) ==
          framework.suppressed.end()) {
        framework.suppressed.push_back(role);
      }
    }
  }
}

// A kill is answered or passed on, never dropped: it waits for an agent that is away, besides the
// answer of an explicit reconciliation [mesos-core 2.11].
void Master::on(Framework& framework, const scheduler::Kill& call, Now now, Effects& fx) {
  const link::KillTask kill{*framework.info.id, call.task_id, call.kill_policy};
  const auto known = framework.tasks.find(call.task_id);
  std::optional<AgentId> agent_id = call.agent_id;
  if (known != framework.tasks.end()) {
    if (agent_id && *agent_id != known->second->info.agent_id) {
      return;  // another task of that name, which is not here
    }
    agent_id = known->second->info.agent_id;
  } else {
    answer_about_unknown(framework, call.task_id, agent_id, now, fx);
    const auto lost = framework.unreachable.find(call.task_id);
    if (!agent_id && lost != framework.unreachable.end()) {
      agent_id = lost->second->info.agent_id;
    }
  }
  Agent* agent = agent_id ? find_agent(*agent_id) : nullptr;
  if (agent == nullptr) {
    return;
  }
  if (!agent->connection) {
    if (agent->kills.size() < kWaitingKillsMax) {
      agent->kills[{*framework.info.id, call.task_id}] = kill;
    }
  } else if (known != framework.tasks.end()) {
    send(*agent, kill, fx);
  }
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
    answer_about_unknown(framework, asked.task_id, asked.agent_id, now, fx);
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
    const model::TaskStatus last = task.statuses.latest(task.info);
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
  } else if (agent && gone_.contains(*agent)) {
    state = TaskState::gone_by_operator;
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
  return info_problem(call);
}

void Master::on(Framework& framework,
                const scheduler::UpdateFramework& call,
                Now now,
                Effects& fx) {
  const FrameworkId id = *framework.info.id;
  if (update_problem(id, call)) {
    return;  // the caller has been told
  }
  const bool is_news = framework.info != call.framework_info;
  framework.info = call.framework_info;
  adopt_constraints(framework, call);
  const auto roles = framework.info.all_roles();
  std::set<OfferId> leaving;
  for (const OfferId& offer : framework.offers) {
    if (std::find(roles.begin(), roles.end(), offers_.at(offer).allocation.role) == roles.end()) {
      leaving.insert(offer);
    }
  }
  withdraw_offers(std::move(leaving), Tell::rescind, now, fx);
  allocator_.update_framework(id, spec(framework));
  if (is_news) {
    tell_agents(framework, fx);
    fx.persist.push_back(record(FrameworkRecord{framework.info, framework.registered}));
    fx.notify.emplace_back(FrameworkUpdated{view(framework)});
  }
}

// TEARDOWN and the failover timeout: the only two ways in which this master ends tasks.
void Master::remove_framework(const FrameworkId& id, Now now, Effects& fx) {
  Framework& framework = frameworks_.at(id);
  withdraw_offers(framework.offers, Tell::nothing, now, fx);
  drop_inverse_offers(framework, now);
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
    agent.inverse_answers.erase(id);
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
