#pragma once

#include "core/model/offer.h"
#include "core/model/resources.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::marathon::launch {

// What is left of one offer while tasks are fitted into it.
class Budget {
 public:
  explicit Budget(const model::Offer& offer) : left_(offer.resources) {}

  const std::vector<model::Resource>& left() const { return left_; }

  // Takes `amount` of `name` from entries that `roles` may use, in offer order; several entries if
  // one is not enough. False: nothing was taken.
  bool take_scalar(std::string_view name,
                   model::Scalar amount,
                   const std::set<std::string>& roles,
                   std::vector<model::Resource>& taken);
  // Takes one port from the entry that has it; the caller knows that it is there.
  void take_port(std::uint32_t port,
                 const std::set<std::string>& roles,
                 std::vector<model::Resource>& taken);

  model::Scalar available(std::string_view name, const std::set<std::string>& roles) const;
  std::vector<model::Range> ports(const std::set<std::string>& roles) const;
  bool has_any(const std::set<std::string>& roles) const;

 private:
  std::vector<model::Resource> left_;
};

// May an ephemeral task of these roles use it? Not what belongs to a volume or to one instance.
bool is_usable(const model::Resource& resource, const std::set<std::string>& roles);

}  // namespace ekiden::marathon::launch
