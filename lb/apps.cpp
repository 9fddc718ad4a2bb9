#include "lb/apps.h"

#include "core/base/log.h"
#include "core/base/strings.h"
#include "lb/deployment_groups.h"
#include "lb/labels.h"
#include "lb/names.h"
#include "lb/service_ports.h"
#include "lb/task_filter.h"

#include <algorithm>
#include <map>

#include <arpa/inet.h>
#include <fmt/core.h>

namespace ekiden::lb {

namespace {

using Reason = std::optional<std::string>;

struct Context {
  const AppsOptions& options;
  const Resolve& resolve;
  HealthMemory& memory;
  PortAssigner assigner;
};

bool is_safe_id(std::string_view id) {
  return id.size() > 1 && id[0] == '/' && std::none_of(id.begin(), id.end(), [](char c) {
           return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '\'' ||
                  c == '\\' || c == '#';
         });
}

bool is_safe_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' ||
           c == ':';
  });
}

std::string number_text(const json::Value& value, int plus = 0) {
  return value.is_int() ? fmt::format("{}", value.as_int() + plus)
                        : fmt::format("{:g}", value.as_double() + plus);
}

// [discovery 1.14] the first check with a port of its own, or for this port index.
const json::Value* find_check(const json::Value& app, int index) {
  for (const json::Value& check : app["healthChecks"].as_array()) {
    const json::Value& port_index = check["portIndex"];
    if (check["port"].as_int() != 0 || (port_index.is_number() && port_index.as_int(-1) == index)) {
      return &check;
    }
  }
  return nullptr;
}

Reason read_check(const json::Value& json, std::optional<HealthCheck>& target) {
  for (const char* member :
       {"timeoutSeconds", "intervalSeconds", "gracePeriodSeconds", "maxConsecutiveFailures"}) {
    if (!json[member].is_number()) {
      return fmt::format("a health check has no {}", member);
    }
  }
  HealthCheck check;
  check.protocol = json["protocol"].as_string();
  check.path = json["path"].as_string("/");
  const bool bad_path = std::any_of(check.path.begin(), check.path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (bad_path) {
    return "the path of a health check contains a line break or control character";
  }
  if (json["portIndex"].is_number()) {
    check.port_index = static_cast<int>(json["portIndex"].as_int());
  }
  check.port = static_cast<int>(json["port"].as_int());
  check.timeout_seconds = number_text(json["timeoutSeconds"]);
  check.interval_seconds = number_text(json["intervalSeconds"]);
  check.grace_seconds = number_text(json["gracePeriodSeconds"]);
  check.failures_max = number_text(json["maxConsecutiveFailures"]);
  target = std::move(check);
  return std::nullopt;
}

// Mode [discovery 1.10]: an HTTP check, overruled by the label, else a virtual host, else tcp. A
// check borrowed by port index overrules all.
Reason settle(Service& service, const json::Value& app, const Labels& labels) {
  const json::Value* check = find_check(app, service.index);
  if (check != nullptr && (*check)["protocol"].as_string() == "HTTP") {
    service.mode = Mode::http;
  }
  if (Reason reason = apply_labels(service, labels)) {
    return reason;
  }
  if (service.mode == Mode::unknown) {
    service.mode = service.vhosts.empty() ? Mode::tcp : Mode::http;
  }
  if (check == nullptr && service.health_port_index) {
    check = find_check(app, *service.health_port_index);
    const std::string_view protocol =
        check == nullptr ? std::string_view() : (*check)["protocol"].as_string();
    if (protocol == "HTTP" || protocol == "HTTPS" || protocol == "MESOS_HTTP" ||
        protocol == "MESOS_HTTPS") {
      service.mode = Mode::http;
    }
  }
  return check == nullptr ? std::nullopt : read_check(*check, service.health);
}

std::optional<std::string> task_address(const json::Value& task,
                                        Network network,
                                        const Resolve& resolve) {
  if (network == Network::container) {
    const json::Array& addresses = task["ipAddresses"].as_array();
    std::string ip(addresses.empty() ? "" : addresses.front()["ipAddress"].as_string());
    return is_ip_address(ip) ? std::optional<std::string>(std::move(ip)) : std::nullopt;
  }
  return resolve(std::string(task["host"].as_string()));
}

void add_servers(std::vector<Service>& services, const AppView& view, Context& context) {
  const json::Value& app = *view.app;
  const Network network = network_of(app);
  for (const TaskView& seen : view.tasks) {
    const json::Value& task = *seen.task;
    const std::string host(task["host"].as_string());
    std::string id(task["id"].as_string());
    if (!is_in_rotation(app, task, context.options.health, context.memory) || !is_safe_host(host) ||
        context.options.tasks_out.contains(id)) {
      continue;
    }
    const auto ip = task_address(task, network, context.resolve);
    if (!ip) {
      log::debug("task {} of {} has no address yet: it gets no server", id, view.id);
      continue;
    }
    const std::vector<int> ports = task_ports(app, task, network);
    for (std::size_t i = 0; i < std::min(ports.size(), services.size()); ++i) {
      services[i].servers.push_back({host, *ip, ports[i], id, seen.draining});
    }
  }
  for (Service& service : services) {
    std::stable_sort(
        service.servers.begin(), service.servers.end(), [](const Server& a, const Server& b) {
          return std::tie(a.host, a.port) < std::tie(b.host, b.port);
        });
    // Two tasks at one address (one of them lost) are one server: names must be unique.
    const auto same = [](const Server& a, const Server& b) {
      return a.host == b.host && a.ip == b.ip && a.port == b.port;
    };
    service.servers.erase(std::unique(service.servers.begin(), service.servers.end(), same),
                          service.servers.end());
  }
}

// [discovery 1.14] a port index counts the app's services by final port, from the end when
// negative; the port is that of the server with the same place there. Out of range means the own
// port.
void settle_health_ports(std::vector<Service>& services) {
  std::vector<const Service*> order;
  for (const Service& service : services) {
    if (!service.servers.empty()) {
      order.push_back(&service);
    }
  }
  std::stable_sort(order.begin(), order.end(), [](const Service* a, const Service* b) {
    return a->port < b->port;
  });
  const int count = static_cast<int>(order.size());
  for (Service& service : services) {
    if (!service.health_port_index) {
      continue;
    }
    const int index = *service.health_port_index + (*service.health_port_index < 0 ? count : 0);
    const bool in_range = index >= 0 && index < count;
    const Service& other = in_range ? *order[static_cast<std::size_t>(index)] : service;
    for (std::size_t i = 0; i < service.servers.size(); ++i) {
      const Service& source = i < other.servers.size() ? other : service;
      service.servers[i].health_port = source.servers[i].port;
    }
  }
}

std::vector<int> ports_of(const AppView& view, Context& context) {
  const Network network = network_of(*view.app);
  std::vector<int> ports = service_ports(*view.app, network);
  if (ports.empty() && network == Network::container && !view.tasks.empty()) {
    ports =
        context.assigner.assign(view.id, task_ports(*view.app, *view.tasks.front().task, network));
  }
  return ports;
}

Reason add_app(std::vector<Service>& all, const AppView& view, Context& context) {
  if (!is_safe_id(view.id)) {
    return "its id contains characters that do not belong into a configuration";
  }
  const Labels labels = read_labels((*view.app)["labels"]);
  std::vector<Service> services;
  for (const int port : ports_of(view, context)) {
    Service service;
    service.app_id = view.id;
    service.port = port;
    service.index = static_cast<int>(services.size());
    service.bind_addr = context.options.bind_addr;
    service.enabled = context.options.enabled == Enabled::by_default;
    if (Reason reason = settle(service, *view.app, labels)) {
      return reason;
    }
    service.name = backend_name(service.app_id, service.port);
    services.push_back(std::move(service));
  }
  if (context.options.left_out.contains(view.id)) {
    return std::nullopt;
  }
  add_servers(services, view, context);
  settle_health_ports(services);
  std::move(services.begin(), services.end(), std::back_inserter(all));
  return std::nullopt;
}

bool is_wanted(const Service& service, const AppsOptions& options) {
  const bool in_group =
      options.groups.contains("*") ||
      std::any_of(service.groups.begin(), service.groups.end(), [&](const std::string& group) {
        return options.groups.contains(group);
      });
  const bool has_servers = !service.servers.empty() || options.kept_empty.contains(service.name);
  return service.enabled && in_group && has_servers;
}

}  // namespace

bool is_ip_address(const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

std::set<std::string> hosts_of(const json::Array& apps) {
  std::set<std::string> hosts;
  for (const json::Value& app : apps) {
    for (const json::Value& task : app["tasks"].as_array()) {
      std::string host(task["host"].as_string());
      if (!host.empty() && !is_ip_address(host) && is_safe_host(host)) {
        hosts.insert(std::move(host));
      }
    }
  }
  return hosts;
}

Services services_of(const json::Array& apps,
                     const AppsOptions& options,
                     const Resolve& resolve,
                     HealthMemory& memory) {
  Context context{
      options, resolve, memory, PortAssigner(options.assigned_port_min, options.assigned_port_max)};
  Services result;
  for (const AppView& view : merge_deployment_groups(apps)) {
    if (!options.framework_name.empty() && view.id == "/" + options.framework_name) {
      continue;
    }
    if (Reason reason = add_app(result.services, view, context)) {
      result.rejected.push_back({view.id, std::move(*reason)});
    }
  }
  std::erase_if(result.services, [&](const Service& s) { return !is_wanted(s, options); });
  std::stable_sort(
      result.services.begin(), result.services.end(), [](const Service& a, const Service& b) {
        return std::tie(a.app_id, a.port) < std::tie(b.app_id, b.port);
      });
  return result;
}

}  // namespace ekiden::lb
