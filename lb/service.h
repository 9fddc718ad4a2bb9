#pragma once

#include "lb/templates.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::lb {

enum class Mode { unknown, http, tcp };
enum class Draining { no, yes };

struct HealthCheck {
  std::string protocol;
  std::string path = "/";
  std::optional<int> port_index;
  int port = 0;  // 0: none of its own
  std::string timeout_seconds;
  std::string interval_seconds;
  std::string grace_seconds;
  std::string failures_max;
  bool operator==(const HealthCheck&) const = default;
};

// One task port behind a service port.
struct Server {
  std::string host;  // as Marathon names the agent
  std::string ip;
  int port = 0;
  std::string task_id;
  Draining draining = Draining::no;
  int health_port = 0;  // where health is checked, when a label points at another port
};

struct Auth {
  std::string realm;
  std::string user;
  std::string password;
};

// One service port of one app: a frontend, a backend and perhaps virtual hosts [discovery 1.2].
struct Service {
  std::string app_id;
  int port = 0;   // final: used in names and bind
  int index = 0;  // the {n} of its labels
  std::string name;
  Mode mode = Mode::unknown;
  std::vector<std::string> groups;
  bool enabled = true;
  std::string vhosts;  // lower case, comma list as written
  std::string path;
  int weight = 0;
  std::string balance = "roundrobin";
  bool sticky = false;
  bool redirect_to_https = false;
  bool hsts = false;
  std::string ssl_cert;
  std::string bind_options;
  std::string bind_addr;
  std::optional<Auth> auth;
  std::string proxypass_path;
  std::string revproxy_path;
  std::string redir_path;
  std::vector<std::string> allowed_networks;
  std::optional<int> health_port_index;
  std::optional<HealthCheck> health;
  std::map<Template, std::string> overrides;
  std::vector<Server> servers;  // by (host, port)
};

// An app that is left out, and why: shown in metrics and GET /_ekiden/rejected.
struct Rejected {
  std::string app_id;
  std::string reason;
  bool operator==(const Rejected&) const = default;
};

}  // namespace ekiden::lb
