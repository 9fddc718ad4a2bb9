#include "marathon/launch/task_group.h"

#include "marathon/launch/container_info.h"
#include "marathon/launch/environment.h"
#include "marathon/launch/task_info.h"
#include "marathon/model/pod.h"

#include <algorithm>

namespace ekiden::marathon::launch {

namespace {

// What the offer gave to the whole pod, while it is handed out.
class Pool {
 public:
  explicit Pool(std::vector<model::Resource> resources) : left_(std::move(resources)) {}

  void take(std::string_view name, double amount, std::vector<model::Resource>& taken) {
    model::Scalar wanted = model::Scalar::from_double(amount);
    for (model::Resource& resource : left_) {
      const bool plain = resource.name == name && resource.type == model::ValueType::scalar &&
                         !(resource.disk && resource.disk->persistence);
      const model::Scalar part = std::min(resource.scalar, wanted);
      if (!plain || part.milli <= 0) {
        continue;
      }
      model::Resource& piece = taken.emplace_back(resource);
      piece.scalar = part;
      resource.scalar -= part;
      wanted -= part;
    }
  }

  // Ports and volumes, which the containers share through the executor.
  void take_shared(std::vector<model::Resource>& taken) {
    for (model::Resource& resource : left_) {
      if (resource.type != model::ValueType::scalar ||
          (resource.disk && resource.disk->persistence)) {
        taken.push_back(std::move(resource));
        resource = {};
      }
    }
  }

 private:
  std::vector<model::Resource> left_;
};

std::optional<std::int32_t> port_at(const HostPorts& ports, std::size_t index) {
  return index < ports.size() ? ports[index] : std::nullopt;
}

bool in_container_network(const App& app) {
  return std::any_of(app.networks.begin(), app.networks.end(), [](const Network& network) {
    return network.mode != NetworkMode::host;
  });
}

// The port on which the endpoint listens inside the pod's network.
std::optional<std::int32_t> inner_port(const App& app,
                                       const PodEndpoint& endpoint,
                                       std::optional<std::int32_t> host_port) {
  return in_container_network(app) && endpoint.container_port ? endpoint.container_port : host_port;
}

// ---- executor
model::ExecutorInfo executor_info(const TaskGroupInput& input, Pool& pool) {
  const App& app = *input.instance.app;
  model::ExecutorInfo executor;
  executor.type = model::ExecutorInfo::Type::default_;
  executor.executor_id = make_pod_executor_id(input.instance.id);
  executor.framework_id = input.framework;
  pool.take("cpus", app.pod->executor_resources.cpus, executor.resources);
  pool.take("mem", app.pod->executor_resources.mem, executor.resources);
  pool.take("disk", app.pod->executor_resources.disk, executor.resources);
  pool.take_shared(executor.resources);
  executor.labels = labels_of(app.labels);
  model::ContainerInfo& container = executor.container.emplace();
  container.type = model::ContainerInfo::Type::mesos;
  container.mesos = true;
  add_networks(app, input.ports, input.settings, container);
  container.linux_info =
      app.pod->linux_info ? linux_info(*app.pod->linux_info) : model::LinuxInfo();
  container.linux_info->share_cgroups = app.pod->legacy_shared_cgroups;
  return executor;
}

// ---- one container
struct Part {  // what its functions need
  const TaskGroupInput& input;
  const PodContainer& container;
  std::size_t first_port = 0;

  const App& app() const { return *input.instance.app; }
};

model::CommandInfo command_of(const PodCommand& wanted, bool with_program) {
  model::CommandInfo command;
  command.shell = wanted.shell.has_value();
  command.value = wanted.shell;
  if (!wanted.shell) {
    command.arguments = wanted.argv;
    if (with_program && !wanted.argv.empty()) {
      command.value = wanted.argv.front();
    }
  }
  return command;
}

model::CommandInfo command_info(const Part& part, const TaskId& task) {
  const PodContainer& container = part.container;
  model::CommandInfo command;
  command.shell = false;
  if (container.exec) {
    // Without an image there is no entry point that could be the program.
    const bool program = container.exec->override_entrypoint.value_or(false) || !container.image;
    command = command_of(container.exec->command, program);
  }
  command.user = container.user ? container.user : part.app().user;
  command.uris = uris_of(container.artifacts);
  command.environment =
      environment(PodEnvironmentInput{part.app(),
                                      container,
                                      task,
                                      make_pod_executor_id(part.input.instance.id),
                                      part.input.offer.hostname,
                                      part.input.ports,
                                      part.input.settings,
                                      part.input.enforce_group_role});
  return command;
}

model::VolumeRef volume_ref(const Part& part, const PodVolumeMount& mount) {
  model::VolumeRef ref;
  ref.mode = mount.read_only ? model::VolumeRef::Mode::ro : model::VolumeRef::Mode::rw;
  ref.container_path = mount.mount_path;
  const PodVolume* volume = part.app().pod->find_volume(mount.name);
  if (volume && volume->host) {
    ref.host_path = volume->host;
    return ref;
  }
  if (volume && volume->secret) {
    ref.source = secret_source(part.app(), *volume->secret);
    return ref;
  }
  const bool persistent = volume && volume->persistent;
  model::VolumeSource& source = ref.source.emplace();
  source.type = model::VolumeSource::Type::sandbox_path;
  source.sandbox_path =
      model::VolumeSource::SandboxPath{model::VolumeSource::SandboxPath::Type::parent,
                                       persistent ? mount.name : "volumes/" + mount.name};
  return ref;
}

model::ContainerInfo container_info(const Part& part) {
  const PodContainer& container = part.container;
  model::ContainerInfo info;
  info.type = model::ContainerInfo::Type::mesos;
  info.mesos = !container.image;
  if (container.image) {
    model::MesosImage& image = info.mesos_image.emplace();
    image.docker_name = container.image->id;
    image.cached = !container.image->force_pull.value_or(false);
    if (container.image->pull_config) {
      image.docker_config = secret_reference(part.app(), container.image->pull_config->secret);
    }
  }
  for (const PodVolumeMount& mount : container.volume_mounts) {
    info.volumes.push_back(volume_ref(part, mount));
  }
  info.linux_info = container.linux_info ? linux_info(*container.linux_info) : model::LinuxInfo();
  info.linux_info->share_cgroups = part.app().pod->legacy_shared_cgroups;
  if (container.tty.value_or(false)) {
    info.tty_info.emplace();
  }
  return info;
}

std::optional<std::uint32_t> probe_port(const Part& part, const std::string& endpoint) {
  const auto& endpoints = part.container.endpoints;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (endpoints[i].name == endpoint) {
      const auto port =
          inner_port(part.app(), endpoints[i], port_at(part.input.ports, part.first_port + i));
      return port ? std::optional(static_cast<std::uint32_t>(*port)) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<model::HealthCheck> health_check(const Part& part) {
  if (!part.container.health_check) {
    return std::nullopt;
  }
  const PodHealthCheck& check = *part.container.health_check;
  model::HealthCheck result;
  if (check.exec) {
    result.type = model::HealthCheck::Type::command;
    result.command = command_of(check.exec->command, true);
  } else {
    const auto port = probe_port(part, check.http ? check.http->endpoint : check.tcp->endpoint);
    if (!port) {
      return std::nullopt;
    }
    if (check.http) {
      result.type = model::HealthCheck::Type::http;
      model::HttpCheck& http = result.http.emplace();
      http.scheme = check.http->scheme == "HTTPS" ? "https" : "http";
      http.port = *port;
      http.path = check.http->path.value_or("/");
    } else {
      result.type = model::HealthCheck::Type::tcp;
      result.tcp = model::TcpCheck{*port, {}};
    }
  }
  result.delay_seconds = check.delay_seconds;
  result.interval_seconds = check.interval_seconds;
  result.timeout_seconds = check.timeout_seconds;
  result.consecutive_failures = static_cast<std::uint32_t>(check.max_consecutive_failures);
  result.grace_period_seconds = check.grace_period_seconds;
  return result;
}

model::DiscoveryInfo discovery_info(const Part& part) {
  model::DiscoveryInfo info;
  info.visibility = model::DiscoveryInfo::Visibility::framework;
  info.name = task_name(part.app().id);
  const auto& mappings = part.app().container->port_mappings;
  for (std::size_t i = 0; i < part.container.endpoints.size(); ++i) {
    const std::size_t slot = part.first_port + i;
    add_mapped_ports(part.app(), mappings[slot], port_at(part.input.ports, slot), info);
  }
  return info;
}

model::TaskInfo task_info(const Part& part, const TaskId& id, Pool& pool) {
  const PodContainer& container = part.container;
  model::TaskInfo task;
  task.name = container.name;
  task.task_id = id;
  task.agent_id = part.input.offer.agent_id;
  pool.take("cpus", container.resources.cpus, task.resources);
  pool.take("mem", container.resources.mem, task.resources);
  pool.take("disk", container.resources.disk, task.resources);
  pool.take("gpus", container.resources.gpus, task.resources);
  task.limits = limits_of(container.resource_limits);
  task.command = command_info(part, id);
  task.container = container_info(part);
  task.health_check = health_check(part);
  if (container.lifecycle && container.lifecycle->kill_grace_period_seconds) {
    const double seconds = *container.lifecycle->kill_grace_period_seconds;
    task.kill_policy = model::KillPolicy{model::DurationInfo{from_seconds(seconds).count()}};
  }
  task.labels = labels_of(container.labels);
  task.discovery = discovery_info(part);
  return task;
}

}  // namespace

model::Operation task_group(const TaskGroupInput& input) {
  const Pod& pod = *input.instance.app->pod;
  Pool pool(input.resources);
  model::Operation operation;
  operation.type = model::Operation::Type::launch_group;
  operation.launch_group_executor = executor_info(input, pool);
  std::size_t first_port = 0;
  for (const PodContainer& container : pod.containers) {
    const Part part{input, container, first_port};
    const TaskId id = make_task_id(input.instance.id, container.name, input.instance.incarnation);
    operation.launch_group_tasks.push_back(task_info(part, id, pool));
    first_port += container.endpoints.size();
  }
  return operation;
}

}  // namespace ekiden::marathon::launch
