#pragma once

#include "core/base/time.h"
#include "core/model/offer.h"

#include <cmath>
#include <optional>

namespace ekiden::master {

inline constexpr double kRefuseSecondsDefault = 5;
inline constexpr double kRefuseSecondsMax = 31'536'000;  // 365 days

// How long the framework does not want to see what it leaves; nothing for 0 [mesos-core 2.5].
inline std::optional<Duration> refusal(const std::optional<model::Filters>& filters) {
  double seconds = filters ? filters->refuse_seconds : kRefuseSecondsDefault;
  if (std::isnan(seconds) || seconds < 0) {
    seconds = kRefuseSecondsDefault;
  }
  if (seconds == 0) {
    return std::nullopt;
  }
  return from_seconds(std::min(seconds, kRefuseSecondsMax));
}

}  // namespace ekiden::master
