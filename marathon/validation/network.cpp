#include "core/base/strings.h"
#include "marathon/validation/app.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

namespace ekiden::marathon::validation {
namespace {

using Networks = std::vector<Network>;

std::size_t count(const Networks& networks, NetworkMode mode) {
  return static_cast<std::size_t>(
      std::count_if(networks.begin(), networks.end(), [&](const Network& network) {
        return network.mode == mode;
      }));
}

// Each network on its own, and names that occur twice.
void check_each(const Networks& networks, Problems& problems) {
  std::set<std::string> names;
  for (const Network& network : networks) {
    if (network.mode == NetworkMode::host) {
      problems.require(!network.name && network.labels.empty(),
                       "/networks",
                       "Host networks may not have names or labels");
    } else if (network.mode == NetworkMode::bridge) {
      problems.require(!network.name, "/networks", "Bridge networks may not have names");
    } else {
      problems.require(names.insert(network.name.value_or("")).second,
                       "/networks",
                       "Duplicate networks are not allowed");
    }
  }
}

// The names that port mappings may refer to.
std::vector<std::string> network_names(const AppView& app) {
  std::vector<std::string> names;
  for (const Network& network : app.form.networks.value_or(Networks{})) {
    const auto& name = network.name ? network.name : app.rules.settings.default_network_name;
    if (network.mode == NetworkMode::container && name) {
      names.push_back(*name);
    }
  }
  return names;
}

void check_mapping(const PortMapping& mapping,
                   const std::vector<std::string>& names,
                   const std::string& path,
                   Problems& problems) {
  problems.require(!mapping.host_port || names.size() <= 1 || mapping.network_names.size() == 1,
                   path,
                   "networkNames must be a single item list when hostPort is specified and more "
                   "than 1 container network is defined");
  for (std::size_t i = 0; i < mapping.network_names.size(); ++i) {
    const bool known =
        std::find(names.begin(), names.end(), mapping.network_names[i]) != names.end();
    problems.require(known,
                     indexed(path + "/networkNames", i),
                     fmt::format("is not one of ({})", join(names, ",")));
  }
}

}  // namespace

void check_networks(const AppView& app, Problems& problems) {
  const Networks networks = app.form.networks.value_or(Networks{});
  if (networks.empty()) {
    return;
  }
  check_each(networks, problems);
  const std::size_t hosts = count(networks, NetworkMode::host);
  const std::size_t bridges = count(networks, NetworkMode::bridge);
  const std::size_t containers = count(networks, NetworkMode::container);
  const bool one_kind = (hosts > 0) + (bridges > 0) + (containers > 0) == 1;
  problems.require(one_kind && hosts <= 1 && bridges <= 1,
                   "/networks",
                   "May specify a single host network, single bridge network, or else 1-to-n "
                   "container networks");
  const bool named = std::all_of(networks.begin(), networks.end(), [](const Network& network) {
    return network.mode != NetworkMode::container || network.name;
  });
  problems.require(named || app.rules.settings.default_network_name,
                   "/networks",
                   "Network name must be specified when container network is selected.");
  const bool docker = app.form.container && app.form.container->type == Engine::docker;
  problems.require(
      !docker || containers <= 1,
      "/",
      "may only specify a single container network when using the Docker container engine");
}

void check_ports(const AppView& app, Problems& problems) {
  std::set<std::string> names;
  std::set<std::int32_t> ports;
  for (const PortDefinition& port :
       app.form.port_definitions.value_or(std::vector<PortDefinition>{})) {
    problems.require(!port.name || names.insert(*port.name).second,
                     "/portDefinitions",
                     "Port names must be unique.");
    problems.require(port.port == 0 || ports.insert(port.port).second,
                     "/portDefinitions",
                     "Ports must be unique.");
  }
  if (!app.form.container || !app.form.container->port_mappings) {
    return;
  }
  const auto& mappings = *app.form.container->port_mappings;
  const auto known = network_names(app);
  names.clear();
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    problems.require(!mappings[i].name || names.insert(*mappings[i].name).second,
                     "/container/portMappings",
                     "Port names must be unique.");
    check_mapping(mappings[i], known, indexed("/container/portMappings", i), problems);
  }
}

}  // namespace ekiden::marathon::validation
