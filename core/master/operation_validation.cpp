#include "core/master/operation_validation.h"

#include "core/master/validation.h"
#include "core/model/operation.h"
#include "core/model/resource_operations.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::master {

using model::DiskSource;
using model::Operation;
using model::Reservation;
using model::Resource;

namespace {

bool is_dynamic(const Resource& resource) {
  return !resource.reservations.empty() &&
         resource.reservations.back().type == Reservation::Type::dynamic;
}

bool is_volume(const Resource& resource) {
  return resource.disk && resource.disk->persistence;
}

std::string text(const Resource& resource) {
  model::Resources one;
  one += resource;
  return to_text(one);
}

Problem list_problem(const std::vector<Resource>& resources, std::string_view member) {
  if (resources.empty()) {
    return fmt::format("Expecting '{}' to be present and not empty", member);
  }
  if (auto problem = resources_problem(resources)) {
    return "Invalid resources: " + *problem;
  }
  const auto& first = resources.front().provider_id;
  const bool mixed = std::any_of(resources.begin(), resources.end(), [&](const Resource& other) {
    return other.provider_id != first;
  });
  return mixed ? Problem("The resources are of more than one resource provider") : std::nullopt;
}

Problem principal_problem(const std::optional<std::string>& wanted,
                          const std::optional<std::string>& given,
                          std::string_view what) {
  if (wanted && given != wanted) {
    return fmt::format("The principal '{}' of the {} does not match the principal '{}'",
                       given.value_or(""),
                       what,
                       *wanted);
  }
  return std::nullopt;
}

Problem reserve_problem(const Operation& operation, const OperationRules& rules) {
  if (auto problem = list_problem(operation.resources, "reserve.resources")) {
    return problem;
  }
  if (rules.allocation_role && !operation.reserve_source.empty()) {
    return "'reserve.source' is not supported for schedulers";
  }
  for (const Resource& resource : operation.resources) {
    if (!is_dynamic(resource)) {
      return fmt::format("Resource {} is not dynamically reserved", text(resource));
    }
    if (resource.revocable) {
      return fmt::format("Resource {} is revocable and cannot be reserved", text(resource));
    }
    if (is_volume(resource)) {
      return fmt::format("A persistent volume {} cannot be reserved", text(resource));
    }
    const Reservation& last = resource.reservations.back();
    if (rules.allocation_role && last.role != *rules.allocation_role) {
      return fmt::format("The role '{}' of the reservation does not match the allocation role '{}'",
                         last.role,
                         *rules.allocation_role);
    }
    if (rules.allocation_role &&
        std::find(rules.roles.begin(), rules.roles.end(), last.role) == rules.roles.end()) {
      return fmt::format("The framework does not hold the role '{}'", last.role);
    }
    if (auto problem = principal_problem(rules.principal, last.principal, "reservation")) {
      return problem;
    }
  }
  return std::nullopt;
}

Problem unreserve_problem(const Operation& operation) {
  if (auto problem = list_problem(operation.resources, "unreserve.resources")) {
    return problem;
  }
  for (const Resource& resource : operation.resources) {
    if (!is_dynamic(resource)) {
      return fmt::format("Resource {} is not dynamically reserved", text(resource));
    }
    if (is_volume(resource)) {
      return fmt::format(
          "A dynamically reserved persistent volume {} cannot be unreserved directly; "
          "destroy the volume before unreserving it",
          text(resource));
    }
  }
  return std::nullopt;
}

bool exists(const model::Resources& total, const Resource& volume) {
  const auto& all = total.list();
  return std::any_of(all.begin(), all.end(), [&](const Resource& other) {
    return is_volume(other) && other.disk->persistence->id == volume.disk->persistence->id &&
           !other.reservations.empty() &&
           other.reservations.back().role == volume.reservations.back().role;
  });
}

Problem volume_shape_problem(const Resource& volume) {
  if (!is_volume(volume)) {
    return fmt::format("Resource {} does not have DiskInfo with persistence", text(volume));
  }
  if (auto problem = id_problem(volume.disk->persistence->id)) {
    return "Invalid persistence id: " + *problem;
  }
  if (!volume.disk->volume) {
    return "Expecting 'volume' to be set for persistent volume";
  }
  if (volume.disk->volume->mode != model::VolumeRef::Mode::rw) {
    return "Expecting 'volume.mode' to be RW for persistent volume";
  }
  if (volume.disk->volume->host_path) {
    return "Expecting 'volume.host_path' to be unset for persistent volume";
  }
  if (volume.reservations.empty()) {
    return "Persistent volumes cannot be created from unreserved resources";
  }
  if (volume.revocable) {
    return "Persistent volumes cannot be created from revocable resources";
  }
  return std::nullopt;
}

Problem create_problem(const Operation& operation,
                       const model::Resources& total,
                       const OperationRules& rules) {
  if (auto problem = list_problem(operation.resources, "create.volumes")) {
    return problem;
  }
  std::vector<std::pair<std::string, std::string>> seen;
  for (const Resource& volume : operation.resources) {
    if (auto problem = volume_shape_problem(volume)) {
      return problem;
    }
    const std::string& id = volume.disk->persistence->id;
    const std::pair key{volume.reservations.back().role, id};
    if (exists(total, volume) || std::find(seen.begin(), seen.end(), key) != seen.end()) {
      return fmt::format("Persistent volume ID '{}' already exists for role '{}'", id, key.first);
    }
    seen.push_back(key);
    if (volume.shared && !rules.shared) {
      return "Create volume operation for shared resource requires the capability SHARED_RESOURCES";
    }
    if (auto problem = principal_problem(
            rules.principal, volume.disk->persistence->principal, "persistent volume")) {
      return problem;
    }
  }
  return std::nullopt;
}

Problem destroy_problem(const Operation& operation, const model::Resources& total) {
  if (auto problem = list_problem(operation.resources, "destroy.volumes")) {
    return problem;
  }
  for (const Resource& volume : operation.resources) {
    if (!is_volume(volume)) {
      return fmt::format("Resource {} does not have DiskInfo with persistence", text(volume));
    }
    model::Resources one;
    one += volume;
    if (!total.contains(one)) {
      return fmt::format("Persistent volume '{}' does not exist on the agent",
                         volume.disk->persistence->id);
    }
  }
  return std::nullopt;
}

bool is_mount(const Resource& resource) {
  return resource.disk && resource.disk->source &&
         resource.disk->source->type == DiskSource::Type::mount;
}

Problem resizable_problem(const std::optional<Resource>& volume) {
  if (!volume) {
    return "Expecting 'volume' to be present";
  }
  if (auto problem = resources_problem({*volume})) {
    return "Invalid volume: " + *problem;
  }
  if (!is_volume(*volume)) {
    return "'volume' is not a persistent volume";
  }
  if (volume->shared) {
    return "A shared persistent volume cannot be resized";
  }
  return std::nullopt;
}

Problem grow_problem(const Operation& operation) {
  if (auto problem = resizable_problem(operation.volume)) {
    return problem;
  }
  if (!operation.addition) {
    return "Expecting 'addition' to be present";
  }
  if (auto problem = resources_problem({*operation.addition})) {
    return "Invalid addition: " + *problem;
  }
  if (operation.addition->scalar.milli <= 0) {
    return "The 'addition' must be greater than zero";
  }
  Resource plain = model::without_volume(*operation.volume);
  plain.scalar = operation.addition->scalar;
  if (plain != *operation.addition) {
    return "The 'addition' is not of the same disk, reservation and provider as the 'volume'";
  }
  return is_mount(*operation.volume) ? Problem("A volume on a MOUNT disk cannot grow")
                                     : std::nullopt;
}

Problem shrink_problem(const Operation& operation) {
  if (auto problem = resizable_problem(operation.volume)) {
    return problem;
  }
  if (!operation.subtract || operation.subtract->milli <= 0) {
    return "The value of 'subtract' must be greater than zero";
  }
  if (*operation.subtract >= operation.volume->scalar) {
    return "The value of 'subtract' must be less than the size of the volume";
  }
  return is_mount(*operation.volume) ? Problem("A volume on a MOUNT disk cannot shrink")
                                     : std::nullopt;
}

}  // namespace

std::optional<std::string> operation_problem(const Operation& operation,
                                             const model::Resources& total,
                                             const OperationRules& rules) {
  if (operation.id) {
    if (auto problem = id_problem(operation.id->value)) {
      return "Invalid operation id: " + *problem;
    }
  }
  switch (operation.type) {
    case Operation::Type::reserve:
      return reserve_problem(operation, rules);
    case Operation::Type::unreserve:
      return unreserve_problem(operation);
    case Operation::Type::create:
      return create_problem(operation, total, rules);
    case Operation::Type::destroy:
      return destroy_problem(operation, total);
    case Operation::Type::grow_volume:
      return grow_problem(operation);
    case Operation::Type::shrink_volume:
      return shrink_problem(operation);
    case Operation::Type::create_disk:
    case Operation::Type::destroy_disk:
      return "Only resource providers have such disks, and this cluster has none";
    default:
      return "Unknown operation type";
  }
}

}  // namespace ekiden::master
