#pragma once

#include "core/model/offer.h"
#include "marathon/launch/ports.h"
#include "marathon/model/instance.h"
#include "marathon/settings.h"

#include <vector>

namespace ekiden::marathon::launch {

// Everything a launch of a pod decided before its task group is written down.
struct TaskGroupInput {
  const Instance& instance;  // provisioned: its tasks have their ids
  const model::Offer& offer;
  FrameworkId framework;
  HostPorts ports;                         // of all endpoints, container by container
  std::vector<model::Resource> resources;  // of the executor and all containers together
  const Settings& settings;
  bool enforce_group_role = false;
};

// [TB-2]: LAUNCH_GROUP with a default executor and one task per container. Every container takes
// its resources from one running pool and its task id by its name (defect 30).
model::Operation task_group(const TaskGroupInput& input);

}  // namespace ekiden::marathon::launch
