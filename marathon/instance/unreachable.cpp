#include "marathon/instance/unreachable.h"

#include <algorithm>

namespace ekiden::marathon::instance {

namespace {

WallTime unreachable_since(const Instance& instance) {
  if (instance.task && instance.task->status) {
    const model::TaskStatus& status = *instance.task->status;
    if (status.unreachable_time) {
      return WallTime(Duration(status.unreachable_time->nanoseconds));
    }
    if (status.timestamp) {
      return WallTime(from_seconds(*status.timestamp));
    }
  }
  return instance.since;
}

}  // namespace

UnreachableTimes unreachable_times(const Instance& instance, WallTime now) {
  const UnreachableStrategy& strategy = instance.app->unreachable_strategy;
  const bool away = instance.condition == Condition::unreachable ||
                    instance.condition == Condition::unreachable_inactive;
  if (!away || strategy.disabled) {
    return {};
  }
  const WallTime since = std::min(unreachable_since(instance), now);
  return {since + std::chrono::seconds(strategy.inactive_after_seconds),
          since + std::chrono::seconds(strategy.expunge_after_seconds)};
}

}  // namespace ekiden::marathon::instance
