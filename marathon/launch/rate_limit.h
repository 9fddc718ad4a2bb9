#pragma once

#include "core/base/time.h"
#include "marathon/model/app.h"
#include "marathon/model/instance.h"

#include <map>
#include <optional>

namespace ekiden::marathon::launch {

// Delays of one app's launches, one per config (lastConfigChangeAt) [BO-1]. Not durable: a restart
// begins without delays.
class RateLimit {
 public:
  // An instance of `app` entered `condition`.
  void record(const App& app, Condition condition, Now now);

  void reset(WallTime config) { delays_.erase(config); }

  void reset_all() { delays_.clear(); }

  // When the next launch of this config may happen; nothing: at once.
  std::optional<Time> delayed_until(WallTime config, Time now) const;

 private:
  struct Delay {
    Time reference{};
    Duration length{};
    Duration max{};
  };

  std::map<WallTime, Delay> delays_;
};

}  // namespace ekiden::marathon::launch
