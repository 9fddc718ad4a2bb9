// Agents that operators take out of service [mesos-core 5.11].
#include "core/master/master.h"
#include "core/master/records.h"

#include <fmt/core.h>

namespace ekiden::master {

namespace link = api::agent_link;

namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;

}  // namespace

void Master::persist_agent(const Agent& agent, Effects& fx) const {
  fx.persist.push_back(record(AgentRecord{agent.info,
                                          agent.registered,
                                          agent.unreachable,
                                          agent.deactivated,
                                          agent.drain,
                                          agent.drain_started}));
}

bool Master::may_be_offered(const Agent& agent) const {
  return agent.state == Agent::State::registered && !agent.deactivated;
}

void Master::deactivate(Agent& agent, Now now, Effects& fx) {
  agent.deactivated = true;
  if (agent.state == Agent::State::registered || agent.state == Agent::State::disconnected) {
    allocator_.set_agent(*agent.info.id, allocator::Activity::inactive);
  }
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  drop_inverse_offers(agent, Tell::rescind, fx);
}

Master::Answer Master::run(const MarkAgentGone& command, Now now, Effects& fx) {
  if (gone_.contains(command.agent_id)) {
    return {kOk, ""};
  }
  Agent* agent = find_agent(command.agent_id);
  if (agent == nullptr) {
    return {kNotFound, fmt::format("Agent {} not found", command.agent_id.value)};
  }
  send(*agent, link::ShutdownAgent{"Agent has been marked gone"}, fx);
  remove_agent(command.agent_id, Removal::gone, now, fx);
  return {kOk, ""};
}

Master::Answer Master::run(const DrainAgent& command, Now now, Effects& fx) {
  if (gone_.contains(command.agent_id)) {
    return {kBadRequest, fmt::format("Agent {} is marked gone", command.agent_id.value)};
  }
  Agent* agent = find_agent(command.agent_id);
  if (agent == nullptr) {
    return {kBadRequest, fmt::format("Agent {} is unknown", command.agent_id.value)};
  }
  if (machines_.window(agent->info.hostname, agent->ip)) {
    return {kBadRequest,
            "The agent's machine is part of a maintenance schedule, it cannot be drained as well"};
  }
  const auto& grace = command.config.max_grace_period;
  if (grace && grace->nanoseconds < 0) {
    return {kBadRequest, "'max_grace_period' is negative"};
  }
  agent->drain = model::DrainInfo{model::DrainState::draining, command.config};
  agent->drain_started = now.wall;
  deactivate(*agent, now, fx);
  persist_agent(*agent, fx);
  draining_.insert(command.agent_id);
  send(*agent, link::DrainAgent{command.config}, fx);
  return {kOk, ""};
}

Master::Answer Master::run(const DeactivateAgent& command, Now now, Effects& fx) {
  Agent* agent = find_agent(command.agent_id);
  if (agent == nullptr) {
    return {kBadRequest, fmt::format("Agent {} is unknown", command.agent_id.value)};
  }
  deactivate(*agent, now, fx);
  persist_agent(*agent, fx);
  return {kOk, ""};
}

Master::Answer Master::run(const ReactivateAgent& command, Now, Effects& fx) {
  Agent* agent = find_agent(command.agent_id);
  if (agent == nullptr) {
    return {kBadRequest, fmt::format("Agent {} is unknown", command.agent_id.value)};
  }
  if (!agent->deactivated) {
    return {kBadRequest, fmt::format("Agent {} is not deactivated", command.agent_id.value)};
  }
  if (agent->drain && agent->drain->state == model::DrainState::draining) {
    return {kBadRequest,
            fmt::format("Agent {} is still in the DRAINING state", command.agent_id.value)};
  }
  if (agent->drain) {
    send(*agent, link::StopDraining{}, fx);
  }
  agent->deactivated = false;
  agent->drain.reset();
  agent->drain_started.reset();
  persist_agent(*agent, fx);
  if (may_be_offered(*agent)) {
    allocator_.set_agent(command.agent_id, allocator::Activity::active);
  }
  return {kOk, ""};
}

bool Master::is_drained(const Agent& agent) const {
  return agent.state == Agent::State::registered && agent.tasks.empty() &&
         agent.executors.empty() && agent.operations.empty();
}

// After each step: whatever ended its last task may have ended a drain.
void Master::finish_drains(Now now, Effects& fx) {
  std::vector<AgentId> done;
  for (const AgentId& id : draining_) {
    if (is_drained(agents_.at(id))) {
      done.push_back(id);
    }
  }
  for (const AgentId& id : done) {
    Agent& agent = agents_.at(id);
    draining_.erase(id);
    agent.drain->state = model::DrainState::drained;
    say(fx, LogLine::Level::info, fmt::format("agent {} is drained", id.value));
    if (agent.drain->config.mark_gone) {
      send(agent, link::ShutdownAgent{"Agent has been marked gone"}, fx);
      remove_agent(id, Removal::gone, now, fx);
    } else {
      persist_agent(agent, fx);
    }
  }
}

}  // namespace ekiden::master
