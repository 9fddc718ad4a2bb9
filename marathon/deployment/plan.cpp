#include "marathon/deployment/plan.h"

#include <algorithm>
#include <utility>

namespace ekiden::marathon::deployment {

namespace {

using Change = DeploymentPlan::Change;
using GroupPtr = std::shared_ptr<const Group>;

bool same_shape(const GroupPtr& a, const GroupPtr& b) {
  return a && b && a->dependencies == b->dependencies && a->enforce_role == b->enforce_role;
}

class Depths {
 public:
  explicit Depths(const Root& root) : root_(root) {}

  std::int32_t of(const PathId& app) {
    const auto [at, fresh] = known_.try_emplace(app, 0);
    if (!fresh) {
      return at->second;
    }
    std::int32_t deepest = 0;
    for (const PathId& next : dependencies_of(app)) {
      deepest = std::max(deepest, of(next));
    }
    known_[app] = deepest + 1;
    return deepest + 1;
  }

 private:
  // Names of apps and groups: its own, and those of every group it is in.
  std::set<PathId> dependencies_of(const PathId& app) const {
    std::set<PathId> found;
    if (const AppPtr definition = root_.find_app(app)) {
      resolve(definition->dependencies, found);
    }
    for (PathId group = app.parent(); !group.is_root(); group = group.parent()) {
      if (const GroupPtr* explicit_group = root_.groups.find(group)) {
        resolve((*explicit_group)->dependencies, found);
      }
    }
    resolve(root_.root_group.dependencies, found);
    found.erase(app);
    return found;
  }

  void resolve(const std::vector<PathId>& names, std::set<PathId>& found) const {
    for (const PathId& name : names) {
      if (root_.find_app(name)) {
        found.insert(name);
        continue;
      }
      for (const AppPtr& app : root_.apps_below(name)) {
        found.insert(app->id);
      }
    }
  }

  const Root& root_;
  std::map<PathId, std::int32_t> known_;
};

// Nothing: the definition changed in a way that no instance notices [DP-9].
std::optional<Action::Type> type_for(const PlanInput& input, const Change& change) {
  if (!change.before || change.after->instances == 0) {
    return Action::Type::scale;
  }
  const VersionInfo& before = change.before->version_info;
  const VersionInfo& after = change.after->version_info;
  if (before.last_config_change_at != after.last_config_change_at ||
      (input.has_outdated && input.has_outdated(change.app))) {
    return Action::Type::restart;
  }
  if (before.version == after.version && change.before->instances == change.after->instances) {
    return std::nullopt;
  }
  return Action::Type::scale;
}

Action action_for(const PlanInput& input, const Change& change, Action::Type type) {
  Action action;
  action.app = change.app;
  action.scale_to = change.after->instances;
  action.type = type;
  if (const auto chosen = input.to_kill.find(change.app);
      chosen != input.to_kill.end() && action.type == Action::Type::scale) {
    action.to_kill = chosen->second;
  }
  return action;
}

std::vector<Change> app_changes(const PlanInput& input) {
  std::vector<Change> changes;
  for (const PathId& id : input.changed) {
    AppPtr before = input.original.find_app(id);
    AppPtr after = input.target.find_app(id);
    const bool same = before == after || (before && after && *before == *after);
    if (!same) {
      changes.push_back({id, std::move(before), std::move(after)});
    }
  }
  return changes;
}

// Walks the groups, which are few, and not the apps.
std::vector<DeploymentPlan::GroupChange> group_changes(const Root& original, const Root& target) {
  std::vector<DeploymentPlan::GroupChange> changes;
  original.groups.for_each([&](const PathId& id, const GroupPtr& before) {
    const GroupPtr* after = target.groups.find(id);
    if (!after || !same_shape(before, *after)) {
      changes.push_back({id, before, after ? *after : nullptr});
    }
  });
  target.groups.for_each([&](const PathId& id, const GroupPtr& after) {
    if (!original.groups.contains(id)) {
      changes.push_back({id, nullptr, after});
    }
  });
  if (original.root_group.dependencies != target.root_group.dependencies) {
    changes.push_back({PathId(),
                       std::make_shared<const Group>(original.root_group),
                       std::make_shared<const Group>(target.root_group)});
  }
  return changes;
}

void add_step(DeploymentPlan& plan, Step step) {
  if (!step.actions.empty()) {
    plan.steps.push_back(std::move(step));
  }
}

}  // namespace

std::map<PathId, std::int32_t> dependency_depths(const Root& root, const std::set<PathId>& apps) {
  Depths depths(root);
  std::map<PathId, std::int32_t> result;
  for (const PathId& app : apps) {
    result[app] = depths.of(app);
  }
  return result;
}

DeploymentPlan make_plan(const PlanInput& input) {
  DeploymentPlan plan;
  plan.id = input.id;
  plan.version = input.target.version;
  plan.root_version_before = input.original.version;
  plan.changes = app_changes(input);
  plan.groups = group_changes(input.original, input.target);

  Step stop;
  Step start;
  std::set<PathId> kept;
  for (const Change& change : plan.changes) {
    if (!change.after) {
      stop.actions.push_back({.type = Action::Type::stop, .app = change.app, .to_kill = {}});
      continue;
    }
    if (!change.before) {
      start.actions.push_back({.type = Action::Type::start, .app = change.app, .to_kill = {}});
    }
    kept.insert(change.app);
  }
  // One app alone makes one step, however deep it stands.
  const std::map<PathId, std::int32_t> depths =
      kept.size() > 1 ? dependency_depths(input.target, kept) : std::map<PathId, std::int32_t>();
  std::map<std::int32_t, Step> by_depth;
  for (const Change& change : plan.changes) {
    const auto type = change.after ? type_for(input, change) : std::nullopt;
    if (type) {
      const auto depth = depths.find(change.app);
      by_depth[depth == depths.end() ? 1 : depth->second].actions.push_back(
          action_for(input, change, *type));
    }
  }
  add_step(plan, std::move(stop));
  add_step(plan, std::move(start));
  for (auto& [depth, step] : by_depth) {
    add_step(plan, std::move(step));
  }
  return plan;
}

}  // namespace ekiden::marathon::deployment
