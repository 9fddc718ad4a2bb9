// How agents go: the link breaks, pings stay unanswered, they leave or are sent away
// [mesos-core 5.2].
#include "core/master/master.h"
#include "core/master/records.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::master {

using model::OperationState;
using model::StatusReason;
using model::TaskState;
namespace scheduler = api::scheduler;

void Master::agent_deadline(Agent& agent, Now now, Effects& fx) {
  if (agent.state != Agent::State::registered ||
      agent.pings_missed >= config_.agent_pings_missed_max) {
    set_deadline(agent, kNever);
    give_up(agent, now, fx);
    return;
  }
  ++agent.pings_missed;  // anything from the agent sets it back
  send(agent, api::agent_link::Ping{}, fx);
  resend_operations(agent, now, fx);
  resend_launches(agent, now, fx);
  set_deadline(agent, now.time + config_.agent_ping_interval);
}

// The link broke; tasks go on, except those whose framework has asked for no more than that.
void Master::disconnect(Agent& agent, Now now, Effects& fx) {
  const AgentId id = *agent.info.id;
  agent.connection.reset();
  agent.state = Agent::State::disconnected;
  allocator_.set_agent(id, allocator::Activity::inactive);
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  drop_inverse_offers(agent, Tell::rescind, fx);
  const Ended ended{
      TaskState::lost, StatusReason::agent_disconnected, "Agent is disconnected from the master"};
  const std::set<TaskKey> tasks = agent.tasks;
  for (const TaskKey& key : tasks) {
    Framework& framework = frameworks_.at(key.first);
    if (!framework.info.checkpoint) {
      lose_task(framework, key.second, ended, now, fx);
    }
  }
  for (auto entry = agent.executors.begin(); entry != agent.executors.end();) {
    const ExecutorKey key = (entry++)->first;
    const Framework* framework = find_framework(key.first);
    if (framework != nullptr && !framework->info.checkpoint) {
      free_executor(agent, key, now);
    }
  }
  set_deadline(agent, now.time + config_.agent_reregister_timeout);
  say(fx,
      LogLine::Level::warn,
      fmt::format("agent {} disconnected; waiting for it to come back", id.value));
}

void Master::tell_failure(const AgentId& id, Effects& fx) const {
  for (const auto& [framework_id, framework] : frameworks_) {
    send(framework, scheduler::Failure{id, std::nullopt, std::nullopt}, fx);
  }
}

// Unreachable from now on, or as soon as the rate limit allows; a sign of life in between counts.
void Master::give_up(Agent& agent, Now now, Effects& fx) {
  if (!config_.agent_removal_rate_limit) {
    mark_unreachable(agent, now, fx);
    return;
  }
  if (!agent.removal_waits) {
    agent.removal_waits = true;
    removals_.push_back(*agent.info.id);
    fx.notify.emplace_back(RemovalQueue{RemovalQueue::What::scheduled});
    run_removals(now, fx);
  }
}

void Master::run_removals(Now now, Effects& fx) {
  const auto& [permits, period] = *config_.agent_removal_rate_limit;
  while (!removed_.empty() && removed_.front() + period <= now.time) {
    removed_.pop_front();
  }
  while (!removals_.empty() && removed_.size() < permits) {
    Agent* agent = find_agent(removals_.front());
    removals_.pop_front();
    if (agent == nullptr || !agent->removal_waits) {
      continue;  // it came back meanwhile
    }
    agent->removal_waits = false;
    removed_.push_back(now.time);
    mark_unreachable(*agent, now, fx);
    fx.notify.emplace_back(RemovalQueue{RemovalQueue::What::completed});
  }
}

void Master::lose_unreachable(Agent& agent, const TaskKey& key, Now now, Effects& fx) {
  Framework& framework = frameworks_.at(key.first);
  const Task task = *framework.tasks.at(key.second);
  if (model::is_terminal(task.state)) {
    complete_task(framework, key.second);
    return;
  }
  const TaskState state = lost_or(framework, TaskState::unreachable);
  model::TaskStatus status =
      status_of(key.second, {state, StatusReason::agent_removed, "Agent is unreachable"}, now);
  status.agent_id = agent.info.id;
  status.executor_id = task.executor_id;
  status.unreachable_time = model::TimeInfo{now.wall.time_since_epoch().count()};
  record_status(framework, status, state, now, fx);
  if (!model::is_terminal(state)) {
    release(task, now);
  }
  framework.unreachable[key.second] = framework.tasks.at(key.second);
  framework.tasks.erase(key.second);
  agent.tasks.erase(key);
  if (framework.unreachable.size() > config_.unreachable_tasks_max) {
    framework.unreachable.erase(framework.unreachable.begin());
  }
  send(framework, scheduler::Update{std::move(status)}, fx);
}

// What the allocator and the links know of it ends.
void Master::forget_agent(Agent& agent, Now now, Effects& fx) {
  agent.launching.clear();
  while (!agent.executors.empty()) {
    free_executor(agent, agent.executors.begin()->first, now);
  }
  drop_inverse_offers(agent, Tell::rescind, fx);
  agent.inverse_answers.clear();
  if (agent.state == Agent::State::registered || agent.state == Agent::State::disconnected) {
    allocator_.remove_agent(*agent.info.id);
  }
  if (agent.connection) {
    fx.close_agents.push_back(*agent.connection);
    agent_links_.erase(*agent.connection);
    agent.connection.reset();
  }
  agent.removal_waits = false;
  set_deadline(agent, kNever);
}

void Master::mark_unreachable(Agent& agent, Now now, Effects& fx) {
  const AgentId id = *agent.info.id;
  say(fx, LogLine::Level::error, fmt::format("agent {} is unreachable", id.value));
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  const std::set<TaskKey> tasks = agent.tasks;
  for (const TaskKey& key : tasks) {
    lose_unreachable(agent, key, now, fx);
  }
  end_operations(agent, OperationState::unreachable, fx);
  forget_agent(agent, now, fx);
  agent.state = Agent::State::unreachable;
  agent.unreachable = now.wall;
  next_pruning_ = std::min(next_pruning_, now.time + config_.registry_gc_interval);
  persist_agent(agent, fx);
  tell_failure(id, fx);
}

// It has gone for good: it left, its machine is down, or it was marked gone.
void Master::remove_agent(const AgentId& id, Removal how, Now now, Effects& fx) {
  Agent& agent = agents_.at(id);
  const bool is_gone = how == Removal::gone;
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  const auto ended = [&](const Framework& framework) {
    const bool aware = framework.info.has(model::FrameworkCapability::partition_aware);
    return is_gone && aware
               ? Ended{TaskState::gone_by_operator,
                       StatusReason::agent_removed_by_operator,
                       "Agent has been marked gone"}
               : Ended{TaskState::lost, StatusReason::agent_removed, "Agent is removed"};
  };
  const std::set<TaskKey> tasks = agent.tasks;
  for (const TaskKey& key : tasks) {
    Framework& framework = frameworks_.at(key.first);
    lose_task(framework, key.second, ended(framework), now, fx);
  }
  if (agent.state == Agent::State::unreachable) {
    lose_for_ever(id, now, fx);
  }
  end_operations(agent, OperationState::gone_by_operator, fx);
  forget_agent(agent, now, fx);
  const bool was_known = agent.state != Agent::State::unreachable;
  draining_.erase(id);
  forget_place(id, agent.info);
  agents_.erase(id);
  fx.persist.push_back(erased(kAgentKind, id.value));
  if (is_gone) {
    gone_[id] = now.wall;
    fx.persist.push_back(record(GoneRecord{id, now.wall}));
    next_pruning_ = std::min(next_pruning_, now.time + config_.registry_gc_interval);
  } else {
    fx.notify.emplace_back(AgentRemoved{id});
  }
  if (was_known) {
    tell_failure(id, fx);
  }
}

// Tasks of an unreachable agent that is marked gone will not come back.
void Master::lose_for_ever(const AgentId& id, Now now, Effects& fx) {
  for (auto& [framework_id, framework] : frameworks_) {
    const bool aware = framework.info.has(model::FrameworkCapability::partition_aware);
    for (auto entry = framework.unreachable.begin(); entry != framework.unreachable.end();) {
      if (entry->second->info.agent_id != id) {
        ++entry;
        continue;
      }
      Task task = *entry->second;
      if (aware) {
        task.state = task.status_state = TaskState::gone_by_operator;
        model::TaskStatus status = status_of(entry->first,
                                             {TaskState::gone_by_operator,
                                              StatusReason::agent_removed_by_operator,
                                              "Agent has been marked gone"},
                                             now);
        status.agent_id = id;
        send(framework, scheduler::Update{std::move(status)}, fx);
      }
      framework.completed.push_back(std::make_shared<const Task>(std::move(task)));
      entry = framework.unreachable.erase(entry);
    }
  }
}

// Lists of what was once there must end somewhere [mesos-core 5.2].
void Master::prune_registry(Now now, Effects& fx) {
  std::vector<std::pair<WallTime, AgentId>> unreachable;
  for (const auto& [id, agent] : agents_) {
    if (agent.state == Agent::State::unreachable) {
      unreachable.emplace_back(agent.unreachable.value_or(now.wall), id);
    }
  }
  std::vector<std::pair<WallTime, AgentId>> gone;
  for (const auto& [id, since] : gone_) {
    gone.emplace_back(since, id);
  }
  const auto prune = [&](auto& list, auto forget) {
    std::sort(list.begin(), list.end());
    std::size_t left = list.size();
    for (const auto& [since, id] : list) {
      const bool too_old = now.wall - since >= config_.registry_max_agent_age;
      if (left <= config_.registry_max_agent_count && !too_old) {
        break;
      }
      forget(id);
      --left;
    }
    return left;
  };
  std::size_t left = prune(unreachable, [&](const AgentId& id) {
    draining_.erase(id);
    forget_place(id, agents_.at(id).info);
    agents_.erase(id);
    fx.persist.push_back(erased(kAgentKind, id.value));
  });
  left += prune(gone, [&](const AgentId& id) {
    gone_.erase(id);
    fx.persist.push_back(erased(kGoneKind, id.value));
  });
  next_pruning_ = left == 0 ? kNever : now.time + config_.registry_gc_interval;
}

}  // namespace ekiden::master
