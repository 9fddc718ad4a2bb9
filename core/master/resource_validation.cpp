#include "core/base/strings.h"
#include "core/master/validation.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

// Resources as frameworks and operators may name them [mesos-core 5.4].
namespace ekiden::master {

using model::DiskSource;
using model::Reservation;
using model::Resource;
using model::ValueType;

namespace {

Problem value_problem(const Resource& r) {
  const bool has_scalar = r.scalar.milli != 0;
  const bool has_other = (r.type != ValueType::scalar && has_scalar) ||
                         (r.type != ValueType::ranges && !r.ranges.empty()) ||
                         (r.type != ValueType::set && !r.set.empty());
  if (has_other) {
    return fmt::format("resource {} has a value of another type than it says", r.name);
  }
  if (r.type == ValueType::scalar && r.scalar.milli < 0) {
    return fmt::format("resource {} is negative", r.name);
  }
  std::vector<model::Range> ranges = r.ranges;
  for (const model::Range& range : ranges) {
    if (range.begin > range.end) {
      return fmt::format("resource {} has a range [{}-{}]", r.name, range.begin, range.end);
    }
  }
  std::sort(ranges.begin(), ranges.end(), [](const model::Range& a, const model::Range& b) {
    return a.begin < b.begin;
  });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin <= ranges[i - 1].end) {
      return fmt::format("resource {} has overlapping ranges", r.name);
    }
  }
  if (std::set<std::string>(r.set.begin(), r.set.end()).size() != r.set.size()) {
    return fmt::format("resource {} has an item twice", r.name);
  }
  return std::nullopt;
}

Problem disk_problem(const Resource& r) {
  if (!r.disk) {
    return std::nullopt;
  }
  if (r.name != "disk") {
    return fmt::format("resource {} has disk information", r.name);
  }
  if (!r.disk->source) {
    return std::nullopt;
  }
  const DiskSource& source = *r.disk->source;
  if (source.type == DiskSource::Type::unknown) {
    return "the source of a disk has an unknown type";
  }
  const bool is_raw =
      source.type == DiskSource::Type::block || source.type == DiskSource::Type::raw;
  if (is_raw && (source.mount || source.path)) {
    return "a BLOCK or RAW disk has a mount or path";
  }
  return std::nullopt;
}

Problem reservations_problem(const Resource& r) {
  for (std::size_t i = 0; i < r.reservations.size(); ++i) {
    const Reservation& reservation = r.reservations[i];
    if (reservation.role.empty() || reservation.role == "*" || role_problem(reservation.role)) {
      return fmt::format(
          "resource {} is reserved to the invalid role '{}'", r.name, reservation.role);
    }
    if (i == 0) {
      continue;
    }
    if (reservation.type == Reservation::Type::static_) {
      return fmt::format("resource {} has a STATIC reservation on top of another one", r.name);
    }
    const std::string& outer = r.reservations[i - 1].role;
    if (!reservation.role.starts_with(outer + "/")) {
      return fmt::format("resource {}: role '{}' of a refined reservation is not below '{}'",
                         r.name,
                         reservation.role,
                         outer);
    }
  }
  return std::nullopt;
}

Problem resource_problem(const Resource& r) {
  if (r.name.empty()) {
    return "a resource has no name";
  }
  for (const auto check : {value_problem, disk_problem, reservations_problem}) {
    if (auto problem = check(r)) {
      return problem;
    }
  }
  if (r.shared && !(r.disk && r.disk->persistence)) {
    return fmt::format("resource {} is shared and no persistent volume", r.name);
  }
  return std::nullopt;
}

}  // namespace

Problem role_problem(const std::string& role) {
  if (role == "*") {
    return std::nullopt;
  }
  for (const std::string_view part : split(role, '/')) {
    if (part.empty() || part == "." || part == ".." || part == "*" || part.front() == '-') {
      return fmt::format("invalid role '{}'", role);
    }
    const bool bad = std::any_of(part.begin(), part.end(), [](char c) {
      return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x7f;
    });
    if (bad) {
      return fmt::format("invalid role '{}'", role);
    }
  }
  return std::nullopt;
}

Problem resources_problem(const std::vector<Resource>& resources) {
  std::set<std::string> volumes;
  std::set<std::string> revocable;
  std::set<std::string> regular;
  std::optional<std::string> role;
  for (const Resource& r : resources) {
    if (auto problem = resource_problem(r)) {
      return problem;
    }
    if (r.name == "gpus" && r.scalar.milli % 1000 != 0) {
      return "gpus must be a whole number";
    }
    const bool is_volume = r.disk && r.disk->persistence;
    if (is_volume && !r.shared && !volumes.insert(r.disk->persistence->id).second) {
      return fmt::format("persistence id '{}' is used twice", r.disk->persistence->id);
    }
    if (r.allocation_role && role && *role != *r.allocation_role) {
      return fmt::format("resources of two roles: {} and {}", *role, *r.allocation_role);
    }
    role = r.allocation_role ? r.allocation_role : role;
    (r.revocable ? revocable : regular).insert(r.name);
    if (revocable.contains(r.name) && regular.contains(r.name)) {
      return fmt::format("resource {} is used revocable and not revocable at once", r.name);
    }
  }
  return std::nullopt;
}

bool overlap(const std::vector<const std::vector<Resource>*>& lists) {
  std::vector<Resource> all;
  for (const std::vector<Resource>* list : lists) {
    for (Resource resource : *list) {
      resource.allocation_role.reset();
      if (resource.type != ValueType::scalar) {
        all.push_back(std::move(resource));
      }
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      if (all[i].name != all[j].name) {
        continue;
      }
      for (const model::Range& a : all[i].ranges) {
        for (const model::Range& b : all[j].ranges) {
          if (a.begin <= b.end && b.begin <= a.end) {
            return true;
          }
        }
      }
      for (const std::string& item : all[i].set) {
        if (std::find(all[j].set.begin(), all[j].set.end(), item) != all[j].set.end()) {
          return true;
        }
      }
    }
  }
  return false;
}

}  // namespace ekiden::master
