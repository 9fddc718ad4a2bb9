#pragma once

#include "marathon/deployment/census.h"

// What to do next for one app so that it comes nearer to what an action wants. Pure and level
// triggered: called again after every change of an instance, it needs no memory of what it said
// before, so a restart or a late event changes nothing.
namespace ekiden::marathon::deployment {

struct Decision {
  std::int32_t start = 0;          // new instances of the target
  std::int32_t drop_outdated = 0;  // Census::first_outdated
  std::int32_t drop_surplus = 0;   // Census::first_surplus
  bool done = false;
  bool operator==(const Decision&) const = default;
};

struct Capacity {
  std::int32_t healthy_min = 0;  // never fewer serving by our own action
  std::int32_t total_max = 0;    // never more that hold resources or are about to
  bool operator==(const Capacity&) const = default;
};

// [RR-1, RR-2] without the one-above rule.
Capacity capacity(std::int32_t instances, const UpgradeStrategy& strategy);

enum class Ailing { may_go, stay };  // stay: too many turned unhealthy at once to believe it

struct Replacement {
  std::int32_t instances = 0;
  UpgradeStrategy strategy;
  bool resident = false;
  Ailing ailing = Ailing::may_go;
};

// Brings the number of wanted instances to `instances` [2.5, 2.6]; done when those of the target's
// version serve and the dropped ones let go of their resources.
Decision advance_scale(std::int32_t instances, const Counts& counts);
// Rolling replace [RR-1 to RR-9].
Decision advance_replace(const Replacement& replacement, const Counts& counts);
// Drops everything.
Decision advance_stop(const Counts& counts);

}  // namespace ekiden::marathon::deployment
