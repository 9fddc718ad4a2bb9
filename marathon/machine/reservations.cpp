// Resident instances: what they reserve, when it is used again, when it is freed [4.9]. Nothing is
// freed because a record is missing [defect 42]: only what an instance of ours, decommissioned and
// ended, holds, or what a record says was given up before anything ran on it.
#include "marathon/instance/update.h"
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

using Kind = DeadlineKey::Kind;

constexpr Duration kFreedUnseen = std::chrono::seconds(10);  // then it was freed before a restart
constexpr std::size_t kReleasedMax = 10000;                  // remembered ids
constexpr std::size_t kUnknownReservationsMax = 1000;        // told once each

bool has_ended(const Instance& instance) {
  return !instance.task || is_terminal(instance.condition);
}

}  // namespace

// Where an instance with a reservation stands: waiting for its volumes, kept, or to be freed.
void Marathon::State::follow_reservation(Slot& slot) {
  const Instance& instance = *slot.instance;
  AppWork& work = *slot.work;
  if (instance.reservation && instance.goal == Goal::stopped) {
    work.kept.insert(slot.number);
  } else {
    work.kept.erase(slot.number);
  }
  const bool cleanup =
      instance.reservation && instance.goal == Goal::decommissioned && has_ended(instance);
  if (cleanup && !slot.cleanup) {
    RoleWants& wants = wants_of(instance.role);
    slot.cleanup = Slot::Cleanup{now.time, instance.place ? instance.place->agent_id : AgentId()};
    wants.cleanups[slot.cleanup->agent].insert(slot.number);
    wants.changed = true;
  } else if (!cleanup) {
    end_cleanup(slot);
  }
  const bool fresh = instance.reservation && instance.goal == Goal::running &&
                     instance.reservation->state == Reservation::State::fresh;
  if (!fresh) {
    deadlines.erase({Kind::reservation, slot.number, 0});
  }
}

void Marathon::State::forget_reservation(Slot& slot) {
  slot.work->kept.erase(slot.number);
  slot.work->unbound.erase(slot.number);
  end_cleanup(slot);
  deadlines.erase({Kind::reservation, slot.number, 0});
}

void Marathon::State::end_cleanup(Slot& slot) {
  if (!slot.cleanup) {
    return;
  }
  auto& cleanups = wants_of(slot.instance->role).cleanups;
  const auto agent = cleanups.find(slot.cleanup->agent);
  agent->second.erase(slot.number);
  if (agent->second.empty()) {
    cleanups.erase(agent);
  }
  slot.cleanup.reset();
}

// The record is written before the ACCEPT leaves.
void Marathon::State::reserve(Slot& slot,
                              const model::Offer& offer,
                              launch::Fit fit,
                              std::vector<model::Operation>& operations) {
  const Instance& instance = *slot.instance;
  const launch::Demand demand = launch::demand_of(*instance.app, settings);
  Reservation reservation;
  reservation.deadline = now.wall + settings.task_reservation_timeout;
  for (const launch::VolumeWish& wish : demand.volumes) {
    reservation.volumes.push_back(
        launch::make_local_volume(instance.app->id, wish.name, random.uuid()));
  }
  fit.resources.insert(fit.resources.end(), fit.executor.begin(), fit.executor.end());
  const launch::Claim claim{instance.id, instance.role, *framework_id, settings.principal};
  std::vector<model::Operation> all = launch::reserve_operations(
      claim, fit.resources, demand.volumes, fit.disks, reservation.volumes);
  operations.insert(
      operations.end(), std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()));
  replace(slot, instance::reserve(instance, launch::place_of(offer), std::move(reservation), now));
  deadlines.set({Kind::reservation, slot.number, 0}, now.time + settings.task_reservation_timeout);
}

// Operations that free what nobody needs any more of what an offer holds.
std::vector<model::Operation> Marathon::State::free_reservations(
    const std::map<InstanceId, launch::Held>& all) {
  std::vector<model::Operation> operations;
  const auto free = [&](const launch::Held& held) {
    std::vector<model::Operation> more = launch::release_operations(held);
    operations.insert(operations.end(),
                      std::make_move_iterator(more.begin()),
                      std::make_move_iterator(more.end()));
  };
  for (const auto& [id, held] : all) {
    Slot* slot = find(id);
    if (slot && slot->cleanup) {
      free(held);
      slot->cleanup->ordered = true;
    } else if (!slot && (released.contains(id) || settings.free_unknown_reservations)) {
      free(held);
    } else if (!slot && unknown_reservations.size() < kUnknownReservationsMax &&
               unknown_reservations.insert(id).second) {
      warn(
          fmt::format("resources and {} volumes are reserved for instance {}, of which no record "
                      "exists: left as they are; if their data is not wanted, free them at the "
                      "master or start with --free_unknown_reservations",
                      held.volumes.size(),
                      id.value));
    }
  }
  return operations;
}

// The agent was offered without what was to be freed: it is. If the offer was older than that, what
// turns up later is freed then.
void Marathon::State::confirm_freed(const model::Offer& offer,
                                    const std::map<InstanceId, launch::Held>& held) {
  const auto wants = roles.find(offer.allocation_role);
  if (wants == roles.end() || !wants->second.cleanups.contains(offer.agent_id)) {
    return;
  }
  const std::set<InstanceNumber> numbers = wants->second.cleanups.at(offer.agent_id);
  for (const InstanceNumber number : numbers) {
    Slot& slot = *find(number);
    const bool waited = now.time - slot.cleanup->since >= kFreedUnseen;
    if ((slot.cleanup->ordered || waited) && !held.contains(slot.instance->id)) {
      release(slot.instance->id);
      remove(slot);
    }
  }
}

// From now on its reservation may be freed whenever it is seen.
void Marathon::State::release(const InstanceId& id) {
  if (released.contains(id)) {
    return;
  }
  const std::uint64_t number = ++last_number;
  released[id] = number;
  released_by_number[number] = id;
  persist(std::string(records::kReleased), records::number_key(number), id.value);
  if (released.size() > kReleasedMax) {
    const auto oldest = released_by_number.begin();
    persist(std::string(records::kReleased), records::number_key(oldest->first), std::nullopt);
    released.erase(oldest->second);
    released_by_number.erase(oldest);
  }
}

// The offer with the new volumes did not come: another instance tries elsewhere, at once [defect
// 21]. Nothing ever ran on them.
void Marathon::State::reservation_overdue(Slot& slot) {
  const auto& reservation = slot.instance->reservation;
  if (!reservation || reservation->state != Reservation::State::fresh) {
    return;
  }
  if (!connected) {
    deadlines.set({Kind::reservation, slot.number, 0},
                  now.time + settings.task_reservation_timeout);
    return;
  }
  warn(fmt::format("the reservation of instance {} on {} was not offered within {} s: trying again",
                   slot.instance->id.value,
                   slot.instance->place ? slot.instance->place->host : "an agent",
                   to_seconds(settings.task_reservation_timeout)));
  release(slot.instance->id);
  remove(slot);
}

// Not needed now: what has data keeps it [SC-1, 4.9 step 6], everything else goes.
void Marathon::State::retire(Slot& slot) {
  const auto& reservation = slot.instance->reservation;
  if (!reservation || reservation->state == Reservation::State::fresh) {
    decommission(slot);
    return;
  }
  replace(slot, instance::with_goal(*slot.instance, Goal::stopped));
  if (!has_ended(*slot.instance)) {
    kill(slot);
  }
}

// The app goes: so does what was kept for it.
void Marathon::State::drop_kept(AppWork& work) {
  const std::set<InstanceNumber> numbers = work.kept;
  for (const InstanceNumber number : numbers) {
    decommission(*find(number));
  }
}

// Kept instances come back before new ones are made. Those that are still ending are waited for.
// Returns how many of `count` are taken care of.
std::int32_t Marathon::State::reuse_kept(AppWork& work, const AppPtr& app, std::int32_t count) {
  std::int32_t done = 0;
  const std::set<InstanceNumber> numbers = work.kept;
  for (const InstanceNumber number : numbers) {
    if (done == count) {
      break;
    }
    Slot& slot = *find(number);
    if (has_ended(*slot.instance)) {
      replace(slot, instance::reschedule(*slot.instance, app, now));
      ++done;
    } else if (!is_considered_terminal(slot.instance->condition)) {
      ++done;
    }
  }
  return done;
}

}  // namespace ekiden::marathon
