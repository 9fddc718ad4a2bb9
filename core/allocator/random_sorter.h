#pragma once

#include "core/allocator/sorter.h"
#include "core/base/random.h"

#include <utility>
#include <vector>

namespace ekiden::allocator {

// A new order for every visit: a shuffle in which each next one is drawn with a probability
// proportional to its weight.
class RandomSorter final : public Sorter {
 public:
  RandomSorter(const Pool& pool, Random random) : Sorter(pool), random_(random) {}

 private:
  const std::vector<Node>& ordered(Node parent) override;

  void before_change(Node, Node) override {}

  void after_change(Node, Node) override {}

  double weight(Node parent, Node entry) const;

  Random random_;
  std::vector<std::pair<double, Node>> keys_;
};

}  // namespace ekiden::allocator
