#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace ekiden::marathon {

// What is due. `owner` is the number of an instance or app; 0 for the machine itself.
struct DeadlineKey {
  enum class Kind : std::uint8_t {
    overdue,     // of a launch: kill it
    inactive,    // unreachable for too long: replace it
    expunge,     // and longer: forget it
    drained,     // the load balancers had their time
    kill_retry,  // the kill was not answered
    probe,       // `index` is the health check
    readiness,   // ask again
    delay,       // of an app's launches
    revive,      // not earlier than this
    suppress,    // nothing waited for a while
    reconcile,   // the next round
    reconcile_chunk,
    brake,
    reservation,  // not offered in time: try elsewhere
    revive_again,
    tokens,       // launch tokens come back
    constraints,  // the master\'s knowledge of them is renewed
    progress,     // of an app's part in a deployment
  };
  Kind kind = Kind::overdue;
  std::uint64_t owner = 0;
  std::uint32_t index = 0;
  auto operator<=>(const DeadlineKey&) const = default;
};

// All timers of the machine in one ordered structure: one instant per key.
class Deadlines {
 public:
  void set(const DeadlineKey& key, Time at) {
    erase(key);
    if (at != kNever) {
      times_[key] = at;
      order_.emplace(at, key);
    }
  }

  void erase(const DeadlineKey& key) {
    const auto found = times_.find(key);
    if (found != times_.end()) {
      order_.erase({found->second, key});
      times_.erase(found);
    }
  }

  bool contains(const DeadlineKey& key) const { return times_.contains(key); }

  Time next() const { return order_.empty() ? kNever : order_.begin()->first; }

  // Takes out the earliest that is due.
  std::optional<DeadlineKey> pop_due(Time now) {
    if (order_.empty() || order_.begin()->first > now) {
      return std::nullopt;
    }
    const DeadlineKey key = order_.begin()->second;
    order_.erase(order_.begin());
    times_.erase(key);
    return key;
  }

 private:
  std::map<DeadlineKey, Time> times_;
  std::set<std::pair<Time, DeadlineKey>> order_;
};

}  // namespace ekiden::marathon
