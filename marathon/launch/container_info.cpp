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

// One of "dvdi/..."; the driver is a member of its own [5.6].
void add_driver_options(const json::Value& external, model::VolumeSource::DockerVolume& volume) {
  constexpr std::string_view kPrefix = "dvdi/";
  for (const auto& [key, value] : external["options"].as_object()) {
    if (key == "dvdi/driver") {
      volume.driver = std::string(value.as_string());
    } else if (key.starts_with(kPrefix)) {
      volume.driver_options.push_back({key.substr(kPrefix.size()), std::string(value.as_string())});
    }
  }
  if (const json::Value* size = external.find("size")) {
    volume.driver_options.push_back({"size", std::to_string(size->as_int())});
  }
}

model::VolumeSource external_source(const json::Value& external) {
  model::VolumeSource source;
  source.type = model::VolumeSource::Type::docker_volume;
  auto& volume = source.docker_volume.emplace();
  volume.name = external["name"].as_string();
  add_driver_options(external, volume);
  return source;
}

// Persistent ones come with their resource.
void add_volumes(const App& app, model::ContainerInfo& info) {
  for (const Volume& volume : app.container->volumes) {
    model::VolumeRef ref;
    ref.mode = volume.mode == "RO" ? model::VolumeRef::Mode::ro : model::VolumeRef::Mode::rw;
    ref.container_path = volume.container_path;
    if (volume.host_path) {
      ref.host_path = volume.host_path;
    } else if (volume.secret) {
      ref.mode = model::VolumeRef::Mode::ro;
      ref.source = secret_source(app, *volume.secret);
    } else if (volume.external && (*volume.external)["provider"].as_string() != "csi") {
      ref.source = external_source(*volume.external);
    } else {
      continue;
    }
    info.volumes.push_back(std::move(ref));
  }
}

}  // namespace

void add_networks(const App& app,
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

model::LinuxInfo linux_info(const json::Value& wanted) {
  model::LinuxInfo info;
  if (const json::Value* seccomp = wanted.find("seccomp")) {
    model::SeccompInfo& profile = info.seccomp.emplace();
    if (const json::Value* name = seccomp->find("profileName")) {
      profile.profile_name = std::string(name->as_string());
    }
    profile.unconfined = (*seccomp)["unconfined"].as_bool();
  }
  if (const json::Value* ipc = wanted.find("ipcInfo")) {
    info.ipc_mode = (*ipc)["mode"].as_string() == "PRIVATE"
                        ? model::LinuxInfo::IpcMode::private_
                        : model::LinuxInfo::IpcMode::share_parent;
    if (const json::Value* size = ipc->find("shmSize")) {
      info.shm_size = static_cast<std::uint32_t>(std::max<std::int64_t>(0, size->as_int()));
    }
  }
  return info;
}

model::Secret secret_reference(const App& app, const std::string& name) {
  const auto found = app.secrets.find(name);
  model::Secret secret;
  secret.type = model::Secret::Type::reference;
  secret.reference =
      model::Secret::Reference{found == app.secrets.end() ? name : found->second, {}};
  return secret;
}

model::VolumeSource secret_source(const App& app, const std::string& name) {
  model::VolumeSource source;
  source.type = model::VolumeSource::Type::secret;
  source.secret = secret_reference(app, name);
  return source;
}

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
  if (app.tty.value_or(false)) {
    info.tty_info.emplace();
  }
  if (app.container && app.container->type == Engine::docker) {
    info.type = model::ContainerInfo::Type::docker;
    info.docker = docker_info(app, task, ports);
    add_docker_networks(app, info);
    return info;
  }
  info.type = model::ContainerInfo::Type::mesos;
  if (app.container && app.container->docker) {
    const DockerContainer& docker = *app.container->docker;
    model::MesosImage& image = info.mesos_image.emplace();
    image.docker_name = docker.image;
    image.cached = !docker.force_pull_image;
    if (docker.pull_config) {
      image.docker_config = secret_reference(app, docker.pull_config->secret);
    }
  }
  info.mesos = !info.mesos_image;
  add_networks(app, ports, settings, info);
  if (app.container && app.container->linux_info) {
    info.linux_info = linux_info(*app.container->linux_info);
  }
  return info;
}

}  // namespace ekiden::marathon::launch
