#pragma once

#include "marathon/model/deployment.h"
#include "marathon/model/root.h"

#include <functional>
#include <map>
#include <set>

namespace ekiden::marathon::deployment {

struct PlanInput {
  DeploymentId id;
  const Root& original;
  const Root& target;
  std::vector<PathId> changed;  // apps that may differ, in path order; others are not looked at
  std::map<PathId, std::vector<InstanceId>> to_kill{};
  // Instances of another config than the original's: an earlier roll was cut short. A scale of such
  // an app becomes a restart, so that the newest definition wins.
  std::function<bool(const PathId&)> has_outdated{};
};

// Steps: stop what is gone, start what is new, then one step per dependency depth [DP-12 to DP-16].
DeploymentPlan make_plan(const PlanInput& input);

// Depth of each of `apps`: the number of apps on the longest dependency chain that begins there
// [1.6]. Linear in the apps reached; a cycle is cut where it closes.
std::map<PathId, std::int32_t> dependency_depths(const Root& root, const std::set<PathId>& apps);

}  // namespace ekiden::marathon::deployment
