// Coarse grained [mesos-core 5.5]: for each changed agent, roles in order, then the role's
// frameworks in order; the first that may see anything worth offering gets all of it. Roles below
// their guarantee come first; what the other guarantees still need is held back from the rest.
#include "core/allocator/allocator.h"

#include <algorithm>
#include <limits>

namespace ekiden::allocator {

using model::Resources;

struct Allocator::Look {
  AgentIndex index = 0;
  Agent& agent;
  Stage stage = Stage::fair;
  const Resources* free = nullptr;  // the agent's total, or `own`
  Resources own;
  bool untouched = true;     // nothing of it was given in this cycle
  bool blocks_here = false;  // what is blocked is so for exactly these free resources
  std::vector<SeatIndex> served{};
};

namespace {

template <class Keep>
Resources only(const Resources& resources, Keep keep) {
  Resources result;
  for (const model::Resource& resource : resources.list()) {
    if (keep(resource)) {
      result += resource;
    }
  }
  return result;
}

bool is_indivisible(const model::Resource& resource) {
  return resource.disk && resource.disk->source &&
         resource.disk->source->type != model::DiskSource::Type::path;
}

}  // namespace

bool Allocator::held_back(Time now) const {
  return now < hold_until_ && agent_index_.size() < hold_agents_;
}

bool enough(const Resources& resources, const MinAllocatable& minimum) {
  if (resources.empty()) {
    return false;
  }
  return minimum.empty() || std::any_of(minimum.begin(), minimum.end(), [&](const Amounts& all) {
           return std::all_of(all.begin(), all.end(), [&](const auto& entry) {
             return resources.scalar(entry.first) >= entry.second;
           });
         });
}

bool Allocator::is_left(const Look& look) const {
  if (look.free == look.agent.total.get()) {
    return look.agent.total_enough;
  }
  return enough(*look.free, options_.min_allocatable);
}

// A shared volume is free however many use it, but goes to one framework in a cycle only.
void Allocator::load(Look& look) {
  Agent& agent = look.agent;
  if (agent.allocated.empty()) {
    look.free = agent.total.get();
  } else {
    look.own = *agent.total;
    look.own -= agent.plain
                    ? agent.allocated
                    : only(agent.allocated, [](const model::Resource& r) { return !r.shared; });
    look.free = &look.own;
  }
  const auto given = shared_given_.find(look.index);  // all but always empty
  if (given != shared_given_.end()) {
    look.own = *look.free - given->second;
    look.free = &look.own;
    look.untouched = false;
  }
  if (agent.blocked_at != nullptr && !agent.blocked_at->contains(*look.free)) {
    agent.blocked.clear();
    agent.blocked_at.reset();
  }
}

bool Allocator::eligible(const Agent& agent, const Seat& seat) const {
  const FrameworkSpec& spec = seat.framework->spec;
  const std::string& role = roles_.name(seat.role);
  if ((options_.filter_gpu_resources && agent.has_gpus && !spec.gpus) ||
      (spec.multi_role && !agent.spec.multi_role) ||
      (!agent.spec.hierarchical_role && role.find('/') != std::string::npos)) {
    return false;
  }
  const auto& domain = agent.spec.domain;
  if (options_.region && !spec.region_aware && domain && domain->fault_domain &&
      domain->fault_domain->region.name != *options_.region) {
    return false;
  }
  return spec.constraints == nullptr || !spec.constraints->excludes(role, agent.spec);
}

Resources Allocator::visible(const Resources& free,
                             const FrameworkSpec& spec,
                             const std::string& role) {
  return only(free.allocatable_to(role), [&](const model::Resource& resource) {
    return (resource.reservations.size() <= 1 || spec.reservation_refinement) &&
           (!resource.shared || spec.shared) && (!resource.revocable || spec.revocable);
  });
}

// Cuts unreserved scalars down to what limits, the role's guarantee (in that stage) and the needs
// of other guarantees leave; nothing when the stage of guarantees would not bring one nearer.
Resources Allocator::within_quota(const Look& look, const Resources& wanted, RoleIndex role) {
  Resources result;
  Quantities given;
  bool nearer = look.stage == Stage::fair;
  for (const model::Resource& resource : wanted.list()) {
    if (!counts_for_quota(resource)) {
      result += resource;
      continue;
    }
    const std::size_t name = names_.id(resource.name);
    std::int64_t left = roles_.limit_left(role, name);
    const auto guarantee =
        look.stage == Stage::guarantees ? roles_.guarantee_left(role, name) : std::nullopt;
    if (guarantee) {
      left = std::min(left, *guarantee);
    } else if (const std::int64_t required = roles_.required()[name]; required > 0) {
      left = std::min(left, headroom_[name] - required);
    }
    if (left != std::numeric_limits<std::int64_t>::max()) {
      left -= given[name];
    }
    model::Resource part = resource;
    part.scalar.milli = std::min(left, resource.scalar.milli);
    if (part.scalar.milli <= 0 || (part.scalar < resource.scalar && is_indivisible(resource))) {
      continue;
    }
    nearer = nearer || guarantee.has_value();
    given.add(name, part.scalar.milli);
    result += part;
  }
  return nearer ? result : Resources{};
}

void Allocator::block(Look& look, SeatIndex seat) {
  if (!look.untouched) {
    return;
  }
  Agent& agent = look.agent;
  if (!look.blocks_here) {
    look.blocks_here = true;
    const Resources& at = agent.blocked_at == nullptr ? *agent.total : *agent.blocked_at;
    if (look.free == agent.total.get()) {
      agent.blocked_at.reset();
    } else if (at != *look.free) {
      agent.blocked_at = std::make_unique<const Resources>(*look.free);
    }
  }
  if (agent.blocked.size() <= seat / 64) {
    agent.blocked.resize(seat / 64 + 1);
  }
  agent.blocked[seat / 64] |= std::uint64_t{1} << (seat % 64);
}

void Allocator::give(Look& look, SeatIndex seat, Resources offered) {
  if (!look.agent.plain) {
    Resources shared = only(offered, [](const model::Resource& r) { return r.shared; });
    if (!shared.empty()) {
      shared_given_[look.index] += shared;
    }
  }
  if (offered.list().size() == look.free->list().size() && offered == *look.free) {
    look.own = {};
  } else {
    look.own = *look.free - offered;
  }
  look.free = &look.own;
  look.untouched = false;
  hold(look.index, seat, offered, 1);
  look.served.push_back(seat);
  const Seat& to = seats_[seat];
  given_.push_back({to.framework->id, roles_.name(to.role), look.agent.id, std::move(offered)});
}

// False: nothing is left for anybody else.
bool Allocator::consider(Look& look, SeatIndex index) {
  const Agent& agent = look.agent;
  if (index / 64 < agent.blocked.size() && (agent.blocked[index / 64] >> (index % 64) & 1) != 0) {
    return true;
  }
  const Seat& seat = seats_[index];
  const MinAllocatable& minimum =
      seat.minimum == nullptr ? options_.min_allocatable : *seat.minimum;
  const auto unwanted = [&](const Resources& resources) {
    const bool whole = &resources == agent.total.get() && seat.minimum == nullptr;
    return !(whole ? agent.total_enough : enough(resources, minimum)) ||
           filters_.filtered({look.index, index}, resources);
  };
  if (!eligible(agent, seat)) {
    block(look, index);
    return true;
  }
  Resources seen =
      agent.plain ? Resources{} : visible(*look.free, seat.framework->spec, roles_.name(seat.role));
  if (unwanted(agent.plain ? *look.free : seen)) {
    block(look, index);
    return true;
  }
  if (agent.plain) {
    seen = *look.free;
  }
  if (roles_.constrained(seat.role)) {
    Resources part = within_quota(look, seen, seat.role);
    if (part != seen) {
      if (!agent.withheld && look.stage == Stage::fair) {
        look.agent.withheld = true;
        withheld_.push_back(look.index);
      }
      if (unwanted(part)) {
        return true;
      }
      seen = std::move(part);
    }
  }
  give(look, index, std::move(seen));
  return is_left(look) || (overrides_min_ && !look.free->empty());
}

void Allocator::look_at(AgentIndex index, Stage stage) {
  Agent& agent = agents_[index];
  if (!offerable(agent)) {
    return;
  }
  Look look{.index = index, .agent = agent, .stage = stage, .own = {}};
  load(look);
  const std::size_t before = given_.size();
  if (is_left(look) || (overrides_min_ && !look.free->empty())) {
    role_order_->visit([this, &look](RoleIndex role) {
      if (look.stage == Stage::guarantees && !roles_.below_guarantee(role)) {
        return true;
      }
      return role_seats_[role].order->visit(
          [this, &look](SeatIndex seat) { return consider(look, seat); });
    });
  }
  for (std::size_t i = 0; i < look.served.size(); ++i) {
    rank(index, look.served[i], given_[before + i].resources, Sorter::Count::allocation);
  }
  agent.exhausted = !is_left(look);
  if (stage == Stage::fair && !agent.exhausted && shared_given_.contains(index)) {
    touch(index);  // another may have the shared volume in the next cycle
  }
}

std::vector<Allocation> Allocator::allocate(Time now) {
  for (const OfferFilters::Pair& pair : filters_.expire(now)) {
    unblock(agents_[pair.agent], pair.seat);
    touch(pair.agent);
  }
  last_cycle_ = now;
  if (held_back(now)) {
    return {};
  }
  hold_until_ = Time::min();
  urgent_ = false;
  std::vector<AgentIndex> order;
  order.swap(dirty_);
  std::erase_if(order, [&](AgentIndex agent) {
    return !std::exchange(agents_[agent].dirty, false);  // gone, or here twice
  });
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random_.below(i)]);
  }
  if (roles_.any_guarantees()) {
    for (const AgentIndex agent : order) {
      look_at(agent, Stage::guarantees);
    }
  }
  for (const AgentIndex agent : order) {
    look_at(agent, Stage::fair);
  }
  shared_given_.clear();
  return std::exchange(given_, {});
}

}  // namespace ekiden::allocator
