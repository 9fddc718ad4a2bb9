#include "marathon/deployment/census.h"

#include <limits>

namespace ekiden::marathon::deployment {

namespace {

using Presence = Standing::Presence;

Presence presence_of(const Instance& instance, const Target& target, Readiness readiness) {
  switch (instance.condition) {
    case Condition::provisioned:
    case Condition::staging:
    case Condition::starting:
      return Presence::starting;
    case Condition::killing:
      return Presence::leaving;
    case Condition::unreachable:
      return Presence::lost;
    case Condition::unreachable_inactive:
      return Presence::written_off;
    case Condition::running:
      break;
    default:
      return Presence::idle;
  }
  const App& app = *instance.app;
  const bool healthy =
      app.has_health_checks() ? instance.healthy.value_or(false) : instance.healthy.value_or(true);
  const bool current = app.version_info.last_config_change_at == target.config;
  const bool ready = !current || !target.needs_readiness || readiness == Readiness::ready;
  return healthy && ready ? Presence::serving : Presence::ailing;
}

std::uint8_t weight_of(Presence presence, Condition condition) {
  switch (presence) {
    case Presence::idle:
      return 0;
    case Presence::lost:
    case Presence::written_off:
      return 1;
    case Presence::starting:
      return condition == Condition::starting ? 3 : 2;
    case Presence::leaving:
      return 4;
    case Presence::ailing:
      return 5;
    case Presence::serving:
      return 6;
  }
  return 0;
}

// Smaller goes first; without a time it goes before all others.
std::int64_t age_key(const Instance& instance, KillSelection selection) {
  std::optional<WallTime> time = instance.active_since;
  if (instance.condition == Condition::starting) {
    time = instance.since;
  } else if (instance.condition == Condition::staging && instance.task) {
    time = instance.task->staged_at;
  }
  if (!time) {
    return std::numeric_limits<std::int64_t>::min();
  }
  const std::int64_t value = time->time_since_epoch().count();
  return selection == KillSelection::youngest_first ? -value : value;
}

bool holds_resources(Presence presence) {
  return presence == Presence::starting || presence == Presence::serving ||
         presence == Presence::ailing || presence == Presence::leaving;
}

}  // namespace

Target target_of(const App& app) {
  return {app.version_info.last_config_change_at,
          app.version_info.version,
          app.kill_selection,
          !app.readiness_checks.empty()};
}

Standing stand(const Instance& instance,
               InstanceNumber number,
               const Target& target,
               Readiness readiness) {
  Standing standing;
  standing.presence = presence_of(instance, target, readiness);
  standing.wanted = instance.goal == Goal::running;
  standing.outdated = instance.app->version_info.last_config_change_at != target.config;
  standing.fresh = instance.app->version_info.version == target.version;
  const auto order = static_cast<std::int64_t>(number);
  standing.rank = {weight_of(standing.presence, instance.condition),
                   age_key(instance, target.selection),
                   target.selection == KillSelection::youngest_first ? -order : order,
                   number};
  return standing;
}

void Census::add(const Standing& standing) {
  count(standing, 1);
  if (standing.wanted) {
    (standing.outdated ? outdated_ : current_).insert(standing.rank);
  }
}

void Census::remove(const Standing& standing) {
  count(standing, -1);
  if (standing.wanted) {
    (standing.outdated ? outdated_ : current_).erase(standing.rank);
  }
}

void Census::clear() {
  *this = Census();
}

void Census::count(const Standing& standing, std::int32_t sign) {
  counts_.present += sign;
  if (!standing.wanted) {
    counts_.leaving += holds_resources(standing.presence) ? sign : 0;
    return;
  }
  const Presence presence = standing.presence;
  const std::int32_t counted = presence == Presence::written_off ? 0 : sign;
  const std::int32_t serving = presence == Presence::serving ? sign : 0;
  counts_.fresh += standing.fresh ? counted : 0;
  counts_.fresh_serving += standing.fresh ? serving : 0;
  if (!standing.outdated) {
    counts_.current += counted;
    counts_.current_serving += serving;
    return;
  }
  counts_.outdated += counted;
  counts_.outdated_serving += serving;
  counts_.outdated_starting += presence == Presence::starting ? sign : 0;
  counts_.outdated_ailing +=
      presence == Presence::ailing || presence == Presence::leaving ? sign : 0;
  counts_.outdated_idle += holds_resources(presence) ? 0 : sign;
}

std::vector<InstanceNumber> Census::first_outdated(std::int32_t wanted) const {
  std::vector<InstanceNumber> numbers;
  for (const KillRank& rank : outdated_) {
    if (static_cast<std::int32_t>(numbers.size()) >= wanted) {
      break;
    }
    numbers.push_back(std::get<InstanceNumber>(rank));
  }
  return numbers;
}

// Merged by weight: a serving instance, of whatever config, outlives one that does not serve.
std::vector<InstanceNumber> Census::first_surplus(std::int32_t wanted) const {
  std::vector<InstanceNumber> numbers;
  auto outdated = outdated_.begin();
  auto current = current_.begin();
  while (static_cast<std::int32_t>(numbers.size()) < wanted &&
         (outdated != outdated_.end() || current != current_.end())) {
    const bool take_outdated = current == current_.end() ||
                               (outdated != outdated_.end() &&
                                std::get<0>(*outdated) <= std::get<0>(*current));
    auto& next = take_outdated ? outdated : current;
    numbers.push_back(std::get<InstanceNumber>(*next));
    ++next;
  }
  return numbers;
}

}  // namespace ekiden::marathon::deployment
