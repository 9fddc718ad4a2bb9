#include "core/allocator/inverse_offers.h"

#include <algorithm>

namespace ekiden::allocator {

void InverseOffers::set(const AgentId& agent,
                        const std::optional<model::Unavailability>& unavailability) {
  std::erase_if(open_, [&](const Key& key) { return key.first == agent; });
  std::erase_if(filters_, [&](const auto& entry) { return entry.first.first == agent; });
  if (unavailability) {
    agents_[agent] = *unavailability;
  } else {
    agents_.erase(agent);
  }
}

const model::Unavailability* InverseOffers::unavailability(const AgentId& agent) const {
  const auto found = agents_.find(agent);
  return found == agents_.end() ? nullptr : &found->second;
}

void InverseOffers::remove_framework(const FrameworkId& framework) {
  std::erase_if(open_, [&](const Key& key) { return key.second == framework; });
  clear_filters(framework);
}

void InverseOffers::clear_filters(const FrameworkId& framework) {
  std::erase_if(filters_, [&](const auto& entry) { return entry.first.second == framework; });
}

bool InverseOffers::ask(const Key& key, Time now) {
  const auto filter = filters_.find(key);
  if (filter != filters_.end()) {
    if (filter->second > now) {
      return false;
    }
    filters_.erase(filter);
  }
  return open_.insert(key).second;
}

void InverseOffers::answered(const Key& key, std::optional<Time> until) {
  open_.erase(key);
  if (until && agents_.contains(key.first)) {
    filters_[key] = *until;
  }
}

Time InverseOffers::next_expiry() const {
  Time next = kNever;
  for (const auto& [key, until] : filters_) {
    next = std::min(next, until);
  }
  return next;
}

}  // namespace ekiden::allocator
