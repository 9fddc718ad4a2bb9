#pragma once

#include "core/base/time.h"
#include "marathon/model/path_id.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace ekiden::marathon::health {

inline constexpr Duration kBrakeWindow = std::chrono::seconds(60);
inline constexpr Duration kBrakeHoldMax = std::chrono::minutes(5);  // then trust the checks again
inline constexpr std::size_t kBrakeAppsMin = 5;
inline constexpr double kBrakeShareMin = 0.3;

// When a large part of everything turns unhealthy within a minute, the checker or the network is
// sick, not the tasks: nothing is killed for its health until they recover, or five minutes passed.
class Brake {
 public:
  enum class Change { none, engaged, released };

  void watch() { ++watched_; }  // one more instance is being probed

  void unwatch(std::uint64_t instance);
  Change unhealthy(std::uint64_t instance, const PathId& app, Time now);
  Change recovered(std::uint64_t instance, Time now);
  Change tick(Time now);

  bool engaged() const { return engaged_at_.has_value(); }

  Time next_deadline() const;

  std::size_t unhealthy_count() const { return marks_.size(); }

  std::size_t watched() const { return watched_; }

 private:
  struct Mark {
    PathId app;
    Time at{};
  };

  bool widespread() const;
  Change judge(Time now);

  std::size_t watched_ = 0;
  std::map<std::uint64_t, Mark> marks_;
  std::set<std::pair<Time, std::uint64_t>> by_time_;
  std::map<PathId, std::size_t> apps_;
  void erase(std::uint64_t instance);

  std::optional<Time> engaged_at_;
};

}  // namespace ekiden::marathon::health
