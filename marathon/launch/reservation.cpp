#include "marathon/launch/reservation.h"

#include <algorithm>
#include <utility>

namespace ekiden::marathon::launch {

namespace {

using Type = model::Operation::Type;

const std::string* label_of(const model::Resource& resource, const char* key) {
  for (const model::Reservation& reservation : resource.reservations) {
    if (const std::string* value = reservation.labels ? reservation.labels->find(key) : nullptr) {
      return value;
    }
  }
  return nullptr;
}

bool is_volume(const model::Resource& resource) {
  return resource.disk && resource.disk->persistence;
}

model::Resource reserved(const model::Resource& resource, const Claim& claim) {
  model::Resource copy = resource;
  model::Reservation reservation;
  reservation.type = model::Reservation::Type::dynamic;
  reservation.role = claim.role;
  reservation.principal = claim.principal;
  reservation.labels =
      model::Labels{{{kFrameworkLabel, claim.framework.value}, {kTaskLabel, claim.instance.value}}};
  copy.reservations.push_back(std::move(reservation));
  return copy;
}

// One operation for each provider, in the order in which they appear.
void add_operations(Type type,
                    const std::vector<model::Resource>& resources,
                    std::vector<model::Operation>& operations) {
  const std::size_t first = operations.size();
  for (const model::Resource& resource : resources) {
    const auto of_provider = [&](const model::Operation& operation) {
      return operation.resources.front().provider_id == resource.provider_id;
    };
    auto at = std::find_if(
        operations.begin() + static_cast<std::ptrdiff_t>(first), operations.end(), of_provider);
    if (at == operations.end()) {
      model::Operation operation;
      operation.type = type;
      at = operations.insert(operations.end(), std::move(operation));
    }
    at->resources.push_back(resource);
  }
}

}  // namespace

bool is_labelled(const model::Resource& resource) {
  return label_of(resource, kFrameworkLabel) || label_of(resource, kTaskLabel);
}

bool Held::has_all(const std::vector<LocalVolume>& wanted) const {
  return std::all_of(wanted.begin(), wanted.end(), [&](const LocalVolume& volume) {
    return std::any_of(volumes.begin(), volumes.end(), [&](const model::Resource& resource) {
      return resource.disk->persistence->id == volume.persistence_id;
    });
  });
}

std::map<InstanceId, Held> held_in(const model::Offer& offer, const FrameworkId& framework) {
  std::map<InstanceId, Held> all;
  for (const model::Resource& resource : offer.resources) {
    if (resource.reservations.empty()) {
      continue;
    }
    const std::string* owner = label_of(resource, kFrameworkLabel);
    const std::string* instance = label_of(resource, kTaskLabel);
    if (!owner || !instance || *owner != framework.value) {
      continue;
    }
    Held& held = all[InstanceId{*instance}];
    (is_volume(resource) ? held.volumes : held.resources).push_back(resource);
  }
  return all;
}

std::vector<model::Operation> reserve_operations(const Claim& claim,
                                                 const std::vector<model::Resource>& resources,
                                                 const std::vector<VolumeWish>& wishes,
                                                 const std::vector<model::Resource>& disks,
                                                 const std::vector<LocalVolume>& ids) {
  std::vector<model::Resource> all;
  for (const model::Resource& resource : resources) {
    all.push_back(reserved(resource, claim));
  }
  std::vector<model::Resource> volumes;
  for (std::size_t i = 0; i < disks.size(); ++i) {
    model::Resource disk = reserved(disks[i], claim);
    all.push_back(disk);
    if (!disk.disk) {
      disk.disk.emplace();
    }
    disk.disk->persistence = model::Persistence{ids[i].persistence_id, claim.principal};
    model::VolumeRef volume;
    volume.container_path = wishes[i].name;
    disk.disk->volume = std::move(volume);
    volumes.push_back(std::move(disk));
  }
  std::vector<model::Operation> operations;
  add_operations(Type::reserve, all, operations);
  add_operations(Type::create, volumes, operations);
  return operations;
}

std::vector<model::Operation> release_operations(const Held& held) {
  std::vector<model::Resource> reservations = held.resources;
  for (model::Resource disk : held.volumes) {
    disk.disk->persistence.reset();
    disk.disk->volume.reset();
    if (!disk.disk->source) {
      disk.disk.reset();
    }
    reservations.push_back(std::move(disk));
  }
  std::vector<model::Operation> operations;
  add_operations(Type::destroy, held.volumes, operations);
  add_operations(Type::unreserve, reservations, operations);
  return operations;
}

LocalVolume make_local_volume(const PathId& spec, const std::string& name, std::string_view uuid) {
  return {name, spec.safe_path() + "#" + name + "#" + std::string(uuid)};
}

}  // namespace ekiden::marathon::launch
