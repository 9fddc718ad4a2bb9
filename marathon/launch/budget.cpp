#include "marathon/launch/budget.h"

#include <algorithm>

namespace ekiden::marathon::launch {

namespace {

std::string role_of(const model::Resource& resource) {
  return resource.reservations.empty() ? "*" : resource.reservations.back().role;
}

bool belongs_to_an_instance(const model::Resource& resource) {
  return std::any_of(
      resource.reservations.begin(), resource.reservations.end(), [](const auto& reservation) {
        return reservation.labels && (reservation.labels->find("marathon_framework_id") ||
                                      reservation.labels->find("marathon_task_id"));
      });
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

}  // namespace

bool is_usable(const model::Resource& resource, const std::set<std::string>& roles) {
  const bool volume = resource.disk && (resource.disk->volume || resource.disk->persistence ||
                                        resource.disk->source);
  return !volume && !resource.revocable && roles.contains(role_of(resource)) &&
         !belongs_to_an_instance(resource);
}

bool Budget::take_scalar(std::string_view name,
                         model::Scalar amount,
                         const std::set<std::string>& roles,
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
                       const std::set<std::string>& roles,
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

model::Scalar Budget::available(std::string_view name, const std::set<std::string>& roles) const {
  model::Scalar total;
  for (const model::Resource& resource : left_) {
    if (resource.name == name && resource.type == model::ValueType::scalar &&
        is_usable(resource, roles)) {
      total += resource.scalar;
    }
  }
  return total;
}

std::vector<model::Range> Budget::ports(const std::set<std::string>& roles) const {
  std::vector<model::Range> ranges;
  for (const model::Resource& resource : left_) {
    if (resource.name == "ports" && is_usable(resource, roles)) {
      ranges.insert(ranges.end(), resource.ranges.begin(), resource.ranges.end());
    }
  }
  return ranges;
}

bool Budget::has_any(const std::set<std::string>& roles) const {
  return std::any_of(left_.begin(), left_.end(), [&](const model::Resource& resource) {
    return is_usable(resource, roles);
  });
}

}  // namespace ekiden::marathon::launch
