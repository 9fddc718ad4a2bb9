#include "marathon/validation/resident.h"

#include <map>
#include <set>

#include <fmt/core.h>

namespace ekiden::marathon::validation {
namespace {

std::map<std::string, PersistentVolume> persistent_volumes(const App& app) {
  std::map<std::string, PersistentVolume> volumes;
  if (app.container) {
    for (const Volume& volume : app.container->volumes) {
      if (volume.persistent) {
        volumes[volume.container_path] = *volume.persistent;
      }
    }
  }
  return volumes;
}

// With requirePorts the definitions name host ports; mappings always do.
std::set<std::int32_t> host_ports(const App& app) {
  std::set<std::int32_t> ports;
  if (app.uses_host_network() && !app.pod) {
    for (const PortDefinition& definition : app.port_definitions) {
      if (app.require_ports) {
        ports.insert(definition.port);
      }
    }
  } else if (app.container) {
    for (const PortMapping& mapping : app.container->port_mappings) {
      if (mapping.host_port) {
        ports.insert(*mapping.host_port);
      }
    }
  }
  return ports;
}

void check_pod_update(const App& before,
                      const App& after,
                      const std::string& prefix,
                      Problems& problems) {
  const auto require_same = [&](bool same, std::string_view what) {
    problems.require(
        same, prefix, fmt::format("{} cannot be updated if a pod has persistent volumes", what));
  };
  problems.require(persistent_volumes(before) == persistent_volumes(after),
                   prefix,
                   "persistent volumes cannot be updated");
  require_same(before.cpus == after.cpus, "cpus");
  require_same(before.mem == after.mem, "mem");
  require_same(before.disk == after.disk, "disk");
  require_same(before.gpus == after.gpus, "gpus");
  require_same(host_ports(before) == host_ports(after), "host ports");
}

}  // namespace

void check_resident_update(const App& before,
                           const App& after,
                           const std::string& prefix,
                           Problems& problems) {
  if (!before.is_resident() && !after.is_resident()) {
    return;
  }
  if (after.pod) {
    check_pod_update(before, after, prefix, problems);
    return;
  }
  const std::string new_service = " If you need to make this change, please create a new service.";
  const std::string resources =
      "Services with persistent volumes configured may not change resource requirements." +
      new_service;
  problems.require(persistent_volumes(before) == persistent_volumes(after),
                   prefix,
                   "Persistent volumes can not be changed!");
  problems.require(before.cpus == after.cpus, prefix + "/cpus", resources);
  problems.require(before.mem == after.mem, prefix + "/mem", resources);
  problems.require(before.disk == after.disk, prefix + "/disk", resources);
  problems.require(before.gpus == after.gpus, prefix + "/gpus", resources);
  problems.require(
      before.require_ports == after.require_ports, prefix + "/requirePorts", resources);
  problems.require(
      host_ports(before) == host_ports(after),
      prefix,
      "Services with persistent volumes configured may not change host ports." + new_service);
  const double over = after.upgrade_strategy.maximum_over_capacity;
  problems.require(over == 0,
                   prefix + "/upgradeStrategy/maximumOverCapacity",
                   fmt::format("got {}, expected 0.0", number_text(over)));
}

void check_resident_role(const App& before,
                         const App& after,
                         RoleChange change,
                         Problems& problems) {
  if (change == RoleChange::allow || !after.is_resident() || before.role == after.role) {
    return;
  }
  problems.add(
      "/role",
      fmt::format("It is not possible to change the role for existing reservations. If you proceed "
                  "with this change, all existing instances will continue to run under the "
                  "previous role, {}. Only new instances will be allocated with the new role, {}. "
                  "In order to continue, retry your request with ?force=true",
                  before.role,
                  after.role));
}

}  // namespace ekiden::marathon::validation
