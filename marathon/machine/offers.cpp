// Offers become launches; what is not used is declined; what is wanted is asked for [4.3, RV-1].
#include "marathon/instance/update.h"
#include "marathon/launch/task_info.h"
#include "marathon/machine/state.h"

#include <algorithm>
#include <variant>

namespace ekiden::marathon {

namespace {

using Kind = DeadlineKey::Kind;

constexpr Duration kReviveQuiet = std::chrono::milliseconds(10);  // between two revives
constexpr Duration kSuppressDelay = std::chrono::seconds(1);      // nothing wanted for so long
constexpr std::size_t kMissesPerOfferMax = 1000;  // apps that did not fit; then the next offer

bool is_placed(const Instance& instance, const App& app) {
  return !is_lost(instance.condition) && !instance.is_scheduled() &&
         instance.condition != Condition::scheduled &&
         instance.app->version_info.version >= app.version_info.last_config_change_at;
}

AgentPlace place_of(const model::Offer& offer) {
  AgentPlace place;
  place.host = offer.hostname;
  place.agent_id = offer.agent_id;
  place.attributes = offer.attributes;
  if (offer.domain && offer.domain->fault_domain) {
    place.region = offer.domain->fault_domain->region.name;
    place.zone = offer.domain->fault_domain->zone.name;
  }
  return place;
}

// One offer on its way to an ACCEPT or a DECLINE.
struct OpenOffer {
  const model::Offer* offer = nullptr;
  launch::Budget budget;
  model::Operation operation;
  std::set<PathId> used_by;
};

}  // namespace

// The offers of one event against everything that waits, in two passes: first each offer takes its
// share, so that instances spread; then what is left goes wherever it fits.
class Marathon::State::OfferRound {
 public:
  OfferRound(State& state, const std::vector<model::Offer>& offers) : state_(state) {
    for (const model::Offer& offer : offers) {
      open_.push_back({&offer, launch::Budget(offer), {}, {}});
      open_.back().operation.type = model::Operation::Type::launch;
    }
    line_.assign(state.hungry.begin(), state.hungry.end());
    for (std::size_t i = line_.size(); i > 1; --i) {
      std::swap(line_[i - 1], line_[state.random.below(i)]);
    }
  }

  void run() {
    std::size_t waiting = 0;
    for (const PathId& app : line_) {
      waiting += state_.apps.at(app)->queue.waiting().size();
    }
    const std::size_t share = (waiting + open_.size() - 1) / std::max<std::size_t>(1, open_.size());
    for (OpenOffer& open : open_) {
      fill(open, std::min(share, state_.settings.max_instances_per_offer));
    }
    for (OpenOffer& open : open_) {
      fill(open, state_.settings.max_instances_per_offer);
    }
  }

  void answer() {
    api::scheduler::Decline decline;
    decline.filters = model::Filters{to_seconds(state_.settings.decline_offer_duration)};
    for (OpenOffer& open : open_) {
      if (open.operation.launch_task_infos.empty()) {
        decline.offer_ids.push_back(open.offer->id);
        continue;
      }
      api::scheduler::Accept accept;
      accept.offer_ids = {open.offer->id};
      accept.operations.push_back(std::move(open.operation));
      accept.filters = model::Filters{0};
      state_.send(std::move(accept));
    }
    if (!decline.offer_ids.empty()) {
      state_.send(std::move(decline));
    }
  }

 private:
  launch::Placement& placement_of(const App& app) {
    const auto [at, fresh] =
        placements_.try_emplace({app.id, app.version_info.last_config_change_at}, app);
    launch::Placement& placement = at->second;
    if (fresh && !placement.empty()) {
      for (const InstanceNumber number : state_.apps.at(app.id)->instances) {
        const Instance& instance = *state_.find(number)->instance;
        if (is_placed(instance, app)) {
          placement.count(instance);
        }
      }
      for (const OpenOffer& open : open_) {
        placement.see(*open.offer);
      }
    }
    return placement;
  }

  // Apps take turns; one that does not fit any more leaves the line of this offer.
  void fill(OpenOffer& open, std::size_t limit) {
    std::deque<PathId> line(line_.begin(), line_.end());
    std::size_t misses = 0;
    while (!line.empty() && open.operation.launch_task_infos.size() < limit &&
           misses < kMissesPerOfferMax) {
      const PathId app = line.front();
      line.pop_front();
      if (try_one(open, app)) {
        line.push_back(app);
      } else {
        ++misses;
      }
    }
  }

  // The waiting instance that is tried: the longest waiting of a config without delay.
  Slot* candidate(const AppWork& work) {
    for (const InstanceNumber number : work.queue.waiting()) {
      Slot* slot = state_.find(number);
      const WallTime config = slot->instance->app->version_info.last_config_change_at;
      if (work.waiting_configs.size() == 1 ||
          !work.rate_limit.delayed_until(config, state_.now.time)) {
        return slot;
      }
    }
    return nullptr;
  }

  bool try_one(OpenOffer& open, const PathId& app) {
    AppWork& work = *state_.apps.at(app);
    Slot* slot = state_.hungry.contains(app) ? candidate(work) : nullptr;
    if (!slot) {
      return false;
    }
    const AppPtr definition = slot->instance->app;
    launch::Placement& placement = placement_of(*definition);
    const launch::MatchInput input{
        *definition, slot->instance->role, *open.offer, state_.settings, state_.now};
    auto result = launch::match(input, placement, open.budget, state_.random);
    state_.dirty_queues.insert(app);
    if (const auto* rejects = std::get_if<launch::Rejects>(&result)) {
      if (!open.used_by.contains(app)) {
        work.queue.unused(*open.offer, *rejects, state_.now.wall);
      }
      return false;
    }
    if (open.used_by.insert(app).second) {
      work.queue.used(*open.offer, state_.now.wall);
    }
    placement.placed(*open.offer);
    state_.launch(*slot, *open.offer, std::move(std::get<launch::Fit>(result)), open.operation);
    return true;
  }

  State& state_;
  std::vector<OpenOffer> open_;
  std::vector<PathId> line_;
  std::map<std::pair<PathId, WallTime>, launch::Placement> placements_;
};

void Marathon::State::on_event(const api::scheduler::Offers& event) {
  OfferRound round(*this, event.offers);
  round.run();
  round.answer();
}

void Marathon::State::on_event(const api::scheduler::Rescind&) {
  // Offers are answered in the step in which they come: there is none to take back.
}

void Marathon::State::launch(Slot& slot,
                             const model::Offer& offer,
                             launch::Fit fit,
                             model::Operation& operation) {
  instance::Launch launched{place_of(offer), {}};
  for (const std::optional<std::int32_t>& port : fit.ports) {
    if (port) {
      launched.host_ports.push_back(*port);
    }
  }
  replace(slot, instance::provision(*slot.instance, std::move(launched), now));
  const Instance& instance = *slot.instance;
  PathId top = instance.app->id;
  while (!top.parent().is_root() && !top.is_root()) {
    top = top.parent();
  }
  const auto* group = root.groups.find(top);
  const launch::TaskInput input{*instance.app,
                                offer,
                                instance.task->id,
                                std::move(fit.ports),
                                std::move(fit.resources),
                                settings,
                                group && (*group)->enforce_role.value_or(false)};
  operation.launch_task_infos.push_back(launch::task_info(input, random));
}

// One place decides about revive and suppress. A revive goes out at once when something began to
// wait: the master then allocates now instead of at its next turn. What keeps waiting without
// change is left to the filters.
void Marathon::State::settle_offers() {
  const DeadlineKey suppress_key{Kind::suppress, 0, 0};
  if (!connected) {
    return;
  }
  if (hungry.empty()) {
    if (!suppressed && !deadlines.contains(suppress_key)) {
      deadlines.set(suppress_key, now.time + kSuppressDelay);
    }
    return;
  }
  deadlines.erase(suppress_key);
  if (suppressed || wants_changed) {
    revive();
  }
}

void Marathon::State::revive() {
  const DeadlineKey key{Kind::revive, 0, 0};
  if (revived_at && now.time < *revived_at + kReviveQuiet) {
    if (!deadlines.contains(key)) {
      deadlines.set(key, *revived_at + kReviveQuiet);
    }
    return;
  }
  deadlines.erase(key);
  send(api::scheduler::Revive{});
  suppressed = false;
  wants_changed = false;
  revived_at = now.time;
}

}  // namespace ekiden::marathon
