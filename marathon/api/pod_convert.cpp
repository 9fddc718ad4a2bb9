#include "core/base/strings.h"
#include "marathon/api/convert.h"
#include "marathon/api/pod_form.h"

#include <algorithm>

namespace ekiden::marathon::wire {
namespace {

bool has_mode(const PodForm& form, NetworkMode mode) {
  return std::any_of(form.networks.begin(), form.networks.end(), [&](const Network& network) {
    return network.mode == mode;
  });
}

template <class T, class U>
void take(T& member, const std::optional<U>& value) {
  if (value) {
    member = *value;
  }
}

std::vector<std::vector<std::string>> texts_of(const std::vector<PodConstraintForm>& forms) {
  std::vector<std::vector<std::string>> texts;
  for (const PodConstraintForm& form : forms) {
    auto& text = texts.emplace_back();
    text = {form.field_name, form.op};
    if (form.value) {
      text.push_back(*form.value);
    }
  }
  return texts;
}

PodPtr to_pod(const PodForm& form) {
  auto pod = std::make_shared<Pod>();
  for (const PodContainerForm& one : form.containers) {
    PodContainer& container = pod->containers.emplace_back(one);
    if (one.limits) {
      container.resource_limits = to_limits(*one.limits);
    }
  }
  pod->volumes = form.volumes;
  take(pod->executor_resources, form.executor_resources);
  pod->linux_info = form.linux_info;
  pod->legacy_shared_cgroups = form.legacy_shared_cgroups.value_or(false);
  if (form.scheduling) {
    take(pod->backoff, form.scheduling->backoff);
  }
  PodPtr shared;
  static_cast<std::shared_ptr<const Pod>&>(shared) = std::move(pod);
  return shared;
}

void read_scheduling(const SchedulingForm& form, App& app) {
  if (form.upgrade) {
    app.upgrade_strategy = *form.upgrade;
  }
  take(app.kill_selection, form.kill_selection);
  take(app.unreachable_strategy, form.unreachable_strategy);
  if (form.placement) {
    app.constraints = to_constraints(texts_of(form.placement->constraints));
    take(app.accepted_resource_roles, form.placement->accepted_resource_roles);
    auto& roles = app.accepted_resource_roles;
    std::sort(roles.begin(), roles.end());
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  }
}

SchedulingForm scheduling_form(const App& app) {
  SchedulingForm form;
  form.backoff = app.pod->backoff;
  static_cast<UpgradeStrategy&>(form.upgrade.emplace()) = app.upgrade_strategy;
  PlacementForm& placement = form.placement.emplace();
  for (const Constraint& constraint : app.constraints) {
    placement.constraints.push_back(
        {constraint.field, std::string(to_text(constraint.op)), constraint.value});
  }
  if (!app.accepted_resource_roles.empty()) {
    placement.accepted_resource_roles = app.accepted_resource_roles;
  }
  form.kill_selection = app.kill_selection;
  form.unreachable_strategy = app.unreachable_strategy;
  return form;
}

std::vector<PodContainerForm> container_forms(const Pod& pod) {
  std::vector<PodContainerForm> forms;
  for (const PodContainer& container : pod.containers) {
    PodContainerForm& form = forms.emplace_back();
    static_cast<PodContainer&>(form) = container;
    if (container.resource_limits) {
      form.limits = to_form(*container.resource_limits);
    }
  }
  return forms;
}

}  // namespace

bool has_persistent_volumes(const PodForm& form) {
  return std::any_of(form.volumes.begin(), form.volumes.end(), [](const PodVolume& volume) {
    return volume.persistent.has_value();
  });
}

void normalise(PodForm& form, const Settings& settings) {
  for (Network& network : form.networks) {
    if (network.mode == NetworkMode::container && !network.name) {
      network.name = settings.default_network_name;
    }
  }
  if (!has_mode(form, NetworkMode::container)) {
    for (PodContainerForm& container : form.containers) {
      for (PodEndpoint& endpoint : container.endpoints) {
        endpoint.host_port = endpoint.host_port.value_or(0);
      }
    }
  }
  const bool resident = has_persistent_volumes(form);
  SchedulingForm& scheduling = form.scheduling ? *form.scheduling : form.scheduling.emplace();
  if (!scheduling.upgrade && resident) {
    PodUpgradeForm& upgrade = scheduling.upgrade.emplace();
    upgrade.minimum_health_capacity = 0.5;
    upgrade.maximum_over_capacity = 0;
  }
  if (!scheduling.unreachable_strategy) {
    scheduling.unreachable_strategy = UnreachableStrategy{resident, 0, 0};
  }
}

App pod_to_app(const PodForm& form) {
  App app;
  app.id = PathId::parse(form.id);
  app.user = form.user;
  app.env = form.environment;
  app.labels = form.labels;
  app.networks = form.networks;
  for (const auto& [name, secret] : form.secrets) {
    app.secrets.emplace(name, secret.source);
  }
  if (form.scaling) {
    app.instances = form.scaling->instances;
  }
  if (form.scheduling) {
    read_scheduling(*form.scheduling, app);
  }
  take(app.role, form.role);
  if (form.version) {
    app.version_info.version = parse_iso8601(*form.version).value_or(WallTime{});
  }
  app.pod = to_pod(form);
  complete_pod(app);
  return app;
}

PodForm to_pod_form(const App& app) {
  const Pod& pod = *app.pod;
  PodForm form;
  form.id = app.id.text();
  form.version = to_iso8601(app.version_info.version);
  form.user = app.user;
  form.environment = app.env;
  form.labels = app.labels;
  form.containers = container_forms(pod);
  for (const auto& [name, source] : app.secrets) {
    form.secrets[name] = SecretSource{source};
  }
  form.volumes = pod.volumes;
  form.networks = app.networks;
  form.scaling = ScalingForm{"fixed", app.instances};
  form.scheduling = scheduling_form(app);
  form.executor_resources = pod.executor_resources;
  form.role = app.role;
  form.linux_info = pod.linux_info;
  if (pod.legacy_shared_cgroups) {
    form.legacy_shared_cgroups = true;
  }
  return form;
}

std::string pod_to_json(const App& pod) {
  return json::encode(to_pod_form(pod), json::kMarathon);
}

std::string pod_spec_json(const App& pod) {
  PodForm form = to_pod_form(pod);
  if (form.scheduling->placement == PlacementForm{}) {
    form.scheduling->placement.reset();
  }
  return json::encode(form, json::kMarathon);
}

Result<App> pod_from_json(std::string_view text) {
  return decode_pod(text).map([](const PodForm& form) { return pod_to_app(form); });
}

}  // namespace ekiden::marathon::wire
