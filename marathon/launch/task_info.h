#pragma once

#include "core/base/random.h"
#include "core/model/offer.h"
#include "core/model/task.h"
#include "marathon/launch/ports.h"
#include "marathon/settings.h"

#include <vector>

namespace ekiden::marathon::launch {

// Everything a launch decided before the task is written down.
struct TaskInput {
  const App& app;
  const model::Offer& offer;
  TaskId id;
  HostPorts ports;
  std::vector<model::Resource> resources;
  const Settings& settings;
  bool enforce_group_role = false;
};

// [TB-1]: command or executor, container, environment, discovery, labels, checks, kill policy.
model::TaskInfo task_info(const TaskInput& input, Random& random);

// "/prod/web/api" -> "api.web.prod"
std::string task_name(const PathId& app);

}  // namespace ekiden::marathon::launch
