#include "marathon/launch/demand.h"

#include <algorithm>

namespace ekiden::marathon::launch {

namespace {

constexpr const char* kGpuLabel = "GPU_SCHEDULING_BEHAVIOR";

PortWish from_mapping(const PortMapping& mapping) {
  if (!mapping.host_port) {
    return {};
  }
  if (*mapping.host_port == 0) {
    return {PortWish::Kind::random, 0};
  }
  return {PortWish::Kind::fixed, *mapping.host_port};
}

VolumeWish volume_wish(const Volume& volume) {
  VolumeWish wish{volume.container_path, *volume.persistent, {}};
  for (const std::vector<std::string>& constraint : wish.volume.constraints) {
    std::optional<Pattern> path;
    if (constraint.size() == 3 && constraint[0] == "path" && constraint[1] == "LIKE") {
      if (Result<Pattern> compiled = Pattern::compile(constraint[2])) {
        path = std::move(*compiled);
      }
    }
    wish.paths.push_back(std::move(path));
  }
  return wish;
}

}  // namespace

std::vector<PortWish> port_wishes(const App& app) {
  std::vector<PortWish> wishes;
  if (app.container && !app.container->port_mappings.empty()) {
    for (const PortMapping& mapping : app.container->port_mappings) {
      wishes.push_back(from_mapping(mapping));
    }
    return wishes;
  }
  for (const PortDefinition& definition : app.port_definitions) {
    const bool fixed = app.require_ports && definition.port != 0;
    wishes.push_back({fixed ? PortWish::Kind::fixed : PortWish::Kind::random, definition.port});
  }
  return wishes;
}

std::string custom_executor(const App& app, const Settings& settings) {
  const std::string& text = app.executor.empty() ? settings.executor : app.executor;
  return text == "//cmd" ? "" : text;
}

Demand demand_of(const App& app, const Settings& settings) {
  Demand demand;
  if (!app.pod && !custom_executor(app, settings).empty()) {
    const ExecutorResources own = app.executor_resources.value_or(ExecutorResources{});
    demand.executor = Demand::Executor{model::Scalar::from_double(own.cpus),
                                       model::Scalar::from_double(own.mem),
                                       model::Scalar::from_double(own.disk)};
  }
  demand.cpus = model::Scalar::from_double(app.cpus);
  demand.mem = model::Scalar::from_double(app.mem);
  demand.disk = model::Scalar::from_double(app.disk);
  demand.gpus = model::Scalar::from_double(app.gpus);
  demand.ports = port_wishes(app);
  demand.accepted_resource_roles = app.accepted_resource_roles;
  if (const auto label = app.labels.find(kGpuLabel); label != app.labels.end()) {
    demand.gpu_behaviour = label->second;
  }
  demand.names_fault_domain =
      std::any_of(app.constraints.begin(), app.constraints.end(), [](const Constraint& one) {
        return one.field == "@region" || one.field == "@zone";
      });
  if (app.container) {
    for (const Volume& volume : app.container->volumes) {
      if (volume.persistent) {
        demand.volumes.push_back(volume_wish(volume));
      }
    }
  }
  return demand;
}

std::set<std::string> accepted_roles(const Demand& demand,
                                     const std::string& role,
                                     const Settings& settings) {
  if (demand.is_resident()) {
    return {"*"};  // what is reserved must be free before
  }
  if (!demand.accepted_resource_roles.empty()) {
    return {demand.accepted_resource_roles.begin(), demand.accepted_resource_roles.end()};
  }
  if (!settings.default_accepted_resource_roles.empty()) {
    return {settings.default_accepted_resource_roles.begin(),
            settings.default_accepted_resource_roles.end()};
  }
  switch (settings.accepted_roles_default) {
    case Settings::AcceptedRoles::any:
      break;
    case Settings::AcceptedRoles::unreserved:
      return {"*"};
    case Settings::AcceptedRoles::reserved:
      return {role};
  }
  return {role, "*"};
}

}  // namespace ekiden::marathon::launch
