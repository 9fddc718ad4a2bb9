#include "core/allocator/random_sorter.h"

#include <algorithm>
#include <cmath>

namespace ekiden::allocator {

double RandomSorter::weight(Node parent, Node entry) const {
  return entry == parent ? 1 : nodes_[entry].weight;
}

const std::vector<Sorter::Node>& RandomSorter::ordered(Node parent) {
  std::vector<Node>& order = nodes_[parent].order;
  const bool weighted = std::any_of(
      order.begin(), order.end(), [&](Node entry) { return weight(parent, entry) != 1; });
  if (!weighted) {
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[random_.below(i)]);
    }
    return order;
  }
  // Exponential waiting times with the weights as rates: who comes first is who is drawn first.
  keys_.clear();
  for (const Node entry : order) {
    keys_.emplace_back(-std::log(1 - random_.unit()) / weight(parent, entry), entry);
  }
  std::sort(keys_.begin(), keys_.end());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = keys_[i].second;
  }
  return order;
}

}  // namespace ekiden::allocator
