#pragma once

#include "marathon/model/deployment.h"

#include <map>
#include <optional>
#include <vector>

namespace ekiden::marathon::deployment {

// Which deployment works on which app [DP-21, DP-27]. A rejected plan never touches a lock [DP-28];
// nobody releases what another took over.
class Locks {
 public:
  // Running deployments that share an app with `apps`, each once, in the order of `apps`.
  std::vector<DeploymentId> conflicts(const std::vector<PathId>& apps) const;
  void take(const DeploymentId& deployment, const std::vector<PathId>& apps);
  void release(const DeploymentId& deployment, const std::vector<PathId>& apps);
  const DeploymentId* holder(const PathId& app) const;

 private:
  std::map<PathId, DeploymentId> holders_;
};

}  // namespace ekiden::marathon::deployment
