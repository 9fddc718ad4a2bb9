#pragma once

#include "core/model/common.h"

#include <optional>
#include <string>
#include <vector>

namespace ekiden::model {

enum class FrameworkCapability {
  unknown,
  revocable_resources,
  task_killing_state,
  gpu_resources,
  shared_resources,
  partition_aware,
  multi_role,
  reservation_refinement,
  region_aware,
};

struct FrameworkInfo {
  std::string user;
  std::string name;
  std::optional<FrameworkId> id;
  double failover_timeout = 0;  // seconds
  bool checkpoint = false;
  std::optional<std::string> role;  // only without MULTI_ROLE
  std::vector<std::string> roles;   // only with MULTI_ROLE
  std::optional<std::string> hostname;
  std::optional<std::string> principal;
  std::optional<std::string> webui_url;
  std::vector<FrameworkCapability> capabilities;  // wire: [{"type": ...}]
  std::optional<Labels> labels;

  bool has(FrameworkCapability capability) const;
  std::vector<std::string> all_roles() const;  // roles, or {role or "*"}
  bool operator==(const FrameworkInfo&) const = default;
};

}  // namespace ekiden::model
