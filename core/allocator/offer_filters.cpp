#include "core/allocator/offer_filters.h"

#include <algorithm>

namespace ekiden::allocator {

void OfferFilters::add(const Key& key, model::Resources refused, Time until) {
  const std::uint64_t id = ++last_id_;
  filters_[key].push_back({std::move(refused), id});
  expiries_.emplace(std::pair{until, id}, key);
}

bool OfferFilters::filtered(const Key& key, const model::Resources& resources) const {
  const auto found = filters_.find(key);
  return found != filters_.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](const Filter& filter) {
           return filter.refused.contains(resources);
         });
}

std::vector<AgentId> OfferFilters::expire(Time now) {
  std::vector<AgentId> agents;
  while (!expiries_.empty() && expiries_.begin()->first.first <= now) {
    const auto first = expiries_.begin();
    const std::uint64_t id = first->first.second;
    const auto found = filters_.find(first->second);
    if (found != filters_.end() &&
        std::erase_if(found->second, [&](const Filter& f) { return f.id == id; }) > 0) {
      agents.push_back(first->second.agent);
      if (found->second.empty()) {
        filters_.erase(found);
      }
    }
    expiries_.erase(first);
  }
  return agents;
}

Time OfferFilters::next_expiry() const {
  return expiries_.empty() ? kNever : expiries_.begin()->first.first;
}

template <class Predicate>
void OfferFilters::remove_if(Predicate predicate) {
  std::erase_if(filters_, [&](const auto& entry) { return predicate(entry.first); });
  std::erase_if(expiries_, [&](const auto& entry) { return predicate(entry.second); });
}

void OfferFilters::remove_agent(const AgentId& agent) {
  remove_if([&](const Key& key) { return key.agent == agent; });
}

void OfferFilters::remove_framework(const FrameworkId& framework) {
  remove_if([&](const Key& key) { return key.framework == framework; });
}

void OfferFilters::remove_role(const FrameworkId& framework, const std::string& role) {
  remove_if([&](const Key& key) { return key.framework == framework && key.role == role; });
}

}  // namespace ekiden::allocator
