// Offers become launches; what is not used is declined; what is wanted is asked for [4.3, RV-1].
#include "marathon/instance/update.h"
#include "marathon/launch/task_group.h"
#include "marathon/launch/task_info.h"
#include "marathon/machine/state.h"

#include <algorithm>
#include <variant>

namespace ekiden::marathon {

namespace {

constexpr std::size_t kMissesPerOfferMax = 1000;  // apps that did not fit; then the next offer
constexpr std::size_t kAgentsMax = 100'000;       // whose last offer is remembered
constexpr double kTokenWaitSeconds = 5;           // Mesos' default filter

// One offer on its way to an ACCEPT or a DECLINE.
struct OpenOffer {
  const model::Offer* offer = nullptr;
  launch::Budget budget;
  std::map<InstanceId, launch::Held> held;  // what residents of ours have there
  std::vector<model::Operation> operations;
  std::size_t used = 0;  // launches and reservations in it
  std::set<PathId> used_by;
  bool closed = false;  // what is freed comes back with the rest
};

// What the launches of one config have in common.
struct Config {
  launch::Demand demand;
  launch::Placement placement;
  std::map<std::string, launch::Roles> roles;
};

}  // namespace

// The offers of one event against everything that waits, in two passes: first each offer takes its
// share, so that instances spread; then what is left goes wherever it fits.
class Marathon::State::OfferRound {
 public:
  OfferRound(State& state, const std::vector<model::Offer>& offers) : state_(state) {
    for (const model::Offer& offer : offers) {
      OpenOffer& open = open_.emplace_back(OpenOffer{&offer, launch::Budget(offer), {}, {}, 0, {}});
      if (state_.framework_id) {
        open.held = launch::held_in(offer, *state_.framework_id);
      }
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
      use_reservations(open);
    }
    for (OpenOffer& open : open_) {
      fill(open, std::min(share, state_.settings.max_instances_per_offer));
    }
    for (OpenOffer& open : open_) {
      fill(open, state_.settings.max_instances_per_offer);
    }
  }

  void answer() {
    api::scheduler::Decline decline;
    decline.filters = model::Filters{has_token() || line_.empty()
                                         ? to_seconds(state_.settings.decline_offer_duration)
                                         : kTokenWaitSeconds};
    for (OpenOffer& open : open_) {
      if (!open.closed) {
        state_.note_agent(*open.offer, open.budget.left());
      }
      if (open.operations.empty()) {
        decline.offer_ids.push_back(open.offer->id);
        continue;
      }
      api::scheduler::Accept accept;
      accept.offer_ids = {open.offer->id};
      accept.operations = std::move(open.operations);
      accept.filters = model::Filters{0};
      state_.send(std::move(accept));
    }
    if (!decline.offer_ids.empty()) {
      state_.send(std::move(decline));
    }
  }

 private:
  bool has_token() const { return state_.settings.launch_tokens == 0 || state_.launch_tokens > 0; }

  Config& config_of(const App& app) {
    const std::pair key(app.id, app.version_info.last_config_change_at);
    const auto known = configs_.find(key);
    if (known != configs_.end()) {
      return known->second;
    }
    Config& config =
        configs_
            .emplace(key,
                     Config{launch::demand_of(app, state_.settings), launch::Placement(app), {}})
            .first->second;
    if (!config.placement.empty()) {
      for (const InstanceNumber number : state_.apps.at(app.id)->instances) {
        const Instance& instance = *state_.find(number)->instance;
        if (launch::is_placed(instance, app.version_info.last_config_change_at)) {
          config.placement.count(instance);
        }
      }
      for (const OpenOffer& open : open_) {
        config.placement.see(*open.offer);
      }
    }
    return config;
  }

  launch::MatchInput input_of(Config& config, const Instance& instance, const OpenOffer& open) {
    const auto [roles, fresh] = config.roles.try_emplace(instance.role);
    if (fresh) {
      roles->second = launch::accepted_roles(config.demand, instance.role, state_.settings);
    }
    return {config.demand,
            instance.role,
            roles->second,
            *open.offer,
            state_.settings,
            state_.now,
            state_.home_region};
  }

  // First what is reserved: freed, or launched on. That comes before new reservations.
  void use_reservations(OpenOffer& open) {
    state_.confirm_freed(*open.offer, open.held);
    if (open.held.empty()) {
      return;
    }
    open.operations = state_.free_reservations(open.held);
    open.closed = !open.operations.empty();
    for (const auto& [id, held] : open.held) {
      Slot* slot = open.closed ? nullptr : state_.find(id);
      if (slot && has_token() && is_ready(*slot, *open.offer)) {
        launch_on(open, *slot, held);
      }
    }
  }

  bool is_ready(const Slot& slot, const model::Offer& offer) const {
    const Instance& instance = *slot.instance;
    const WallTime config = instance.app->version_info.last_config_change_at;
    return instance.is_scheduled() && instance.reservation &&
           instance.role == offer.allocation_role &&
           !slot.work->rate_limit.delayed_until(config, state_.now.time);
  }

  void launch_on(OpenOffer& open, Slot& slot, const launch::Held& held) {
    const InstancePtr instance = slot.instance;
    if (!held.has_all(instance->reservation->volumes)) {
      note_miss(open, slot, {launch::Reject::no_corresponding_reservation_found});
      return;
    }
    Config& config = config_of(*instance->app);
    launch::Budget budget = launch::Budget::held(held.resources);
    auto result = launch::match(input_of(config, *instance, open),
                                config.placement.without(*instance),
                                budget,
                                state_.random);
    if (const auto* rejects = std::get_if<launch::Rejects>(&result)) {
      note_miss(open, slot, *rejects);
      return;
    }
    note_use(open, slot);
    auto fit = std::move(std::get<launch::Fit>(result));
    fit.resources.insert(fit.resources.end(), held.volumes.begin(), held.volumes.end());
    state_.launch(slot, *open.offer, std::move(fit), open.operations);
  }

  void note_miss(const OpenOffer& open, const Slot& slot, const launch::Rejects& rejects) {
    if (!open.used_by.contains(slot.work->id)) {
      slot.work->queue.unused(*open.offer, rejects, state_.now.wall);
    }
    state_.dirty_queues.insert(slot.work->id);
  }

  void note_use(OpenOffer& open, const Slot& slot) {
    if (open.used_by.insert(slot.work->id).second) {
      slot.work->queue.used(*open.offer, state_.now.wall);
    }
    state_.dirty_queues.insert(slot.work->id);
    ++open.used;
    state_.spend_token();
  }

  // Apps take turns; one that does not fit any more leaves the line of this offer.
  void fill(OpenOffer& open, std::size_t limit) {
    std::deque<PathId> line(line_.begin(), line_.end());
    std::size_t misses = 0;
    while (!open.closed && !line.empty() && open.used < limit && has_token() &&
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

  // The waiting instance that is tried: the longest waiting of the offer's role and of a config
  // without delay. Residents: of those that have no reservation.
  Slot* candidate(const AppWork& work, const std::string& role, bool resident) {
    const std::set<InstanceNumber>& waiting = resident ? work.unbound : work.queue.waiting();
    for (const InstanceNumber number : waiting) {
      Slot* slot = state_.find(number);
      const Instance& instance = *slot->instance;
      const WallTime config = instance.app->version_info.last_config_change_at;
      if (instance.role == role && (work.waiting_kinds.size() == 1 ||
                                    !work.rate_limit.delayed_until(config, state_.now.time))) {
        return slot;
      }
    }
    return nullptr;
  }

  bool try_one(OpenOffer& open, const PathId& app) {
    AppWork& work = *state_.apps.at(app);
    if (!work.hungry_roles.contains(open.offer->allocation_role)) {
      return false;
    }
    const bool resident = state_.find(*work.queue.waiting().begin())->instance->app->is_resident();
    Slot* slot = candidate(work, open.offer->allocation_role, resident);
    if (!slot) {
      if (resident) {  // all wait for what they reserved, which is not here
        Slot& first = *state_.find(*work.queue.waiting().begin());
        note_miss(open, first, {launch::Reject::no_corresponding_reservation_found});
      }
      return false;
    }
    const AppPtr definition = slot->instance->app;
    Config& config = config_of(*definition);
    auto result = launch::match(
        input_of(config, *slot->instance, open), config.placement, open.budget, state_.random);
    if (const auto* rejects = std::get_if<launch::Rejects>(&result)) {
      note_miss(open, *slot, *rejects);
      return false;
    }
    note_use(open, *slot);
    config.placement.placed(*open.offer);
    auto fit = std::move(std::get<launch::Fit>(result));
    if (resident) {
      state_.reserve(*slot, *open.offer, std::move(fit), open.operations);
    } else {
      state_.launch(*slot, *open.offer, std::move(fit), open.operations);
    }
    return true;
  }

  State& state_;
  std::vector<OpenOffer> open_;
  std::vector<PathId> line_;
  std::map<std::pair<PathId, WallTime>, Config> configs_;
};

void Marathon::State::on_event(const api::scheduler::Offers& event) {
  for (const model::Offer& offer : event.offers) {
    view.unoffered_roles.erase(offer.allocation_role);
  }
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
                             std::vector<model::Operation>& operations) {
  instance::Launch launched{launch::place_of(offer), {}};
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
  if (instance.app->pod) {
    operations.push_back(launch::task_group({instance,
                                             offer,
                                             framework_id.value_or(FrameworkId()),
                                             std::move(fit.ports),
                                             std::move(fit.resources),
                                             settings,
                                             group && (*group)->enforce_role.value_or(false)}));
    return;
  }
  const launch::TaskInput input{*instance.app,
                                offer,
                                instance.task->id,
                                std::move(fit.ports),
                                std::move(fit.resources),
                                settings,
                                group && (*group)->enforce_role.value_or(false),
                                std::move(fit.executor)};
  if (operations.empty() || operations.back().type != model::Operation::Type::launch) {
    operations.emplace_back().type = model::Operation::Type::launch;
  }
  operations.back().launch_task_infos.push_back(launch::task_info(input, random));
}

// What is left there, for those who ask why nothing fits.
void Marathon::State::note_agent(const model::Offer& offer, std::vector<model::Resource> left) {
  if (view.agents.size() >= kAgentsMax && !view.agents.contains(offer.agent_id)) {
    return;
  }
  auto rest = std::make_shared<model::Offer>(offer);
  rest->resources = std::move(left);
  view.agents.set(offer.agent_id,
                  std::make_shared<const AgentView>(AgentView{std::move(rest), now.wall, {}}));
}

void Marathon::State::note_freed(const Instance& instance) {
  const auto* seen = instance.place ? view.agents.find(instance.place->agent_id) : nullptr;
  if (!seen) {
    return;
  }
  const App& app = *instance.app;
  auto agent = std::make_shared<AgentView>(**seen);
  const double amounts[] = {app.cpus, app.mem, app.disk, static_cast<double>(app.gpus)};
  for (std::size_t i = 0; i < agent->freed.size(); ++i) {
    agent->freed[i] += model::Scalar::from_double(amounts[i]);
  }
  view.agents.set(instance.place->agent_id, std::move(agent));
}

}  // namespace ekiden::marathon
