#include "core/agent/container_spec.h"

#include <map>

#include <fmt/core.h>

namespace ekiden::agent {
namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* kSandboxInContainer = "/mnt/mesos/sandbox";

using Variables = std::map<std::string, std::string>;

void add(Variables& variables, const std::optional<model::Environment>& environment) {
  if (!environment) {
    return;
  }
  for (const model::EnvironmentVariable& variable : environment->variables) {
    if (variable.value) {
      variables[variable.name] = *variable.value;
    }
  }
}

std::string allocation_role(const StartContainer& start) {
  const auto& resources = start.task ? start.task->resources : start.executor.resources;
  for (const model::Resource& resource : resources) {
    if (resource.allocation_role) {
      return *resource.allocation_role;
    }
  }
  return start.framework.all_roles().empty() ? "*" : start.framework.all_roles().front();
}

// [mesos-core 3.5]; the agent's own environment is not inherited.
Variables executor_environment(const StartContainer& start,
                               const ContainerHost& host,
                               const ContainerSpec& spec) {
  Variables variables = host.environment;
  const Duration grace = start.executor.shutdown_grace_period
                             ? Duration(start.executor.shutdown_grace_period->nanoseconds)
                             : host.shutdown_grace;
  const std::string endpoint = fmt::format("{}:{}", host.ip, host.port);
  variables.emplace("PATH", kDefaultPath);
  variables["LIBPROCESS_PORT"] = "0";
  variables["LIBPROCESS_IP"] = host.ip;
  variables["MESOS_FRAMEWORK_ID"] = start.framework.id ? start.framework.id->value : "";
  variables["MESOS_EXECUTOR_ID"] = start.executor.executor_id.value;
  variables["MESOS_SLAVE_ID"] = start.agent_id.value;
  variables["MESOS_SLAVE_PID"] = "slave(1)@" + endpoint;
  variables["MESOS_AGENT_ENDPOINT"] = endpoint;
  variables["MESOS_DIRECTORY"] = spec.sandbox;
  variables["MESOS_SANDBOX"] = spec.docker ? kSandboxInContainer : spec.sandbox;
  variables["MESOS_CHECKPOINT"] = start.framework.checkpoint ? "1" : "0";
  variables["MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"] = to_text(grace);
  variables["MESOS_HTTP_COMMAND_EXECUTOR"] = start.kind == ExecutorKind::command ? "1" : "0";
  variables["MESOS_ALLOCATION_ROLE"] = allocation_role(start);
  if (start.framework.checkpoint) {
    variables["MESOS_RECOVERY_TIMEOUT"] = "15mins";
    variables["MESOS_SUBSCRIPTION_BACKOFF_MAX"] = "2secs";
  }
  if (spec.docker) {
    variables["MESOS_CONTAINER_NAME"] = docker_container_name(start.container);
  }
  if (start.executor.command && !spec.docker) {
    add(variables, start.executor.command->environment);
  }
  return variables;
}

void add_program(const StartContainer& start, const ContainerHost& host, ContainerSpec& spec) {
  spec.options = {"--pid-file", spec.pid_file};
  if (start.kind != ExecutorKind::custom) {
    spec.options.insert(spec.options.end(), {"--endpoint-file", host.endpoint_file});
    if (start.kind == ExecutorKind::default_) {
      spec.options.emplace_back("--group");
    }
    if (spec.docker || start.kind == ExecutorKind::default_) {
      spec.options.insert(spec.options.end(), {"--docker-socket", host.docker_socket});
    }
    for (const VolumeMount& volume : spec.volumes) {
      spec.options.insert(
          spec.options.end(),
          {"--volume",
           fmt::format(
               "{}={}{}", volume.container_path, volume.path, volume.read_only ? "=ro" : "")});
    }
    return;
  }
  const model::CommandInfo command = start.executor.command.value_or(model::CommandInfo{});
  if (command.shell) {
    spec.command = {"/bin/sh", "-c", command.value.value_or("")};
    return;
  }
  spec.command = {command.value.value_or("")};
  const std::size_t skipped = command.arguments.empty() ? 0 : 1;  // arguments[0] is argv[0]
  spec.command.insert(spec.command.end(),
                      command.arguments.begin() + static_cast<long>(skipped),
                      command.arguments.end());
}

}  // namespace

bool needs_engine(const std::optional<model::ContainerInfo>& container) {
  return container && (container->type == model::ContainerInfo::Type::docker ||
                       (container->mesos_image && container->mesos_image->docker_name));
}

std::string docker_container_name(const ContainerId& container) {
  return "mesos-" + container.value;
}

std::string pid_file_of(const std::string& work_dir, const ContainerId& container) {
  return fmt::format("{}/meta/pids/{}", work_dir, container.value);
}

ContainerSpec container_spec(const StartContainer& start, const ContainerHost& host) {
  ContainerSpec spec;
  spec.container = start.container;
  const std::string runs = fmt::format("{}/slaves/{}/frameworks/{}/executors/{}/runs",
                                       host.work_dir,
                                       start.agent_id.value,
                                       start.framework.id ? start.framework.id->value : "",
                                       start.executor.executor_id.value);
  spec.sandbox = runs + "/" + start.container.value;
  spec.latest = runs + "/latest";
  spec.pid_file = pid_file_of(host.work_dir, start.container);
  spec.docker = start.kind == ExecutorKind::command && needs_engine(start.executor.container);
  spec.volumes = start.volumes;
  for (VolumeMount& volume : spec.volumes) {
    volume.path = volume.path.starts_with("/") ? volume.path : host.work_dir + "/" + volume.path;
  }
  if (start.executor.command) {
    spec.uris = start.executor.command->uris;
    spec.user = start.executor.command->user.value_or("");
  }
  if (spec.user.empty()) {
    spec.user = start.framework.user;
  }
  if (!host.switch_user) {
    spec.user.clear();
  }
  spec.cpus = start.cpus;
  spec.mem_mb = start.mem_mb;
  spec.limits = start.limits;
  add_program(start, host, spec);
  for (const auto& [name, value] : executor_environment(start, host, spec)) {
    spec.environment.push_back(name + "=" + value);
  }
  return spec;
}

}  // namespace ekiden::agent
