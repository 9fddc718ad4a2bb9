#include "marathon/api/render.h"

#include <algorithm>

namespace ekiden::marathon::wire {
namespace {

bool looks_like_ip(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

void write_addresses(json::Writer& writer, const Instance& instance) {
  writer.key("ipAddresses").begin_array();
  const auto write = [&](std::string_view address, std::string_view protocol) {
    writer.begin_object().member("ipAddress", address).member("protocol", protocol).end_object();
  };
  for (const model::NetworkIpAddress& address : instance.task->ip_addresses) {
    if (address.ip_address) {
      const bool v6 = address.ip_address->find(':') != std::string::npos;
      write(*address.ip_address, address.protocol.value_or(v6 ? "IPv6" : "IPv4"));
    }
  }
  if (instance.task->ip_addresses.empty() && looks_like_ip(instance.place->host)) {
    write(instance.place->host, "IPv4");
  }
  writer.end_array();
}

void write_time(json::Writer& writer, std::string_view name, const std::optional<WallTime>& time) {
  if (time) {
    writer.member(name, to_iso8601(*time));
  }
}

void write_health(json::Writer& writer, const InstanceView& view) {
  writer.key("healthCheckResults").begin_array();
  for (const HealthResult& result : view.health) {
    if (!result.first_success && !result.last_failure && !result.last_success) {
      continue;  // not probed yet
    }
    writer.begin_object();
    writer.key("alive").boolean(result.alive);
    writer.key("consecutiveFailures").integer(result.consecutive_failures);
    write_time(writer, "firstSuccess", result.first_success);
    write_time(writer, "lastFailure", result.last_failure);
    write_time(writer, "lastSuccess", result.last_success);
    if (result.last_failure_cause) {
      writer.member("lastFailureCause", *result.last_failure_cause);
    }
    writer.member("instanceId", view.instance->id.value).end_object();
  }
  writer.end_array();
}

void write_check_result(json::Writer& writer, const Task& task) {
  if (!task.status || !task.status->check_status) {
    return;
  }
  const model::CheckStatusInfo& check = *task.status->check_status;
  if (!check.status_code && !check.succeeded && !check.exit_code) {
    return;
  }
  writer.key("checkResult").begin_object();
  if (check.status_code) {
    writer.key("http").begin_object().key("statusCode").integer(*check.status_code).end_object();
  } else if (check.succeeded) {
    writer.key("tcp").begin_object().key("succeeded").boolean(*check.succeeded).end_object();
  } else {
    writer.key("command").begin_object().key("exitCode").integer(*check.exit_code).end_object();
  }
  writer.end_object();
}

void write_ports(json::Writer& writer,
                 std::string_view name,
                 const std::vector<std::int32_t>& ports) {
  writer.key(name).begin_array();
  for (std::int32_t port : ports) {
    writer.integer(port);
  }
  writer.end_array();
}

bool passes(const Instance& instance, const std::vector<TaskFilter>& filters) {
  return filters.empty() || std::any_of(filters.begin(), filters.end(), [&](TaskFilter filter) {
           switch (filter) {
             case TaskFilter::all:
               return true;
             case TaskFilter::running:
               return to_task_state(instance.condition) == "TASK_RUNNING";
             case TaskFilter::staging:
               return to_task_state(instance.condition) == "TASK_STAGING";
           }
           return false;
         });
}

}  // namespace

void write_local_volumes(json::Writer& writer, const Instance& instance) {
  writer.key("localVolumes").begin_array();
  if (instance.reservation) {
    for (const LocalVolume& volume : instance.reservation->volumes) {
      writer.begin_object().member("runSpecId", instance.app->id.text());
      writer.member("containerPath", volume.container_path);
      writer.member("uuid", volume.uuid()).member("persistenceId", volume.persistence_id);
      writer.end_object();
    }
  }
  writer.end_array();
}

std::string task_json(const InstanceView& view, const std::vector<std::int32_t>& service_ports) {
  const Instance& instance = *view.instance;
  const Task& task = *instance.task;
  const bool active = is_active(task.condition);
  json::Writer writer;
  writer.begin_object();
  write_addresses(writer, instance);
  writer.member("state", to_task_state(task.condition)).member("role", instance.role);
  if (active) {
    writer.member("stagedAt", to_iso8601(task.staged_at));
    write_time(writer, "startedAt", task.started_at);
    writer.member("version", to_iso8601(instance.app->version_info.version));
  }
  writer.member("id", task.id.value).member("appId", instance.app->id.text());
  writer.member("host", instance.place->host).member("slaveId", instance.place->agent_id.value);
  if (instance.place->region) {
    writer.member("region", *instance.place->region);
  }
  if (instance.place->zone) {
    writer.member("zone", *instance.place->zone);
  }
  write_ports(writer, "ports", active ? task.host_ports : std::vector<std::int32_t>{});
  write_ports(writer, "servicePorts", service_ports);
  write_health(writer, view);
  write_check_result(writer, task);
  write_local_volumes(writer, instance);
  writer.end_object();
  return writer.take();
}

std::string tasks_array(const View& view,
                        const std::vector<AppPtr>& apps,
                        ServicePorts ports,
                        const std::vector<TaskFilter>& filters) {
  std::string out = "[";
  for (const AppPtr& app : apps) {
    const AppInstances* instances = view.instances_of(app->id);
    if (instances == nullptr) {
      continue;
    }
    const auto service_ports =
        ports == ServicePorts::write ? app->service_ports() : std::vector<std::int32_t>{};
    instances->all.for_each([&](const InstanceId&, const auto& one) {
      const Instance& instance = *one->instance;
      if (!instance.place || !instance.task || !passes(instance, filters)) {
        return;
      }
      if (out.size() > 1) {
        out += ',';
      }
      if (service_ports.empty()) {
        out += *view.caches().tasks.get(one, [&] { return task_json(*one, {}); });
      } else {
        out += task_json(*one, service_ports);
      }
    });
  }
  out += ']';
  return out;
}

}  // namespace ekiden::marathon::wire
