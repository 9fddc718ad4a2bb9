#include "marathon/launch/rate_limit.h"

#include "marathon/model/pod.h"

#include <algorithm>

namespace ekiden::marathon::launch {

namespace {

bool advances(Condition condition) {
  return condition == Condition::provisioned || condition == Condition::staging ||
         condition == Condition::starting || condition == Condition::running;
}

struct Backoff {
  Duration first{};
  double factor = 1;
  Duration max{};
};

Backoff backoff_of(const App& app) {
  if (app.pod) {  // fractions of seconds count
    const PodBackoff& backoff = app.pod->backoff;
    return {from_seconds(backoff.backoff),
            backoff.backoff_factor,
            from_seconds(backoff.max_launch_delay)};
  }
  return {std::chrono::seconds(app.backoff_seconds),
          app.backoff_factor,
          std::chrono::seconds(app.max_launch_delay_seconds)};
}

}  // namespace

void RateLimit::record(const App& app, Condition condition, Now now) {
  std::erase_if(delays_, [&](const auto& entry) {
    return now.time > entry.second.reference + entry.second.max;
  });
  const WallTime config = app.version_info.last_config_change_at;
  const auto at = delays_.find(config);
  if (counts_for_backoff(condition)) {
    const auto [first, factor, max] = backoff_of(app);
    Delay& delay = delays_[config];
    const Duration longer =
        at == delays_.end()
            ? first
            : from_seconds(std::min(to_seconds(delay.length) * factor, to_seconds(max)));
    delay = {now.time, std::min(longer, max), max};
  } else if (advances(condition) && at != delays_.end()) {
    at->second.reference = now.time;
  }
}

std::optional<Time> RateLimit::delayed_until(WallTime config, Time now) const {
  const auto at = delays_.find(config);
  if (at == delays_.end()) {
    return std::nullopt;
  }
  const Time until = at->second.reference + at->second.length;
  return until > now ? std::optional(until) : std::nullopt;
}

}  // namespace ekiden::marathon::launch
