#include "cli/simulate.h"

#include "cli/mini_layout.h"
#include "cli/simulation.h"
#include "cli/state_files.h"
#include "core/base/log.h"

#include <cstdio>

#include <fmt/core.h>

namespace ekiden::cli {
namespace {

constexpr long kFilesPerAgent = 2;
constexpr long kFilesOther = 200;

}  // namespace

Flags simulate_flags(SimulateCommand& c) {
  return {
      flag("master", c.masters, "The masters, http://host:5050; none: one is started and measured"),
      flag("marathon", c.marathon, "Marathon's address: its apps bring the tasks"),
      count_flag("agents", c.agents, "How many agents"),
      count_flag("tasks-per-agent", c.tasks_per_agent, "How many tasks on each"),
      flag("agent-resources", c.agent_resources, "What each agent has"),
      count_flag("apps", c.apps, "With --marathon: the number of apps that share all tasks"),
      count_flag("labels", c.labels, "Labels of each task"),
      count_flag("failures", c.failures_per_thousand, "So many of a thousand tasks fail"),
      flag("start-delay", c.start_delay, "From launch to TASK_RUNNING"),
      flag("lifetime", c.lifetime, "Then tasks finish; 0ns: they run for ever"),
      count_flag("lose", c.lose, "Lose so many agents in the step 'lose'"),
      flag("lose-how", c.lose_how, "closed: their links break; silent: they just say nothing"),
      flag("idle", c.idle, "Do nothing for so long, and measure what that costs the master"),
      flag("steps", c.steps, "Some of register,launch,state,offers,recover,lose,idle,kill"),
      flag("limit", c.limit, "The longest time for one step"),
      flag("agent_ping_timeout", c.ping_interval, "Of the master that is started"),
      count_flag("max_agent_ping_timeouts", c.pings_missed_max, "Of the master that is started"),
      flag("agent_reregister_timeout", c.reregister_timeout, "Of the master that is started"),
      flag("work_dir", c.work_dir, "Folder of the master that is started; none: a temporary one"),
      flag("report", c.report, "Write the figures as JSON to this file"),
      count_flag("seed", c.seed, "Of everything random"),
  };
}

int run_simulate(const SimulateCommand& command) {
  log::set_level(command.process.verbose ? log::Level::debug : log::Level::error);
  const long files = open_files_max();
  const long needed = static_cast<long>(command.agents) * kFilesPerAgent + kFilesOther;
  if (files < needed) {
    log::warn("{} agents need about {} open files, the limit is {} (ulimit -n)",
              command.agents,
              needed,
              files);
  }
  net::Loop loop;
  int exit_code = 1;
  Simulation simulation(loop, command, [&](int code) {
    exit_code = code;
    loop.stop();
  });
  if (auto started = simulation.start(); !started) {
    std::fprintf(stderr, "ekiden simulate: %s\n", started.error().message.c_str());
    return 1;
  }
  loop.on_signals([&](int) { loop.stop(); });
  loop.run();
  std::fputs(simulation.table().c_str(), stdout);
  if (!command.report.empty()) {
    if (auto written = write_ready_file(command.report, simulation.json()); !written) {
      std::fprintf(stderr, "ekiden simulate: %s\n", written.error().message.c_str());
      return 1;
    }
  }
  return exit_code;
}

}  // namespace ekiden::cli
