#include "marathon/deployment/plan.h"

#include <algorithm>
#include <utility>

namespace ekiden::marathon::deployment {

namespace {

using Change = DeploymentPlan::Change;
using GroupPtr = std::shared_ptr<const Group>;

// Walks two ordered maps side by side and reports keys whose values are not the same object.
template <class Map, class Found>
void walk(const Map& before, const Map& after, const Found& found) {
  using Key = PathId;
  using Value = std::decay_t<decltype(*before.find(std::declval<Key>()))>;
  std::vector<std::pair<Key, Value>> left;
  before.for_each([&](const Key& key, const Value& value) {
    const Value* other = after.find(key);
    if (!other) {
      left.emplace_back(key, value);
    }
    return true;
  });
  for (const auto& [key, value] : left) {
    found(key, value, Value{});
  }
  after.for_each([&](const Key& key, const Value& value) {
    const Value* other = before.find(key);
    if (!other) {
      found(key, Value{}, value);
    } else if (*other != value) {
      found(key, *other, value);
    }
    return true;
  });
}

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

void add_step(DeploymentPlan& plan, Step step) {
  if (!step.actions.empty()) {
    plan.steps.push_back(std::move(step));
  }
}

}  // namespace

Difference difference(const Root& original, const Root& target) {
  Difference result;
  walk(original.apps, target.apps, [&](const PathId& id, AppPtr before, AppPtr after) {
    if (before && after && *before == *after) {
      return;
    }
    result.apps.push_back({id, std::move(before), std::move(after)});
  });
  walk(original.groups, target.groups, [&](const PathId& id, GroupPtr before, GroupPtr after) {
    if (!same_shape(before, after)) {
      result.groups.push_back({id, std::move(before), std::move(after)});
    }
  });
  if (original.root_group.dependencies != target.root_group.dependencies) {
    result.groups.push_back({PathId(),
                             std::make_shared<const Group>(original.root_group),
                             std::make_shared<const Group>(target.root_group)});
  }
  const auto by_path = [](const auto& a, const auto& b) { return a.app < b.app; };
  std::sort(result.apps.begin(), result.apps.end(), by_path);
  return result;
}

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
  Difference changed = difference(input.original, input.target);
  plan.changes = std::move(changed.apps);
  plan.groups = std::move(changed.groups);

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
