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
  Duration registration_backoff = std::chrono::seconds(1);  // thousands may come at once
  std::string default_role = "*";    // of resources without one
  std::string domain;                // JSON, or file:///path of it
  std::string advertise_ip;          // what executors and the master are told; empty: the ip
  std::string external_log_file;     // shown as /slave/log
  std::string secret_store_dir;      // files whose names tasks may refer to; empty: none
  std::string executor_environment;  // JSON object of variables for every executor
  std::string docker = "docker";     // its client, for sessions inside Docker containers
  Duration http_heartbeat = std::chrono::seconds(30);
  bool authenticate_readonly = false;
  bool authenticate_readwrite = false;
  std::string http_credentials;  // a file
  bool switch_user = true;       // tasks run as the user that they name
  bool cgroups_enable_cfs = false;
  // [mesos-core 6.3]
  std::string fetcher_cache_dir;  // empty: below the work directory
  std::uint64_t fetcher_cache_bytes = 2ULL * 1024 * 1024 * 1024;
  Duration fetcher_stall_timeout = std::chrono::minutes(1);
  std::string frameworks_home;
  // [mesos-core 6.11]
  Duration gc_delay = std::chrono::hours(24 * 7);
  double gc_disk_headroom = 0.1;
  Duration disk_watch_interval = std::chrono::minutes(1);
  // [mesos-core 6.10]
  enum class Recover { reconnect, cleanup } recover = Recover::reconnect;
  // What may differ from the last time: nothing, more of everything, or (never by a flag) all.
  enum class Reconfiguration { equal, additive, any } reconfiguration = Reconfiguration::equal;
};

// Mesos's names; the options outlive the list.
Flags flags(Options& options);

}  // namespace ekiden::agent
