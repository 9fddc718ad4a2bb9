#include "core/master/master.h"

#include "core/master/allocated.h"
#include "core/master/records.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::master {

namespace scheduler = api::scheduler;

namespace {

constexpr std::size_t kQuotaAgentsPercent = 80;  // back before quotas are trusted [mesos-core 5.5]

// A shared volume may be in many hands at once.
model::Resources without_copies(const model::Resources& resources) {
  model::Resources result;
  for (const model::Resource& resource : resources.list()) {
    model::Resources one;
    one += resource;
    if (!resource.shared || !result.contains(one)) {
      result += resource;
    }
  }
  return result;
}

}  // namespace

std::string MasterFacts::pid() const {
  return fmt::format("master@{}:{}", ip, port);
}

Master::Master(MasterConfig config, MasterFacts facts, Random random)
    : config_(config),
      facts_(std::move(facts)),
      random_(random),
      allocator_(config.allocator, Random(random_.next())) {
  facts_.domain = facts_.domain ? facts_.domain : config_.domain;
  if (facts_.id.empty()) {
    facts_.id = random_.uuid();
  }
}

Result<void> Master::load(const std::vector<Record>& records, Now now) {
  weights_ = config_.weights;
  if (std::any_of(records.begin(), records.end(), [](const Record& entry) {
        return entry.kind == kWeightKind;
      })) {
    weights_.clear();  // the registry's replace those of the command line
  }
  for (const Record& entry : records) {
    if (auto loaded = load(entry, now); !loaded) {
      return fail(
          ErrorCode::internal,
          fmt::format(
              "cannot read record {}/{}: {}", entry.kind, entry.key, loaded.error().message));
    }
  }
  apply_weights();
  if (!quotas_.empty()) {
    const auto missing = std::count_if(agents_.begin(), agents_.end(), [](const auto& entry) {
      return entry.second.state == Agent::State::recovered;
    });
    allocator_.hold_back((static_cast<std::size_t>(missing) * kQuotaAgentsPercent + 99) / 100,
                         now.time + config_.agent_reregister_timeout);
  }
  return {};
}

void Master::load(const AgentId& id, AgentRecord stored, Now now) {
  Agent& agent = agents_[id];
  agent.info = std::move(stored.info);
  agent.info.id = id;
  places_.emplace(place_of(agent.info), id);
  agent.total = model::Resources(agent.info.resources);
  agent.registered = stored.registered;
  agent.unreachable = stored.unreachable;
  agent.deactivated = stored.deactivated;
  agent.drain = std::move(stored.drain);
  agent.drain_started = stored.drain_started;
  agent.state = agent.unreachable ? Agent::State::unreachable : Agent::State::recovered;
  if (agent.drain && agent.drain->state == model::DrainState::draining) {
    draining_.insert(id);
  }
  if (agent.unreachable) {
    next_pruning_ = std::min(next_pruning_, now.time + config_.registry_gc_interval);
  } else {
    set_deadline(agent, now.time + config_.agent_reregister_timeout);
  }
}

Result<void> Master::load(const Record& entry, Now now) {
  const std::string text = entry.value.value_or("");
  const auto take = [&](auto read, auto keep) -> Result<void> {
    if (!read) {
      return fail(std::move(read.error()));
    }
    keep(std::move(*read));
    return {};
  };
  if (entry.kind == kAgentKind) {
    return take(read_agent(text),
                [&](AgentRecord stored) { load({entry.key}, std::move(stored), now); });
  }
  if (entry.kind == kFrameworkKind) {
    return take(read_framework(text), [&](FrameworkRecord stored) {
      stored.info.id = FrameworkId{entry.key};
      Framework& framework = add_framework(std::move(stored.info), now);
      framework.registered = stored.registered;
      framework.recovered = true;  // no failover timer until it has been here [mesos-core 5.7]
    });
  }
  if (entry.kind == kGoneKind) {
    return take(read_gone({entry.key}, text), [&](const GoneRecord& stored) {
      gone_[stored.id] = stored.since;
      next_pruning_ = std::min(next_pruning_, now.time + config_.registry_gc_interval);
    });
  }
  if (entry.kind == kQuotaKind) {
    Effects none;  // it is durable
    return take(read_quota(text),
                [&](const model::QuotaConfig& stored) { set_quota(stored, none); });
  }
  if (entry.kind == kWeightKind) {
    return take(read_weight(text), [&](const model::WeightInfo& stored) {
      weights_[stored.role.value_or("*")] = stored.weight;
    });
  }
  if (entry.kind == kMaintenanceKind) {
    return take(read_maintenance(text), [&](MaintenanceRecord stored) {
      machines_.load(std::move(stored.schedule), stored.down);
    });
  }
  return {};
}

Effects Master::step(const Input& input, Now now) {
  Effects fx;
  snapshot_ = nullptr;
  std::visit([&](const auto& what) { on(what, now, fx); }, input);
  if (!draining_.empty()) {
    finish_drains(now, fx);
  }
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
  if (!removals_.empty() && next_removal() <= now.time) {
    run_removals(now, fx);
  }
  if (next_pruning_ <= now.time) {
    prune_registry(now, fx);
  }
  if (allocator_.next_deadline() <= now.time) {
    send_inverse_offers(now, fx);
    allocate(now, fx);
  }
  return fx;
}

Time Master::next_deadline() const {
  Time next = std::min({next_heartbeat_, allocator_.next_deadline(), next_pruning_});
  if (!removals_.empty()) {
    next = std::min(next, next_removal());
  }
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

Time Master::next_removal() const {
  const auto& [permits, period] = *config_.agent_removal_rate_limit;
  return removed_.size() < permits ? Time{} : removed_.front() + period;
}

allocator::FrameworkSpec Master::spec(const Framework& framework) {
  using Capability = model::FrameworkCapability;
  const model::FrameworkInfo& info = framework.info;
  const auto roles = info.all_roles();
  allocator::FrameworkSpec spec{
      .roles = {roles.begin(), roles.end()},
      .suppressed = {framework.suppressed.begin(), framework.suppressed.end()},
      .gpus = info.has(Capability::gpu_resources),
      .reservation_refinement = info.has(Capability::reservation_refinement),
      .shared = info.has(Capability::shared_resources),
      .revocable = info.has(Capability::revocable_resources),
      .region_aware = info.has(Capability::region_aware),
      .multi_role = info.has(Capability::multi_role),
      .constraints = framework.constraints};
  for (const auto& [role, filters] : info.offer_filters) {
    if (!filters.min_allocatable_resources) {
      continue;
    }
    allocator::MinAllocatable& minimum = spec.min_allocatable[role];
    for (const auto& set : filters.min_allocatable_resources->quantities) {
      allocator::Amounts& amounts = minimum.emplace_back();
      for (const auto& [name, amount] : set.quantities) {
        amounts[name] = model::Scalar::from_double(amount);
      }
    }
  }
  return spec;
}

allocator::AgentSpec Master::spec(const Agent& agent) {
  allocator::AgentSpec spec;
  spec.hostname = agent.info.hostname;
  spec.attributes = agent.info.attributes;
  spec.domain = agent.info.domain;
  return spec;
}

std::optional<std::string> Master::broken_invariant() const {
  for (const auto& [id, agent] : agents_) {
    model::Resources held;
    model::Resources refused;  // by the agent, when the launch gets there: it lacks the reservation
    for (const OfferId& offer : agent.offers) {
      held += offers_.at(offer).allocation.resources;
    }
    for (const TaskKey& key : agent.tasks) {
      const Task& task = *frameworks_.at(key.first).tasks.at(key.second);
      if (!model::is_terminal(task.state)) {
        const model::Resources resources = allocation_of(task).resources;
        held += resources;
        if (agent.launching.contains(key) && !agent.total.contains(resources)) {
          refused += resources;
        }
      }
    }
    for (const auto& [key, executor] : agent.executors) {
      held += bare(executor.info.resources);
    }
    const bool is_out =
        agent.state == Agent::State::recovered || agent.state == Agent::State::unreachable;
    if (!is_out && held != allocator_.allocated(id)) {
      return fmt::format("agent {}: offered and used are {}, the allocator says {}",
                         id.value,
                         to_text(held),
                         to_text(allocator_.allocated(id)));
    }
    if (!is_out && agent.total != allocator_.total(id)) {
      return fmt::format("agent {}: the total is {}, the allocator says {}",
                         id.value,
                         to_text(agent.total),
                         to_text(allocator_.total(id)));
    }
    if (!agent.offers.empty() && !agent.total.contains(without_copies(held - refused))) {
      return fmt::format(
          "agent {}: {} offered and used of {}", id.value, to_text(held), to_text(agent.total));
    }
  }
  return std::nullopt;
}

}  // namespace ekiden::master
