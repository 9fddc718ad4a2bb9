#include "marathon/model/root.h"

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

}  // namespace ekiden::marathon
