#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace ekiden::cli {

// `ekiden mini`: a whole cluster in one process. Ports: 0 means any free port.
struct MiniOptions {
  std::filesystem::path data_dir = "ekiden-data";
  int agents = 1;               // the k-th listens on 127.0.0.k and has that host name
  std::string agent_resources;  // Mesos form, per agent; empty: what the machine has
  std::string mesos_role = "*";
  std::string docker_socket = "/var/run/docker.sock";
  std::string secret_store_dir;  // switches the feature "secrets" on
  std::uint16_t marathon_port = 8080;
  std::uint16_t master_port = 5050;
  std::uint16_t agent_port = 5051;
  std::uint16_t dns_port = 8053;
  std::uint16_t dns_http_port = 8123;
  std::uint16_t lb_http_port = 9080;  // virtual hosts
  std::uint16_t lb_admin_port = 9090;
  bool with_lb = true;
  bool with_dns = true;
  bool destroy = false;  // end the tasks and HAProxy of a stopped cluster and forget it
  bool verbose = false;
  std::filesystem::path ready_file;  // gets a JSON object of all addresses once everything answers
};

}  // namespace ekiden::cli
