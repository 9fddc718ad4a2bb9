#include "marathon/api/normalise.h"

#include "core/base/strings.h"

#include <algorithm>
#include <array>

namespace ekiden::marathon::wire {
namespace {

constexpr std::array<std::string_view, 9> kArchiveEndings{
    ".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".gz", ".tgz", ".tbz2", ".txz", ".zip"};

Error not_valid(std::string path, std::string reason) {
  return {ErrorCode::invalid, "Object is not valid", {{std::move(path), std::move(reason)}}};
}

bool is_archive(std::string_view uri) {
  const std::string_view path = uri.substr(0, uri.find_first_of("?#"));
  return std::any_of(kArchiveEndings.begin(), kArchiveEndings.end(), [&](std::string_view ending) {
    return path.ends_with(ending);
  });
}

void translate_uris(AppForm& form) {
  if (form.uris && !form.uris->empty() && (!form.fetch || form.fetch->empty())) {
    auto& fetch = form.fetch.emplace();
    for (const std::string& uri : *form.uris) {
      Artifact artifact;
      artifact.uri = uri;
      artifact.extract = is_archive(uri);
      fetch.push_back(std::move(artifact));
    }
  }
  form.uris.reset();
}

std::optional<std::string> docker_network(const AppForm& form) {
  return form.container && form.container->docker ? form.container->docker->network : std::nullopt;
}

// The table of step 2.
Network network_of(const IpAddressForm& ip,
                   const std::optional<std::string>& docker,
                   const Settings& settings) {
  Network network;
  if (docker == "HOST") {
    network.mode = NetworkMode::host;
    return network;
  }
  network.labels = ip.labels;
  const bool bridge =
      docker ? docker == "BRIDGE" : ip.network_name == std::optional(settings.mesos_bridge_name);
  network.mode = bridge ? NetworkMode::bridge : NetworkMode::container;
  if (!bridge) {
    network.name = ip.network_name;
  }
  return network;
}

Result<void> translate_networks(AppForm& form, const Settings& settings) {
  const auto docker = docker_network(form);
  if (docker == "NONE") {
    return fail(not_valid("/container/docker/network", "unsupported docker network type NONE"));
  }
  if (form.networks && !form.networks->empty()) {
    return {};
  }
  if (form.ip_address) {
    form.networks = {network_of(*form.ip_address, docker, settings)};
  } else if (docker == "HOST") {
    form.networks = {Network{NetworkMode::host, {}, {}}};
  } else if (docker == "USER") {
    form.networks = {Network{NetworkMode::container, {}, {}}};
  } else if (docker == "BRIDGE") {
    form.networks = {Network{NetworkMode::bridge, {}, {}}};
  }
  return {};
}

bool has_networks(const AppForm& form) {
  return form.networks && !form.networks->empty();
}

bool is_host(const AppForm& form) {
  return !has_networks(form) ||
         std::all_of(form.networks->begin(), form.networks->end(), [](const Network& network) {
           return network.mode == NetworkMode::host;
         });
}

// Steps 3 and 4; returns how many ports the request named.
std::size_t translate_ports(AppForm& form, Completeness completeness) {
  if (form.ports && !form.port_definitions) {
    auto& definitions = form.port_definitions.emplace();
    for (std::int32_t port : *form.ports) {
      PortDefinition definition;
      definition.port = port;
      definitions.push_back(std::move(definition));
    }
  }
  form.ports.reset();
  const std::size_t named = form.port_definitions ? form.port_definitions->size() : 0;
  if (!is_host(form)) {
    form.port_definitions.reset();
  } else if (!form.port_definitions && completeness == Completeness::complete) {
    PortDefinition definition;
    definition.name = "default";
    form.port_definitions = {definition};
  }
  return named;
}

PortMapping default_mapping() {
  PortMapping mapping;
  mapping.name = "default";
  return mapping;
}

PortMapping to_mapping(const DiscoveryPort& port) {
  PortMapping mapping;
  mapping.container_port = port.number;
  mapping.name = port.name;
  mapping.protocol = port.protocol;
  mapping.labels = port.labels;
  return mapping;
}

// Steps 5a to 5c.
Result<void> translate_mappings(AppForm& form) {
  ContainerForm& container = *form.container;
  if (container.docker && container.docker->port_mappings) {
    auto& deprecated = *container.docker->port_mappings;
    if (!deprecated.empty() && container.port_mappings && !container.port_mappings->empty()) {
      return fail(not_valid("/container/portMappings",
                            "cannot specify both portMappings and docker.portMappings"));
    }
    if (!container.port_mappings || container.port_mappings->empty()) {
      container.port_mappings = std::move(deprecated);
    }
    container.docker->port_mappings.reset();
  }
  if (form.ip_address && form.ip_address->discovery && !form.ip_address->discovery->ports.empty()) {
    if (container.type != Engine::mesos) {
      return fail(not_valid("/ipAddress/discovery",
                            "ipAddress.discovery.ports do not apply for container type DOCKER"));
    }
    if (container.port_mappings && !container.port_mappings->empty()) {
      return fail(not_valid(
          "/", "container.portMappings and ipAddress.discovery.ports must not both be set"));
    }
    auto& mappings = container.port_mappings.emplace();
    for (const DiscoveryPort& port : form.ip_address->discovery->ports) {
      mappings.push_back(to_mapping(port));
    }
  }
  if (container.docker) {
    container.docker->network.reset();
  }
  return {};
}

// Step 5.
Result<void> translate_container(AppForm& form, std::size_t named, Completeness completeness) {
  if (!form.container && form.ip_address) {
    form.container.emplace().type = Engine::mesos;
  }
  if (!form.container) {
    return {};
  }
  if (auto done = translate_mappings(form); !done) {
    return done;
  }
  if (completeness == Completeness::update) {
    return {};
  }
  auto& mappings = form.container->port_mappings;
  if (is_host(form)) {
    mappings.reset();
    return {};
  }
  if (!mappings) {
    mappings = {default_mapping()};
  }
  while (!mappings->empty() && mappings->size() < named) {
    mappings->emplace_back();
  }
  return {};
}

// Step 6.
void translate_health_checks(AppForm& form, bool has_ports) {
  if (!form.health_checks || !has_ports) {
    return;
  }
  for (HealthCheck& check : *form.health_checks) {
    if (check.protocol != HealthProtocol::command && !check.port && !check.port_index) {
      check.port_index = 0;
    }
  }
}

void fill_networks(AppForm& form, const Settings& settings) {
  if (!has_networks(form)) {
    form.networks = {Network{NetworkMode::host, {}, {}}};
  }
  for (Network& network : *form.networks) {
    if (network.mode == NetworkMode::container && !network.name) {
      network.name = settings.default_network_name;
    }
  }
}

void fill_container(AppForm& form) {
  if (is_host(form)) {
    return;
  }
  if (!form.container) {
    ContainerForm& container = form.container.emplace();
    container.type = Engine::mesos;
    container.port_mappings = {default_mapping()};
  }
  if (form.networks->front().mode != NetworkMode::bridge || !form.container->port_mappings) {
    return;
  }
  for (PortMapping& mapping : *form.container->port_mappings) {
    mapping.host_port = mapping.host_port.value_or(0);
  }
}

}  // namespace

void make_ids_absolute(AppForm& form, const PathId& base) {
  if (form.id) {
    form.id = PathId::parse(*form.id, base).text();
  }
  if (form.dependencies) {
    for (std::string& dependency : *form.dependencies) {
      dependency = PathId::parse(dependency, base).text();
    }
  }
}

Result<void> translate(AppForm& form, const Settings& settings, Completeness completeness) {
  const bool named_definitions = form.port_definitions && !form.port_definitions->empty();
  translate_uris(form);
  if (auto done = translate_networks(form, settings); !done) {
    return done;
  }
  const std::size_t named = translate_ports(form, completeness);
  if (auto done = translate_container(form, named, completeness); !done) {
    return done;
  }
  form.ip_address.reset();
  const bool has_mappings = form.container && form.container->port_mappings;
  translate_health_checks(
      form, completeness == Completeness::update || named_definitions || has_mappings);
  return {};
}

void fill(AppForm& form, const Settings& settings) {
  fill_networks(form, settings);
  fill_container(form);
  const auto& volumes = form.container ? form.container->volumes : std::vector<Volume>{};
  const bool resident = std::any_of(volumes.begin(), volumes.end(), [](const Volume& volume) {
    return volume.persistent.has_value();
  });
  const bool external = std::any_of(volumes.begin(), volumes.end(), [](const Volume& volume) {
    return volume.external.has_value();
  });
  if (!form.unreachable_strategy) {
    form.unreachable_strategy = UnreachableStrategy{resident, 0, 0};
  }
  if (!form.upgrade_strategy) {
    form.upgrade_strategy =
        resident || external ? UpgradeStrategy{0.5, 0.0} : UpgradeStrategy{1.0, 1.0};
  }
  if (!is_host(form)) {
    form.require_ports = false;
  }
}

}  // namespace ekiden::marathon::wire
