#pragma once

#include "core/base/random.h"
#include "core/model/offer.h"
#include "core/model/task.h"
#include "marathon/launch/ports.h"
#include "marathon/settings.h"

#include <map>
#include <optional>
#include <string>
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
  std::vector<model::Resource> executor_resources{};  // what a custom executor got
};

// [TB-1]: command or executor, container, environment, discovery, labels, checks, kill policy.
model::TaskInfo task_info(const TaskInput& input, Random& random);

// Parts that tasks of pods have too.
std::vector<model::FetchUri> uris_of(const std::vector<Artifact>& artifacts);
std::map<std::string, double> limits_of(const std::optional<ResourceLimits>& limits);
// Discovery of one mapping: its host port, or its container port once per network [DI-1].
void add_mapped_ports(const App& app,
                      const PortMapping& mapping,
                      std::optional<std::int32_t> host_port,
                      model::DiscoveryInfo& info);

// "/prod/web/api" -> "api.web.prod"
std::string task_name(const PathId& app);

}  // namespace ekiden::marathon::launch
