#include "marathon/launch/task_info.h"

#include "core/base/strings.h"
#include "marathon/launch/container_info.h"
#include "marathon/launch/environment.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon::launch {

namespace {

model::CommandInfo command_info(const TaskInput& input, Random& random) {
  const App& app = input.app;
  model::CommandInfo command;
  command.shell = false;
  if (app.cmd && !app.cmd->empty()) {
    command.shell = true;
    command.value = app.cmd;
  }
  if (!app.args.empty()) {
    command.shell = false;
    command.arguments = app.args;
    if (!app.container) {
      command.value = app.args.front();
    }
  }
  command.uris = uris_of(app.fetch);
  command.user = app.user;
  const EnvironmentInput environment_input{
      app, input.id, input.offer.hostname, input.ports, input.settings, input.enforce_group_role};
  command.environment = environment(environment_input, random);
  return command;
}

model::ExecutorInfo executor_info(const TaskInput& input,
                                  const std::string& path,
                                  model::CommandInfo command) {
  const App& app = input.app;
  const ExecutorResources resources = app.executor_resources.value_or(ExecutorResources{});
  model::ExecutorInfo executor;
  executor.type = model::ExecutorInfo::Type::custom;
  executor.executor_id = ExecutorId{"marathon-" + input.id.value};
  executor.source = input.id.value;
  const std::string tail = app.cmd && !app.cmd->empty() ? *app.cmd : join(app.args, " ");
  command.shell = true;
  command.arguments.clear();
  command.value = fmt::format("chmod ug+rx '{}' && exec '{}' {}", path, path, tail);
  executor.command = std::move(command);
  executor.resources = {model::scalar_resource("cpus", resources.cpus),
                        model::scalar_resource("mem", resources.mem),
                        model::scalar_resource("disk", resources.disk)};
  if (!input.executor_resources.empty()) {
    executor.resources = input.executor_resources;
  }
  return executor;
}

// The port that Mesos probes inside the task's network [6.2].
std::optional<std::uint32_t> probe_port(const TaskInput& input, const HealthCheck& check) {
  if (check.port) {
    return static_cast<std::uint32_t>(*check.port);
  }
  const auto index = static_cast<std::size_t>(std::max(0, check.port_index.value_or(0)));
  const App& app = input.app;
  if (app.container && index < app.container->port_mappings.size() &&
      app.container->port_mappings[index].container_port > 0) {
    return static_cast<std::uint32_t>(app.container->port_mappings[index].container_port);
  }
  if (index < input.ports.size() && input.ports[index]) {
    return static_cast<std::uint32_t>(*input.ports[index]);
  }
  return std::nullopt;
}

std::optional<std::string> ip_protocol(const HealthCheck& check) {
  return check.ip_protocol == "IPv6" ? "IPV6" : "IPV4";
}

// Fills the kind of probe; false: nothing can be probed.
bool fill_probe(const TaskInput& input, const HealthCheck& check, model::HealthCheck& result) {
  if (check.protocol == HealthProtocol::command) {
    result.type = model::HealthCheck::Type::command;
    result.command = model::CommandInfo{};
    result.command->value = check.command;
    return true;
  }
  const std::optional<std::uint32_t> port = probe_port(input, check);
  if (!port) {
    return false;
  }
  if (check.protocol == HealthProtocol::mesos_tcp) {
    result.type = model::HealthCheck::Type::tcp;
    result.tcp = model::TcpCheck{*port, ip_protocol(check)};
    return true;
  }
  result.type = model::HealthCheck::Type::http;
  model::HttpCheck http;
  http.scheme = check.protocol == HealthProtocol::mesos_https ? "https" : "http";
  http.port = *port;
  http.path = check.path.value_or("/");
  http.protocol = ip_protocol(check);
  result.http = std::move(http);
  return true;
}

std::optional<model::HealthCheck> health_check(const TaskInput& input) {
  for (const HealthCheck& check : input.app.health_checks) {
    if (is_marathon_side(check.protocol)) {
      continue;
    }
    model::HealthCheck result;
    if (!fill_probe(input, check, result)) {
      return std::nullopt;
    }
    result.delay_seconds = check.delay_seconds;
    result.interval_seconds = check.interval_seconds;
    result.timeout_seconds = check.timeout_seconds;
    result.consecutive_failures = static_cast<std::uint32_t>(check.max_consecutive_failures);
    result.grace_period_seconds = check.grace_period_seconds;
    return result;
  }
  return std::nullopt;
}

// The app's generic `check`, kept as it came: {"http"|"tcp"|"exec": {...}, intervals}.
std::optional<model::CheckInfo> check_info(const TaskInput& input) {
  if (!input.app.check) {
    return std::nullopt;
  }
  const json::Value& check = *input.app.check;
  const auto port_of = [&](const json::Value& kind) -> std::uint32_t {
    if (const std::int64_t port = kind["port"].as_int(0); port > 0) {
      return static_cast<std::uint32_t>(port);
    }
    HealthCheck indexed;
    indexed.port_index = static_cast<std::int32_t>(kind["portIndex"].as_int(0));
    return probe_port(input, indexed).value_or(0);
  };
  model::CheckInfo info;
  if (const json::Value* exec = check.find("exec")) {
    info.type = model::CheckInfo::Type::command;
    info.command = model::CommandInfo{};
    const json::Value& command = (*exec)["command"];
    for (const json::Value& argument : command["argv"].as_array()) {
      info.command->arguments.emplace_back(argument.as_string());
    }
    info.command->shell = info.command->arguments.empty();
    info.command->value = info.command->shell ? std::string(command["shell"].as_string())
                                              : info.command->arguments.front();
  } else if (const json::Value* http = check.find("http")) {
    info.type = model::CheckInfo::Type::http;
    info.http = model::HttpCheck{};
    info.http->port = port_of(*http);
    info.http->path = std::string((*http)["path"].as_string("/"));
  } else if (const json::Value* tcp = check.find("tcp")) {
    info.type = model::CheckInfo::Type::tcp;
    info.tcp = model::TcpCheck{port_of(*tcp), {}};
  } else {
    return std::nullopt;
  }
  info.delay_seconds = check["delaySeconds"].as_double(info.delay_seconds);
  info.interval_seconds = check["intervalSeconds"].as_double(info.interval_seconds);
  info.timeout_seconds = check["timeoutSeconds"].as_double(info.timeout_seconds);
  return info;
}

model::DiscoveryPort discovery_port(std::uint32_t number,
                                    const std::optional<std::string>& name,
                                    const std::string& protocol,
                                    std::map<std::string, std::string> labels) {
  return {number, name, protocol, labels_of(labels)};
}

// A port that only exists inside the container is announced once per network.
void add_container_ports(const App& app, const PortMapping& mapping, model::DiscoveryInfo& info) {
  for (const Network& network : app.networks) {
    const std::string name = network.name.value_or("");
    const bool chosen =
        mapping.network_names.empty() ||
        std::find(mapping.network_names.begin(), mapping.network_names.end(), name) !=
            mapping.network_names.end();
    if (network.mode != NetworkMode::container || !chosen) {
      continue;
    }
    for (const std::string& protocol : protocols(mapping.protocol)) {
      std::map<std::string, std::string> labels = mapping.labels;
      labels["network-scope"] = "container";
      labels["network-name"] = name;
      info.ports.push_back(discovery_port(static_cast<std::uint32_t>(mapping.container_port),
                                          mapping.name,
                                          protocol,
                                          std::move(labels)));
    }
  }
}

// [DI-1]
model::DiscoveryInfo discovery_info(const TaskInput& input) {
  const App& app = input.app;
  model::DiscoveryInfo info;
  info.visibility = model::DiscoveryInfo::Visibility::framework;
  info.name = task_name(app.id);
  if (app.container && !app.container->port_mappings.empty()) {
    for (std::size_t i = 0; i < app.container->port_mappings.size(); ++i) {
      add_mapped_ports(app,
                       app.container->port_mappings[i],
                       i < input.ports.size() ? input.ports[i] : std::nullopt,
                       info);
    }
    return info;
  }
  for (std::size_t i = 0; i < app.port_definitions.size() && i < input.ports.size(); ++i) {
    const PortDefinition& definition = app.port_definitions[i];
    for (const std::string& protocol : protocols(definition.protocol)) {
      info.ports.push_back(discovery_port(static_cast<std::uint32_t>(input.ports[i].value_or(0)),
                                          definition.name,
                                          protocol,
                                          definition.labels));
    }
  }
  return info;
}

}  // namespace

std::vector<model::FetchUri> uris_of(const std::vector<Artifact>& artifacts) {
  std::vector<model::FetchUri> uris;
  for (const Artifact& artifact : artifacts) {
    uris.push_back(
        {artifact.uri, artifact.executable, artifact.extract, artifact.cache, artifact.dest_path});
  }
  return uris;
}

std::map<std::string, double> limits_of(const std::optional<ResourceLimits>& limits) {
  std::map<std::string, double> values;
  if (limits && limits->cpus) {
    values["cpus"] = *limits->cpus;
  }
  if (limits && limits->mem) {
    values["mem"] = *limits->mem;
  }
  return values;
}

void add_mapped_ports(const App& app,
                      const PortMapping& mapping,
                      std::optional<std::int32_t> host_port,
                      model::DiscoveryInfo& info) {
  if (!host_port) {
    add_container_ports(app, mapping, info);
    return;
  }
  for (const std::string& protocol : protocols(mapping.protocol)) {
    std::map<std::string, std::string> labels = mapping.labels;
    labels["network-scope"] = "host";
    info.ports.push_back(discovery_port(
        static_cast<std::uint32_t>(*host_port), mapping.name, protocol, std::move(labels)));
  }
}

std::string task_name(const PathId& app) {
  std::vector<std::string> parts;
  for (std::string_view segment : app.segments()) {
    parts.emplace_back(segment);
  }
  std::reverse(parts.begin(), parts.end());
  return join(parts, ".");
}

model::TaskInfo task_info(const TaskInput& input, Random& random) {
  const App& app = input.app;
  model::TaskInfo task;
  task.name = task_name(app.id);
  task.task_id = input.id;
  task.agent_id = input.offer.agent_id;
  task.resources = input.resources;
  task.limits = limits_of(app.resource_limits);
  task.labels = labels_of(app.labels);
  model::CommandInfo command = command_info(input, random);
  std::optional<model::ContainerInfo> container =
      container_info(app, input.id, input.ports, input.settings);
  const std::string executor = custom_executor(app, input.settings);
  if (executor.empty()) {
    task.command = std::move(command);
    task.container = std::move(container);
  } else {
    task.executor = executor_info(input, executor, std::move(command));
    task.executor->container = std::move(container);
  }
  task.health_check = health_check(input);
  task.check = check_info(input);
  if (app.task_kill_grace_period_seconds) {
    const std::int64_t nanoseconds =
        Duration(std::chrono::seconds(*app.task_kill_grace_period_seconds)).count();
    task.kill_policy = model::KillPolicy{model::DurationInfo{nanoseconds}};
  }
  task.discovery = discovery_info(input);
  return task;
}

}  // namespace ekiden::marathon::launch
