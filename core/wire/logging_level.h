#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/loop.h"
#include "core/net/message.h"

#include <cstdint>

namespace ekiden::wire {

// How much the process logs, as Mesos numbers it: 0 is what it was started with, 1 to 3 more
// [mesos-core 4.1 SET_LOGGING_LEVEL]. A raised level falls back by itself. Loop thread only.
class LoggingLevel {
 public:
  static constexpr std::uint32_t kMax = 3;

  explicit LoggingLevel(net::Loop& loop);

  std::uint32_t level() const { return level_; }

  // What is wrong with the level, or nothing.
  Result<void> raise(std::uint32_t level, Duration duration);
  net::Response toggle(const net::Request& request);  // GET and POST /logging/toggle

 private:
  void apply(std::uint32_t level);

  bool was_debug_;
  std::uint32_t level_ = 0;
  net::Timer timer_;
};

}  // namespace ekiden::wire
