#include "marathon/health/tracker.h"

#include <algorithm>

namespace ekiden::marathon::health {

namespace {

constexpr Duration kStartProbeInterval = std::chrono::seconds(1);
constexpr Duration kSpreadMax = std::chrono::seconds(5);
constexpr Duration kAnswerSlack = std::chrono::seconds(1);  // past the timeout: answer lost

using Change = Transition::Change;

}  // namespace

Tracker::Tracker(AppPtr app, TaskId task, Start start, Now now)
    : app_(std::move(app)), task_(std::move(task)), started_at_(start.started_at) {
  for (const HealthCheck& definition : app_->health_checks) {
    Check check;
    const Duration interval = std::chrono::seconds(definition.interval_seconds);
    const Duration wait = from_seconds(start.spread * to_seconds(std::min(interval, kSpreadMax)));
    check.due = is_marathon_side(definition.protocol) ? now.time + wait : kNever;
    checks_.push_back(std::move(check));
  }
}

bool Tracker::in_grace(std::size_t index, WallTime now) const {
  const Duration grace = std::chrono::seconds(app_->health_checks[index].grace_period_seconds);
  return !checks_[index].result.first_success && now < started_at_ + grace;
}

void Tracker::ordered(std::size_t index, Now now) {
  const Duration interval = std::chrono::seconds(app_->health_checks[index].interval_seconds);
  const Duration pause =
      in_grace(index, now.wall) ? std::min(interval, kStartProbeInterval) : interval;
  Check& check = checks_[index];
  // From the instant it was due, so that late ticks do not add up; never two at once.
  check.due = std::max(check.due + pause, now.time + pause / 2);
  check.ordered_at = now.time;
}

bool Tracker::is_waiting(std::size_t index, Now now) const {
  const Duration timeout = std::chrono::seconds(app_->health_checks[index].timeout_seconds);
  const auto& ordered_at = checks_[index].ordered_at;
  return ordered_at && now.time < *ordered_at + timeout + kAnswerSlack;
}

void Tracker::postpone(std::size_t index, Now now) {
  checks_[index].due = now.time + kStartProbeInterval;
}

void Tracker::succeed(Check& check, WallTime now) {
  HealthResult& result = check.result;
  if (!result.first_success) {
    result.first_success = now;
  }
  result.last_success = now;
  result.consecutive_failures = 0;
  result.alive = true;
  check.known = true;
}

Transition Tracker::record(std::size_t index, bool success, const std::string& cause, Now now) {
  Check& check = checks_[index];
  const HealthCheck& definition = app_->health_checks[index];
  const bool was_alive = check.result.alive;
  check.ordered_at.reset();
  Transition transition;
  if (success) {
    succeed(check, now.wall);
    transition.change = was_alive ? Change::none : Change::became_healthy;
    if (!was_alive) {  // the fast start is over: the next probe comes at the defined pace
      check.due = now.time + std::chrono::seconds(definition.interval_seconds);
    }
    return transition;
  }
  if (in_grace(index, now.wall)) {
    return transition;
  }
  const bool was_known = check.known;
  HealthResult& result = check.result;
  result.last_failure = now.wall;
  result.last_failure_cause = cause;
  ++result.consecutive_failures;
  result.alive = false;
  check.known = true;
  transition.counted_failure = true;
  transition.cause = cause;
  transition.change = was_alive || !was_known ? Change::became_unhealthy : Change::none;
  const auto limit = static_cast<std::uint32_t>(std::max(0, definition.max_consecutive_failures));
  transition.kill = limit > 0 && result.consecutive_failures >= limit;
  return transition;
}

Transition Tracker::record_mesos(bool healthy, Now now) {
  Transition transition;
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    if (is_marathon_side(app_->health_checks[i].protocol)) {
      continue;
    }
    Check& check = checks_[i];
    const bool changed = !check.known || check.result.alive != healthy;
    if (healthy) {
      succeed(check, now.wall);
    } else {
      check.known = true;
      check.result.alive = false;
      check.result.last_failure = now.wall;
      ++check.result.consecutive_failures;
    }
    if (changed) {
      transition.change = healthy ? Change::became_healthy : Change::became_unhealthy;
    }
    break;  // Mesos performs the first one only
  }
  return transition;
}

std::optional<bool> Tracker::healthy() const {
  if (checks_.empty()) {
    return std::nullopt;
  }
  bool mesos_seen = false;
  bool all_alive = true;
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    const bool mesos = !is_marathon_side(app_->health_checks[i].protocol);
    if (mesos && mesos_seen) {
      continue;
    }
    mesos_seen = mesos_seen || mesos;
    if (!checks_[i].known) {
      return std::nullopt;
    }
    all_alive = all_alive && checks_[i].result.alive;
  }
  return all_alive;
}

std::vector<HealthResult> Tracker::results() const {
  std::vector<HealthResult> results;
  for (const Check& check : checks_) {
    results.push_back(check.result);
  }
  return results;
}

bool Tracker::has_probes() const {
  return std::any_of(app_->health_checks.begin(),
                     app_->health_checks.end(),
                     [](const HealthCheck& check) { return is_marathon_side(check.protocol); });
}

}  // namespace ekiden::marathon::health
