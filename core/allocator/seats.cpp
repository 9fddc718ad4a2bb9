// A seat is one framework under one role: who holds what, and how that counts in the orders.
#include "core/allocator/allocator.h"
#include "core/base/check.h"

#include <algorithm>

namespace ekiden::allocator {

using model::Resources;

namespace {

constexpr std::uint64_t kRoleHolder = std::uint64_t{1} << 32;  // a role, not a seat

std::string volume_key(const model::Resource& volume) {
  std::string key = volume.reservations.empty() ? "" : volume.reservations.back().role;
  key += '\n';
  return key + (volume.disk && volume.disk->persistence ? volume.disk->persistence->id : "");
}

}  // namespace

std::optional<SeatIndex> Allocator::find_seat(const FrameworkId& framework,
                                              const std::string& role) const {
  const auto found = frameworks_.find(framework);
  if (found == frameworks_.end()) {
    return std::nullopt;
  }
  const auto seat = found->second.seats.find(role);
  return seat == found->second.seats.end() ? std::nullopt : std::optional(seat->second);
}

SeatIndex Allocator::seat_of(const FrameworkId& id, const std::string& role) {
  if (const auto found = find_seat(id, role)) {
    return *found;
  }
  Framework& framework = frameworks_[id];
  framework.id = id;
  SeatIndex index = static_cast<SeatIndex>(seats_.size());
  if (free_seats_.empty()) {
    seats_.emplace_back();
  } else {
    index = free_seats_.back();
    free_seats_.pop_back();
  }
  framework.seats.emplace(role, index);
  Seat& seat = seats_[index];
  seat.framework = &framework;
  seat.role = roles_.pin(role);
  role_seats_.resize(std::max<std::size_t>(role_seats_.size(), seat.role + 1));
  RoleSeats& of_role = role_seats_[seat.role];
  if (of_role.seats++ == 0) {
    of_role.order = make_sorter(options_.framework_order);
    of_role.node = role_order_->add(role, seat.role);
  }
  seat.node = of_role.order->add(id.value, index);
  return index;
}

void Allocator::drop_if_unused(SeatIndex index) {
  Seat& seat = seats_[index];
  if (seat.member || seat.holdings > 0) {
    return;
  }
  forget_filters(index);
  RoleSeats& of_role = role_seats_[seat.role];
  of_role.order->remove(seat.node);
  if (--of_role.seats == 0) {
    role_order_->remove(of_role.node);
    of_role = RoleSeats{};
  }
  Framework& framework = *seat.framework;
  framework.seats.erase(roles_.name(seat.role));
  roles_.unpin(seat.role);
  seat = Seat{};
  free_seats_.push_back(index);
  if (!framework.known && framework.seats.empty()) {
    const FrameworkId id = framework.id;
    frameworks_.erase(id);
  }
}

void Allocator::set_members(Framework& framework, FrameworkSpec spec) {
  framework.spec = std::move(spec);
  overrides_min_ = overrides_min_ || !framework.spec.min_allocatable.empty();
  for (const std::string& role : framework.spec.roles) {
    seat_of(framework.id, role);
  }
  const bool was_known = framework.known;
  framework.known = true;  // dropping its last seat must not end it here
  const auto seats = framework.seats;
  for (const auto& [role, index] : seats) {
    Seat& seat = seats_[index];
    seat.member = framework.spec.roles.contains(role);
    const auto own = framework.spec.min_allocatable.find(role);
    seat.minimum = own == framework.spec.min_allocatable.end() ? nullptr : &own->second;
    for (Agent& agent : agents_) {
      unblock(agent, index);
    }
    if (!seat.member) {
      forget_filters(index);
    }
    refresh(index);
    drop_if_unused(index);
  }
  framework.known = was_known;
}

void Allocator::unblock(Agent& agent, SeatIndex seat) {
  if (seat / 64 < agent.blocked.size()) {
    agent.blocked[seat / 64] &= ~(std::uint64_t{1} << (seat % 64));
  }
}

void Allocator::refresh(SeatIndex index) {
  Seat& seat = seats_[index];
  const Framework& framework = *seat.framework;
  const bool active = seat.member && framework.known && framework.activity == Activity::active &&
                      !framework.spec.suppressed.contains(roles_.name(seat.role));
  if (active == seat.active) {
    return;
  }
  seat.active = active;
  RoleSeats& of_role = role_seats_[seat.role];
  of_role.order->set_active(seat.node, active);
  of_role.active = active ? of_role.active + 1 : of_role.active - 1;
  role_order_->set_active(of_role.node, of_role.active > 0);
}

void Allocator::forget_filters(SeatIndex seat) {
  filters_.remove_seat(seat);
  for (Agent& agent : agents_) {
    unblock(agent, seat);
  }
}

void Allocator::hold(AgentIndex index, SeatIndex seat, const Resources& resources, int sign) {
  if (resources.empty()) {
    return;
  }
  Agent& agent = agents_[index];
  if (sign > 0 && agent.allocated.empty()) {
    agent.allocated = resources;
  } else if (sign > 0) {
    agent.allocated += resources;
  } else if (agent.allocated == resources) {
    agent.allocated = {};
  } else {
    CHECK(agent.allocated.contains(resources),
          "agent {}: {} come back, but only {} are allocated",
          agent.id.value,
          to_text(resources),
          to_text(agent.allocated));
    agent.allocated -= resources;
  }
  const Quantities unreserved = quota_scalars(resources, names_);
  change_free(agent, unreserved, -sign);
  roles_.use(seats_[seat].role, unreserved, sign);
  auto holder = std::find_if(
      agent.holders.begin(), agent.holders.end(), [&](const Holder& h) { return h.seat == seat; });
  if (holder == agent.holders.end()) {
    agent.holders.push_back({seat, 0});
    holder = agent.holders.end() - 1;
    ++seats_[seat].holdings;
    inverse_due_ = inverse_due_ || inverse_.unavailability(agent.id) != nullptr;
  }
  holder->measure += sign * measure(resources);
  if (holder->measure == 0) {
    agent.holders.erase(holder);
    --seats_[seat].holdings;
  }
}

// A shared volume counts once, however often a holder uses it.
Quantities Allocator::ranked(AgentIndex agent,
                             std::uint64_t holder,
                             const Resources& resources,
                             int sign) {
  Quantities sum;
  for (const model::Resource& resource : resources.list()) {
    if (resource.type != model::ValueType::scalar) {
      continue;
    }
    if (resource.shared) {
      const std::tuple key{agent, holder, volume_key(resource)};
      std::size_t& uses = shared_uses_[key];
      const bool counts = sign > 0 ? uses++ == 0 : --uses == 0;
      if (uses == 0) {
        shared_uses_.erase(key);
      }
      if (!counts) {
        continue;
      }
    }
    sum.add(names_.id(resource.name), resource.scalar.milli);
  }
  return sum;
}

void Allocator::rank(AgentIndex agent,
                     SeatIndex index,
                     const Resources& resources,
                     Sorter::Count count) {
  const Seat& seat = seats_[index];
  RoleSeats& role = role_seats_[seat.role];
  role.order->allocated(seat.node, ranked(agent, index, resources, 1), count);
  role_order_->allocated(role.node, ranked(agent, kRoleHolder | seat.role, resources, 1), count);
}

void Allocator::unrank(AgentIndex agent, SeatIndex index, const Resources& resources) {
  const Seat& seat = seats_[index];
  RoleSeats& role = role_seats_[seat.role];
  role.order->unallocated(seat.node, ranked(agent, index, resources, -1));
  role_order_->unallocated(role.node, ranked(agent, kRoleHolder | seat.role, resources, -1));
}

}  // namespace ekiden::allocator
