#include "core/allocator/drf_sorter.h"

#include <algorithm>
#include <tuple>

namespace ekiden::allocator {

void DrfSorter::add(const std::string& client, double weight) {
  Client& entry = clients_[client];
  entry.member = true;
  entry.weight = weight;
  stale_ = true;
}

void DrfSorter::remove(const std::string& client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) {
    return;
  }
  found->second.member = false;
  if (found->second.allocated.empty()) {
    clients_.erase(found);
  }
  stale_ = true;
}

bool DrfSorter::contains(const std::string& client) const {
  const auto found = clients_.find(client);
  return found != clients_.end() && found->second.member;
}

void DrfSorter::change(Quantities& quantities, const model::Resources& resources, int sign) {
  for (const model::Resource& resource : resources.list()) {
    if (resource.type != model::ValueType::scalar) {
      continue;
    }
    std::int64_t& quantity = quantities[resource.name];
    quantity += sign * resource.scalar.milli;
    if (quantity == 0) {
      quantities.erase(resource.name);
    }
  }
}

void DrfSorter::add_total(const model::Resources& resources) {
  change(total_, resources, 1);
  stale_ = true;
}

void DrfSorter::subtract_total(const model::Resources& resources) {
  change(total_, resources, -1);
  stale_ = true;
}

void DrfSorter::allocated(const std::string& client, const model::Resources& resources) {
  Client& entry = clients_[client];
  change(entry.allocated, resources, 1);
  ++entry.allocations;
  stale_ = true;
}

void DrfSorter::unallocated(const std::string& client, const model::Resources& resources) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) {
    return;
  }
  change(found->second.allocated, resources, -1);
  if (!found->second.member && found->second.allocated.empty()) {
    clients_.erase(found);
  }
  stale_ = true;
}

double DrfSorter::share_of(const Client& client) const {
  double share = 0;
  for (const auto& [name, quantity] : client.allocated) {
    const auto total = total_.find(name);
    if (total != total_.end() && total->second > 0) {
      share = std::max(share, static_cast<double>(quantity) / static_cast<double>(total->second));
    }
  }
  return share / client.weight;
}

double DrfSorter::share(const std::string& client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? 0 : share_of(found->second);
}

const std::vector<std::string>& DrfSorter::sorted() {
  if (!stale_) {
    return order_;
  }
  std::vector<std::tuple<double, std::uint64_t, std::string>> keys;
  for (const auto& [name, client] : clients_) {
    if (client.member) {
      keys.emplace_back(share_of(client), client.allocations, name);
    }
  }
  std::sort(keys.begin(), keys.end());
  order_.clear();
  for (auto& [share, allocations, name] : keys) {
    order_.push_back(std::move(name));
  }
  stale_ = false;
  return order_;
}

}  // namespace ekiden::allocator
