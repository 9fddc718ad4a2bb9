#include "core/base/strings.h"
#include "lb/names.h"
#include "lb/service_text.h"

#include <set>

#include <fmt/core.h>

namespace ekiden::lb {

// A backend and its servers [discovery 1.14]; the order of the parts is fixed.

namespace {

using T = Template;

// Which of the two families of health-check templates a service uses.
bool checks_http(const Service& service) {
  return service.mode == Mode::http && service.health->protocol != "TCP" &&
         service.health->protocol != "MESOS_TCP";
}

// The placeholders of a health check; keeps the texts that the fields point to.
struct HealthFields {
  explicit HealthFields(const HealthCheck& check)
      : check_(check),
        index_(check.port_index ? fmt::format("{}", *check.port_index) : ""),
        port_(check.port == 0 ? "" : fmt::format("{}", check.port)),
        falls_(fmt::format("{}", parse_int(check.failures_max).value_or(0) + 1)) {}

  Fields with(std::string_view port_options) const {
    return {{"healthCheckPortIndex", index_},
            {"healthCheckPort", port_},
            {"healthCheckProtocol", check_.protocol},
            {"healthCheckPath", check_.path},
            {"healthCheckTimeoutSeconds", check_.timeout_seconds},
            {"healthCheckIntervalSeconds", check_.interval_seconds},
            {"healthCheckGracePeriodSeconds", check_.grace_seconds},
            {"healthCheckMaxConsecutiveFailures", check_.failures_max},
            {"healthCheckFalls", falls_},
            {"healthCheckPortOptions", port_options}};
  }

 private:
  const HealthCheck& check_;
  std::string index_;
  std::string port_;
  std::string falls_;
};

void add_http_parts(std::string& out, const Service& service, Filler& fill) {
  if (service.hsts) {
    fill.add(out, T::backend_hsts_options);
  }
  fill.add(out, T::backend_http_options);
  if (!service.proxypass_path.empty()) {
    fill.add(out,
             T::http_backend_proxypass_glue,
             {{"hostname", service.vhosts}, {"proxypath", service.proxypass_path}});
  }
  if (!service.revproxy_path.empty()) {
    fill.add(out,
             T::http_backend_revproxy_glue,
             {{"hostname", service.vhosts}, {"rootpath", service.revproxy_path}});
  }
  if (!service.redir_path.empty()) {
    fill.add(out,
             T::http_backend_redir,
             {{"hostname", service.vhosts}, {"redirpath", service.redir_path}});
  }
}

void add_networks(std::string& out, const Service& service, Filler& fill) {
  if (service.allowed_networks.empty()) {
    return;
  }
  const bool http = service.mode == Mode::http;
  for (const std::string& network : service.allowed_networks) {
    fill.add(out,
             http ? T::http_backend_network_allowed_acl : T::tcp_backend_network_allowed_acl,
             {{"network_allowed", network}});
  }
  fill.add(out, http ? T::http_backend_acl_allow_deny : T::tcp_backend_acl_allow_deny);
}

void add_health_options(std::string& out, const Service& service, Filler& fill) {
  if (!service.health) {
    return;
  }
  const HealthFields fields(*service.health);
  fill.add(out,
           checks_http(service) ? T::backend_http_healthcheck_options
                                : T::backend_tcp_healthcheck_options,
           fields.with(""));
}

std::string server_health(const Service& service, const Server& server, Filler& fill) {
  if (!service.health) {
    return "";
  }
  const int port = server.health_port != 0 ? server.health_port : service.health->port;
  const std::string port_options = port == 0 ? "" : fmt::format(" port {}", port);
  const T id = checks_http(service) ? T::backend_server_http_healthcheck_options
                                    : T::backend_server_tcp_healthcheck_options;
  const std::string_view text = trim(fill.raw(id));
  if (text.empty()) {
    return "";
  }
  const HealthFields fields(*service.health);
  std::string out = " ";
  fill.fill(out, id, text, fields.with(port_options));
  return out;
}

ServerLine server_line(const Service& service, const Server& server, int id, Filler& fill) {
  ServerLine line;
  line.name = server_name(server.host, server.ip, server.port);
  line.task_id = server.task_id;
  line.draining = server.draining;
  const std::string port = fmt::format("{}", server.port);
  const std::string id_text = fmt::format("{}", id);
  const std::string cookie =
      service.sticky ? " check cookie " + server_cookie(line.name) : std::string();
  const std::string health = server_health(service, server, fill);
  Fields fields = {{"serverName", line.name},
                   {"host", server.host},
                   {"host_ipv4", server.ip},
                   {"port", port},
                   {"serverId", id_text},
                   {"cookieOptions", cookie},
                   {"healthCheckOptions", health},
                   {"otherOptions", ""}};
  fill.add(line.text, T::backend_server_options, fields);
  line.file_text = line.text;
  if (line.draining == Draining::yes) {
    fields.back().second = " disabled";
    line.file_text = fill.made(T::backend_server_options, fields);
  }
  return line;
}

}  // namespace

void add_backend(ServiceText& out, const Service& service, Filler& fill) {
  fill.add(out.backend, T::backend_head);
  if (service.mode == Mode::http) {
    add_http_parts(out.backend, service, fill);
  }
  add_networks(out.backend, service, fill);
  if (service.sticky) {
    fill.add(out.backend, T::backend_sticky_options);
  }
  add_health_options(out.backend, service, fill);
  std::set<int> ids;
  for (const Server& server : service.servers) {
    const std::string name = server_name(server.host, server.ip, server.port);
    out.servers.push_back(server_line(service, server, server_id(name, ids), fill));
  }
}

}  // namespace ekiden::lb
