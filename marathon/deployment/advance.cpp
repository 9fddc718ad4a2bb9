#include "marathon/deployment/advance.h"

#include <algorithm>
#include <cmath>

// The rolling replace, in prose. Serving instances may be killed as long as `healthy_min` go on
// serving; new ones are started as long as all that hold resources stay within `total_max`. When
// both limits are equal and everything serves, one more is allowed (resident apps: one less).
// An outdated instance that does not serve is free capacity: it goes when its place is needed for a
// new one, or when a new one has taken over its duty. One that is not even started, or is lost,
// goes at once. Example: 4 instances, min 0.5, max 0.25: kill 2, start 1; each death starts one
// more, each new one that serves kills one.
namespace ekiden::marathon::deployment {

namespace {

constexpr double kRounding = 1e-9;

}  // namespace

Capacity capacity(std::int32_t instances, const UpgradeStrategy& strategy) {
  const double n = instances;
  return {static_cast<std::int32_t>(std::ceil(n * strategy.minimum_health_capacity - kRounding)),
          static_cast<std::int32_t>(
              std::trunc(n * (1.0 + strategy.maximum_over_capacity) + kRounding))};
}

Decision advance_scale(std::int32_t instances, const Counts& counts) {
  Decision decision;
  decision.start = std::max(0, instances - counts.wanted());
  decision.drop_surplus = std::max(0, counts.wanted() - instances);
  decision.done = decision.start == 0 && decision.drop_surplus == 0 && counts.leaving == 0 &&
                  counts.fresh_serving == counts.fresh;
  return decision;
}

Decision advance_replace(const Replacement& replacement, const Counts& counts) {
  const std::int32_t n = replacement.instances;
  auto [healthy_min, total_max] = capacity(n, replacement.strategy);
  std::int32_t spare = counts.serving() - healthy_min;
  if (healthy_min == total_max && total_max <= counts.serving()) {
    (replacement.resident ? spare : total_max) += 1;
  }
  const std::int32_t holding = counts.outdated_starting + counts.outdated_ailing +
                               counts.outdated_serving + counts.leaving + counts.current;
  const std::int32_t missing = std::max(0, n - counts.current);
  const std::int32_t room = std::max(0, total_max - holding);

  const std::int32_t replaceable = replacement.ailing == Ailing::may_go
                                       ? counts.outdated_starting + counts.outdated_ailing
                                       : counts.outdated_starting;
  const std::int32_t bad = counts.outdated_starting + counts.outdated_ailing;
  // Those on their way out make room already: their places need not be freed twice.
  const std::int32_t short_of_room = missing - room - counts.leaving;
  const std::int32_t relieved =
      bad + counts.outdated_serving - std::max(0, n - counts.current_serving);
  const std::int32_t drop_bad = std::clamp(std::max(short_of_room, relieved), 0, replaceable);
  const std::int32_t drop_serving = std::clamp(spare, 0, counts.outdated_serving);

  Decision decision;
  decision.start = std::min(missing, room);
  decision.drop_outdated = counts.outdated_idle + drop_bad + drop_serving;
  if (counts.outdated == 0 && counts.current > n) {
    decision.drop_surplus = counts.current - n;
  }
  decision.done = counts.current == n && counts.current_serving == n && counts.outdated == 0 &&
                  counts.outdated_idle == 0 && counts.leaving == 0;
  return decision;
}

Decision advance_stop(const Counts& counts) {
  Decision decision;
  decision.drop_surplus = counts.wanted();
  decision.done = counts.wanted() == 0 && counts.leaving == 0;
  return decision;
}

}  // namespace ekiden::marathon::deployment
