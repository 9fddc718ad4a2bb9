// What is asked of the master, role by role: revive, suppress, new roles, launch tokens
// [RV-1, 4.3].
#include "marathon/machine/state.h"

#include <algorithm>

namespace ekiden::marathon {

namespace {

using Kind = DeadlineKey::Kind;

constexpr Duration kReviveQuiet = std::chrono::milliseconds(10);  // between two revives
constexpr Duration kSuppressDelay = std::chrono::seconds(1);      // nothing wanted for so long
constexpr DeadlineKey kRevive{Kind::revive, 0, 0};
constexpr DeadlineKey kSuppress{Kind::suppress, 0, 0};
constexpr DeadlineKey kAgain{Kind::revive_again, 0, 0};
constexpr DeadlineKey kTokens{Kind::tokens, 0, 0};
constexpr DeadlineKey kConstraints{Kind::constraints, 0, 0};

}  // namespace

RoleWants& Marathon::State::wants_of(const std::string& role) {
  dirty_roles.insert(role);
  return roles[role];
}

// An app is hungry when something of it may be launched now; else its delay is watched.
void Marathon::State::refresh_hunger(AppWork& work) {
  Time earliest = kNever;
  std::set<std::string> ready;
  for (const auto& [kind, count] : work.waiting_kinds) {
    const std::optional<Time> until = work.rate_limit.delayed_until(kind.first, now.time);
    if (!until) {
      ready.insert(kind.second);
    }
    earliest = std::min(earliest, until.value_or(kNever));
  }
  if (ready != work.hungry_roles) {
    for (const std::string& role : ready) {
      if (!work.hungry_roles.contains(role)) {
        RoleWants& wants = wants_of(role);
        ++wants.apps;
        wants.changed = true;
      }
    }
    for (const std::string& role : work.hungry_roles) {
      if (!ready.contains(role)) {
        --wants_of(role).apps;
      }
    }
    work.hungry_roles = std::move(ready);
  }
  if (work.hungry_roles.empty()) {
    hungry.erase(work.id);
  } else {
    hungry.insert(work.id);
  }
  const DeadlineKey key{Kind::delay, work.number, 0};
  deadlines.set(key, work.waiting_kinds.empty() ? kNever : earliest);
}

std::vector<std::string> Marathon::State::suppressed_roles() const {
  std::vector<std::string> names;
  for (const auto& [role, wants] : roles) {
    if (wants.suppressed) {
      names.push_back(role);
    }
  }
  return names;
}

// One place decides about revive and suppress. A revive goes out at once when something began to
// wait: the master then allocates now instead of at its next turn. What keeps waiting without
// change is left to the filters.
void Marathon::State::settle_offers() {
  if (!connected) {
    return;
  }
  if (roles.size() > announced_roles.size()) {
    announce_roles();
  }
  if (settings.offer_constraints && !dirty_queues.empty() && !deadlines.contains(kConstraints)) {
    deadlines.set(kConstraints, now.time + settings.min_offer_constraints_update_interval);
  }
  bool revives = false;
  for (const std::string& role : dirty_roles) {
    const RoleWants& wants = roles.at(role);
    if (wants.wanted()) {
      revives = revives || wants.suppressed || wants.changed;
    } else if (!wants.suppressed && settings.suppress_offers && !deadlines.contains(kSuppress)) {
      deadlines.set(kSuppress, now.time + kSuppressDelay);
    }
  }
  if (revives) {
    revive();
  } else {
    dirty_roles.clear();
  }
}

// Roles that first appear after subscribing.
void Marathon::State::announce_roles() {
  for (const auto& [role, wants] : roles) {
    announced_roles.insert(role);
  }
  send(
      api::scheduler::UpdateFramework{framework_info(), suppressed_roles(), constraints_to_send()});
}

void Marathon::State::revive() {
  if (revived_at && now.time < *revived_at + kReviveQuiet) {
    if (!deadlines.contains(kRevive)) {
      deadlines.set(kRevive, *revived_at + kReviveQuiet);
    }
    return;
  }
  deadlines.erase(kRevive);
  api::scheduler::Revive call;
  for (const std::string& role : dirty_roles) {
    RoleWants& wants = roles.at(role);
    if (wants.wanted() && (wants.suppressed || wants.changed)) {
      call.roles.push_back(role);
      wants.suppressed = false;
      wants.changed = false;
      wants.repeat = true;
    }
  }
  dirty_roles.clear();
  if (call.roles.empty()) {
    return;
  }
  view.unoffered_roles.insert(call.roles.begin(), call.roles.end());
  send(std::move(call));
  revived_at = now.time;
  if (!deadlines.contains(kAgain)) {
    deadlines.set(kAgain, now.time + 2 * settings.min_revive_offers_interval);
  }
}

// Once more, against filters of declines that were under way.
void Marathon::State::revive_again() {
  api::scheduler::Revive call;
  for (auto& [role, wants] : roles) {
    if (wants.repeat && wants.wanted() && !wants.suppressed) {
      call.roles.push_back(role);
    }
    wants.repeat = false;
  }
  if (connected && !call.roles.empty()) {
    send(std::move(call));
  }
}

// Of a role: one group for each config that waits; none at all when somebody takes any agent, or
// must see them all to free something.
model::OfferConstraints Marathon::State::offer_constraints() const {
  model::OfferConstraints all;
  std::set<std::string> open;
  for (const auto& [role, wants] : roles) {
    if (!wants.cleanups.empty()) {
      open.insert(role);
    }
  }
  for (const PathId& id : hungry) {
    const AppWork& work = *apps.at(id);
    for (const auto& [kind, count] : work.waiting_kinds) {
      const auto waits = [&, &wanted = kind](const InstanceNumber number) {
        const Instance& one = *slots.at(number)->instance;
        return one.role == wanted.second &&
               one.app->version_info.last_config_change_at == wanted.first;
      };
      const auto& waiting = work.queue.waiting();
      const auto first = std::find_if(waiting.begin(), waiting.end(), waits);
      const App& app = *slots.at(*first)->instance->app;
      if (app.constraints.empty() || app.is_resident()) {
        open.insert(kind.second);
        continue;
      }
      launch::Placement placement(app);
      for (const InstanceNumber number : work.instances) {
        const Instance& instance = *slots.at(number)->instance;
        if (launch::is_placed(instance, kind.first)) {
          placement.count(instance);
        }
      }
      all.role_constraints[kind.second].groups.push_back({placement.wanted_agents()});
    }
  }
  for (const std::string& role : open) {
    all.role_constraints.erase(role);
  }
  return all;
}

std::optional<model::OfferConstraints> Marathon::State::constraints_to_send() {
  if (!settings.offer_constraints) {
    return std::nullopt;
  }
  announced_constraints = offer_constraints();
  return announced_constraints;
}

void Marathon::State::renew_constraints() {
  if (connected && offer_constraints() != announced_constraints) {
    send(api::scheduler::UpdateFramework{
        framework_info(), suppressed_roles(), constraints_to_send()});
  }
}

void Marathon::State::suppress() {
  api::scheduler::Suppress call;
  for (auto& [role, wants] : roles) {
    if (!wants.wanted() && !wants.suppressed) {
      call.roles.push_back(role);
      wants.suppressed = true;
      view.unoffered_roles.erase(role);
    }
  }
  if (connected && !call.roles.empty()) {
    send(std::move(call));
  }
}

void Marathon::State::spend_token() {
  if (settings.launch_tokens == 0) {
    return;
  }
  launch_tokens -= launch_tokens > 0 ? 1 : 0;
  if (!deadlines.contains(kTokens)) {
    deadlines.set(kTokens, now.time + settings.launch_token_refresh_interval);
  }
}

void Marathon::State::refill_tokens() {
  launch_tokens = settings.launch_tokens;
}

// Each task that runs makes room for another launch.
void Marathon::State::earn_token(const Instance& before, const Instance& after) {
  if (settings.launch_tokens > 0 && after.condition == Condition::running &&
      before.condition != Condition::running && after.healthy.value_or(true)) {
    ++launch_tokens;
  }
}

}  // namespace ekiden::marathon
