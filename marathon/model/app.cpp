#include "marathon/model/app.h"

#include <algorithm>

namespace ekiden::marathon {
namespace {

// Health checks form a set [DP-8]: their order says nothing.
bool same_set(const std::vector<HealthCheck>& a, const std::vector<HealthCheck>& b) {
  auto all_in = [](const auto& some, const auto& others) {
    return std::all_of(some.begin(), some.end(), [&](const HealthCheck& check) {
      return std::find(others.begin(), others.end(), check) != others.end();
    });
  };
  return all_in(a, b) && all_in(b, a);
}

bool same_command(const App& a, const App& b) {
  return a.cmd == b.cmd && a.args == b.args && a.user == b.user && a.env == b.env &&
         a.executor == b.executor && a.fetch == b.fetch && a.container == b.container &&
         a.secrets == b.secrets && a.tty == b.tty &&
         a.task_kill_grace_period_seconds == b.task_kill_grace_period_seconds;
}

bool same_placement(const App& a, const App& b) {
  return a.cpus == b.cpus && a.mem == b.mem && a.disk == b.disk && a.gpus == b.gpus &&
         a.constraints == b.constraints && a.role == b.role &&
         a.accepted_resource_roles == b.accepted_resource_roles &&
         a.resource_limits == b.resource_limits && a.networks == b.networks &&
         a.port_definitions == b.port_definitions && a.require_ports == b.require_ports;
}

bool same_policy(const App& a, const App& b) {
  return a.backoff_seconds == b.backoff_seconds && a.backoff_factor == b.backoff_factor &&
         a.max_launch_delay_seconds == b.max_launch_delay_seconds &&
         same_set(a.health_checks, b.health_checks) && a.check == b.check &&
         a.readiness_checks == b.readiness_checks && a.dependencies == b.dependencies &&
         a.upgrade_strategy == b.upgrade_strategy && a.labels == b.labels &&
         a.unreachable_strategy == b.unreachable_strategy && a.kill_selection == b.kill_selection;
}

}  // namespace

bool App::uses_host_network() const {
  return std::all_of(networks.begin(), networks.end(), [](const Network& network) {
    return network.mode == NetworkMode::host;
  });
}

bool App::is_resident() const {
  return container &&
         std::any_of(container->volumes.begin(),
                     container->volumes.end(),
                     [](const Volume& volume) { return volume.persistent.has_value(); });
}

std::vector<std::int32_t> App::service_ports() const {
  std::vector<std::int32_t> ports;
  if (pod) {
    return ports;
  }
  if (uses_host_network()) {
    for (const PortDefinition& port : port_definitions) {
      ports.push_back(port.port);
    }
  } else if (container) {
    for (const PortMapping& mapping : container->port_mappings) {
      ports.push_back(mapping.service_port);
    }
  }
  return ports;
}

std::size_t App::port_count() const {
  if (uses_host_network()) {
    return port_definitions.size();
  }
  return container ? container->port_mappings.size() : 0;
}

bool is_upgrade(const App& a, const App& b) {
  return a.pod != b.pod || !same_command(a, b) || !same_placement(a, b) || !same_policy(a, b);
}

}  // namespace ekiden::marathon
