#include "marathon/launch/budget.h"

#include "marathon/launch/reservation.h"

#include <algorithm>
#include <numeric>

namespace ekiden::marathon::launch {

namespace {

const std::string& role_of(const model::Resource& resource) {
  static const std::string kUnreserved = "*";
  return resource.reservations.empty() ? kUnreserved : resource.reservations.back().role;
}

bool contains(const model::Range& range, std::uint32_t port) {
  return range.begin <= port && port <= range.end;
}

// Everything but the quantity.
model::Resource emptied(const model::Resource& resource) {
  model::Resource copy = resource;
  copy.scalar = {};
  copy.ranges.clear();
  return copy;
}

void remove_port(model::Resource& resource, std::uint32_t port) {
  std::vector<model::Range> ranges;
  for (const model::Range& range : resource.ranges) {
    if (!contains(range, port)) {
      ranges.push_back(range);
      continue;
    }
    if (range.begin < port) {
      ranges.push_back({range.begin, port - 1});
    }
    if (port < range.end) {
      ranges.push_back({port + 1, range.end});
    }
  }
  resource.ranges = std::move(ranges);
}

// The order of the slots is kept; a port that continues the last range extends it.
void add_port(model::Resource& resource, std::uint32_t port) {
  if (!resource.ranges.empty() && resource.ranges.back().end + 1 == port) {
    resource.ranges.back().end = port;
  } else {
    resource.ranges.push_back({port, port});
  }
}

model::Scalar size_of(const VolumeWish& wish) {
  return model::Scalar{wish.volume.size * 1000};
}

std::optional<PersistentVolume::Type> type_of(const model::Resource& disk) {
  if (!disk.disk || !disk.disk->source) {
    return PersistentVolume::Type::root;
  }
  switch (disk.disk->source->type) {
    case model::DiskSource::Type::path:
      return PersistentVolume::Type::path;
    case model::DiskSource::Type::mount:
      return PersistentVolume::Type::mount;
    default:  // RAW and BLOCK
      return std::nullopt;
  }
}

std::string path_of(const model::DiskSource& source) {
  const auto& root = source.type == model::DiskSource::Type::mount ? source.mount : source.path;
  return root && root->root ? *root->root : "";
}

// Is this disk one on which the volume may lie, and has it enough left? [4.5]
bool suits(const model::Resource& disk, const VolumeWish& wish) {
  const PersistentVolume& volume = wish.volume;
  if (type_of(disk) != volume.type || disk.scalar < size_of(wish)) {
    return false;
  }
  const std::optional<model::DiskSource> source = disk.disk ? disk.disk->source : std::nullopt;
  if ((source ? source->profile : std::nullopt) != volume.profile_name) {
    return false;
  }
  if (volume.type == PersistentVolume::Type::mount && volume.max_size &&
      model::Scalar{*volume.max_size * 1000} < disk.scalar) {
    return false;
  }
  return std::all_of(wish.paths.begin(), wish.paths.end(), [&](const std::optional<Pattern>& path) {
    return path && source && path->matches(path_of(*source));
  });
}

}  // namespace

bool is_open_to(const model::Resource& resource, const Roles& roles) {
  const bool volume = resource.disk && (resource.disk->volume || resource.disk->persistence);
  return !volume && !resource.revocable && !resource.shared && roles.contains(role_of(resource)) &&
         !is_labelled(resource);
}

Budget Budget::held(std::vector<model::Resource> resources) {
  Budget budget{model::Offer{}};
  budget.left_ = std::move(resources);
  budget.held_ = true;
  return budget;
}

// Scratch space and everything else that is not a disk of its own.
bool Budget::is_usable(const model::Resource& resource, const Roles& roles) const {
  const bool own_disk = resource.disk && (resource.disk->source || resource.disk->volume ||
                                          resource.disk->persistence);
  return !own_disk && (held_ || is_open_to(resource, roles));
}

bool Budget::take_scalar(std::string_view name,
                         model::Scalar amount,
                         const Roles& roles,
                         std::vector<model::Resource>& taken) {
  if (amount.milli <= 0) {
    return true;
  }
  if (available(name, roles) < amount) {
    return false;
  }
  for (model::Resource& resource : left_) {
    if (amount.milli == 0) {
      break;
    }
    if (resource.name != name || resource.type != model::ValueType::scalar ||
        !is_usable(resource, roles)) {
      continue;
    }
    const model::Scalar part = std::min(resource.scalar, amount);
    if (part.milli <= 0) {
      continue;
    }
    model::Resource piece = emptied(resource);
    piece.scalar = part;
    taken.push_back(std::move(piece));
    resource.scalar -= part;
    amount -= part;
  }
  return true;
}

void Budget::take_port(std::uint32_t port,
                       const Roles& roles,
                       std::vector<model::Resource>& taken) {
  for (model::Resource& resource : left_) {
    const bool here = resource.name == "ports" && is_usable(resource, roles) &&
                      std::any_of(resource.ranges.begin(),
                                  resource.ranges.end(),
                                  [&](const auto& range) { return contains(range, port); });
    if (!here) {
      continue;
    }
    const model::Resource kind = emptied(resource);
    if (taken.empty() || emptied(taken.back()) != kind) {
      taken.push_back(kind);
    }
    add_port(taken.back(), port);
    remove_port(resource, port);
    return;
  }
}

model::Scalar Budget::available(std::string_view name, const Roles& roles) const {
  model::Scalar total;
  for (const model::Resource& resource : left_) {
    if (resource.name == name && resource.type == model::ValueType::scalar &&
        is_usable(resource, roles)) {
      total += resource.scalar;
    }
  }
  return total;
}

std::vector<model::Range> Budget::ports(const Roles& roles) const {
  std::vector<model::Range> ranges;
  for (const model::Resource& resource : left_) {
    if (resource.name == "ports" && is_usable(resource, roles)) {
      ranges.insert(ranges.end(), resource.ranges.begin(), resource.ranges.end());
    }
  }
  return ranges;
}

bool Budget::has_any(const Roles& roles) const {
  return std::any_of(left_.begin(), left_.end(), [&](const model::Resource& resource) {
    return is_usable(resource, roles);
  });
}

// Root: the scratch space; path: the biggest disk; mount: the smallest one that is big enough.
model::Resource* Budget::disk_for(const VolumeWish& wish, const Roles& roles) {
  model::Resource* best = nullptr;
  for (model::Resource& resource : left_) {
    if (resource.name != "disk" || !(held_ || is_open_to(resource, roles)) ||
        !suits(resource, wish)) {
      continue;
    }
    const bool smaller_first = wish.volume.type == PersistentVolume::Type::mount;
    if (!best ||
        (smaller_first ? resource.scalar < best->scalar : best->scalar < resource.scalar)) {
      best = &resource;
    }
  }
  return best;
}

std::optional<std::vector<model::Resource>> Budget::take_volumes(
    const std::vector<VolumeWish>& wishes, const Roles& roles) {
  std::vector<std::size_t> order(wishes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return wishes[a].volume.size > wishes[b].volume.size;
  });
  std::vector<model::Resource> taken(wishes.size());
  for (const std::size_t i : order) {
    model::Resource* disk = disk_for(wishes[i], roles);
    if (!disk) {
      return std::nullopt;
    }
    taken[i] = emptied(*disk);
    taken[i].scalar =
        wishes[i].volume.type == PersistentVolume::Type::mount ? disk->scalar : size_of(wishes[i]);
    disk->scalar -= taken[i].scalar;
  }
  return taken;
}

}  // namespace ekiden::marathon::launch
