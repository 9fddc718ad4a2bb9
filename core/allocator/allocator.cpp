// What the master tells the allocator. Who is served is in cycle.cpp, who holds what in seats.cpp.
#include "core/allocator/allocator.h"

#include "core/allocator/drf_sorter.h"
#include "core/allocator/random_sorter.h"
#include "core/base/check.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::allocator {

using model::Resources;

Allocator::Allocator(Options options, Random random)
    : options_(std::move(options)), random_(random), roles_(names_) {
  for (const std::string& name : options_.fair_sharing_excluded) {
    const std::size_t id = names_.id(name);
    pool_.excluded.resize(std::max(pool_.excluded.size(), id + 1));
    pool_.excluded[id] = true;
  }
  role_order_ = make_sorter(options_.role_order);
}

std::unique_ptr<Sorter> Allocator::make_sorter(Order order) {
  if (order == Order::random) {
    return std::make_unique<RandomSorter>(pool_, Random(random_.next()));
  }
  return std::make_unique<DrfSorter>(pool_);
}

const Allocator::Agent* Allocator::find_agent(const AgentId& id) const {
  const auto found = agent_index_.find(id);
  return found == agent_index_.end() ? nullptr : &agents_[found->second];
}

Allocator::Agent* Allocator::find_agent(const AgentId& id) {
  const auto found = agent_index_.find(id);
  return found == agent_index_.end() ? nullptr : &agents_[found->second];
}

AgentIndex Allocator::index_of(const AgentId& id) const {
  const auto found = agent_index_.find(id);
  CHECK(found != agent_index_.end(), "the allocator does not know agent {}", id.value);
  return found->second;
}

Allocator::Framework& Allocator::known(const FrameworkId& id) {
  const auto found = frameworks_.find(id);
  CHECK(found != frameworks_.end() && found->second.known,
        "the allocator does not know framework {}",
        id.value);
  return found->second;
}

void Allocator::touch(AgentIndex agent) {
  if (!agents_[agent].dirty) {
    agents_[agent].dirty = true;
    dirty_.push_back(agent);
  }
}

// Where nothing is left there is nothing to see for anybody.
void Allocator::touch_all(Activity urgency) {
  for (AgentIndex index = 0; index < agents_.size(); ++index) {
    const Agent& agent = agents_[index];
    if (!agent.id.empty() && (!agent.exhausted || overrides_min_)) {
      touch(index);
    }
  }
  urgent_ = urgent_ || urgency == Activity::active;
}

// Something was held back for quota; what changed may let it go.
void Allocator::release_withheld() {
  for (const AgentIndex agent : withheld_) {
    if (agents_[agent].withheld) {
      agents_[agent].withheld = false;
      touch(agent);
    }
  }
  withheld_.clear();
}

bool Allocator::offerable(const Agent& agent) {
  return agent.activity == Activity::active && agent.whitelisted;
}

// Headroom is the sum of what is free on agents that may be offered.
template <class Change>
void Allocator::change_offerable(Agent& agent, Change change) {
  const auto count = [&](int sign) {
    if (offerable(agent)) {
      for (std::size_t i = 0; i < agent.free.size(); ++i) {
        headroom_.add(i, sign * std::max<std::int64_t>(0, agent.free[i]));
      }
    }
  };
  count(-1);
  change();
  count(1);
}

void Allocator::change_free(Agent& agent, const Quantities& change, int sign) {
  change_offerable(agent, [&] {
    if (sign > 0) {
      agent.free += change;
    } else {
      agent.free -= change;
    }
  });
}

void Allocator::set_total(Agent& agent, const Resources& total) {
  roles_.reserve(total, 1);
  roles_.reserve(*agent.total, -1);
  pool_.total += scalars(total, names_);
  pool_.total -= scalars(*agent.total, names_);
  ++pool_.version;
  change_free(agent, quota_scalars(total, names_), 1);
  change_free(agent, quota_scalars(*agent.total, names_), -1);
  agent.total = std::make_shared<const Resources>(total);
  agent.total_enough = enough(total, options_.min_allocatable);
  agent.has_gpus = total.scalar("gpus").milli > 0;
  agent.plain =
      std::none_of(total.list().begin(), total.list().end(), [](const model::Resource& resource) {
        return !resource.reservations.empty() || resource.revocable || resource.shared;
      });
  agent.exhausted = false;
  agent.blocked.clear();
  agent.blocked_at.reset();
}

void Allocator::add_agent(const AgentId& id, const Resources& total, AgentSpec spec) {
  CHECK(!agent_index_.contains(id), "agent {} is added twice", id.value);
  AgentIndex index = static_cast<AgentIndex>(agents_.size());
  if (free_agents_.empty()) {
    agents_.emplace_back();
  } else {
    index = free_agents_.back();
    free_agents_.pop_back();
  }
  agent_index_.emplace(id, index);
  Agent& agent = agents_[index];
  agent.id = id;
  agent.whitelisted = !whitelist_ || whitelist_->contains(spec.hostname);
  agent.spec = std::move(spec);
  set_total(agent, total);
  release_withheld();
  touch(index);
  urgent_ = true;
}

void Allocator::update_agent(const AgentId& id, const Resources& total) {
  const AgentIndex index = index_of(id);
  if (*agents_[index].total == total) {
    return;
  }
  set_total(agents_[index], total);
  release_withheld();
  touch(index);
  urgent_ = true;
}

void Allocator::describe_agent(const AgentId& id, AgentSpec spec) {
  const AgentIndex index = index_of(id);
  Agent& agent = agents_[index];
  if (agent.spec == spec) {
    return;
  }
  if (agent.spec.attributes != spec.attributes) {
    filters_.remove_agent(index);
  }
  change_offerable(agent,
                   [&] { agent.whitelisted = !whitelist_ || whitelist_->contains(spec.hostname); });
  agent.spec = std::move(spec);
  agent.blocked.clear();
  agent.blocked_at.reset();
  touch(index);
  urgent_ = true;
}

void Allocator::remove_agent(const AgentId& id) {
  const auto found = agent_index_.find(id);
  if (found == agent_index_.end()) {
    return;
  }
  Agent& agent = agents_[found->second];
  CHECK(agent.allocated.empty(),
        "agent {} is removed with {} still allocated",
        id.value,
        to_text(agent.allocated));
  set_total(agent, {});
  filters_.remove_agent(found->second);
  inverse_.set(id, std::nullopt);
  agent = Agent{};
  free_agents_.push_back(found->second);
  agent_index_.erase(found);
}

void Allocator::set_agent(const AgentId& id, Activity activity) {
  const AgentIndex index = index_of(id);
  Agent& agent = agents_[index];
  if (agent.activity == activity) {
    return;
  }
  change_offerable(agent, [&] { agent.activity = activity; });
  if (activity == Activity::active) {
    release_withheld();
    touch(index);
    urgent_ = true;
  }
}

void Allocator::set_whitelist(std::optional<std::set<std::string>> hostnames) {
  whitelist_ = std::move(hostnames);
  for (AgentIndex index = 0; index < agents_.size(); ++index) {
    Agent& agent = agents_[index];
    const bool listed = !whitelist_ || whitelist_->contains(agent.spec.hostname);
    if (!agent.id.empty() && listed != agent.whitelisted) {
      change_offerable(agent, [&] { agent.whitelisted = listed; });
      touch(index);
    }
  }
  release_withheld();
}

void Allocator::add_framework(const FrameworkId& id, FrameworkSpec spec, Activity activity) {
  Framework& framework = frameworks_[id];
  CHECK(!framework.known, "framework {} is added twice", id.value);
  framework.id = id;
  framework.known = true;
  framework.activity = activity;
  set_members(framework, std::move(spec));
  if (activity == Activity::active) {
    inverse_due_ = true;
    touch_all(Activity::active);
  }
}

void Allocator::update_framework(const FrameworkId& id, FrameworkSpec spec) {
  set_members(known(id), std::move(spec));
  touch_all(Activity::active);
}

void Allocator::remove_framework(const FrameworkId& id) {
  const auto found = frameworks_.find(id);
  if (found == frameworks_.end() || !found->second.known) {
    return;
  }
  Framework& framework = found->second;
  framework.known = false;
  inverse_.remove_framework(id);
  set_members(framework, {});
  if (framework.seats.empty()) {
    frameworks_.erase(found);
  }
}

void Allocator::set_framework(const FrameworkId& id, Activity activity) {
  Framework& framework = known(id);
  if (framework.activity == activity) {
    return;
  }
  framework.activity = activity;
  for (const auto& [role, seat] : framework.seats) {
    if (activity == Activity::inactive) {
      forget_filters(seat);
    }
    refresh(seat);
  }
  if (activity == Activity::inactive) {
    inverse_.remove_framework(id);
  } else {
    inverse_due_ = true;
    touch_all(Activity::active);
  }
}

void Allocator::use(const Allocation& allocation) {
  const AgentIndex agent = index_of(allocation.agent);
  const SeatIndex seat = seat_of(allocation.framework, allocation.role);
  hold(agent, seat, allocation.resources, 1);
  rank(agent, seat, allocation.resources, Sorter::Count::allocation);
  drop_if_unused(seat);  // it was told of nothing
}

void Allocator::recover(const Allocation& allocation, std::optional<Duration> refuse, Time now) {
  const auto found = agent_index_.find(allocation.agent);
  const auto seat = find_seat(allocation.framework, allocation.role);
  if (found == agent_index_.end() || !seat || allocation.resources.empty()) {
    return;
  }
  const AgentIndex agent = found->second;
  hold(agent, *seat, allocation.resources, -1);
  unrank(agent, *seat, allocation.resources);
  if (refuse && *refuse > Duration::zero() && seats_[*seat].member) {
    const auto& total = agents_[agent].total;
    const bool whole = allocation.resources == *total;  // then the value is shared
    filters_.add({agent, *seat},
                 whole ? total : std::make_shared<const Resources>(allocation.resources),
                 now + std::clamp(*refuse, options_.interval, kFilterMax));
  }
  agents_[agent].exhausted = false;
  release_withheld();
  touch(agent);
  drop_if_unused(*seat);
}

void Allocator::convert(const Allocation& from, const Resources& to) {
  const AgentIndex index = index_of(from.agent);
  const SeatIndex seat = seat_of(from.framework, from.role);
  Agent& agent = agents_[index];
  hold(index, seat, from.resources, -1);
  unrank(index, seat, from.resources);
  set_total(agent, *agent.total - from.resources + to);
  hold(index, seat, to, 1);
  rank(index, seat, to, Sorter::Count::nothing);
  release_withheld();
  touch(index);
  drop_if_unused(seat);
}

bool Allocator::convert_free(const AgentId& id, const Resources& from, const Resources& to) {
  const AgentIndex index = index_of(id);
  Agent& agent = agents_[index];
  if (!(*agent.total - agent.allocated).contains(from)) {
    return false;
  }
  set_total(agent, *agent.total - from + to);
  release_withheld();
  touch(index);
  urgent_ = true;
  return true;
}

void Allocator::suppress(const FrameworkId& id, const std::vector<std::string>& roles) {
  Framework& framework = known(id);
  if (roles.empty()) {
    framework.spec.suppressed = framework.spec.roles;
  }
  framework.spec.suppressed.insert(roles.begin(), roles.end());
  for (const auto& [role, seat] : framework.seats) {
    refresh(seat);
  }
}

void Allocator::revive(const FrameworkId& id, const std::vector<std::string>& roles) {
  Framework& framework = known(id);
  if (roles.empty()) {
    framework.spec.suppressed.clear();
  }
  for (const std::string& role : roles) {
    framework.spec.suppressed.erase(role);
  }
  for (const auto& [role, seat] : framework.seats) {
    if (roles.empty() || std::find(roles.begin(), roles.end(), role) != roles.end()) {
      forget_filters(seat);
      refresh(seat);
    }
  }
  inverse_.clear_filters(id);
  touch_all(Activity::active);
}

void Allocator::update_quota(const std::string& role, const Quota& quota) {
  roles_.set_quota(role, quota);
  touch_all(Activity::inactive);
}

void Allocator::update_weights(const std::map<std::string, double>& weights) {
  for (const auto& [role, weight] : weights) {
    role_order_->set_weight(role, weight);
  }
}

Amounts Allocator::consumed(const std::string& role) const {
  const RoleIndex index = roles_.find(role);
  return index == kNoRole ? Amounts{} : to_amounts(roles_.consumed(index), names_);
}

std::optional<std::string> Allocator::limit_problem(const std::string& role,
                                                    const Resources& unreserved) const {
  const RoleIndex index = roles_.find_nearest(role);
  if (index == kNoRole || !roles_.constrained(index)) {
    return std::nullopt;
  }
  const Resources sums = unreserved.quantities();
  for (const model::Resource& resource : sums.list()) {
    const std::int64_t left = roles_.limit_left(index, names_.find(resource.name));
    if (resource.type == model::ValueType::scalar && resource.scalar.milli > left) {
      return fmt::format("role {}: {} {} more would break a quota limit, {} are left of it",
                         role,
                         resource.scalar.to_double(),
                         resource.name,
                         model::Scalar{std::max<std::int64_t>(0, left)}.to_double());
    }
  }
  return std::nullopt;
}

void Allocator::hold_back(std::size_t agents, Time deadline) {
  hold_agents_ = agents;
  hold_until_ = deadline;
}

void Allocator::set_unavailability(const AgentId& id,
                                   const std::optional<model::Unavailability>& unavailability) {
  const AgentIndex index = index_of(id);
  inverse_.set(id, unavailability);
  inverse_due_ = unavailability.has_value() || inverse_due_;
  touch(index);
  urgent_ = true;
}

const model::Unavailability* Allocator::unavailability(const AgentId& agent) const {
  return inverse_.unavailability(agent);
}

std::vector<FrameworkId> Allocator::frameworks_on(const AgentId& id) const {
  std::vector<FrameworkId> ids;
  if (const Agent* agent = find_agent(id)) {
    for (const Holder& holder : agent->holders) {
      ids.push_back(seats_[holder.seat].framework->id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::vector<InverseOffer> Allocator::inverse_offers(Time now) {
  std::vector<InverseOffer> offers;
  for (const auto& [agent, unavailability] : inverse_.agents()) {
    for (const FrameworkId& id : frameworks_on(agent)) {
      const Framework& framework = frameworks_.at(id);
      if (framework.known && framework.activity == Activity::active &&
          inverse_.ask({agent, id}, now)) {
        offers.push_back({id, agent, unavailability});
      }
    }
  }
  inverse_due_ = false;
  return offers;
}

void Allocator::answer_inverse_offer(const AgentId& agent,
                                     const FrameworkId& framework,
                                     std::optional<Duration> refuse,
                                     Time now) {
  const bool filtered = refuse && *refuse > Duration::zero();
  inverse_.answered({agent, framework},
                    filtered
                        ? std::optional(now + std::clamp(*refuse, options_.interval, kFilterMax))
                        : std::nullopt);
  inverse_due_ = inverse_due_ || !filtered;
}

Time Allocator::next_deadline() const {
  const Time tick = last_cycle_ + options_.interval;
  const bool asks = inverse_due_ && !inverse_.agents().empty();
  const Time next = std::max(tick, asks ? tick : inverse_.next_expiry());
  if (hold_until_ != Time::min() && agent_index_.size() < hold_agents_) {
    return std::min(next, std::max(tick, hold_until_));
  }
  if (urgent_ && !dirty_.empty()) {
    return Time{};
  }
  return std::min(next, dirty_.empty() ? std::max(filters_.next_expiry(), tick) : tick);
}

const Resources& Allocator::total(const AgentId& id) const {
  const Agent* agent = find_agent(id);
  return agent == nullptr ? none_ : *agent->total;
}

const Resources& Allocator::allocated(const AgentId& id) const {
  const Agent* agent = find_agent(id);
  return agent == nullptr ? none_ : agent->allocated;
}

double Allocator::share(const std::string& role) const {
  const RoleIndex index = roles_.find(role);
  const bool seated = index < role_seats_.size() && role_seats_[index].seats > 0;
  return seated ? role_order_->share(role_seats_[index].node) : 0;
}

}  // namespace ekiden::allocator
