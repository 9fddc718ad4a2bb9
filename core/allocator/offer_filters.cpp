#include "core/allocator/offer_filters.h"

#include <algorithm>
#include <utility>

namespace ekiden::allocator {

template <class Visit>
void OfferFilters::visit(Pair pair, Visit visit) const {
  if (pair.agent >= by_agent_.size()) {
    return;
  }
  const Slots& slots = by_agent_[pair.agent];
  auto place = std::lower_bound(slots.begin(), slots.end(), std::pair{pair.seat, Slot{0}});
  for (; place != slots.end() && place->first == pair.seat; ++place) {
    if (!visit(place->second)) {
      return;
    }
  }
}

bool OfferFilters::has(Pair pair) const {
  bool any = false;
  visit(pair, [&](Slot) {
    any = true;
    return false;
  });
  return any;
}

bool OfferFilters::filtered(Pair pair, const model::Resources& resources) const {
  bool refused = false;
  visit(pair, [&](Slot slot) {
    const model::Resources* filter = filters_[slot].refused.get();
    refused = filter == &resources || filter->contains(resources);
    return !refused;
  });
  return refused;
}

// What the new filter covers and outlasts is not needed any more.
void OfferFilters::make_room(Pair pair, const model::Resources& refused, Time until) {
  std::vector<Slot> mine;
  visit(pair, [&](Slot slot) {
    mine.push_back(slot);
    return true;
  });
  std::erase_if(mine, [&](Slot slot) {
    const bool covered = filters_[slot].until <= until && refused.contains(*filters_[slot].refused);
    if (covered) {
      remove(slot);
    }
    return covered;
  });
  if (mine.size() >= kFiltersPerPairMax) {
    remove(*std::min_element(mine.begin(), mine.end(), [&](Slot a, Slot b) {
      return filters_[a].until < filters_[b].until;
    }));
  }
}

void OfferFilters::add(Pair pair, std::shared_ptr<const model::Resources> refused, Time until) {
  if (has(pair)) {
    make_room(pair, *refused, until);
  }
  if (pair.agent >= by_agent_.size()) {
    by_agent_.resize(pair.agent + 1);
  }
  if (pair.seat >= by_seat_.size()) {
    by_seat_.resize(pair.seat + 1);
  }
  Slot slot = static_cast<Slot>(filters_.size());
  if (free_.empty()) {
    filters_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Slots& slots = by_agent_[pair.agent];
  std::vector<Slot>& of_seat = by_seat_[pair.seat];
  std::vector<Slot>& bucket = buckets_[until];
  Filter& filter = filters_[slot];
  filter = {std::move(refused),
            until,
            pair,
            static_cast<std::uint32_t>(of_seat.size()),
            static_cast<std::uint32_t>(bucket.size())};
  of_seat.push_back(slot);
  bucket.push_back(slot);
  const std::pair entry{pair.seat, slot};
  slots.insert(std::upper_bound(slots.begin(), slots.end(), entry), entry);
}

void OfferFilters::remove(Slot slot) {
  Filter& filter = filters_[slot];
  Slots& slots = by_agent_[filter.pair.agent];
  slots.erase(std::lower_bound(slots.begin(), slots.end(), std::pair{filter.pair.seat, slot}));
  std::vector<Slot>& of_seat = by_seat_[filter.pair.seat];
  of_seat[filter.at_seat] = of_seat.back();
  filters_[of_seat.back()].at_seat = filter.at_seat;
  of_seat.pop_back();
  const auto bucket = buckets_.find(filter.until);
  bucket->second[filter.in_bucket] = bucket->second.back();
  filters_[bucket->second.back()].in_bucket = filter.in_bucket;
  bucket->second.pop_back();
  if (bucket->second.empty()) {
    buckets_.erase(bucket);
  }
  filter = Filter{};
  free_.push_back(slot);
}

std::vector<OfferFilters::Pair> OfferFilters::expire(Time now) {
  std::vector<Pair> pairs;
  while (!buckets_.empty() && buckets_.begin()->first <= now) {
    const Slot slot = buckets_.begin()->second.back();
    pairs.push_back(filters_[slot].pair);
    remove(slot);
  }
  return pairs;
}

void OfferFilters::remove_agent(AgentIndex agent) {
  while (agent < by_agent_.size() && !by_agent_[agent].empty()) {
    remove(by_agent_[agent].back().second);
  }
}

void OfferFilters::remove_seat(SeatIndex seat) {
  while (seat < by_seat_.size() && !by_seat_[seat].empty()) {
    remove(by_seat_[seat].back());
  }
}

}  // namespace ekiden::allocator
