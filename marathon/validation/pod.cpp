#include "marathon/validation/pod.h"

#include "core/base/strings.h"
#include "marathon/api/patterns.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

namespace ekiden::marathon::validation {
namespace {

using wire::PodContainerForm;
using wire::PodForm;

struct PodView {  // what several rules need to know
  const PodForm& form;
  const Rules& rules;
  std::vector<std::string> network_names;  // of container networks
  bool host_network = false;               // explicitly
  bool container_network = false;

  bool has_secret(const std::string& name) const { return form.secrets.count(name) > 0; }
};

PodView view_of(const PodForm& form, const Rules& rules) {
  PodView view{form, rules, {}};
  for (const Network& network : form.networks) {
    view.host_network = view.host_network || network.mode == NetworkMode::host;
    view.container_network = view.container_network || network.mode == NetworkMode::container;
    if (network.mode == NetworkMode::container && network.name) {
      view.network_names.push_back(*network.name);
    }
  }
  return view;
}

void check_pod_id(const std::string& id, Problems& problems) {
  problems.require(id.starts_with('/'), "/id", "Path needs to be absolute");
  problems.require(
      !PathId::parse(id).is_root(), "/id", "Path must contain at least one path element");
  check_id(id, "/id", problems);
}

// ---- secrets
void check_environment(const PodView& pod,
                       const std::map<std::string, EnvValue>& environment,
                       const std::string& path,
                       Problems& problems) {
  for (const auto& [name, value] : environment) {
    const auto* secret = std::get_if<Secret>(&value);
    if (secret == nullptr) {
      continue;
    }
    problems.require(
        is_enabled(pod.rules, "secrets"),
        path,
        "use of secret-references in the environment requires the secrets feature to be enabled");
    problems.require(pod.has_secret(secret->secret),
                     path + "/" + name + "/secret",
                     "references an undefined secret");
  }
}

void require_feature(const PodView& pod, const std::string& path, Problems& problems) {
  if (!is_enabled(pod.rules, "secrets")) {
    problems.add(path, feature_missing("secrets"));
    problems.add(path, "must be empty");
  }
}

void check_pod_secrets(const PodView& pod, Problems& problems) {
  std::size_t index = 0;
  for (const auto& [name, secret] : pod.form.secrets) {
    require_feature(pod, "/secrets", problems);
    problems.require(!name.empty(), indexed("/secrets/keys", index++), "must not be empty");
    problems.require(!secret.source.empty(), "/secrets/" + name + "/source", "must not be empty");
  }
}

// ---- volumes
bool is_mounted(const PodForm& form, const std::string& volume) {
  return std::any_of(form.containers.begin(), form.containers.end(), [&](const auto& container) {
    return std::any_of(container.volume_mounts.begin(),
                       container.volume_mounts.end(),
                       [&](const PodVolumeMount& mount) { return mount.name == volume; });
  });
}

void check_pod_volumes(const PodView& pod, Problems& problems) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < pod.form.volumes.size(); ++i) {
    const PodVolume& volume = pod.form.volumes[i];
    const std::string path = indexed("/volumes", i);
    problems.require(names.insert(volume.name).second, "/volumes", "volume names must be unique");
    problems.require(is_mounted(pod.form, volume.name),
                     path,
                     "volume must be referenced by at least one container");
    if (volume.secret) {
      problems.require(pod.has_secret(*volume.secret),
                       "/volumes",
                       "volume.secret must refer to an existing secret");
      require_feature(pod, "/volumes", problems);
    } else if (volume.persistent) {
      check_persistent(*volume.persistent, path, problems);
    }
  }
}

// ---- containers
void check_endpoint(const PodView& pod,
                    const PodEndpoint& endpoint,
                    const std::string& path,
                    Problems& problems) {
  problems.require(!pod.host_network || !endpoint.container_port,
                   path + "/containerPort",
                   "is not allowed when using host-mode networking");
  problems.require(!pod.container_network || endpoint.container_port,
                   path + "/containerPort",
                   "is required when using container-mode networking");
  const std::set<std::string> protocols(endpoint.protocols.begin(), endpoint.protocols.end());
  problems.require(protocols.size() == endpoint.protocols.size(),
                   path + "/protocol",
                   "Duplicate protocols within the same endpoint are not allowed");
  for (std::size_t i = 0; i < endpoint.network_names.size(); ++i) {
    const bool known =
        std::find(pod.network_names.begin(), pod.network_names.end(), endpoint.network_names[i]) !=
        pod.network_names.end();
    problems.require(known,
                     indexed(path + "/networkNames", i),
                     fmt::format("is not one of ({})", join(pod.network_names, ",")));
  }
  problems.require(
      !endpoint.host_port || pod.network_names.size() <= 1 || endpoint.network_names.size() == 1,
      path,
      "networkNames must be a single item list when hostPort is specified and more than 1 "
      "container network is defined");
}

void check_health(const PodContainerForm& container, const std::string& path, Problems& problems) {
  const PodHealthCheck& check = *container.health_check;
  const int kinds = (check.http ? 1 : 0) + (check.tcp ? 1 : 0) + (check.exec ? 1 : 0);
  problems.require(kinds == 1, path, "Only one of http, tcp, or command may be specified");
  problems.require(
      check.timeout_seconds < check.interval_seconds,
      path + "/timeoutSeconds",
      fmt::format("got {}, expected less than {}", check.timeout_seconds, check.interval_seconds));
  const auto require_endpoint = [&](const std::string& name, const std::string& where) {
    const bool known = std::any_of(container.endpoints.begin(),
                                   container.endpoints.end(),
                                   [&](const PodEndpoint& one) { return one.name == name; });
    problems.require(known, where, "contained in the container endpoints");
  };
  if (check.http) {
    require_endpoint(check.http->endpoint, path + "/http/endpoint");
  }
  if (check.tcp) {
    require_endpoint(check.tcp->endpoint, path + "/tcp/endpoint");
  }
}

void check_limits(const PodView& pod,
                  const PodContainerForm& container,
                  const std::string& path,
                  Problems& problems) {
  if (!container.limits) {
    return;
  }
  const std::string limits = path + "/resourceLimits";
  check_limit(container.limits->cpus, {limits + "/cpus", container.resources.cpus}, problems);
  check_limit(container.limits->mem, {limits + "/mem", container.resources.mem}, problems);
  problems.require(!pod.form.legacy_shared_cgroups.value_or(false),
                   limits,
                   "resourceLimits cannot be defined if legacySharedCgroups is enabled");
}

void check_mounts(const PodView& pod,
                  const PodContainerForm& container,
                  const std::string& path,
                  Problems& problems) {
  const auto& volumes = pod.form.volumes;
  for (std::size_t i = 0; i < container.volume_mounts.size(); ++i) {
    const std::string& name = container.volume_mounts[i].name;
    const bool known = std::any_of(volumes.begin(), volumes.end(), [&](const PodVolume& volume) {
      return volume.name == name;
    });
    problems.require(known,
                     indexed(path + "/volumeMounts", i) + "/name",
                     "Referenced Volume in VolumeMount should exist");
  }
}

void check_one(const PodView& pod,
               const PodContainerForm& container,
               const std::string& path,
               Problems& problems) {
  problems.require(container.name != "_app", path + "/name", "equals _app");
  problems.require(
      !container.user || !container.user->empty(), path + "/user", "must not be empty");
  check_limits(pod, container, path, problems);
  for (std::size_t i = 0; i < container.endpoints.size(); ++i) {
    check_endpoint(pod, container.endpoints[i], indexed(path + "/endpoints", i), problems);
  }
  if (container.image && container.image->pull_config) {
    problems.require(pod.has_secret(container.image->pull_config->secret),
                     path + "/image/pullConfig",
                     "pullConfig.secret must refer to an existing secret");
    require_feature(pod, path + "/image/pullConfig", problems);
  }
  if (container.health_check) {
    check_health(container, path + "/healthCheck", problems);
  }
  check_mounts(pod, container, path, problems);
  check_environment(pod, container.environment, path + "/environment", problems);
  for (std::size_t i = 0; i < container.artifacts.size(); ++i) {
    problems.require(wire::is_uri(container.artifacts[i].uri),
                     indexed(path + "/artifacts", i) + "/uri",
                     "URI has invalid syntax.");
  }
  if (container.linux_info) {
    check_linux_info(*container.linux_info, path + "/linuxInfo", problems);
  }
}

void check_containers(const PodView& pod, Problems& problems) {
  std::set<std::string> names;
  std::set<std::string> endpoints;
  std::set<std::int32_t> container_ports;
  std::set<std::int32_t> host_ports;
  const auto fresh = [](std::set<std::int32_t>& seen, const std::optional<std::int32_t>& port) {
    return !port || *port == 0 || seen.insert(*port).second;
  };
  for (std::size_t i = 0; i < pod.form.containers.size(); ++i) {
    const PodContainerForm& container = pod.form.containers[i];
    problems.require(
        names.insert(container.name).second, "/containers", "container names must be unique");
    check_one(pod, container, indexed("/containers", i), problems);
    for (const PodEndpoint& endpoint : container.endpoints) {
      problems.require(endpoints.insert(endpoint.name).second,
                       "/",
                       "endpoint names nust be unique across all containers");
      problems.require(fresh(container_ports, endpoint.container_port),
                       "/",
                       "container ports must be unique across all containers");
      problems.require(fresh(host_ports, endpoint.host_port),
                       "/",
                       "host ports must be unique across all containers");
    }
  }
}

// ---- scheduling
void check_placement(const wire::PlacementForm& placement, Problems& problems) {
  for (std::size_t i = 0; i < placement.constraints.size(); ++i) {
    const wire::PodConstraintForm& constraint = placement.constraints[i];
    const std::string path = indexed("/scheduling/placement/constraints", i);
    if (constraint.field_name.empty()) {
      problems.add(path, "missing field for constraint declaration");
      continue;
    }
    std::vector<std::string> parts{constraint.field_name, constraint.op};
    if (constraint.value) {
      parts.push_back(*constraint.value);
    }
    check_constraint(parts, path, problems);
  }
}

void check_scheduling(const PodView& pod, Problems& problems) {
  if (!pod.form.scheduling) {
    return;
  }
  const wire::SchedulingForm& scheduling = *pod.form.scheduling;
  const bool resident = has_persistent_volumes(pod.form);
  if (resident && scheduling.upgrade) {
    const double over = scheduling.upgrade->maximum_over_capacity;
    problems.require(over == 0,
                     "/upgrade/maximumOverCapacity",
                     fmt::format("got {}, expected 0.0", number_text(over)));
  }
  if (scheduling.unreachable_strategy && !scheduling.unreachable_strategy->disabled) {
    const UnreachableStrategy& strategy = *scheduling.unreachable_strategy;
    problems.require(
        !resident, "/", "unreachableStrategy must be disabled for pods with persistent volumes");
    problems.require(strategy.inactive_after_seconds <= strategy.expunge_after_seconds,
                     "/scheduling/unreachableStrategy/inactiveAfterSeconds",
                     fmt::format("inactiveAfterSeconds ({}) must be less or equal to "
                                 "expungeAfterSeconds, which is {}",
                                 strategy.inactive_after_seconds,
                                 strategy.expunge_after_seconds));
  }
  if (scheduling.placement) {
    check_placement(*scheduling.placement, problems);
  }
}

// The networks of a pod obey the same rules as those of an app without a Docker container.
void check_pod_networks(const PodView& pod, Problems& problems) {
  wire::AppForm form;
  form.networks = pod.form.networks;
  check_networks(view_of(form, pod.rules), problems);
}

}  // namespace

std::vector<Problem> pod_problems(const PodForm& form, const Rules& rules) {
  const PodView pod = view_of(form, rules);
  Problems problems;
  check_pod_id(form.id, problems);
  problems.require(!form.user || !form.user->empty(), "/user", "must not be empty");
  check_environment(pod, form.environment, "/environment", problems);
  check_pod_secrets(pod, problems);
  check_pod_volumes(pod, problems);
  check_pod_networks(pod, problems);
  check_containers(pod, problems);
  check_scheduling(pod, problems);
  if (form.linux_info) {
    problems.require(form.linux_info->find("seccomp") == nullptr,
                     "/linuxInfo/seccomp",
                     "Seccomp configuration on executor level is not supported");
    check_linux_info(*form.linux_info, "/linuxInfo", problems);
  }
  static const std::optional<std::vector<std::string>> kAnyRole;
  const bool placed = form.scheduling && form.scheduling->placement;
  check_roles({form.role.value_or(rules.roles.default_role),
               placed ? form.scheduling->placement->accepted_resource_roles : kAnyRole,
               has_persistent_volumes(form),
               "pod"},
              rules.roles,
              problems);
  return problems.take();
}

}  // namespace ekiden::marathon::validation
