#include "marathon/deployment/conflicts.h"

#include <algorithm>

namespace ekiden::marathon::deployment {

std::vector<DeploymentId> Locks::conflicts(const std::vector<PathId>& apps) const {
  std::vector<DeploymentId> found;
  for (const PathId& app : apps) {
    const DeploymentId* id = holder(app);
    if (id && std::find(found.begin(), found.end(), *id) == found.end()) {
      found.push_back(*id);
    }
  }
  return found;
}

void Locks::take(const DeploymentId& deployment, const std::vector<PathId>& apps) {
  for (const PathId& app : apps) {
    holders_[app] = deployment;
  }
}

void Locks::release(const DeploymentId& deployment, const std::vector<PathId>& apps) {
  for (const PathId& app : apps) {
    const auto at = holders_.find(app);
    if (at != holders_.end() && at->second == deployment) {
      holders_.erase(at);
    }
  }
}

const DeploymentId* Locks::holder(const PathId& app) const {
  const auto at = holders_.find(app);
  return at == holders_.end() ? nullptr : &at->second;
}

}  // namespace ekiden::marathon::deployment
