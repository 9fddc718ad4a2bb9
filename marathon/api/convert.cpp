#include "marathon/api/convert.h"

#include "core/base/strings.h"
#include "marathon/api/pod_form.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace ekiden::marathon::wire {
namespace {

constexpr std::int64_t kRelaunchEscalationTimeoutSeconds = 3600;
constexpr std::int32_t kDelaySecondsShown = 15;

constexpr const auto& kOperators = kConstraintOperators;

template <class T>
std::optional<T> unless_empty(const T& value) {
  return value.empty() ? std::nullopt : std::optional<T>(value);
}

template <class T>
void sort_unique(std::vector<T>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// ---- App -> form
std::optional<std::vector<std::vector<std::string>>> constraint_texts(const App& app) {
  std::vector<std::vector<std::string>> texts;
  for (const Constraint& constraint : app.constraints) {
    auto& text = texts.emplace_back();
    text = {constraint.field, std::string(to_text(constraint.op))};
    if (constraint.value) {
      text.push_back(*constraint.value);
    }
  }
  return unless_empty(texts);
}

std::optional<ContainerForm> container_form(const App& app) {
  if (!app.container) {
    return std::nullopt;
  }
  ContainerForm form;
  form.type = app.container->type;
  form.volumes = app.container->volumes;
  form.linux_info = app.container->linux_info;
  if (app.container->docker) {
    const DockerContainer& docker = *app.container->docker;
    DockerForm& out = form.docker.emplace();
    out.image = docker.image;
    out.force_pull_image = docker.force_pull_image;
    out.privileged = docker.privileged;
    out.parameters = docker.parameters;
    out.pull_config = docker.pull_config;
  }
  if (!app.uses_host_network()) {
    form.port_mappings = app.container->port_mappings;
  }
  return form;
}

json::Value residency(const App& app) {
  const std::int64_t timeout = app.unreachable_strategy.disabled
                                   ? kRelaunchEscalationTimeoutSeconds
                                   : app.unreachable_strategy.inactive_after_seconds;
  return json::Object{{"relaunchEscalationTimeoutSeconds", timeout},
                      {"taskLostBehavior", "WAIT_FOREVER"}};
}

std::optional<json::Value> limit(const std::optional<double>& value) {
  if (!value) {
    return std::nullopt;
  }
  return std::isinf(*value) ? json::Value("unlimited") : json::Value(*value);
}

void write_policy(const App& app, AppForm& form) {
  form.backoff_seconds = app.backoff_seconds;
  form.backoff_factor = app.backoff_factor;
  form.max_launch_delay_seconds = app.max_launch_delay_seconds;
  form.task_kill_grace_period_seconds = app.task_kill_grace_period_seconds;
  form.upgrade_strategy = app.upgrade_strategy;
  form.kill_selection = app.kill_selection;
  form.unreachable_strategy = app.unreachable_strategy;
  if (app.is_resident()) {
    form.residency = residency(app);
  }
  form.version = to_iso8601(app.version_info.version);
  if (app.version_info.last_scaling_at != WallTime{}) {
    form.version_info =
        json::Object{{"lastScalingAt", to_iso8601(app.version_info.last_scaling_at)},
                     {"lastConfigChangeAt", to_iso8601(app.version_info.last_config_change_at)}};
  }
}

void write_network(const App& app, AppForm& form) {
  form.networks = app.networks;
  if (app.uses_host_network()) {
    form.port_definitions = app.port_definitions;
  }
  form.require_ports = app.require_ports;
  form.container = container_form(app);
}

void write_checks(const App& app, AppForm& form) {
  form.health_checks = unless_empty(app.health_checks);
  form.check = app.check;
  form.readiness_checks = unless_empty(app.readiness_checks);
}

void write_resources(const App& app, AppForm& form) {
  form.cpus = app.cpus;
  form.mem = app.mem;
  form.disk = app.disk;
  form.gpus = app.gpus;
  form.executor_resources = app.executor_resources;
  form.role = app.role;
  form.accepted_resource_roles = unless_empty(app.accepted_resource_roles);
  if (app.resource_limits) {
    form.resource_limits = to_form(*app.resource_limits);
  }
}

std::vector<std::string> texts(const std::vector<PathId>& ids) {
  std::vector<std::string> out;
  for (const PathId& id : ids) {
    out.push_back(id.text());
  }
  return out;
}

// ---- form -> App
std::optional<double> to_limit(const std::optional<json::Value>& value) {
  if (!value) {
    return std::nullopt;
  }
  return value->is_string() ? std::numeric_limits<double>::infinity() : value->as_double();
}

Container to_container(const ContainerForm& form) {
  Container container;
  container.type = form.type;
  container.volumes = form.volumes;
  container.linux_info = form.linux_info;
  container.port_mappings = form.port_mappings.value_or(std::vector<PortMapping>{});
  if (form.docker) {
    DockerContainer& docker = container.docker.emplace();
    docker.image = form.docker->image;
    docker.force_pull_image = form.docker->force_pull_image;
    docker.privileged = form.docker->privileged;
    docker.parameters = form.docker->parameters;
    docker.pull_config = form.docker->pull_config;
  }
  return container;
}

template <class T, class U>
void take(T& member, const std::optional<U>& value) {
  if (value) {
    member = *value;
  }
}

void read_basics(const AppForm& form, App& app) {
  app.id = PathId::parse(form.id.value_or("/"));
  app.cmd = form.cmd;
  take(app.args, form.args);
  app.user = form.user;
  take(app.env, form.env);
  take(app.instances, form.instances);
  take(app.executor, form.executor);
  take(app.fetch, form.fetch);
  take(app.labels, form.labels);
  app.tty = form.tty;
  for (const std::string& id : form.dependencies.value_or(std::vector<std::string>{})) {
    app.dependencies.push_back(PathId::parse(id));
  }
  sort_unique(app.dependencies);
  if (form.secrets) {
    for (const auto& [name, secret] : *form.secrets) {
      app.secrets.emplace(name, secret.source);
    }
  }
}

void read_resources(const AppForm& form, App& app) {
  take(app.cpus, form.cpus);
  take(app.mem, form.mem);
  take(app.disk, form.disk);
  take(app.gpus, form.gpus);
  app.executor_resources = form.executor_resources;
  take(app.role, form.role);
  take(app.accepted_resource_roles, form.accepted_resource_roles);
  sort_unique(app.accepted_resource_roles);
  if (form.constraints) {
    app.constraints = to_constraints(*form.constraints);
  }
  if (form.resource_limits) {
    app.resource_limits = to_limits(*form.resource_limits);
  }
}

void read_network(const AppForm& form, App& app) {
  take(app.networks, form.networks);
  take(app.port_definitions, form.port_definitions);
  take(app.require_ports, form.require_ports);
  if (form.container) {
    app.container = to_container(*form.container);
  }
}

// COMMAND checks tolerate a port index and drop it; only Mesos checks have a delay [3.5].
HealthCheck to_check(HealthCheck check) {
  if (check.protocol == HealthProtocol::command) {
    check.port_index.reset();
  }
  if (is_marathon_side(check.protocol) || check.protocol == HealthProtocol::command) {
    check.delay_seconds = kDelaySecondsShown;
  }
  return check;
}

void read_checks(const AppForm& form, App& app) {
  for (const HealthCheck& check : form.health_checks.value_or(std::vector<HealthCheck>{})) {
    HealthCheck whole = to_check(check);
    if (std::find(app.health_checks.begin(), app.health_checks.end(), whole) ==
        app.health_checks.end()) {
      app.health_checks.push_back(std::move(whole));
    }
  }
  app.check = form.check;
  take(app.readiness_checks, form.readiness_checks);
}

WallTime time_or_zero(std::string_view text) {
  return parse_iso8601(text).value_or(WallTime{});
}

void read_policy(const AppForm& form, App& app) {
  take(app.backoff_seconds, form.backoff_seconds);
  take(app.backoff_factor, form.backoff_factor);
  take(app.max_launch_delay_seconds, form.max_launch_delay_seconds);
  app.task_kill_grace_period_seconds = form.task_kill_grace_period_seconds;
  take(app.upgrade_strategy, form.upgrade_strategy);
  take(app.kill_selection, form.kill_selection);
  take(app.unreachable_strategy, form.unreachable_strategy);
  if (form.version) {
    app.version_info.version = time_or_zero(*form.version);
  }
  if (form.version_info) {
    const json::Value& info = *form.version_info;
    app.version_info.last_scaling_at = time_or_zero(info["lastScalingAt"].as_string());
    app.version_info.last_config_change_at = time_or_zero(info["lastConfigChangeAt"].as_string());
  }
}

}  // namespace

std::vector<Constraint> to_constraints(const std::vector<std::vector<std::string>>& texts) {
  std::vector<Constraint> constraints;
  for (const auto& text : texts) {
    Constraint& constraint = constraints.emplace_back();
    constraint.field = text.at(0);
    const auto known = std::find_if(
        kOperators.begin(), kOperators.end(), [&](auto name) { return iequals(name, text.at(1)); });
    constraint.op = static_cast<ConstraintOperator>(known - kOperators.begin());
    if (text.size() > 2) {
      constraint.value = text[2];
    }
  }
  sort_unique(constraints);
  return constraints;
}

ResourceLimits to_limits(const ResourceLimitsForm& form) {
  return {to_limit(form.cpus), to_limit(form.mem)};
}

ResourceLimitsForm to_form(const ResourceLimits& limits) {
  return {limit(limits.cpus), limit(limits.mem)};
}

AppForm to_form(const App& app) {
  AppForm form;
  form.id = app.id.text();
  form.cmd = app.cmd;
  form.args = unless_empty(app.args);
  form.user = app.user;
  form.env = unless_empty(app.env);
  form.instances = app.instances;
  form.executor = app.executor;
  form.constraints = constraint_texts(app);
  form.fetch = unless_empty(app.fetch);
  form.labels = unless_empty(app.labels);
  form.dependencies = unless_empty(texts(app.dependencies));
  form.tty = app.tty;
  if (!app.secrets.empty()) {
    auto& secrets = form.secrets.emplace();
    for (const auto& [name, source] : app.secrets) {
      secrets[name] = SecretSource{source};
    }
  }
  write_resources(app, form);
  write_network(app, form);
  write_checks(app, form);
  write_policy(app, form);
  return form;
}

App to_app(const AppForm& form) {
  App app;
  read_basics(form, app);
  read_resources(form, app);
  read_network(form, app);
  read_checks(form, app);
  read_policy(form, app);
  return app;
}

std::string to_json(const App& app) {
  if (app.pod) {
    return pod_to_json(app);
  }
  return json::encode(to_form(app), json::kMarathon);
}

Result<App> app_from_json(std::string_view text) {
  return decode_app(text).map([](const AppForm& form) { return to_app(form); });
}

}  // namespace ekiden::marathon::wire
