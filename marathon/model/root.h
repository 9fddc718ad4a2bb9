#pragma once

#include "core/base/persistent_map.h"
#include "marathon/model/app.h"

#include <memory>
#include <optional>
#include <vector>

namespace ekiden::marathon {

using AppPtr = std::shared_ptr<const App>;

struct Group {
  std::vector<PathId> dependencies;  // sorted
  std::optional<bool> enforce_role;  // top-level groups only
  WallTime version{};
  bool operator==(const Group&) const = default;
};

// Everything that users defined. Flat and ordered by path: the members of a group are one range,
// and a copy shares structure with its predecessor (core/base/persistent_map.h).
struct Root {
  PersistentMap<PathId, AppPtr> apps;
  PersistentMap<PathId, std::shared_ptr<const Group>> groups;  // without the root "/"
  Group root_group;
  WallTime version{};

  AppPtr find_app(const PathId& id) const;        // an app or a pod
  AppPtr find_plain_app(const PathId& id) const;  // no pod
  AppPtr find_pod(const PathId& id) const;
  bool has_group(const PathId& id) const;  // explicit, or implied by an app or group below it
  std::vector<AppPtr> apps_below(const PathId& group) const;  // apps and pods
  std::vector<AppPtr> plain_apps_below(const PathId& group) const;
  std::vector<AppPtr> direct_apps(const PathId& group) const;
  std::vector<PathId> direct_groups(const PathId& group) const;  // explicit and implied ones
};

}  // namespace ekiden::marathon
