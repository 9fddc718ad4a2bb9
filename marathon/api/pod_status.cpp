#include "marathon/api/pod_status.h"

#include "marathon/api/convert.h"
#include "marathon/api/pod_form.h"

#include <algorithm>
#include <map>

namespace ekiden::marathon::wire {
namespace {

enum class Status { pending, staging, stable, degraded, terminal };

std::string_view to_text(Status status) {
  switch (status) {
    case Status::pending:
      return "PENDING";
    case Status::staging:
      return "STAGING";
    case Status::stable:
      return "STABLE";
    case Status::degraded:
      return "DEGRADED";
    case Status::terminal:
      return "TERMINAL";
  }
  return "";
}

Status status_of(const Instance& instance) {
  switch (instance.condition) {
    case Condition::scheduled:
    case Condition::provisioned:
      return Status::pending;
    case Condition::staging:
    case Condition::starting:
      return Status::staging;
    case Condition::running:
      return instance.healthy == std::optional(false) ? Status::degraded : Status::stable;
    case Condition::unreachable:
    case Condition::unreachable_inactive:
      return Status::degraded;
    default:
      return Status::terminal;
  }
}

std::string_view message_of(const Instance& instance) {
  if (is_lost(instance.condition) || instance.condition == Condition::unreachable_inactive) {
    return is_terminal(instance.condition) ? "" : "pod instance has become unreachable";
  }
  return instance.condition == Condition::running && instance.healthy == std::optional(false)
             ? "at least one container is not healthy"
             : "";
}

struct Amounts {
  double cpus = 0;
  double mem = 0;
  double disk = 0;
  std::int32_t gpus = 0;
};

void write_resources(json::Writer& writer, const Amounts& amounts) {
  writer.key("resources").begin_object();
  writer.key("cpus").number_short(amounts.cpus).key("mem").number_short(amounts.mem);
  writer.key("disk").number_short(amounts.disk).key("gpus").integer(amounts.gpus).end_object();
}

void write_changes(json::Writer& writer, const std::string& at) {
  writer.member("lastUpdated", at).member("lastChanged", at);
}

// ---- one container
std::optional<bool> reported_health(const Task& task) {
  return task.status ? task.status->healthy : std::nullopt;
}

void write_conditions(json::Writer& writer, const PodContainer& container, const Task* task) {
  writer.key("conditions").begin_array();
  if (container.health_check && task && task->condition == Condition::running) {
    const std::optional<bool> healthy = reported_health(*task);
    const std::string at = to_iso8601(task->started_at.value_or(task->staged_at));
    writer.begin_object().member("name", "healthy");
    writer.member("value", healthy.value_or(false) ? "true" : "false");
    writer.member("reason", healthy ? "health-reported-by-mesos" : "health-unreported-by-mesos");
    write_changes(writer, at);
    writer.end_object();
  }
  writer.end_array();
}

bool is_checked(const PodContainer& container, const std::string& endpoint) {
  const auto& check = container.health_check;
  return check && ((check->http && check->http->endpoint == endpoint) ||
                   (check->tcp && check->tcp->endpoint == endpoint));
}

void write_endpoints(json::Writer& writer, const PodContainer& container, const Task* task) {
  writer.key("endpoints").begin_array();
  std::size_t port = 0;
  for (const PodEndpoint& endpoint : container.endpoints) {
    writer.begin_object().member("name", endpoint.name);
    if (task && endpoint.host_port && port < task->host_ports.size()) {
      writer.key("allocatedHostPort").integer(task->host_ports[port++]);
    }
    const std::optional<bool> healthy = task ? reported_health(*task) : std::nullopt;
    if (healthy && is_checked(container, endpoint.name)) {
      writer.key("healthy").boolean(*healthy);
    }
    writer.end_object();
  }
  writer.end_array();
}

void write_container(json::Writer& writer,
                     const Instance& instance,
                     const PodContainer& container,
                     const Task* task) {
  const Condition condition = task ? task->condition : instance.condition;
  const WallTime since = task ? task->started_at.value_or(task->staged_at) : instance.since;
  writer.begin_object().member("name", container.name);
  writer.member("status", to_task_state(condition)).member("statusSince", to_iso8601(since));
  if (task) {
    writer.member("containerId", task->id.value);
  }
  write_conditions(writer, container, task);
  write_endpoints(writer, container, task);
  if (!is_terminal(condition)) {
    const PodResources& resources = container.resources;
    write_resources(writer, {resources.cpus, resources.mem, resources.disk, resources.gpus});
  }
  write_changes(writer, to_iso8601(since));
  writer.end_object();
}

void write_containers(json::Writer& writer, const Instance& instance) {
  writer.key("containers").begin_array();
  const auto& containers = instance.app->pod->containers;
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const bool launched = i < instance.containers.size();
    write_container(writer, instance, containers[i], launched ? &instance.containers[i] : nullptr);
  }
  writer.end_array();
}

// ---- one instance
// Of container networks: the host's own address is the agent's.
void write_networks(json::Writer& writer, const Instance& instance) {
  std::map<std::optional<std::string>, std::vector<std::string>> networks;
  for (const Task& task : instance.containers) {
    if (instance.app->uses_host_network() || !task.status || !task.status->container_status) {
      continue;
    }
    for (const model::NetworkInfo& info : task.status->container_status->network_infos) {
      auto& addresses = networks[info.name];
      for (const model::NetworkIpAddress& address : info.ip_addresses) {
        const std::string text = address.ip_address.value_or("");
        if (!text.empty() &&
            std::find(addresses.begin(), addresses.end(), text) == addresses.end()) {
          addresses.push_back(text);
        }
      }
    }
  }
  writer.key("networks").begin_array();
  for (const auto& [name, addresses] : networks) {
    writer.begin_object();
    if (name) {
      writer.member("name", *name);
    }
    writer.key("addresses").begin_array();
    for (const std::string& address : addresses) {
      writer.string(address);
    }
    writer.end_array().end_object();
  }
  writer.end_array();
}

void write_place(json::Writer& writer, const AgentPlace& place) {
  writer.member("agentHostname", place.host).member("agentId", place.agent_id.value);
  if (place.region) {
    writer.member("agentRegion", *place.region);
  }
  if (place.zone) {
    writer.member("agentZone", *place.zone);
  }
}

void write_instance(json::Writer& writer, const Instance& instance) {
  const App& app = *instance.app;
  const std::string since = to_iso8601(instance.since);
  writer.begin_object().member("id", instance.id.value);
  writer.member("status", to_text(status_of(instance))).member("statusSince", since);
  if (const std::string_view message = message_of(instance); !message.empty()) {
    writer.member("message", message);
  }
  write_place(writer, *instance.place);
  write_resources(writer, {app.cpus, app.mem, app.disk, app.gpus});
  write_networks(writer, instance);
  write_containers(writer, instance);
  writer.member("specReference",
                "/v2/pods" + app.id.text() + "::versions/" + to_iso8601(app.version_info.version));
  write_local_volumes(writer, instance);
  write_changes(writer, since);
  writer.member("role", instance.role).end_object();
}

// ---- the pod
bool is_being_deleted(const View& view, const PathId& id) {
  for (const auto& deployment : view.snapshot().deployments) {
    for (const DeploymentPlan::Change& change : deployment->plan->changes) {
      if (change.app == id && !change.after) {
        return true;
      }
    }
  }
  return false;
}

// At most one, and only while its instance is still known.
void write_history(json::Writer& writer, const View& view, const AppPtr& pod) {
  writer.key("terminationHistory").begin_array();
  const auto* failure = view.snapshot().failures.find(pod->id);
  const AppInstances* instances = view.instances_of(pod->id);
  const auto id = failure ? instance_of((*failure)->task_id) : std::nullopt;
  const auto* found = id && instances ? instances->all.find(*id) : nullptr;
  if (found) {
    const Instance& instance = *(*found)->instance;
    const std::string ended = to_iso8601((*failure)->timestamp);
    const Task* task = find_task(instance, (*failure)->task_id);
    const WallTime started =
        task ? task->started_at.value_or(task->staged_at) : (*failure)->timestamp;
    writer.begin_object().member("instanceID", id->value);
    writer.member("startedAt", to_iso8601(started)).member("terminatedAt", ended);
    writer.member("message", (*failure)->message).key("containers").begin_array();
    writer.begin_object().member("containerId", (*failure)->task_id.value);
    writer.member("lastKnownState", (*failure)->state).end_object();
    writer.end_array().end_object();
  }
  writer.end_array();
}

}  // namespace

std::string pod_info(const View& view, const AppPtr& pod) {
  return *view.caches().apps.get(pod, [&] { return pod_to_json(*pod); });
}

std::string pod_status(const View& view, const AppPtr& pod) {
  json::Writer instances;
  instances.begin_array();
  std::int32_t stable = 0;
  std::optional<WallTime> since;
  if (const AppInstances* known = view.instances_of(pod->id)) {
    known->all.for_each([&](const InstanceId&, const auto& one) {
      const Instance& instance = *one->instance;
      if (!instance.place || !instance.app->pod) {
        return;
      }
      stable += status_of(instance) == Status::stable ? 1 : 0;
      since = std::max(since.value_or(instance.since), instance.since);
      write_instance(instances, instance);
    });
  }
  instances.end_array();
  const Status status = is_being_deleted(view, pod->id) ? Status::terminal
                        : stable >= pod->instances      ? Status::stable
                                                        : Status::degraded;
  const std::string changed = to_iso8601(since.value_or(view.now()));
  json::Writer writer;
  writer.begin_object().member("id", pod->id.text()).key("spec").raw(pod_spec_json(*pod));
  writer.member("status", to_text(status)).member("statusSince", changed);
  writer.key("instances").raw(instances.take());
  write_history(writer, view, pod);
  writer.member("lastUpdated", to_iso8601(view.now())).member("lastChanged", changed);
  writer.end_object();
  return writer.take();
}

std::string pod_statuses(const View& view, const std::vector<AppPtr>& pods) {
  std::string out = "[";
  for (const AppPtr& pod : pods) {
    if (out.size() > 1) {
      out += ',';
    }
    out += pod_status(view, pod);
  }
  out += ']';
  return out;
}

std::string instance_info(const Instance& instance) {
  const bool waiting =
      instance.condition == Condition::scheduled || instance.condition == Condition::provisioned;
  json::Writer writer;
  writer.begin_object().member("instanceId", instance.id.value).key("state").begin_object();
  writer.member("condition", to_text(waiting ? Condition::staging : instance.condition));
  writer.member("since", to_iso8601(instance.since));
  if (instance.active_since) {
    writer.member("activeSince", to_iso8601(*instance.active_since));
  }
  if (instance.healthy) {
    writer.key("healthy").boolean(*instance.healthy);
  }
  writer.member("goal", to_text(instance.goal)).end_object();
  if (instance.place) {
    writer.key("agentInfo").begin_object().member("host", instance.place->host);
    writer.member("agentId", instance.place->agent_id.value);
    if (instance.place->region) {
      writer.member("region", *instance.place->region);
    }
    if (instance.place->zone) {
      writer.member("zone", *instance.place->zone);
    }
    writer.key("attributes").begin_array().end_array().end_object();
  }
  writer.member("runSpecVersion", to_iso8601(instance.app->version_info.version));
  writer.key("unreachableStrategy")
      .raw(json::encode(instance.app->unreachable_strategy, json::kMarathon));
  writer.end_object();
  return writer.take();
}

}  // namespace ekiden::marathon::wire
