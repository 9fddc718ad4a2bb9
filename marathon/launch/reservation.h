#pragma once

#include "core/model/offer.h"
#include "marathon/launch/demand.h"
#include "marathon/model/instance.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

// What residents reserve, what of it an offer holds, and the operations that make and free it
// [4.9]. Reservations are told by two labels.
namespace ekiden::marathon::launch {

inline constexpr const char* kFrameworkLabel = "marathon_framework_id";
inline constexpr const char* kTaskLabel = "marathon_task_id";  // names the instance

// Belongs to one instance of some Marathon.
bool is_labelled(const model::Resource& resource);

struct Held {  // what one instance has reserved, as an offer shows it
  std::vector<model::Resource> resources;
  std::vector<model::Resource> volumes;

  bool has_all(const std::vector<LocalVolume>& wanted) const;
};

// Of this framework only, by instance.
std::map<InstanceId, Held> held_in(const model::Offer& offer, const FrameworkId& framework);

struct Claim {  // who reserves
  InstanceId instance;
  std::string role;
  FrameworkId framework;
  std::optional<std::string> principal;
};

// RESERVE of everything, then CREATE of the volumes; one of each per resource provider. `disks`
// are unreserved and stand beside `wishes` and `ids`.
std::vector<model::Operation> reserve_operations(const Claim& claim,
                                                 const std::vector<model::Resource>& resources,
                                                 const std::vector<VolumeWish>& wishes,
                                                 const std::vector<model::Resource>& disks,
                                                 const std::vector<LocalVolume>& ids);
// DESTROY, then UNRESERVE; one of each per resource provider.
std::vector<model::Operation> release_operations(const Held& held);

// "<safe path>#<name>#<uuid>" [ID-1]
LocalVolume make_local_volume(const PathId& spec, const std::string& name, std::string_view uuid);

}  // namespace ekiden::marathon::launch
