// Arithmetic of mesos-core.md 5.3. Entries are kept in one canonical order, so that equality of
// lists is equality of sums. Scalars are thousandths, ranges are disjoint and merged, sets sorted.
// Entries with the same identity (everything but the quantity) merge, except persistent volumes and
// MOUNT, BLOCK or identified RAW disks, which exist only as a whole; shared ones are kept once per
// use.
#include "core/model/resources.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace ekiden::model {
namespace {

bool is_zero(const Resource& r) {
  switch (r.type) {
    case ValueType::scalar:
      return r.scalar.milli <= 0;
    case ValueType::ranges:
      return r.ranges.empty();
    case ValueType::set:
      return r.set.empty();
  }
  return true;
}

bool is_whole(const Resource& r) {
  if (!r.disk) {
    return false;
  }
  if (r.disk->persistence) {
    return true;
  }
  if (!r.disk->source) {
    return false;
  }
  using Type = DiskSource::Type;
  const Type type = r.disk->source->type;
  return type == Type::mount || type == Type::block || (type == Type::raw && r.disk->source->id);
}

bool same_identity(const Resource& a, const Resource& b) {
  return a.name == b.name && a.type == b.type && a.allocation_role == b.allocation_role &&
         a.revocable == b.revocable && a.shared == b.shared && a.reservations == b.reservations &&
         a.provider_id == b.provider_id && a.disk == b.disk;
}

int compare(const std::vector<Reservation>& a, const std::vector<Reservation>& b) {
  if (a.size() != b.size()) {
    return a.size() < b.size() ? -1 : 1;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (const int order = a[i].role.compare(b[i].role); order != 0) {
      return order;
    }
    if (a[i].type != b[i].type) {
      return a[i].type < b[i].type ? -1 : 1;
    }
    if (a[i].principal != b[i].principal) {
      return a[i].principal < b[i].principal ? -1 : 1;
    }
  }
  return 0;
}

std::string disk_key(const Resource& r) {
  if (!r.disk) {
    return {};
  }
  std::string key = "d";
  if (r.disk->persistence) {
    key += "p" + r.disk->persistence->id;
  }
  if (r.disk->source) {
    const auto root = r.disk->source->path ? r.disk->source->path : r.disk->source->mount;
    key += "s" + r.disk->source->id.value_or("") + (root ? root->root.value_or("") : "");
  }
  return key;
}

bool before(const Resource& a, const Resource& b) {
  if (const int order = a.name.compare(b.name); order != 0) {
    return order < 0;
  }
  if (const int order = compare(a.reservations, b.reservations); order != 0) {
    return order < 0;
  }
  if (a.allocation_role != b.allocation_role) {
    return a.allocation_role < b.allocation_role;
  }
  if (a.revocable != b.revocable) {
    return b.revocable;
  }
  if (a.disk || b.disk) {
    return disk_key(a) < disk_key(b);
  }
  return false;
}

std::vector<Range> minus(const std::vector<Range>& from, const std::vector<Range>& what) {
  std::vector<Range> rest;
  for (Range range : from) {
    bool used_up = false;
    for (const Range& cut : what) {
      if (cut.end < range.begin || cut.begin > range.end) {
        continue;
      }
      if (cut.begin > range.begin) {
        rest.push_back({range.begin, cut.begin - 1});
      }
      if (cut.end >= range.end) {
        used_up = true;
        break;
      }
      range.begin = cut.end + 1;
    }
    if (!used_up) {
      rest.push_back(range);
    }
  }
  return rest;
}

bool covers(const std::vector<Range>& all, const std::vector<Range>& part) {
  return std::all_of(part.begin(), part.end(), [&](const Range& p) {
    return std::any_of(all.begin(), all.end(), [&](const Range& a) {
      return a.begin <= p.begin && p.end <= a.end;
    });
  });
}

void add_quantity(Resource& to, const Resource& what) {
  to.scalar += what.scalar;
  if (!what.ranges.empty()) {
    to.ranges.insert(to.ranges.end(), what.ranges.begin(), what.ranges.end());
    to.ranges = normalised(std::move(to.ranges));
  }
  if (!what.set.empty()) {
    std::vector<std::string> both;
    std::set_union(
        to.set.begin(), to.set.end(), what.set.begin(), what.set.end(), std::back_inserter(both));
    to.set = std::move(both);
  }
}

void subtract_quantity(Resource& from, const Resource& what) {
  from.scalar -= what.scalar;
  if (!what.ranges.empty()) {
    from.ranges = minus(from.ranges, what.ranges);
  }
  if (!what.set.empty()) {
    std::vector<std::string> rest;
    std::set_difference(from.set.begin(),
                        from.set.end(),
                        what.set.begin(),
                        what.set.end(),
                        std::back_inserter(rest));
    from.set = std::move(rest);
  }
}

bool has_quantity(const Resource& in, const Resource& part) {
  switch (part.type) {
    case ValueType::scalar:
      return part.scalar <= in.scalar;
    case ValueType::ranges:
      return covers(in.ranges, part.ranges);
    case ValueType::set:
      return std::includes(in.set.begin(), in.set.end(), part.set.begin(), part.set.end());
  }
  return false;
}

bool exists_whole(const Resource& r) {
  return r.shared || is_whole(r);
}

template <class Keep>
Resources filtered(const std::vector<Resource>& list, Keep keep) {
  Resources result;
  for (const Resource& resource : list) {
    if (keep(resource)) {
      result += resource;
    }
  }
  return result;
}

bool is_self_or_ancestor(std::string_view ancestor, std::string_view role) {
  return role == ancestor || (role.size() > ancestor.size() && role.starts_with(ancestor) &&
                              role[ancestor.size()] == '/');
}

}  // namespace

Scalar Scalar::from_double(double value) {
  constexpr std::int64_t kMilliMax = std::numeric_limits<std::int64_t>::max() / 4;  // sums fit
  if (std::isnan(value)) {
    return {0};
  }
  const double milli = value * 1000.0;
  if (std::abs(milli) >= static_cast<double>(kMilliMax)) {
    return {value > 0 ? kMilliMax : -kMilliMax};
  }
  return {std::llround(milli)};
}

std::vector<Range> normalised(std::vector<Range> ranges) {
  std::erase_if(ranges, [](const Range& r) { return r.end < r.begin; });
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    return a.begin < b.begin;
  });
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    if (!merged.empty() && range.begin <= merged.back().end + 1 && merged.back().end + 1 != 0) {
      merged.back().end = std::max(merged.back().end, range.end);
    } else if (merged.empty() || range.begin > merged.back().end) {
      merged.push_back(range);
    }
  }
  return merged;
}

Resources::Resources(const std::vector<Resource>& list) {
  for (const Resource& resource : list) {
    *this += resource;
  }
}

Resources& Resources::operator+=(const Resource& resource) {
  if (is_zero(resource)) {
    return *this;
  }
  if (!exists_whole(resource)) {
    for (Resource& mine : list_) {
      if (same_identity(mine, resource)) {
        add_quantity(mine, resource);
        return *this;
      }
    }
  }
  const auto place = std::upper_bound(list_.begin(), list_.end(), resource, before);
  const auto added = list_.insert(place, resource);
  if (added->type == ValueType::ranges) {
    added->ranges = normalised(std::move(added->ranges));
  } else if (added->type == ValueType::set) {
    std::sort(added->set.begin(), added->set.end());
    added->set.erase(std::unique(added->set.begin(), added->set.end()), added->set.end());
  }
  return *this;
}

Resources& Resources::operator+=(const Resources& other) {
  for (const Resource& resource : other.list_) {
    *this += resource;
  }
  return *this;
}

Resources& Resources::operator-=(const Resources& other) {
  for (const Resource& resource : other.list_) {
    const bool whole = exists_whole(resource);
    const auto mine = std::find_if(list_.begin(), list_.end(), [&](const Resource& r) {
      return whole ? r == resource : same_identity(r, resource) && !exists_whole(r);
    });
    if (mine == list_.end()) {
      continue;
    }
    if (!whole) {
      subtract_quantity(*mine, resource);
    }
    if (whole || is_zero(*mine)) {
      list_.erase(mine);
    }
  }
  return *this;
}

bool Resources::contains(const Resources& other) const {
  for (const Resource& resource : other.list_) {
    if (exists_whole(resource)) {
      if (std::count(list_.begin(), list_.end(), resource) <
          std::count(other.list_.begin(), other.list_.end(), resource)) {
        return false;
      }
      continue;
    }
    const bool has = std::any_of(list_.begin(), list_.end(), [&](const Resource& mine) {
      return same_identity(mine, resource) && has_quantity(mine, resource);
    });
    if (!has) {
      return false;
    }
  }
  return true;
}

Scalar Resources::scalar(std::string_view name) const {
  Scalar sum;
  for (const Resource& resource : list_) {
    if (resource.name == name && resource.type == ValueType::scalar) {
      sum += resource.scalar;
    }
  }
  return sum;
}

std::vector<Range> Resources::ranges(std::string_view name) const {
  std::vector<Range> all;
  for (const Resource& resource : list_) {
    if (resource.name == name && resource.type == ValueType::ranges) {
      all.insert(all.end(), resource.ranges.begin(), resource.ranges.end());
    }
  }
  return normalised(std::move(all));
}

Resources Resources::unreserved() const {
  return filtered(list_, [](const Resource& r) { return r.reservations.empty(); });
}

Resources Resources::reserved(std::string_view role) const {
  return filtered(list_, [&](const Resource& r) {
    return !r.reservations.empty() && r.reservations.back().role == role;
  });
}

Resources Resources::allocatable_to(std::string_view role) const {
  return filtered(list_, [&](const Resource& r) {
    return r.reservations.empty() || is_self_or_ancestor(r.reservations.back().role, role);
  });
}

Resources Resources::with_allocation(const std::optional<std::string>& role) const {
  Resources result;
  for (Resource resource : list_) {
    resource.allocation_role = role;
    result += resource;
  }
  return result;
}

Resources Resources::quantities() const {
  Resources result;
  const Resource* last_shared = nullptr;
  for (const Resource& resource : list_) {
    if (resource.shared && last_shared != nullptr && *last_shared == resource) {
      continue;  // many uses of one volume are one quantity
    }
    last_shared = resource.shared ? &resource : nullptr;
    Resource bare;
    bare.name = resource.name;
    bare.type = resource.type;
    bare.scalar = resource.scalar;
    bare.ranges = resource.ranges;
    bare.set = resource.set;
    result += bare;
  }
  return result;
}

Resource scalar_resource(std::string_view name, double value) {
  Resource resource;
  resource.name = std::string(name);
  resource.scalar = Scalar::from_double(value);
  return resource;
}

Resource ranges_resource(std::string_view name, std::vector<Range> ranges) {
  Resource resource;
  resource.name = std::string(name);
  resource.type = ValueType::ranges;
  resource.ranges = normalised(std::move(ranges));
  return resource;
}

}  // namespace ekiden::model
