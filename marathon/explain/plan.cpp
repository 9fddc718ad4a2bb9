#include "marathon/explain/plan.h"

#include "marathon/api/app_change.h"
#include "marathon/deployment/advance.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon::explain {

namespace {

using Kind = FinishedDeployment::AppChange::Kind;

std::int64_t present(const Snapshot& snapshot, const PathId& app) {
  const auto* instances = snapshot.instances.find(app);
  std::int64_t count = 0;
  if (instances) {
    (*instances)->all.for_each([&](const InstanceId&, const auto& view) {
      count += view->instance->goal == Goal::running ? 1 : 0;
    });
  }
  return count;
}

Effect effect_of(const Snapshot& snapshot, const DeploymentPlan::Change& change, Kind kind) {
  Effect effect;
  effect.before = present(snapshot, change.app);
  effect.after = change.after ? change.after->instances : 0;
  const std::int64_t kept = std::min(effect.before, effect.after);
  effect.started = effect.after - kept;
  effect.stopped = effect.before - kept;
  effect.at_least = kept;
  effect.at_most = std::max(effect.before, effect.after);
  const bool replaces =
      change.before && change.after && (kind == Kind::updated || kind == Kind::restarted);
  if (replaces && effect.after > 0) {
    const deployment::Capacity capacity =
        deployment::capacity(change.after->instances, change.after->upgrade_strategy);
    effect.replaced = kept;
    effect.at_least = std::min<std::int64_t>(kept, capacity.healthy_min);
    effect.at_most = std::max<std::int64_t>(effect.before, capacity.total_max);
    // All must serve and none may be added: one more is, or, with volumes, one fewer.
    if (capacity.healthy_min == capacity.total_max && kept >= capacity.total_max) {
      change.after->is_resident() ? --effect.at_least : ++effect.at_most;
    }
  }
  return effect;
}

// What must find a place beside what runs: new instances, and the first of a roll unless an old one
// may go before.
std::int64_t beside(const Effect& effect) {
  if (effect.replaced > 0) {
    const bool one_may_go = effect.at_least < effect.before;
    return std::max<std::int64_t>(effect.started, one_may_go ? 0 : 1);
  }
  return effect.started;
}

void judge_room(const Snapshot& snapshot,
                const App& app,
                const Settings& settings,
                Now now,
                ServicePlan& service) {
  Room room;
  room.wanted = beside(service.instances);
  if (room.wanted == 0 || snapshot.agents.empty()) {  // nothing is known against it
    return;
  }
  room.fitting = count_fits(snapshot, app, static_cast<std::int32_t>(room.wanted), settings, now);
  room.fits = room.fitting >= room.wanted;
  if (room.fits) {
    room.text = fmt::format("room for {} more now", room.wanted);
  } else {
    Nodes nodes = judge_nodes(snapshot, app, app.role, settings, now);
    room.text = fmt::format("room for {} of {} more now; {} nodes are known",
                            room.fitting,
                            room.wanted,
                            nodes.funnel.front().in);
    service.nodes = std::move(nodes.funnel);
    service.nearest = std::move(nodes.nearest);
  }
  service.room = std::move(room);
}

ServicePlan service_plan(const Snapshot& snapshot,
                         const DeploymentPlan::Change& change,
                         const Settings& settings,
                         Now now) {
  const FinishedDeployment::AppChange told = wire::describe_change(change);
  const App& app = change.after ? *change.after : *change.before;
  ServicePlan service;
  service.id = change.app.text();
  service.type = app.pod ? "pod" : "app";
  service.change = to_text(told.kind);
  for (const json::Difference& difference : told.diff) {
    service.fields.push_back({difference.path, difference.before, difference.after});
  }
  service.instances = effect_of(snapshot, change, told.kind);
  if (change.after) {
    judge_room(snapshot, app, settings, now, service);
  }
  return service;
}

void add_conflicts(const Snapshot& snapshot, const DeploymentPlan& plan, Plan& answer) {
  const std::vector<PathId> affected = plan.affected_apps();
  for (const auto& running : snapshot.deployments) {
    const std::vector<PathId> theirs = running->plan->affected_apps();
    const bool meet = std::any_of(theirs.begin(), theirs.end(), [&](const PathId& app) {
      return std::find(affected.begin(), affected.end(), app) != affected.end();
    });
    if (meet) {
      answer.conflicts.push_back(running->plan->id.value);
    }
  }
}

std::string sentence(const Plan& plan) {
  if (!plan.changes) {
    return "nothing changes";
  }
  std::string text = fmt::format("{} services: {} instances start, {} stop, {} are replaced",
                                 plan.totals.services,
                                 plan.totals.started,
                                 plan.totals.stopped,
                                 plan.totals.replaced);
  if (plan.totals.started + plan.totals.replaced > 0) {
    text += plan.fits ? "; it fits now" : "; it does not fit now and will wait for resources";
  }
  if (!plan.conflicts.empty()) {
    text += fmt::format("; {} running deployments are in the way: only with force=true",
                        plan.conflicts.size());
  }
  return text;
}

}  // namespace

Plan describe_plan(const Snapshot& snapshot,
                   const DeploymentPlan& plan,
                   const Settings& settings,
                   Now now) {
  Plan answer;
  answer.version = to_iso8601(plan.version);
  for (const Step& step : plan.steps) {
    PlannedStep& shown = answer.steps.emplace_back();
    for (const Action& action : step.actions) {
      shown.actions.push_back({std::string(to_text(action.type)), action.app.text()});
    }
  }
  for (const DeploymentPlan::Change& change : plan.changes) {
    ServicePlan service = service_plan(snapshot, change, settings, now);
    ++answer.totals.services;
    answer.totals.started += service.instances.started;
    answer.totals.stopped += service.instances.stopped;
    answer.totals.replaced += service.instances.replaced;
    answer.fits = answer.fits && (!service.room || service.room->fits);
    answer.services.push_back(std::move(service));
  }
  for (const DeploymentPlan::GroupChange& change : plan.groups) {
    answer.groups.push_back(change.group.text());
  }
  answer.changes = !plan.steps.empty() || !plan.groups.empty();
  add_conflicts(snapshot, plan, answer);
  answer.text = sentence(answer);
  return answer;
}

}  // namespace ekiden::marathon::explain
