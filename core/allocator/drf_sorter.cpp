#include "core/allocator/drf_sorter.h"

#include <algorithm>

namespace ekiden::allocator {

bool DrfSorter::fresh(Node parent) const {
  return nodes_[parent].ordered_at == pool_.version + 1;
}

void DrfSorter::rate(Node parent, Node entry) {
  Entry& node = nodes_[entry];
  if (entry == parent) {
    node.own.share = share_of(node.own.quantities);
  } else {
    node.sum.share = share_of(node.sum.quantities) / node.weight;
  }
}

// A client that competes with those below it does so under the name ".", which sorts first.
bool DrfSorter::before(Node parent, Node a, Node b) const {
  const Tally& left = a == parent ? nodes_[a].own : nodes_[a].sum;
  const Tally& right = b == parent ? nodes_[b].own : nodes_[b].sum;
  if (left.share != right.share) {
    return left.share < right.share;
  }
  if (left.count != right.count) {
    return left.count < right.count;
  }
  if (a == parent || b == parent) {
    return a == parent && b != parent;
  }
  return nodes_[a].name < nodes_[b].name;
}

const std::vector<Sorter::Node>& DrfSorter::ordered(Node parent) {
  Entry& node = nodes_[parent];
  if (!fresh(parent)) {
    for (const Node entry : node.order) {
      rate(parent, entry);
    }
    std::sort(
        node.order.begin(), node.order.end(), [&](Node a, Node b) { return before(parent, a, b); });
    node.ordered_at = pool_.version + 1;
  }
  return node.order;
}

void DrfSorter::before_change(Node parent, Node entry) {
  if (!fresh(parent)) {
    return;
  }
  const std::vector<Node>& order = nodes_[parent].order;
  const auto place = std::lower_bound(
      order.begin(), order.end(), entry, [&](Node a, Node b) { return before(parent, a, b); });
  place_ = static_cast<std::size_t>(place - order.begin());
}

void DrfSorter::after_change(Node parent, Node entry) {
  if (!fresh(parent)) {
    return;
  }
  rate(parent, entry);
  std::vector<Node>& order = nodes_[parent].order;
  const auto less = [&](Node a, Node b) { return before(parent, a, b); };
  const auto old = order.begin() + static_cast<std::ptrdiff_t>(place_);
  if (old != order.begin() && less(entry, *(old - 1))) {
    const auto target = std::lower_bound(order.begin(), old, entry, less);
    std::rotate(target, old, old + 1);
  } else {
    const auto target = std::lower_bound(old + 1, order.end(), entry, less);
    std::rotate(old, old + 1, target);
  }
}

}  // namespace ekiden::allocator
