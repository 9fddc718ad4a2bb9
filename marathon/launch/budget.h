#pragma once

#include "core/model/offer.h"
#include "core/model/resources.h"
#include "marathon/launch/demand.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::marathon::launch {

using Roles = std::set<std::string>;

// What is left of one offer while tasks are fitted into it: of what belongs to nobody, or of what
// one instance has reserved.
class Budget {
 public:
  explicit Budget(const model::Offer& offer) : left_(offer.resources) {}

  // Everything in it may be used, whatever its role.
  static Budget held(std::vector<model::Resource> resources);

  bool is_held() const { return held_; }

  const std::vector<model::Resource>& left() const { return left_; }

  // Takes `amount` of `name` from entries that `roles` may use, in offer order; several entries if
  // one is not enough. False: nothing was taken.
  bool take_scalar(std::string_view name,
                   model::Scalar amount,
                   const Roles& roles,
                   std::vector<model::Resource>& taken);
  // Takes one port from the entry that has it; the caller knows that it is there.
  void take_port(std::uint32_t port, const Roles& roles, std::vector<model::Resource>& taken);
  // Disk for each wish, in their order: from the root disk, from a part of a PATH disk, or a whole
  // MOUNT disk. Nothing: at least one has no place; then the budget is spoiled.
  std::optional<std::vector<model::Resource>> take_volumes(const std::vector<VolumeWish>& wishes,
                                                           const Roles& roles);

  model::Scalar available(std::string_view name, const Roles& roles) const;
  std::vector<model::Range> ports(const Roles& roles) const;
  bool has_any(const Roles& roles) const;

 private:
  bool is_usable(const model::Resource& resource, const Roles& roles) const;
  model::Resource* disk_for(const VolumeWish& wish, const Roles& roles);

  std::vector<model::Resource> left_;
  bool held_ = false;
};

// May anybody of these roles use it? Not what belongs to a volume or to one instance.
bool is_open_to(const model::Resource& resource, const Roles& roles);

}  // namespace ekiden::marathon::launch
