#pragma once

#include "core/base/flag.h"
#include "core/master/master.h"

#include <cstdint>
#include <map>
#include <string>

namespace ekiden::master {

// Who may use the HTTP APIs [mesos-core 5.14]. Texts are JSON, or name a file of it.
struct AccessOptions {
  bool readonly = false;
  bool readwrite = false;
  bool frameworks = false;
  std::string credentials;  // a file
  std::string acls;
  std::string firewall_rules;
};

struct Options {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 5050;      // 0: any free one
  std::string hostname;           // empty: the ip
  std::string cluster;            // a name to show
  std::string external_log_file;  // shown as /master/log
  AccessOptions access;
  std::size_t event_subscribers_max = 1000;
  bool framework_metrics = true;
  MasterConfig machine;
  std::map<std::string, std::string> flags;  // as given or by default, for /flags
};

// Mesos's names; the options outlive the list.
Flags flags(Options& options);

}  // namespace ekiden::master
