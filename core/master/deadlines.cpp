#include "core/master/master.h"
#include "core/master/records.h"

#include <fmt/core.h>

namespace ekiden::master {

using model::StatusReason;
using model::TaskState;
namespace scheduler = api::scheduler;

void Master::agent_deadline(Agent& agent, Now now, Effects& fx) {
  if (agent.state != Agent::State::registered) {
    mark_unreachable(agent, now, fx);
    return;
  }
  if (agent.pings_missed >= config_.agent_pings_missed_max) {
    mark_unreachable(agent, now, fx);
    return;
  }
  ++agent.pings_missed;  // anything from the agent sets it back
  send(agent, api::agent_link::Ping{}, fx);
  resend_launches(agent, now, fx);
  set_deadline(agent, now.time + config_.agent_ping_interval);
}

// The link broke; its tasks go on.
void Master::disconnect(Agent& agent, Now now, Effects& fx) {
  agent.connection.reset();
  agent.state = Agent::State::disconnected;
  allocator_.set_agent(*agent.info.id, allocator::Activity::inactive);
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  set_deadline(agent, now.time + config_.agent_reregister_timeout);
  say(fx,
      LogLine::Level::warn,
      fmt::format("agent {} disconnected; waiting for it to come back", agent.info.id->value));
}

void Master::tell_failure(const AgentId& id, Effects& fx) const {
  for (const auto& [framework_id, framework] : frameworks_) {
    send(framework, scheduler::Failure{id, std::nullopt, std::nullopt}, fx);
  }
}

void Master::mark_unreachable(Agent& agent, Now now, Effects& fx) {
  const AgentId id = *agent.info.id;
  const bool in_allocator = agent.state != Agent::State::recovered;
  say(fx, LogLine::Level::error, fmt::format("agent {} is unreachable", id.value));
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  const std::set<TaskKey> tasks = agent.tasks;
  for (const TaskKey& key : tasks) {
    Framework& framework = frameworks_.at(key.first);
    Task task = *framework.tasks.at(key.second);
    if (model::is_terminal(task.state)) {
      complete_task(framework, key.second);
      continue;
    }
    const TaskState state = lost_or(framework, TaskState::unreachable);
    model::TaskStatus status =
        status_of(key.second, {state, StatusReason::agent_removed, "Agent is unreachable"}, now);
    status.agent_id = id;
    status.unreachable_time = model::TimeInfo{now.wall.time_since_epoch().count()};
    record_status(framework, status, state, now, fx);
    if (!model::is_terminal(state)) {
      release(task, now);
    }
    framework.unreachable[key.second] = framework.tasks.at(key.second);
    framework.tasks.erase(key.second);
    agent.tasks.erase(key);
    send(framework, scheduler::Update{std::move(status)}, fx);
  }
  agent.launching.clear();
  while (!agent.executors.empty()) {
    free_executor(agent, agent.executors.begin()->first, now);
  }
  if (in_allocator) {
    allocator_.remove_agent(id);
  }
  if (agent.connection) {
    fx.close_agents.push_back(*agent.connection);
    agent_links_.erase(*agent.connection);
    agent.connection.reset();
  }
  agent.state = Agent::State::unreachable;
  agent.unreachable = now.wall;
  set_deadline(agent, kNever);
  fx.persist.push_back(record(AgentRecord{agent.info, agent.registered, now.wall}));
  tell_failure(id, fx);
}

// It has gone for good.
void Master::remove_agent(const AgentId& id, Now now, Effects& fx) {
  Agent& agent = agents_.at(id);
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  const std::set<TaskKey> tasks = agent.tasks;
  const Ended ended{TaskState::lost, StatusReason::agent_removed, "Agent is removed"};
  for (const TaskKey& key : tasks) {
    lose_task(frameworks_.at(key.first), key.second, ended, now, fx);
  }
  while (!agent.executors.empty()) {
    free_executor(agent, agent.executors.begin()->first, now);
  }
  if (agent.state == Agent::State::registered || agent.state == Agent::State::disconnected) {
    allocator_.remove_agent(id);
  }
  if (agent.connection) {
    fx.close_agents.push_back(*agent.connection);
    agent_links_.erase(*agent.connection);
  }
  set_deadline(agent, kNever);
  agents_.erase(id);
  fx.persist.push_back(erased(kAgentKind, id.value));
  fx.notify.emplace_back(AgentRemoved{id});
  tell_failure(id, fx);
}

}  // namespace ekiden::master
