#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace ekiden {

using Duration = std::chrono::nanoseconds;

// Two clocks that do not mix. Time is monotonic and means nothing after a restart; WallTime is for
// text, versions and instants that must survive a restart.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

struct CalendarClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<CalendarClock>;
  static constexpr bool is_steady = false;
};

using Time = MonotonicClock::time_point;
using WallTime = CalendarClock::time_point;

// The instant that never comes: "no deadline".
inline constexpr Time kNever = Time::max();

// What a machine is told about now: both clocks read at one moment.
struct Now {
  Time time{};
  WallTime wall{};
};

// "2014-03-01T23:29:30.158Z", UTC, milliseconds; the form of Marathon's versions and events.
std::string to_iso8601(WallTime time);
// Accepts the above with 0 to 9 fraction digits, and "Z" or an offset "+02:00".
Result<WallTime> parse_iso8601(std::string_view text);

// "15secs", "1.5mins", "500ms": Mesos flags (mesos-core.md 1.9).
Result<Duration> parse_duration(std::string_view text);
// The largest unit that gives a whole number.
std::string to_text(Duration duration);

inline double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

inline Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

// Seconds since the epoch, the form of Mesos timestamps.
inline double to_epoch_seconds(WallTime time) {
  return to_seconds(time.time_since_epoch());
}

inline std::int64_t to_epoch_millis(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace ekiden
