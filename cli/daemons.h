#pragma once

#include "cli/process.h"
#include "core/agent/options.h"
#include "core/master/options.h"
#include "dns/options.h"
#include "lb/options.h"
#include "marathon/daemon/options.h"

#include <string>
#include <vector>

// The composition roots of the commands that run one daemon in a process of its own.
namespace ekiden::cli {

struct MasterCommand {
  ProcessOptions process{.name = "master", .ready_file = {}};
  master::Options options;
  std::string work_dir = "ekiden-master";
};

struct AgentCommand {
  AgentCommand() { options.cgroups_root.clear(); }  // empty: one that is the work folder's own

  ProcessOptions process{.name = "agent", .ready_file = {}};
  agent::Options options;
  std::vector<std::string> masters;
};

struct MarathonCommand {
  ProcessOptions process{.name = "marathon", .ready_file = {}};
  marathon::Options options;
  std::vector<std::string> masters;
  std::string work_dir = "ekiden-marathon";
  std::string credentials;  // "principal:secret" for the master
};

struct DnsCommand {
  ProcessOptions process{.name = "dns", .ready_file = {}};
  dns::Options options;
};

struct LbCommand {
  ProcessOptions process{.name = "lb", .ready_file = {}};
  lb::Options options;
};

int run_master(const MasterCommand& command);
int run_agent(const AgentCommand& command);
int run_marathon(const MarathonCommand& command);
int run_dns(const DnsCommand& command);
int run_lb(const LbCommand& command);

// "host:5050" and "http://host:5050" become addresses that can be called; zk:// cannot be read.
Result<std::vector<std::string>> master_urls(const std::vector<std::string>& given);

}  // namespace ekiden::cli
