#pragma once

#include "lb/apps.h"
#include "lb/service_text.h"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace ekiden::lb {

// Of the daemon. Ports: 0 means any free one, chosen once and remembered in work_dir.
struct Options {
  std::string marathon_url = "http://master.mesos:8080";
  std::string authorization;  // value of the Authorization header; empty: none
  std::set<std::string> groups = {"*"};
  HealthRule health = HealthRule::require;
  std::string haproxy_path = "haproxy";
  std::string work_dir = "/var/lib/ekiden/lb";  // haproxy.cfg, sockets, pid and log live here
  std::string ip = "127.0.0.1";                 // of virtual hosts, statistics and our own API
  std::string service_ip = "127.0.0.1";         // of service ports; "*": all addresses
  std::uint16_t http_port = 80;                 // virtual hosts
  std::uint16_t https_port = 443;               // bound only when there are certificates
  std::uint16_t appid_port = 9091;
  std::uint16_t stats_port = 9090;
  std::uint16_t admin_port = 0;  // our own API
  std::vector<std::string> certificates;
  Maps maps = Maps::no;
  int connections_max = 20000;
  std::chrono::milliseconds coalesce{100};  // events within it make one run
  std::chrono::seconds drain_timeout{10};
  std::chrono::seconds old_worker_max{60};     // then its connections are cut
  std::chrono::seconds keep_empty{30};         // a backend without servers keeps its frontend
  std::chrono::seconds poll_interval{300};     // with a live event stream
  std::chrono::seconds poll_fallback{5};       // without
  std::chrono::seconds announce_interval{10};  // our address, to marathon
};

}  // namespace ekiden::lb
