#include "marathon/validation/app.h"

#include "core/base/strings.h"
#include "marathon/api/patterns.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

namespace ekiden::marathon::validation {
namespace {

using wire::AppForm;
using wire::ContainerForm;
using wire::DockerForm;

constexpr std::string_view kSegmentPattern =
    "must fully match regular expression "
    "'^(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])|(\\.|"
    "\\.\\.)$'";
constexpr std::array<std::string_view, 5> kReservedWords{"restart", "tasks", "versions", ".", ".."};

template <class T>
bool filled(const std::optional<T>& list) {
  return list && !list->empty();
}

template <class T>
bool distinct_nonzero(const std::vector<T>& ports) {
  std::set<T> seen;
  return std::all_of(
      ports.begin(), ports.end(), [&](T port) { return port == 0 || seen.insert(port).second; });
}

// ---- phase A
void check_deprecated_docker(const ContainerForm& container, Problems& problems) {
  const std::string path = "/container/docker";
  if (!container.docker) {
    return;
  }
  const DockerForm& docker = *container.docker;
  problems.require(!docker.credential, path + "/credential", "must be empty");
  if (container.type == Engine::mesos) {
    problems.require(!docker.network, path + "/network", "must be empty");
    problems.require(docker.parameters.empty(), path + "/parameters", "must be empty");
    problems.require(!filled(docker.port_mappings), path + "/portMappings", "must be empty");
  }
  if (docker.port_mappings) {
    std::set<std::string> names;
    for (const PortMapping& mapping : *docker.port_mappings) {
      problems.require(!mapping.name || names.insert(*mapping.name).second,
                       path + "/portMappings",
                       "Port names must be unique.");
    }
  }
}

void check_deprecated_ports(const AppForm& form, Problems& problems) {
  if (form.ports) {
    problems.require(distinct_nonzero(*form.ports), "/", "ports must be unique");
  }
  if (form.ip_address) {
    problems.require(!filled(form.ports) && !filled(form.port_definitions),
                     "/",
                     "cannot specify both an IP address and port");
  }
  if (form.ports && form.port_definitions) {
    std::vector<std::int32_t> numbers;
    for (const PortDefinition& definition : *form.port_definitions) {
      numbers.push_back(definition.port);
    }
    problems.require(numbers == *form.ports, "/", "cannot specify both ports and port definitions");
  }
}

// ---- phase B
bool has_image(const AppForm& form) {
  return form.container && form.container->docker && !form.container->docker->image.empty();
}

void check_command(const AppForm& form, Problems& problems) {
  const bool cmd = form.cmd.has_value();
  const bool args = filled(form.args);
  const bool neither = has_image(form) || (form.container && form.container->type == Engine::mesos);
  const bool legal = cmd != args || (!cmd && !args && neither);
  problems.require(legal,
                   "/",
                   "AppDefinition must either contain one of 'cmd' or 'args', and/or a "
                   "'container'.");
  problems.require(!cmd || form.cmd->size() > 1, "/", "must not be an empty string");
  if (form.executor) {
    problems.require(wire::is_executor_text(*form.executor),
                     "/executor",
                     "must fully match regular expression '^(//cmd)|(/?[^/]+(/[^/]+)*)|$'");
  }
}

std::string label(const AppForm& form, const std::string& name) {
  if (!form.labels) {
    return {};
  }
  const auto found = form.labels->find(name);
  return found == form.labels->end() ? std::string() : found->second;
}

bool is_single_instance(const AppForm& form) {
  return label(form, "MARATHON_SINGLE_INSTANCE_APP") == "true";
}

void check_labels(const AppForm& form, Problems& problems) {
  if (is_single_instance(form)) {
    problems.require(
        form.instances.value_or(1) <= 1, "/", "Single instance app may only have one instance");
  }
  const std::string version = label(form, "DCOS_MIGRATION_API_VERSION");
  if (!version.empty()) {
    problems.require(version == "v1" && !label(form, "DCOS_PACKAGE_FRAMEWORK_NAME").empty() &&
                         !label(form, "DCOS_MIGRATION_API_PATH").empty(),
                     "/",
                     "DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined when "
                     "using DCOS_MIGRATION_API_VERSION");
  }
}

}  // namespace

void check_limit(const std::optional<json::Value>& limit,
                 const Requested& requested,
                 Problems& problems) {
  if (!limit) {
    return;
  }
  if (limit->is_string()) {
    const std::string text(limit->as_string());
    problems.require(
        text == "unlimited",
        requested.path,
        fmt::format("'{}' is an invalid resource limit. It must be 'unlimited' or a number", text));
    return;
  }
  problems.require(
      limit->as_double() >= requested.amount,
      requested.path,
      fmt::format("resource limit must be greater than or equal to requested resource ({})",
                  number_text(requested.amount)));
}

namespace {

void check_resources(const AppView& app, Problems& problems) {
  const AppForm& form = app.form;
  if (form.gpus.value_or(0) > 0) {
    problems.require(!form.container || form.container->type == Engine::mesos,
                     "/",
                     "GPU resources only work with the Mesos containerizer");
    problems.require(is_enabled(app.rules, "gpu_resources"), "/", feature_missing("gpu_resources"));
  }
  if (form.resource_limits) {
    const App defaults;
    check_limit(form.resource_limits->cpus,
                {"/resourceLimits/cpus", form.cpus.value_or(defaults.cpus)},
                problems);
    check_limit(form.resource_limits->mem,
                {"/resourceLimits/mem", form.mem.value_or(defaults.mem)},
                problems);
  }
}

void check_fetch(const AppForm& form, Problems& problems) {
  for (std::size_t i = 0; form.fetch && i < form.fetch->size(); ++i) {
    problems.require(wire::is_uri((*form.fetch)[i].uri),
                     indexed("/fetch", i) + "/uri",
                     "URI has invalid syntax.");
  }
}

bool has_dvdi_volumes(const AppForm& form) {
  return form.container && std::any_of(form.container->volumes.begin(),
                                       form.container->volumes.end(),
                                       [](const Volume& volume) {
                                         return volume.external &&
                                                (*volume.external)["provider"].as_string() != "csi";
                                       });
}

void check_strategies(const AppView& app, Problems& problems) {
  const AppForm& form = app.form;
  if (form.upgrade_strategy) {
    const UpgradeStrategy& strategy = *form.upgrade_strategy;
    const bool single = is_single_instance(form);
    if (app.resident || single || has_dvdi_volumes(form)) {
      problems.require(
          strategy.maximum_over_capacity == 0,
          "/upgradeStrategy/maximumOverCapacity",
          fmt::format("got {}, expected 0.0", number_text(strategy.maximum_over_capacity)));
    }
    if (single) {
      problems.require(
          strategy.minimum_health_capacity == 0,
          "/upgradeStrategy/minimumHealthCapacity",
          fmt::format("got {}, expected 0.0", number_text(strategy.minimum_health_capacity)));
    }
  }
  if (form.unreachable_strategy && !form.unreachable_strategy->disabled) {
    const UnreachableStrategy& strategy = *form.unreachable_strategy;
    problems.require(!app.resident, "/", "unreachableStrategy must be disabled for resident tasks");
    problems.require(strategy.inactive_after_seconds <= strategy.expunge_after_seconds,
                     "/unreachableStrategy/inactiveAfterSeconds",
                     fmt::format("inactiveAfterSeconds ({}) must be less or equal to "
                                 "expungeAfterSeconds, which is {}",
                                 strategy.inactive_after_seconds,
                                 strategy.expunge_after_seconds));
  }
}

void check_ids(const AppForm& form, Problems& problems) {
  const std::string id = form.id.value_or("/");
  problems.require(id != "/", "/", "must not be root");
  problems.require(id != "/", "/id", "Path must contain at least one path element");
  check_id(id, "/id", problems);
  for (std::size_t i = 0; form.dependencies && i < form.dependencies->size(); ++i) {
    check_id((*form.dependencies)[i], indexed("/dependencies", i), problems);
  }
}

}  // namespace

bool is_enabled(const Rules& rules, const std::string& feature) {
  return rules.settings.features.count(feature) > 0;
}

void check_id(std::string_view id, const std::string& path, Problems& problems) {
  const auto segments = split_nonempty(id, '/');
  const bool legal = std::all_of(segments.begin(), segments.end(), wire::is_path_segment);
  problems.require(legal, path, std::string(kSegmentPattern));
  if (segments.empty()) {
    return;
  }
  const bool reserved = std::find(kReservedWords.begin(), kReservedWords.end(), segments.back()) !=
                        kReservedWords.end();
  problems.require(!reserved,
                   path,
                   "must not end with any of the following reserved keywords: restart, tasks, "
                   "versions, ., ..");
}

AppView view_of(const AppForm& form, const Rules& rules) {
  AppView view{form, rules};
  for (const Network& network : form.networks.value_or(std::vector<Network>{})) {
    view.host_network = view.host_network && network.mode == NetworkMode::host;
  }
  if (form.container) {
    for (const Volume& volume : form.container->volumes) {
      view.resident = view.resident || volume.persistent;
    }
  }
  if (view.host_network) {
    view.port_count = form.port_definitions ? form.port_definitions->size() : 0;
  } else {
    const bool mapped = form.container && form.container->port_mappings;
    view.port_count = mapped ? form.container->port_mappings->size() : form.container ? 0 : 1;
  }
  return view;
}

std::vector<Problem> deprecated_problems(const AppForm& form) {
  Problems problems;
  if (form.container) {
    check_deprecated_docker(*form.container, problems);
    const bool discovery =
        form.ip_address && form.ip_address->discovery && !form.ip_address->discovery->ports.empty();
    problems.require(!discovery || form.container->type != Engine::docker,
                     "/ipAddress",
                     "ipAddress/discovery is not allowed for Docker containers");
  }
  for (std::size_t i = 0; form.uris && i < form.uris->size(); ++i) {
    problems.require(wire::is_uri((*form.uris)[i]), indexed("/uris", i), "URI has invalid syntax.");
  }
  problems.require(!filled(form.uris) || !filled(form.fetch),
                   "/uris",
                   "may not be set in conjunction with fetch");
  if (filled(form.networks)) {
    const bool docker_network =
        form.container && form.container->docker && form.container->docker->network;
    problems.require(
        !docker_network, "/", "must not specify both container.docker.network and networks");
    problems.require(!form.ip_address, "/", "must not specify both networks and ipAddress");
  }
  check_deprecated_ports(form, problems);
  return problems.take();
}

std::vector<Problem> canonical_problems(const AppForm& form, const Rules& rules) {
  const AppView app = view_of(form, rules);
  Problems problems;
  check_ids(form, problems);
  check_command(form, problems);
  check_labels(form, problems);
  check_resources(app, problems);
  check_fetch(form, problems);
  check_networks(app, problems);
  check_ports(app, problems);
  check_container(app, problems);
  check_health(app, problems);
  check_readiness(app, problems);
  check_constraints(app, problems);
  check_strategies(app, problems);
  check_secrets(app, problems);
  const Roles roles{
      form.role.value_or(rules.roles.default_role), form.accepted_resource_roles, app.resident};
  check_roles(roles, rules.roles, problems);
  return problems.take();
}

std::vector<Problem> definition_problems(const App& app) {
  Problems problems;
  if (app.pod) {
    return {};
  }
  const bool image = app.container && app.container->docker;
  problems.require(app.cmd || !app.args.empty() || image,
                   "/",
                   "AppDefinition must either contain one of 'cmd' or 'args', and/or a "
                   "'container'.");
  for (std::size_t i = 0; i < app.health_checks.size(); ++i) {
    const auto& index = app.health_checks[i].port_index;
    problems.require(!index || static_cast<std::size_t>(*index) < app.port_count(),
                     indexed("/healthChecks", i),
                     "Health check port indices must address an element of the ports array or "
                     "container port mappings.");
  }
  return problems.take();
}

}  // namespace ekiden::marathon::validation
