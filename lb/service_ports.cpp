#include "lb/service_ports.h"

#include "core/base/log.h"
#include "lb/hash.h"

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

constexpr int kTries = 50;
constexpr std::size_t kDigestDigits = 8;

bool is_port(const json::Value& value) {
  return value.is_number() && value.as_int() > 0 && value.as_int() <= 65535;
}

// The ports named `member` in each element of a list; elements without one are left out.
std::vector<int> ports_in(const json::Value& list, std::string_view member) {
  std::vector<int> ports;
  for (const json::Value& element : list.as_array()) {
    const json::Value& port = member.empty() ? element : element[member];
    if (is_port(port)) {
      ports.push_back(static_cast<int>(port.as_int()));
    }
  }
  return ports;
}

const json::Value& port_mappings(const json::Value& app) {
  const json::Value& docker = app["container"]["docker"]["portMappings"];
  return docker.as_array().empty() ? app["container"]["portMappings"] : docker;
}

}  // namespace

Network network_of(const json::Value& app) {
  Network network = Network::host;
  if (!app["ipAddress"].as_object().empty()) {
    network = Network::container;
  }
  const std::string_view docker = app["container"]["docker"]["network"].as_string();
  network = docker == "USER" ? Network::container : docker == "BRIDGE" ? Network::bridge : network;
  if (!app["networks"].as_array().empty()) {
    const std::string_view mode = app["networks"].as_array().back()["mode"].as_string("container");
    network = mode == "host"               ? Network::host
              : mode == "container/bridge" ? Network::bridge
                                           : Network::container;
  }
  return network;
}

std::vector<int> service_ports(const json::Value& app, Network network) {
  if (network != Network::host) {
    std::vector<int> ports = ports_in(port_mappings(app), "servicePort");
    if (!ports.empty()) {
      return ports;
    }
  }
  return app["portDefinitions"].is_array() ? ports_in(app["portDefinitions"], "port")
                                           : ports_in(app["ports"], "");
}

std::vector<int> task_ports(const json::Value& app, const json::Value& task, Network network) {
  if (network == Network::container) {
    std::vector<int> ports = ports_in(app["ipAddress"]["discovery"]["ports"], "number");
    return ports.empty() ? ports_in(port_mappings(app), "containerPort") : ports;
  }
  std::vector<int> ports = ports_in(task["ports"], "");
  if (ports.empty()) {
    ports = ports_in(app["portDefinitions"], "port");
  }
  if (ports.empty() && network == Network::bridge) {
    ports = ports_in(port_mappings(app), "containerPort");
  }
  return ports;
}

std::vector<int> PortAssigner::assign(std::string_view app_id, const std::vector<int>& task_ports) {
  std::vector<int> ports;
  if (min_ == 0) {
    return ports;
  }
  for (const int task_port : task_ports) {
    const int port = choose(app_id, task_port);
    if (port == 0) {
      log::warn("no service port is left for {} port {}: all of {}-{} are used",
                app_id,
                task_port,
                min_,
                max_);
      continue;
    }
    taken_.insert(port);
    ports.push_back(port);
  }
  return ports;
}

int PortAssigner::choose(std::string_view app_id, int task_port) const {
  const auto size = static_cast<std::uint64_t>(max_ - min_ + 1);
  if (taken_.size() >= size) {
    return 0;
  }
  for (int i = 0; i < kTries; ++i) {
    const std::string digest = sha1_hex(fmt::format("{}-{}-{}", app_id, task_port, i));
    const auto offset = hex_mod(std::string_view(digest).substr(0, kDigestDigits), size);
    const int port = min_ + static_cast<int>(offset);
    if (!taken_.contains(port)) {
      return port;
    }
  }
  int port = min_;
  while (taken_.contains(port)) {
    ++port;
  }
  return port;
}

}  // namespace ekiden::lb
