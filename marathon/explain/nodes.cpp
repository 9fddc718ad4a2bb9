#include "marathon/explain/nodes.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/core.h>

namespace ekiden::marathon::explain {

namespace {

using launch::Reject;

constexpr std::array<const char*, 4> kScalars = {"cpus", "mem", "disk", "gpus"};

struct Check {
  Reject reject;
  const char* stage;
};

// The order in which people think about nodes.
constexpr std::array<Check, 10> kChecks = {
    {{Reject::unfulfilled_role, "role"},
     {Reject::agent_maintenance, "maintenance"},
     {Reject::unfulfilled_constraint, "constraint"},
     {Reject::insufficient_cpus, "cpus"},
     {Reject::insufficient_memory, "mem"},
     {Reject::insufficient_disk, "disk"},
     {Reject::insufficient_gpus, "gpus"},
     {Reject::declined_scarce_resources, "gpus"},
     {Reject::insufficient_ports, "ports"},
     {Reject::no_corresponding_reservation_found, "volume"}}};

constexpr std::array<const char*, 9> kStages = {
    "role", "maintenance", "constraint", "cpus", "mem", "disk", "gpus", "ports", "volume"};

const char* stage_of(const launch::Rejects& rejects) {
  for (const Check& check : kChecks) {
    if (rejects.contains(check.reject)) {
      return check.stage;
    }
  }
  return nullptr;
}

// What the agent has by now: the last offer, and our tasks that ended since.
model::Offer present(const AgentView& agent, const std::string& role) {
  model::Offer offer = *agent.offer;
  offer.allocation_role = role;
  for (std::size_t i = 0; i < kScalars.size(); ++i) {
    if (agent.freed[i].milli > 0) {
      model::Resource freed = model::scalar_resource(kScalars[i], 0);
      freed.scalar = agent.freed[i];
      offer.resources.push_back(std::move(freed));
    }
  }
  return offer;
}

launch::Placement placement_of(const Snapshot& snapshot, const App& app) {
  launch::Placement placement(app);
  const auto* instances = snapshot.instances.find(app.id);
  if (instances && !placement.empty()) {
    (*instances)->all.for_each([&](const InstanceId&, const auto& view) {
      if (launch::is_placed(*view->instance, app.version_info.last_config_change_at)) {
        placement.count(*view->instance);
      }
    });
  }
  return placement;
}

// One app against all agents.
class Judge {
 public:
  Judge(const Snapshot& snapshot, const App& app, const std::string& role, const Settings& settings)
      : snapshot_(snapshot),
        settings_(settings),
        role_(role),
        demand_(launch::demand_of(app, settings)),
        roles_(launch::accepted_roles(demand_, role, settings)),
        placement_(placement_of(snapshot, app)) {
    snapshot.agents.for_each([&](const AgentId&, const auto& agent) {
      offers_.push_back(present(*agent, role_));
      placement_.see(offers_.back());
    });
  }

  std::variant<launch::Fit, launch::Rejects> match(const model::Offer& offer,
                                                   launch::Budget& budget,
                                                   Now now) {
    return launch::match({demand_, role_, roles_, offer, settings_, now, snapshot_.home_region},
                         placement_,
                         budget,
                         random_);
  }

  const std::vector<model::Offer>& offers() const { return offers_; }

  const launch::Demand& demand() const { return demand_; }

  const launch::Roles& roles() const { return roles_; }

  launch::Placement& placement() { return placement_; }

 private:
  const Snapshot& snapshot_;
  const Settings& settings_;
  std::string role_;
  launch::Demand demand_;
  launch::Roles roles_;
  launch::Placement placement_;
  std::vector<model::Offer> offers_;
  Random random_{1};
};

std::array<model::Scalar, 4> amounts(const launch::Demand& demand) {
  model::Scalar disk = demand.disk;
  for (const launch::VolumeWish& wish : demand.volumes) {
    if (wish.volume.type == PersistentVolume::Type::root) {
      disk += model::Scalar{wish.volume.size * 1000};
    }
  }
  const launch::Demand::Executor executor = demand.executor.value_or(launch::Demand::Executor());
  return {
      demand.cpus + executor.cpus, demand.mem + executor.mem, disk + executor.disk, demand.gpus};
}

void add_lacks(Judge& judge,
               const model::Offer& offer,
               const launch::Rejects& rejects,
               Nearest& nearest) {
  const launch::Budget budget(offer);
  const auto wanted = amounts(judge.demand());
  for (std::size_t i = 0; i < kScalars.size(); ++i) {
    const model::Scalar left = budget.available(kScalars[i], judge.roles());
    if (wanted[i].milli > 0 && left < wanted[i]) {
      nearest.lacks.push_back({kScalars[i], wanted[i].to_double(), left.to_double(), {}});
    }
  }
  if (rejects.contains(Reject::insufficient_ports)) {
    double left = 0;
    for (const model::Range& range : budget.ports(judge.roles())) {
      left += static_cast<double>(range.end - range.begin + 1);
    }
    nearest.lacks.push_back({"ports", static_cast<double>(judge.demand().ports.size()), left, {}});
  }
  for (const std::string& text : judge.placement().failing(offer)) {
    nearest.lacks.push_back({"constraint", {}, {}, text});
  }
  if (rejects.contains(Reject::agent_maintenance)) {
    nearest.lacks.push_back({"maintenance", {}, {}, "the agent is about to be taken down"});
  }
  if (nearest.lacks.empty()) {
    nearest.lacks.push_back({stage_of(rejects), {}, {}, std::string(to_text(*rejects.begin()))});
  }
}

// How far away an agent is: a missing constraint or role is further than any amount.
double distance(const Nearest& nearest) {
  double sum = 0;
  for (const Lack& lack : nearest.lacks) {
    sum += lack.wanted && lack.left && *lack.wanted > 0 ? (*lack.wanted - *lack.left) / *lack.wanted
                                                        : 10.0;
  }
  return sum;
}

void note_amounts(Judge& judge, const model::Offer& offer, std::vector<Largest>& largest) {
  const launch::Budget budget(offer);
  for (Largest& one : largest) {
    const double left = budget.available(one.what, judge.roles()).to_double();
    one.sum += left;
    if (left > one.largest || one.host.empty()) {
      one.largest = left;
      one.host = offer.hostname;
    }
  }
}

std::optional<std::int32_t> taken_port(Judge& judge, const std::vector<const model::Offer*>& rest) {
  for (const launch::PortWish& wish : judge.demand().ports) {
    if (wish.kind != launch::PortWish::Kind::fixed) {
      continue;
    }
    const auto has_it = [&](const model::Offer* offer) {
      const auto ranges = launch::Budget(*offer).ports(judge.roles());
      return std::any_of(ranges.begin(), ranges.end(), [&](const model::Range& range) {
        const auto port = static_cast<std::uint64_t>(wish.port);
        return range.begin <= port && port <= range.end;
      });
    };
    if (std::none_of(rest.begin(), rest.end(), has_it)) {
      return wish.port;
    }
  }
  return std::nullopt;
}

std::string role_of(const model::Resource& resource) {
  return resource.reservations.empty() ? "*" : resource.reservations.back().role;
}

}  // namespace

Nodes judge_nodes(const Snapshot& snapshot,
                  const App& app,
                  const std::string& role,
                  const Settings& settings,
                  Now now) {
  Judge judge(snapshot, app, role, settings);
  Nodes nodes;
  std::map<std::string, std::int64_t> removed;
  std::map<std::string, std::int64_t> constraints;
  std::set<std::string> roles_offered;
  std::vector<const model::Offer*> short_of_ports;
  const auto wanted = amounts(judge.demand());
  for (std::size_t i = 0; i < kScalars.size(); ++i) {
    if (wanted[i].milli > 0) {
      nodes.largest.push_back({kScalars[i], wanted[i].to_double(), 0, 0, ""});
    }
  }
  for (const model::Offer& offer : judge.offers()) {
    for (const model::Resource& resource : offer.resources) {
      roles_offered.insert(role_of(resource));
    }
    note_amounts(judge, offer, nodes.largest);
    for (const std::string& text : judge.placement().failing(offer)) {
      ++constraints[text];
    }
    launch::Budget budget(offer);
    const auto result = judge.match(offer, budget, now);
    const auto* rejects = std::get_if<launch::Rejects>(&result);
    if (!rejects) {
      ++nodes.fitting;
      continue;
    }
    const std::string stage = stage_of(*rejects);
    ++removed[stage];
    if (rejects->contains(Reject::agent_maintenance)) {
      nodes.hosts_in_maintenance.push_back(offer.hostname);
    }
    if (stage == "ports") {
      short_of_ports.push_back(&offer);
    }
    Nearest nearest{offer.hostname, offer.agent_id.value, {}};
    add_lacks(judge, offer, *rejects, nearest);
    nodes.nearest.push_back(std::move(nearest));
    std::stable_sort(nodes.nearest.begin(), nodes.nearest.end(), [](const auto& a, const auto& b) {
      return distance(a) < distance(b);
    });
    if (nodes.nearest.size() > kNearestMax) {
      nodes.nearest.pop_back();
    }
  }
  auto left = static_cast<std::int64_t>(judge.offers().size());
  nodes.funnel.push_back({"all", left, 0});
  for (const char* stage : kStages) {
    nodes.funnel.push_back({stage, left, removed[stage]});
    left -= removed[stage];
  }
  for (const auto& [text, count] : constraints) {
    nodes.constraints.push_back(
        fmt::format("{} ({} of {} nodes)", text, count, judge.offers().size()));
  }
  nodes.roles_offered = {roles_offered.begin(), roles_offered.end()};
  nodes.roles_accepted = {judge.roles().begin(), judge.roles().end()};
  if (!short_of_ports.empty()) {
    nodes.taken_port = taken_port(judge, short_of_ports);
  }
  return nodes;
}

std::int32_t count_fits(const Snapshot& snapshot,
                        const App& app,
                        std::int32_t wanted,
                        const Settings& settings,
                        Now now) {
  Judge judge(snapshot, app, app.role, settings);
  std::vector<launch::Budget> budgets;
  for (const model::Offer& offer : judge.offers()) {
    budgets.emplace_back(offer);
  }
  std::int32_t fits = 0;
  for (std::size_t at = 0, misses = 0; fits < wanted && misses < budgets.size();) {
    const model::Offer& offer = judge.offers()[at];
    const auto result = judge.match(offer, budgets[at], now);
    if (std::holds_alternative<launch::Fit>(result)) {
      judge.placement().placed(offer);
      ++fits;
      misses = 0;
    } else {
      ++misses;
    }
    at = (at + 1) % budgets.size();
  }
  return fits;
}

}  // namespace ekiden::marathon::explain
