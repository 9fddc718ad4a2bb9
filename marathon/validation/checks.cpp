#include "marathon/validation/app.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon::validation {
namespace {

constexpr std::string_view kPortIndex =
    "Health check port indices must address an element of the ports array or container port "
    "mappings.";

bool is_http(HealthProtocol protocol) {
  return protocol == HealthProtocol::http || protocol == HealthProtocol::https ||
         protocol == HealthProtocol::mesos_http || protocol == HealthProtocol::mesos_https;
}

bool is_mesos_network(HealthProtocol protocol) {
  return !is_marathon_side(protocol) && protocol != HealthProtocol::command;
}

// With an index it must exist; without one there is a port, or exactly one to choose [4.5].
template <class Port>
bool addresses_port(const std::optional<Port>& index,
                    const std::optional<Port>& port,
                    std::size_t port_count) {
  if (index) {
    return static_cast<std::size_t>(*index) < port_count;
  }
  return port || port_count == 1;
}

// The combinations that 3.5 calls legal.
void check_combination(const HealthCheck& check, const std::string& path, Problems& problems) {
  const bool command = check.protocol == HealthProtocol::command;
  problems.require(command == check.command.has_value(),
                   path,
                   command ? "illegal protocol COMMAND specified without command"
                           : "illegal protocol specified with command");
  if (command) {
    problems.require(
        !check.path && !check.port, path, "illegal: COMMAND does not take a path or a port");
  } else if (!is_http(check.protocol)) {
    problems.require(!check.path, path, "illegal: TCP checks do not take a path");
  }
  problems.require(
      !check.port || !check.port_index, path, "illegal: port and portIndex may not both be set");
}

void check_one(const AppView& app,
               const HealthCheck& check,
               const std::string& path,
               Problems& problems) {
  if (is_marathon_side(check.protocol)) {
    problems.require(addresses_port(check.port_index, check.port, app.port_count),
                     path,
                     std::string(kPortIndex));
  }
  if (check.ip_protocol == "IPv6") {
    const bool docker = app.form.container && app.form.container->type == Engine::docker;
    problems.require(
        docker && is_mesos_network(check.protocol),
        path,
        "IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks");
  }
  check_combination(check, path, problems);
}

void check_app_check(const AppView& app, Problems& problems) {
  const json::Value& check = *app.form.check;
  const bool docker = app.form.container && app.form.container->docker &&
                      app.form.container->type == Engine::docker;
  problems.require(!docker, "/", "AppDefinition must not use 'checks' if using docker");
  int kinds = 0;
  for (std::string_view kind : {"http", "tcp", "exec"}) {
    const json::Value* one = check.find(kind);
    if (one == nullptr) {
      continue;
    }
    ++kinds;
    const json::Value* index = one->find("portIndex");
    const json::Value* port = one->find("port");
    const auto number = [](const json::Value* value) {
      return value == nullptr ? std::nullopt : std::optional<std::int64_t>(value->as_int());
    };
    problems.require(
        kind == "exec" || addresses_port(number(index), number(port), app.port_count),
        "/check",
        "check port index must address an element of the ports array or container port mappings.");
    problems.require((*one)["scheme"].as_string() != "HTTPS",
                     "/check/http/scheme",
                     "HTTPS is not supported by checks");
  }
  problems.require(
      kinds == 1, "/check", "illegal RAML Check: expected one of http, tcp or exec checks");
}

bool has_port_name(const AppView& app, const std::string& name) {
  const auto has = [&](const auto& ports) {
    return std::any_of(ports.begin(), ports.end(), [&](const auto& port) {
      return port.name == std::optional(name);
    });
  };
  if (app.host_network) {
    return app.form.port_definitions && has(*app.form.port_definitions);
  }
  return app.form.container && app.form.container->port_mappings &&
         has(*app.form.container->port_mappings);
}

}  // namespace

void check_health(const AppView& app, Problems& problems) {
  const auto checks = app.form.health_checks.value_or(std::vector<HealthCheck>{});
  for (std::size_t i = 0; i < checks.size(); ++i) {
    check_one(app, checks[i], indexed("/healthChecks", i), problems);
  }
  const auto mesos = std::count_if(checks.begin(), checks.end(), [](const HealthCheck& check) {
    return is_mesos_network(check.protocol);
  });
  problems.require(mesos <= 1, "/", "AppDefinition can contain at most one Mesos health check");
  if (app.form.check) {
    check_app_check(app, problems);
  }
}

void check_readiness(const AppView& app, Problems& problems) {
  const auto checks = app.form.readiness_checks.value_or(std::vector<ReadinessCheck>{});
  problems.require(checks.size() <= 1,
                   "/readinessChecks/size",
                   fmt::format("got {}, expected 1 or less", checks.size()));
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const std::string path = indexed("/readinessChecks", i);
    problems.require(has_port_name(app, checks[i].port_name),
                     path + "/portName",
                     "No port definition reference for portName " + checks[i].port_name);
    problems.require(checks[i].timeout_seconds < checks[i].interval_seconds,
                     path + "/timeoutSeconds",
                     fmt::format("got {}, expected less than {}",
                                 checks[i].timeout_seconds,
                                 checks[i].interval_seconds));
  }
}

}  // namespace ekiden::marathon::validation
