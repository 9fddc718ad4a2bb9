#pragma once

#include <chrono>

#include "core/base/time.h"

namespace ekiden {

// The only place where real time enters. Shells own a Clock; machines get `Now` as an argument.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Now now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Now now() const override {
    return {Time(std::chrono::steady_clock::now().time_since_epoch()),
            WallTime(std::chrono::system_clock::now().time_since_epoch())};
  }
};

}  // namespace ekiden
