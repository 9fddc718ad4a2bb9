#pragma once

#include "marathon/model/instance.h"

#include <optional>

// An instance whose agent is away: both thresholds are instants of its own, so that no
// reconciliation grid decides about them [3.7, LC-5].
namespace ekiden::marathon::instance {

struct UnreachableTimes {
  std::optional<WallTime> inactive_at;  // from then on it is replaced
  std::optional<WallTime> expunge_at;   // from then on it is forgotten
};

// Both absent when it is not unreachable or its strategy is "disabled". Calendars differ and jump:
// nothing has been lost later than now.
UnreachableTimes unreachable_times(const Instance& instance, WallTime now);

}  // namespace ekiden::marathon::instance
