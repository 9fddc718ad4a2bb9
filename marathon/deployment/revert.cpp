#include "marathon/deployment/revert.h"

#include <algorithm>

namespace ekiden::marathon::deployment {

namespace {

using GroupPtr = std::shared_ptr<const Group>;

AppPtr restored(const App& before, WallTime version) {
  App app = before;
  app.version_info = {version, version, before.version_info.last_config_change_at};
  return std::make_shared<const App>(std::move(app));
}

bool contains(const std::vector<PathId>& list, const PathId& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

// Adds what was removed, removes what was added.
std::vector<PathId> restored_dependencies(const Group& now,
                                          const Group& before,
                                          const Group& after) {
  std::vector<PathId> result;
  for (const PathId& id : now.dependencies) {
    const bool added = contains(after.dependencies, id) && !contains(before.dependencies, id);
    if (!added) {
      result.push_back(id);
    }
  }
  for (const PathId& id : before.dependencies) {
    if (!contains(after.dependencies, id) && !contains(result, id)) {
      result.push_back(id);
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

void revert_group(Root& root, const DeploymentPlan::GroupChange& change, WallTime version) {
  const GroupPtr* found = change.group.is_root() ? nullptr : root.groups.find(change.group);
  Group now = change.group.is_root() ? root.root_group : found ? **found : Group();
  const Group nothing;
  const Group& before = change.before ? *change.before : nothing;
  const Group& after = change.after ? *change.after : nothing;
  if (!change.after) {  // deleted: recreate
    now = found ? now : before;
  } else if (!change.before) {  // added: remove when it is empty and nobody touched it
    if (!found) {
      return;
    }
    const bool untouched = now.dependencies == after.dependencies;
    bool empty = root.apps_below(change.group).empty();
    root.groups.for_each_from(change.group, [&](const PathId& id, const GroupPtr&) {
      if (id == change.group) {
        return true;
      }
      empty = empty && !id.is_below(change.group);
      return false;
    });
    if (untouched && empty) {
      root.groups.erase(change.group);
      return;
    }
    now.dependencies = restored_dependencies(now, before, after);
  } else {
    now.dependencies = restored_dependencies(now, before, after);
    now.enforce_role = before.enforce_role;
  }
  now.version = version;
  if (change.group.is_root()) {
    root.root_group = now;
  } else {
    root.groups.set(change.group, std::make_shared<const Group>(std::move(now)));
  }
}

}  // namespace

Root revert(const Root& current, const DeploymentPlan& plan, WallTime version) {
  Root root = current;
  root.version = version;
  for (const DeploymentPlan::Change& change : plan.changes) {
    if (change.before) {
      root.apps.set(change.app, restored(*change.before, version));
    } else {
      root.apps.erase(change.app);
    }
  }
  std::vector<DeploymentPlan::GroupChange> groups = plan.groups;
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
    return a.group.segments().size() > b.group.segments().size();
  });
  for (const DeploymentPlan::GroupChange& change : groups) {
    revert_group(root, change, version);
  }
  return root;
}

}  // namespace ekiden::marathon::deployment
