#include "core/allocator/sorter.h"

#include "core/base/check.h"

#include <algorithm>

namespace ekiden::allocator {

Sorter::Sorter(const Pool& pool) : pool_(pool), nodes_(1) {}

Sorter::Node Sorter::find_or_add(std::string_view path) {
  if (path.empty()) {
    return 0;
  }
  const auto found = by_path_.find(std::string(path));
  if (found != by_path_.end()) {
    return found->second;
  }
  const std::size_t slash = path.rfind('/');
  const bool nested = slash != std::string_view::npos;
  const Node parent = find_or_add(nested ? path.substr(0, slash) : std::string_view{});
  Node node = static_cast<Node>(nodes_.size());
  if (free_.empty()) {
    nodes_.emplace_back();
  } else {
    node = free_.back();
    free_.pop_back();
  }
  Entry& entry = nodes_[node];
  entry = Entry{};
  entry.path = path;
  entry.name = nested ? path.substr(slash + 1) : path;
  entry.parent = parent;
  const auto weight = weights_.find(entry.path);
  entry.weight = weight == weights_.end() ? 1 : weight->second;
  by_path_.emplace(entry.path, node);
  nodes_[parent].children.push_back(node);
  collect(parent);
  return node;
}

Sorter::Node Sorter::add(std::string_view path, Tag tag) {
  const Node node = find_or_add(path);
  CHECK(!nodes_[node].is_client, "client {} is added twice", path);
  nodes_[node].is_client = true;
  nodes_[node].active = false;
  nodes_[node].tag = tag;
  return node;
}

void Sorter::prune(Node node) {
  while (node != 0 && !nodes_[node].is_client && nodes_[node].children.empty()) {
    Entry& entry = nodes_[node];
    const Node parent = entry.parent;
    by_path_.erase(entry.path);
    std::erase(nodes_[parent].children, node);
    collect(parent);
    entry = Entry{};
    free_.push_back(node);
    node = parent;
  }
}

void Sorter::remove(Node client) {
  CHECK(nodes_[client].own.quantities.zero(),
        "client {} is removed with something allocated",
        nodes_[client].path);
  set_active(client, false);
  nodes_[client].is_client = false;
  nodes_[client].own = Tally{};
  prune(client);
}

void Sorter::collect(Node parent) {
  Entry& entry = nodes_[parent];
  entry.order.clear();
  entry.ordered_at = 0;
  if (entry.active && competes_below(entry)) {
    entry.order.push_back(parent);
  }
  for (const Node child : entry.children) {
    if (nodes_[child].active_below > 0) {
      entry.order.push_back(child);
    }
  }
}

void Sorter::count_active(Node client, std::int32_t change) {
  collect(client);
  for (Node node = client;; node = nodes_[node].parent) {
    nodes_[node].active_below += static_cast<std::uint32_t>(change);
    if (node == 0) {
      break;
    }
  }
  for (Node node = client; node != 0; node = nodes_[node].parent) {
    collect(nodes_[node].parent);
  }
}

void Sorter::set_active(Node client, bool active) {
  Entry& entry = nodes_[client];
  if (entry.active != active) {
    entry.active = active;
    count_active(client, active ? 1 : -1);
  }
}

void Sorter::set_weight(const std::string& path, double weight) {
  weights_[path] = weight;
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) {
    nodes_[found->second].weight = weight;
    nodes_[nodes_[found->second].parent].ordered_at = 0;
  }
}

double Sorter::share_of(const Quantities& quantities) const {
  double share = 0;
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    const bool excluded = i < pool_.excluded.size() && pool_.excluded[i];
    if (quantities[i] > 0 && pool_.total[i] > 0 && !excluded) {
      share =
          std::max(share, static_cast<double>(quantities[i]) / static_cast<double>(pool_.total[i]));
    }
  }
  return share;
}

double Sorter::share(Node client) const {
  return share_of(nodes_[client].sum.quantities);
}

// The client's own tally, then the sums of it and its ancestors, each with its place in the order.
template <class Change>
void Sorter::change(Node client, Change apply) {
  Entry& entry = nodes_[client];
  const bool contends = entry.active && competes_below(entry);
  if (contends) {
    before_change(client, client);
  }
  apply(entry.own);
  if (contends) {
    after_change(client, client);
  }
  for (Node node = client; node != 0; node = nodes_[node].parent) {
    const Node parent = nodes_[node].parent;
    const bool ordered = nodes_[node].active_below > 0;
    if (ordered) {
      before_change(parent, node);
    }
    apply(nodes_[node].sum);
    if (ordered) {
      after_change(parent, node);
    }
  }
}

void Sorter::allocated(Node client, const Quantities& quantities, Count count) {
  change(client, [&](Tally& tally) {
    tally.quantities += quantities;
    tally.count += count == Count::allocation ? 1 : 0;
  });
}

void Sorter::unallocated(Node client, const Quantities& quantities) {
  change(client, [&](Tally& tally) { tally.quantities -= quantities; });
}

bool Sorter::visit(const Visitor& visitor) {
  return visit_node(0, visitor);
}

bool Sorter::visit_node(Node node, const Visitor& visitor) {
  for (const Node next : ordered(node)) {
    const bool is_client = next == node || !competes_below(nodes_[next]);
    if (is_client ? !visitor(nodes_[next].tag) : !visit_node(next, visitor)) {
      return false;
    }
  }
  return true;
}

}  // namespace ekiden::allocator
