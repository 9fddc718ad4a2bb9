#pragma once

#include "cli/process.h"
#include "core/base/flag.h"
#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::cli {

// `ekiden simulate`: many agents that run no processes, to see what a master of this machine can
// carry. Without --master it starts one of its own, durable, in a process of its own.
struct SimulateCommand {
  ProcessOptions process{.name = "simulate", .ready_file = {}};
  std::vector<std::string> masters;
  std::string marathon;  // URL: its apps bring the tasks, not our own plain framework
  std::size_t agents = 100;
  std::size_t tasks_per_agent = 10;
  std::string agent_resources = "cpus:64;mem:262144;disk:1000000;ports:[31000-32000]";
  std::size_t apps = 1;    // with --marathon: all tasks are instances of so many apps
  std::size_t labels = 3;  // of each task
  std::size_t failures_per_thousand = 0;
  Duration start_delay{};
  Duration lifetime{};  // zero: for ever
  std::size_t lose = 0;
  Duration idle{};                            // at the end, before the tasks are killed
  std::string lose_how = "closed";            // or "silent"
  Duration limit = std::chrono::minutes(10);  // for each step
  // Of a master of its own.
  Duration ping_interval = std::chrono::seconds(15);
  std::size_t pings_missed_max = 5;
  Duration reregister_timeout = std::chrono::minutes(10);
  std::vector<std::string> steps;  // empty: all that can be done
  std::string report;              // a file for JSON
  std::string work_dir;            // of the master of its own; empty: a temporary folder
  std::size_t seed = 1;
};

Flags simulate_flags(SimulateCommand& command);
int run_simulate(const SimulateCommand& command);

}  // namespace ekiden::cli
