// The root group, its versions and the definitions that are kept.
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <algorithm>

namespace ekiden::marathon {

namespace {

constexpr std::size_t kRootVersionsMax = 50;
constexpr std::size_t kDeletedAppsMax = 1000;  // whose versions can still be read and restored

using Versions = std::map<WallTime, AppPtr>;

// "kind" and "key" as the record wants them.
std::string kind(std::string_view name) {
  return std::string(name);
}

}  // namespace

AppPtr Marathon::State::definition(const PathId& app, WallTime version) const {
  const auto* versions = view.versions.find(app);
  if (!versions) {
    return nullptr;
  }
  const auto found = (*versions)->find(version);
  return found == (*versions)->end() ? nullptr : found->second;
}

void Marathon::State::remember_version(const AppPtr& app) {
  const auto* known = view.versions.find(app->id);
  auto versions = known ? std::make_shared<Versions>(**known) : std::make_shared<Versions>();
  (*versions)[app->version_info.version] = app;
  view.versions.set(app->id, std::move(versions));
}

void Marathon::State::store_definition(const AppPtr& app) {
  const WallTime version = app->version_info.version;
  std::uint64_t& number = definition_records[app->id][version];
  if (number == 0) {
    number = ++last_number;
  }
  persist(kind(records::kDefinition), records::number_key(number), records::write_app(*app));
  remember_version(app);
  trim_definitions(app->id);
}

bool Marathon::State::is_in_use(const PathId& app, WallTime version) const {
  if (const AppPtr current = root.find_app(app);
      current && current->version_info.version == version) {
    return true;
  }
  if (const auto work = apps.find(app);
      work != apps.end() && work->second->version_uses.contains(version)) {
    return true;
  }
  const RunningDeployment* running = deployment_of(app);
  const DeploymentPlan::Change* change = running ? running->change_of(app) : nullptr;
  const auto is_version = [&](const AppPtr& one) {
    return one && one->version_info.version == version;
  };
  return change && (is_version(change->before) || is_version(change->after));
}

void Marathon::State::trim_definitions(const PathId& app) {
  const auto* known = view.versions.find(app);
  if (!known || (*known)->size() <= settings.versions_per_app_max) {
    return;
  }
  auto versions = std::make_shared<Versions>(**known);
  auto at = versions->begin();
  while (at != versions->end() && versions->size() > settings.versions_per_app_max) {
    if (is_in_use(app, at->first)) {
      ++at;
      continue;
    }
    auto& numbers = definition_records[app];
    persist(kind(records::kDefinition), records::number_key(numbers[at->first]), std::nullopt);
    numbers.erase(at->first);
    at = versions->erase(at);
  }
  view.versions.set(app, std::move(versions));
}

// Deleted apps keep their versions, so that they can be restored; the longest gone go.
void Marathon::State::forget_deleted(const PathId& app) {
  deleted_apps.push_back(app);
  while (deleted_apps.size() > kDeletedAppsMax) {
    const PathId oldest = deleted_apps.front();
    deleted_apps.pop_front();
    const auto work = apps.find(oldest);
    const bool used = work != apps.end() && !work->second->instances.empty();
    if (root.find_app(oldest) || locks.holder(oldest) || used) {
      continue;
    }
    for (const auto& [version, number] : definition_records[oldest]) {
      persist(kind(records::kDefinition), records::number_key(number), std::nullopt);
    }
    definition_records.erase(oldest);
    view.versions.erase(oldest);
  }
}

void Marathon::State::store_root(const DeploymentPlan& plan) {
  for (const DeploymentPlan::Change& change : plan.changes) {
    if (change.after) {
      persist(kind(records::kApp),
              change.app.text(),
              records::write_version(change.after->version_info.version));
    } else {
      persist(kind(records::kApp), change.app.text(), std::nullopt);
    }
  }
  for (const DeploymentPlan::GroupChange& change : plan.groups) {
    if (change.group.is_root()) {
      continue;
    }
    persist(kind(records::kGroup),
            change.group.text(),
            change.after ? std::optional(records::write_group(*change.after)) : std::nullopt);
  }
  Group top = root.root_group;
  top.version = root.version;
  persist(kind(records::kMeta), "root", records::write_group(top));
  persist(kind(records::kRootVersion), to_iso8601(root.version), records::write_undo(plan));
}

void Marathon::State::adopt_root(Root next, const DeploymentPlan& plan) {
  root = std::move(next);
  view.root = root;
  store_root(plan);
  for (const DeploymentPlan::Change& change : plan.changes) {
    if (change.after) {
      store_definition(change.after);
    } else {
      forget_deleted(change.app);
    }
    dirty_apps.insert(change.app);
  }
  root_history[root.version] = root;
  while (root_history.size() > kRootVersionsMax) {
    persist(kind(records::kRootVersion), to_iso8601(root_history.begin()->first), std::nullopt);
    root_history.erase(root_history.begin());
  }
  view.root_versions.clear();
  for (const auto& [version, old] : root_history) {
    view.root_versions.push_back(version);
  }
}

// While a deployment has not reached an app, the old definition holds; once it is done, the new.
AppPtr Marathon::State::standing_definition(const PathId& app) const {
  const RunningDeployment* running = deployment_of(app);
  if (!running) {
    return root.find_app(app);
  }
  const DeploymentPlan::Change* change = running->change_of(app);
  if (!change) {
    return root.find_app(app);
  }
  for (std::size_t i = running->step; i < running->plan->steps.size(); ++i) {
    for (const Action& action : running->plan->steps[i].actions) {
      const bool ahead = i > running->step || running->pending.contains(app);
      if (action.app == app && ahead) {
        return change->before;
      }
    }
  }
  return change->after;
}

}  // namespace ekiden::marathon
