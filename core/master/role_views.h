#pragma once

#include "core/master/snapshot.h"

#include <map>
#include <string>
#include <vector>

namespace ekiden::master {

// What a role has, for /roles and GET_ROLES. Walks the snapshot: for worker threads.
struct RoleView {
  std::string name;
  double weight = 1;
  const model::QuotaConfig* quota = nullptr;  // of the snapshot; null: none was set
  std::vector<FrameworkId> frameworks;
  model::Resources allocated;  // quantities
  model::Resources offered;    // quantities
  model::Resources reserved;   // quantities, of the role itself
  model::Resources consumed;   // quantities that count for the quota, of the whole subtree
};

// Every role that somebody holds, uses, or that has a weight or a quota.
std::vector<RoleView> role_views(const Snapshot& snapshot);

}  // namespace ekiden::master
