#include "marathon/launch/container_info.h"

#include "core/base/strings.h"

#include <algorithm>

namespace ekiden::marathon::launch {

namespace {

std::optional<std::int32_t> port_at(const HostPorts& ports, std::size_t index) {
  return index < ports.size() ? ports[index] : std::nullopt;
}

std::uint32_t container_port(const PortMapping& mapping, std::int32_t host_port) {
  return static_cast<std::uint32_t>(mapping.container_port == 0 ? host_port
                                                                : mapping.container_port);
}

bool is_in_network(const PortMapping& mapping, const std::string& network) {
  return mapping.network_names.empty() ||
         std::find(mapping.network_names.begin(), mapping.network_names.end(), network) !=
             mapping.network_names.end();
}

// Mappings with a host port, one per protocol; null: of any network.
std::vector<model::PortMapping> mappings(const Container& container,
                                         const HostPorts& ports,
                                         const std::string* network) {
  std::vector<model::PortMapping> result;
  for (std::size_t i = 0; i < container.port_mappings.size(); ++i) {
    const PortMapping& mapping = container.port_mappings[i];
    const std::optional<std::int32_t> host_port = port_at(ports, i);
    if (!host_port || (network && !is_in_network(mapping, *network))) {
      continue;
    }
    for (std::string& protocol : protocols(mapping.protocol)) {
      result.push_back({static_cast<std::uint32_t>(*host_port),
                        container_port(mapping, *host_port),
                        std::move(protocol)});
    }
  }
  return result;
}

model::DockerInfo::Network docker_network(const App& app) {
  if (app.uses_host_network()) {
    return model::DockerInfo::Network::host;
  }
  return app.networks.front().mode == NetworkMode::bridge ? model::DockerInfo::Network::bridge
                                                          : model::DockerInfo::Network::user;
}

model::DockerInfo docker_info(const App& app, const TaskId& task, const HostPorts& ports) {
  model::DockerInfo info;
  info.network = docker_network(app);
  if (info.network != model::DockerInfo::Network::host) {
    info.port_mappings = mappings(*app.container, ports, nullptr);
  }
  if (app.container->docker) {
    const DockerContainer& docker = *app.container->docker;
    info.image = docker.image;
    info.privileged = docker.privileged;
    info.force_pull_image = docker.force_pull_image;
    for (const DockerParameter& parameter : docker.parameters) {
      info.parameters.push_back({parameter.key, parameter.value});
    }
  }
  info.parameters.push_back({"label", "MESOS_TASK_ID=" + task.value});
  return info;
}

void add_docker_networks(const App& app, model::ContainerInfo& info) {
  for (const Network& network : app.networks) {
    if (network.mode == NetworkMode::container) {
      model::NetworkInfo entry;
      entry.name = network.name;
      info.network_infos.push_back(std::move(entry));
    }
  }
}

void add_mesos_networks(const App& app,
                        const HostPorts& ports,
                        const Settings& settings,
                        model::ContainerInfo& info) {
  for (const Network& network : app.networks) {
    if (network.mode == NetworkMode::host) {
      continue;
    }
    model::NetworkInfo entry;
    entry.name = network.mode == NetworkMode::bridge ? settings.mesos_bridge_name
                                                     : network.name.value_or("");
    entry.labels = labels_of(network.labels);
    entry.ip_addresses.emplace_back();
    if (app.container) {
      entry.port_mappings = mappings(*app.container, ports, &*entry.name);
    }
    info.network_infos.push_back(std::move(entry));
  }
}

void add_volumes(const App& app, model::ContainerInfo& info) {
  for (const Volume& volume : app.container->volumes) {
    if (volume.host_path) {
      info.volumes.push_back(
          {volume.mode == "RO" ? model::VolumeRef::Mode::ro : model::VolumeRef::Mode::rw,
           volume.container_path,
           volume.host_path});
    }
  }
}

}  // namespace

std::optional<model::Labels> labels_of(const std::map<std::string, std::string>& labels) {
  if (labels.empty()) {
    return std::nullopt;
  }
  model::Labels result;
  for (const auto& [key, value] : labels) {
    result.labels.push_back({key, value});
  }
  return result;
}

std::vector<std::string> protocols(const std::string& text) {
  std::vector<std::string> result;
  for (std::string_view part : split_nonempty(text, ',')) {
    result.emplace_back(trim(part));
  }
  return result;
}

std::optional<model::ContainerInfo> container_info(const App& app,
                                                   const TaskId& task,
                                                   const HostPorts& ports,
                                                   const Settings& settings) {
  if (!app.container && app.uses_host_network()) {
    return std::nullopt;
  }
  model::ContainerInfo info;
  if (app.container) {
    add_volumes(app, info);
  }
  if (app.container && app.container->type == Engine::docker) {
    info.type = model::ContainerInfo::Type::docker;
    info.docker = docker_info(app, task, ports);
    add_docker_networks(app, info);
    return info;
  }
  info.type = model::ContainerInfo::Type::mesos;
  if (app.container && app.container->docker) {
    info.mesos_image = model::MesosImage{model::MesosImage::Type::docker,
                                         app.container->docker->image,
                                         !app.container->docker->force_pull_image};
  }
  add_mesos_networks(app, ports, settings, info);
  return info;
}

}  // namespace ekiden::marathon::launch
