#pragma once

#include "core/allocator/quantities.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ekiden::allocator {

using RoleIndex = std::uint32_t;
inline constexpr RoleIndex kNoRole = std::numeric_limits<RoleIndex>::max();

// Scalars by name. Names without an entry are not guaranteed or limited.
struct Quota {
  Amounts guarantees;
  Amounts limits;

  bool empty() const { return guarantees.empty() && limits.empty(); }

  bool operator==(const Quota&) const = default;
};

// The tree of roles with what each subtree has consumed of its quota [mesos-core 5.5]: all
// reservations, allocated or not, and what is allocated of unreserved, not revocable scalars. A
// role lives as long as somebody pins it.
class Roles {
 public:
  explicit Roles(Names& names) : names_(names) {}

  RoleIndex pin(std::string_view name);  // counts
  void unpin(RoleIndex role);
  RoleIndex find(std::string_view name) const;          // kNoRole when nobody pins it
  RoleIndex find_nearest(std::string_view name) const;  // the role, or the nearest ancestor pinned

  const std::string& name(RoleIndex role) const { return roles_[role].name; }

  void set_quota(const std::string& name, const Quota& quota);

  const Quota& quota(RoleIndex role) const { return roles_[role].quota; }

  // Reservations of an agent's total come (1) or go (-1); unreserved scalars are allocated or not.
  void reserve(const model::Resources& total, int sign);
  void use(RoleIndex role, const Quantities& unreserved, int sign);

  Quantities consumed(RoleIndex role) const;

  bool any_guarantees() const { return !guaranteed_.empty(); }

  // False: no limit on the way up and no guarantee of anybody can hold anything back from it.
  bool constrained(RoleIndex role) const;
  // How much more the role may get; the largest number when nothing limits it.
  std::int64_t limit_left(RoleIndex role, std::size_t name) const;
  // What is missing to the guarantees of the role and its ancestors; nothing when that name has
  // none.
  std::optional<std::int64_t> guarantee_left(RoleIndex role, std::size_t name) const;
  bool below_guarantee(RoleIndex role) const;
  // What must stay free for all guarantees that are not met.
  const Quantities& required();

 private:
  using Bounds = std::vector<std::pair<std::size_t, std::int64_t>>;  // name id, thousandths

  struct Role {
    std::string name;
    RoleIndex parent = kNoRole;
    std::size_t pins = 0;
    Quota quota;
    Bounds guarantees;
    Bounds limits;
    Quantities reserved;  // of the subtree
    Quantities used;      // of the subtree
  };

  static Bounds bounds(const Amounts& amounts, Names& names);

  std::int64_t consumed(const Role& role, std::size_t name) const {
    return role.reserved[name] + role.used[name];
  }

  template <class Visit>
  void up(RoleIndex role, Visit visit) const;

  Names& names_;
  std::vector<Role> roles_;
  std::vector<RoleIndex> free_;
  std::unordered_map<std::string, RoleIndex> by_name_;
  std::vector<RoleIndex> guaranteed_;  // deepest first
  std::size_t limited_ = 0;            // roles with limits
  Quantities required_;
  bool required_stale_ = true;
};

}  // namespace ekiden::allocator
