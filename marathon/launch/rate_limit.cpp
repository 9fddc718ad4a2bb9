#include "marathon/launch/rate_limit.h"

#include <algorithm>

namespace ekiden::marathon::launch {

namespace {

bool advances(Condition condition) {
  return condition == Condition::provisioned || condition == Condition::staging ||
         condition == Condition::starting || condition == Condition::running;
}

}  // namespace

void RateLimit::record(const App& app, Condition condition, Now now) {
  std::erase_if(delays_, [&](const auto& entry) {
    return now.time > entry.second.reference + entry.second.max;
  });
  const WallTime config = app.version_info.last_config_change_at;
  const auto at = delays_.find(config);
  if (counts_for_backoff(condition)) {
    const Duration max = std::chrono::seconds(app.max_launch_delay_seconds);
    Delay& delay = delays_[config];
    const Duration longer =
        at == delays_.end() ? Duration(std::chrono::seconds(app.backoff_seconds))
                            : from_seconds(std::min(to_seconds(delay.length) * app.backoff_factor,
                                                    to_seconds(max)));
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
