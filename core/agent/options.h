#pragma once

#include "core/base/flag.h"
#include "core/base/time.h"

#include <cstdint>
#include <string>

namespace ekiden::agent {

struct Options {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 5051;  // 0: any free port
  std::string hostname;       // what offers show; empty: the ip, or the host's name for 0.0.0.0
  std::string work_dir = "ekiden-agent";
  std::string resources;      // "cpus:4;mem:8192;ports:[31000-32000]"; what is missing is detected
  std::string attributes;     // "rack:r1;zone:a"
  std::string executor_path;  // empty: ekiden-executor beside this program
  std::string docker_socket = "/var/run/docker.sock";
  std::string cgroups_root = "ekiden";  // agents on one host need different ones
  Duration executor_registration_timeout = std::chrono::minutes(1);
  Duration executor_reregistration_timeout = std::chrono::seconds(2);
  Duration executor_shutdown_grace = std::chrono::seconds(5);
  Duration registration_backoff = std::chrono::milliseconds(500);
};

// Mesos's names; the options outlive the list.
Flags flags(Options& options);

}  // namespace ekiden::agent
