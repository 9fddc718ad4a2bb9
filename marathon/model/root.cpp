#include "marathon/model/root.h"

#include <set>

namespace ekiden::marathon {
namespace {

// The first key at or after `group` that lies below it tells whether the group has members.
template <class Map>
bool any_below(const Map& map, const PathId& group) {
  bool found = false;
  map.for_each_from(group, [&](const PathId& id, const auto&) {
    if (id == group) {
      return true;
    }
    found = id.is_below(group);
    return false;
  });
  return found;
}

}  // namespace

AppPtr Root::find_app(const PathId& id) const {
  const AppPtr* app = apps.find(id);
  return app ? *app : nullptr;
}

AppPtr Root::find_plain_app(const PathId& id) const {
  AppPtr app = find_app(id);
  return app && !app->pod ? app : nullptr;
}

AppPtr Root::find_pod(const PathId& id) const {
  AppPtr app = find_app(id);
  return app && app->pod ? app : nullptr;
}

bool Root::has_group(const PathId& id) const {
  return id.is_root() || groups.find(id) || any_below(groups, id) || any_below(apps, id);
}

std::vector<AppPtr> Root::apps_below(const PathId& group) const {
  std::vector<AppPtr> found;
  apps.for_each_from(group, [&](const PathId& id, const AppPtr& app) {
    if (id == group) {
      return true;
    }
    if (!id.is_below(group)) {
      return false;
    }
    found.push_back(app);
    return true;
  });
  return found;
}

std::vector<AppPtr> Root::plain_apps_below(const PathId& group) const {
  std::vector<AppPtr> found = apps_below(group);
  std::erase_if(found, [](const AppPtr& app) { return static_cast<bool>(app->pod); });
  return found;
}

std::vector<AppPtr> Root::direct_apps(const PathId& group) const {
  std::vector<AppPtr> found = apps_below(group);
  std::erase_if(found, [&](const AppPtr& app) { return app->id.parent() != group; });
  return found;
}

std::vector<PathId> Root::direct_groups(const PathId& group) const {
  std::set<PathId> found;
  const auto add = [&](PathId id) {  // `id` is a group below `group`, at any depth
    while (id.parent() != group) {
      id = id.parent();
    }
    found.insert(std::move(id));
  };
  groups.for_each_from(group, [&](const PathId& id, const auto&) {
    if (id == group) {
      return true;
    }
    if (!id.is_below(group)) {
      return false;
    }
    add(id);
    return true;
  });
  for (const AppPtr& app : apps_below(group)) {
    if (const PathId parent = app->id.parent(); parent != group) {
      add(parent);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace ekiden::marathon
