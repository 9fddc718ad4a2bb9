#pragma once

#include "core/base/flag.h"
#include "core/master/master.h"

#include <cstdint>
#include <string>

namespace ekiden::master {

struct Options {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 5050;  // 0: any free one
  std::string hostname;       // empty: the ip
  std::string cluster;        // a name to show
  MasterConfig machine;
};

// Mesos's names; the options outlive the list.
Flags flags(Options& options);

}  // namespace ekiden::master
