#pragma once

#include "core/model/common.h"

#include <map>
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

struct ResourceQuantities {
  std::map<std::string, double> quantities;  // wire: {"cpus": {"value": 2.0}}
  bool operator==(const ResourceQuantities&) const = default;
};

// Instead of --min_allocatable_resources, for one role: an offer holds at least one of the sets.
struct OfferFilters {
  struct MinAllocatableResources {
    std::vector<ResourceQuantities> quantities;
    bool operator==(const MinAllocatableResources&) const = default;
  };

  std::optional<MinAllocatableResources> min_allocatable_resources;
  bool operator==(const OfferFilters&) const = default;
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
  std::map<std::string, OfferFilters> offer_filters;  // by role

  bool has(FrameworkCapability capability) const;
  std::vector<std::string> all_roles() const;  // roles, or {role or "*"}
  bool operator==(const FrameworkInfo&) const = default;
};

}  // namespace ekiden::model
