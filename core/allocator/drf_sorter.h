#pragma once

#include "core/allocator/sorter.h"

namespace ekiden::allocator {

// Dominant share order [mesos-core 5.5]: share = max over scalar resources of allocated / total,
// divided by the weight; ties by the number of allocations, then by name. One changed client costs
// a binary search; a changed pool sorts once more.
class DrfSorter final : public Sorter {
 public:
  using Sorter::Sorter;

 private:
  const std::vector<Node>& ordered(Node parent) override;
  void before_change(Node parent, Node entry) override;
  void after_change(Node parent, Node entry) override;

  bool fresh(Node parent) const;
  void rate(Node parent, Node entry);
  bool before(Node parent, Node a, Node b) const;

  std::size_t place_ = 0;  // of the entry that is changing
};

}  // namespace ekiden::allocator
