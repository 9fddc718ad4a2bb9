#include "core/allocator/roles.h"

#include "core/base/check.h"

#include <algorithm>
#include <map>

namespace ekiden::allocator {

template <class Visit>
void Roles::up(RoleIndex role, Visit visit) const {
  for (; role != kNoRole; role = roles_[role].parent) {
    visit(roles_[role]);
  }
}

RoleIndex Roles::pin(std::string_view name) {
  const auto found = by_name_.find(std::string(name));
  if (found != by_name_.end()) {
    ++roles_[found->second].pins;
    return found->second;
  }
  const std::size_t slash = name.rfind('/');
  const RoleIndex parent = slash == std::string_view::npos ? kNoRole : pin(name.substr(0, slash));
  RoleIndex index = static_cast<RoleIndex>(roles_.size());
  if (free_.empty()) {
    roles_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Role& role = roles_[index];
  role = Role{};
  role.name = name;
  role.parent = parent;
  role.pins = 1;
  by_name_.emplace(role.name, index);
  return index;
}

void Roles::unpin(RoleIndex index) {
  Role& role = roles_[index];
  CHECK(role.pins > 0, "role {} is let go too often", role.name);
  if (--role.pins > 0) {
    return;
  }
  const RoleIndex parent = role.parent;
  by_name_.erase(role.name);
  role = Role{};
  free_.push_back(index);
  if (parent != kNoRole) {
    unpin(parent);
  }
}

RoleIndex Roles::find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? kNoRole : found->second;
}

RoleIndex Roles::find_nearest(std::string_view name) const {
  for (;;) {
    const RoleIndex found = find(name);
    const std::size_t slash = name.rfind('/');
    if (found != kNoRole || slash == std::string_view::npos) {
      return found;
    }
    name = name.substr(0, slash);
  }
}

Roles::Bounds Roles::bounds(const Amounts& amounts, Names& names) {
  Bounds result;
  for (const auto& [name, amount] : amounts) {
    result.emplace_back(names.id(name), amount.milli);
  }
  return result;
}

void Roles::set_quota(const std::string& name, const Quota& quota) {
  const RoleIndex index = pin(name);
  Role& role = roles_[index];
  const Quota old = role.quota;
  role.quota = quota;
  role.guarantees = bounds(quota.guarantees, names_);
  role.limits = bounds(quota.limits, names_);
  limited_ += quota.limits.empty() ? 0 : 1;
  limited_ -= old.limits.empty() ? 0 : 1;
  std::erase(guaranteed_, index);
  if (!quota.guarantees.empty()) {
    guaranteed_.push_back(index);
  }
  const auto depth = [&](RoleIndex r) {
    return std::count(roles_[r].name.begin(), roles_[r].name.end(), '/');
  };
  std::stable_sort(guaranteed_.begin(), guaranteed_.end(), [&](RoleIndex a, RoleIndex b) {
    return depth(a) > depth(b);
  });
  required_stale_ = true;
  if (!old.empty()) {
    unpin(index);
  }
  if (quota.empty()) {
    unpin(index);
  }
}

void Roles::reserve(const model::Resources& total, int sign) {
  for (const model::Resource& resource : total.list()) {
    if (resource.reservations.empty()) {
      continue;
    }
    const std::string& name = resource.reservations.back().role;
    const RoleIndex role = sign > 0 ? pin(name) : find(name);
    if (resource.type == model::ValueType::scalar && !resource.revocable) {
      const std::size_t id = names_.id(resource.name);
      for (RoleIndex r = role; r != kNoRole; r = roles_[r].parent) {
        roles_[r].reserved.add(id, sign * resource.scalar.milli);
      }
    }
    if (sign < 0) {
      unpin(role);
    }
  }
  required_stale_ = true;
}

void Roles::use(RoleIndex role, const Quantities& unreserved, int sign) {
  for (; role != kNoRole; role = roles_[role].parent) {
    if (sign > 0) {
      roles_[role].used += unreserved;
    } else {
      roles_[role].used -= unreserved;
    }
    required_stale_ = required_stale_ || !roles_[role].guarantees.empty();
  }
}

Quantities Roles::consumed(RoleIndex role) const {
  return Quantities(roles_[role].reserved) += roles_[role].used;
}

bool Roles::constrained(RoleIndex role) const {
  if (!guaranteed_.empty()) {
    return true;
  }
  bool limited = false;
  if (limited_ > 0) {
    up(role, [&](const Role& r) { limited = limited || !r.limits.empty(); });
  }
  return limited;
}

std::int64_t Roles::limit_left(RoleIndex role, std::size_t name) const {
  std::int64_t left = std::numeric_limits<std::int64_t>::max();
  up(role, [&](const Role& r) {
    for (const auto& [id, limit] : r.limits) {
      if (id == name) {
        left = std::min(left, limit - consumed(r, name));
      }
    }
  });
  return left;
}

std::optional<std::int64_t> Roles::guarantee_left(RoleIndex role, std::size_t name) const {
  std::optional<std::int64_t> left;
  up(role, [&](const Role& r) {
    for (const auto& [id, guarantee] : r.guarantees) {
      if (id == name) {
        left = std::max(left.value_or(0), guarantee - consumed(r, name));
      }
    }
  });
  return left;
}

bool Roles::below_guarantee(RoleIndex role) const {
  bool below = false;
  up(role, [&](const Role& r) {
    for (const auto& [id, guarantee] : r.guarantees) {
      below = below || consumed(r, id) < guarantee;
    }
  });
  return below;
}

// A guarantee includes those below it: from the leaves up, each needs what it lacks itself or what
// those below it lack together, whichever is more.
const Quantities& Roles::required() {
  if (!required_stale_) {
    return required_;
  }
  required_.clear();
  std::map<RoleIndex, Quantities> below;
  for (const RoleIndex index : guaranteed_) {
    const Role& role = roles_[index];
    Quantities need = below[index];
    for (const auto& [id, guarantee] : role.guarantees) {
      need.set(id, std::max(need[id], guarantee - consumed(role, id)));
    }
    RoleIndex above = role.parent;
    while (above != kNoRole && roles_[above].guarantees.empty()) {
      above = roles_[above].parent;
    }
    (above == kNoRole ? required_ : below[above]) += need;
  }
  required_stale_ = false;
  return required_;
}

}  // namespace ekiden::allocator
