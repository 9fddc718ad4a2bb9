#include "core/master/master.h"

#include "core/base/check.h"
#include "core/master/records.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::master {

namespace scheduler = api::scheduler;

std::string MasterFacts::pid() const {
  return fmt::format("master@{}:{}", ip, port);
}

Master::Master(MasterConfig config, MasterFacts facts, Random random)
    : config_(config),
      facts_(std::move(facts)),
      random_(random),
      allocator_(config.allocator, Random(random_.next())) {
  if (facts_.id.empty()) {
    facts_.id = random_.uuid();
  }
}

Result<void> Master::load(const std::vector<Record>& records, Now now) {
  for (const Record& entry : records) {
    if (entry.kind == kAgentKind) {
      auto stored = read_agent(entry.value.value_or(""));
      if (!stored) {
        return fail(
            ErrorCode::internal,
            fmt::format(
                "cannot read record {}/{}: {}", entry.kind, entry.key, stored.error().message));
      }
      Agent& agent = agents_[AgentId{entry.key}];
      agent.info = std::move(stored->info);
      agent.info.id = AgentId{entry.key};
      agent.total = model::Resources(agent.info.resources);
      agent.registered = stored->registered;
      agent.unreachable = stored->unreachable;
      agent.state = agent.unreachable ? Agent::State::unreachable : Agent::State::recovered;
      if (!agent.unreachable) {
        set_deadline(agent, now.time + config_.agent_reregister_timeout);
      }
    } else if (entry.kind == kFrameworkKind) {
      auto stored = read_framework(entry.value.value_or(""));
      if (!stored) {
        return fail(
            ErrorCode::internal,
            fmt::format(
                "cannot read record {}/{}: {}", entry.kind, entry.key, stored.error().message));
      }
      stored->info.id = FrameworkId{entry.key};
      Framework& framework = add_framework(std::move(stored->info), now);
      framework.registered = stored->registered;
      framework.recovered = true;  // no failover timer until it has been here [mesos-core 5.7]
    }
  }
  return {};
}

Effects Master::step(const Input& input, Now now) {
  Effects fx;
  snapshot_ = nullptr;
  std::visit([&](const auto& what) { on(what, now, fx); }, input);
  return fx;
}

Effects Master::tick(Now now) {
  Effects fx;
  snapshot_ = nullptr;
  if (next_heartbeat_ <= now.time) {
    for (const auto& [connection, id] : scheduler_links_) {
      fx.to_schedulers.push_back({connection, scheduler::Heartbeat{}});
    }
    next_heartbeat_ = scheduler_links_.empty() ? kNever : now.time + config_.heartbeat_interval;
  }
  while (!agent_deadlines_.empty() && agent_deadlines_.begin()->first <= now.time) {
    agent_deadline(agents_.at(agent_deadlines_.begin()->second), now, fx);
  }
  while (!failover_deadlines_.empty() && failover_deadlines_.begin()->first <= now.time) {
    const FrameworkId id = failover_deadlines_.begin()->second;
    say(fx,
        LogLine::Level::warn,
        fmt::format("framework {} did not come back within its failover timeout: ending its tasks",
                    id.value));
    remove_framework(id, now, fx);
  }
  while (!offer_deadlines_.empty() && offer_deadlines_.begin()->first <= now.time) {
    withdraw_offers({offer_deadlines_.begin()->second}, Tell::rescind, now, fx);
  }
  if (allocator_.next_deadline() <= now.time) {
    allocate(now, fx);
  }
  return fx;
}

Time Master::next_deadline() const {
  Time next = std::min(next_heartbeat_, allocator_.next_deadline());
  if (!agent_deadlines_.empty()) {
    next = std::min(next, agent_deadlines_.begin()->first);
  }
  if (!failover_deadlines_.empty()) {
    next = std::min(next, failover_deadlines_.begin()->first);
  }
  if (!offer_deadlines_.empty()) {
    next = std::min(next, offer_deadlines_.begin()->first);
  }
  return next;
}

Master::Agent* Master::find_agent(const AgentId& id) {
  const auto found = agents_.find(id);
  return found == agents_.end() ? nullptr : &found->second;
}

Master::Framework* Master::find_framework(const FrameworkId& id) {
  const auto found = frameworks_.find(id);
  return found == frameworks_.end() ? nullptr : &found->second;
}

Master::Framework* Master::framework_of(ConnectionId connection) {
  const auto found = scheduler_links_.find(connection);
  return found == scheduler_links_.end() ? nullptr : find_framework(found->second);
}

Master::Agent* Master::agent_of(ConnectionId connection) {
  const auto found = agent_links_.find(connection);
  return found == agent_links_.end() ? nullptr : find_agent(found->second);
}

void Master::set_deadline(Agent& agent, Time when) {
  agent_deadlines_.erase({agent.deadline, *agent.info.id});
  agent.deadline = when;
  if (when != kNever) {
    agent_deadlines_.emplace(when, *agent.info.id);
  }
}

void Master::set_failover_deadline(Framework& framework, Time when) {
  failover_deadlines_.erase({framework.failover_deadline, *framework.info.id});
  framework.failover_deadline = when;
  if (when != kNever) {
    failover_deadlines_.emplace(when, *framework.info.id);
  }
}

// To nobody when the framework is away: agents repeat their updates, the rest can be asked for.
void Master::send(const Framework& framework, scheduler::Event event, Effects& fx) const {
  if (framework.connection) {
    fx.to_schedulers.push_back({*framework.connection, std::move(event)});
  }
}

void Master::send(const Agent& agent, api::agent_link::ToAgent message, Effects& fx) const {
  if (agent.connection) {
    fx.to_agents.push_back({*agent.connection, std::move(message)});
  }
}

void Master::say(Effects& fx, LogLine::Level level, std::string text) {
  fx.notify.emplace_back(LogLine{level, std::move(text)});
}

allocator::FrameworkSpec Master::spec(const model::FrameworkInfo& info,
                                      const std::vector<std::string>& suppressed) const {
  using Capability = model::FrameworkCapability;
  const auto roles = info.all_roles();
  return {.roles = {roles.begin(), roles.end()},
          .suppressed = {suppressed.begin(), suppressed.end()},
          .gpus = info.has(Capability::gpu_resources),
          .reservation_refinement = info.has(Capability::reservation_refinement),
          .shared = info.has(Capability::shared_resources),
          .revocable = info.has(Capability::revocable_resources)};
}

std::optional<std::string> Master::broken_invariant() const {
  for (const auto& [id, agent] : agents_) {
    model::Resources held;
    for (const OfferId& offer : agent.offers) {
      held += offers_.at(offer).allocation.resources;
    }
    for (const TaskKey& key : agent.tasks) {
      const Task& task = *frameworks_.at(key.first).tasks.at(key.second);
      if (!model::is_terminal(task.state)) {
        held += allocation_of(task).resources;
      }
    }
    for (const auto& [key, executor] : agent.executors) {
      held += model::Resources(executor.info.resources).with_allocation(std::nullopt);
    }
    const bool is_out =
        agent.state == Agent::State::recovered || agent.state == Agent::State::unreachable;
    if (!is_out && held != allocator_.allocated(id)) {
      return fmt::format("agent {}: offered and used are {}, the allocator says {}",
                         id.value,
                         to_text(held),
                         to_text(allocator_.allocated(id)));
    }
    if (!agent.offers.empty() && !agent.total.contains(held)) {
      return fmt::format(
          "agent {}: {} offered and used of {}", id.value, to_text(held), to_text(agent.total));
    }
  }
  return std::nullopt;
}

}  // namespace ekiden::master
