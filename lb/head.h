#pragma once

#include <string>
#include <vector>

namespace ekiden::lb {

// What stands before the first frontend: global, defaults and the stats listener [discovery 1.11].
struct HeadOptions {
  std::string stats_socket = "/var/run/haproxy/socket";  // as HAProxy writes addresses
  std::string state_folder = "/var/state/haproxy/";
  std::string stats_bind = "0.0.0.0:9090";
  std::string log_target = "/dev/log";  // empty: no log lines
  int connections_max = 50000;          // of the process; 0: what its file limit allows
  int hard_stop_seconds = 0;            // how long an old worker may finish; 0: for ever
  std::string admin_address;            // ip:port that answers /_haproxy_get* and /_mlb_signal/*
  // HAPROXY_GLOBAL_DEFAULT_OPTIONS: emitted sorted, each once.
  std::vector<std::string> default_options = {"redispatch", "http-server-close", "dontlognull"};
};

std::string head_text(const HeadOptions& options);

}  // namespace ekiden::lb
