#pragma once

#include "core/agent/agent.h"
#include "core/agent/fetcher.h"
#include "core/agent/sandbox_gc.h"
#include "core/base/metrics.h"

#include <map>
#include <string>
#include <vector>

namespace ekiden::agent {

struct MetricValue {
  std::string name;  // legacy, "slave/tasks_running" [mesos-core 4.8]
  double value = 0;
};

// Every figure of the agent, read off the machine. Loop thread.
std::vector<MetricValue> metric_values(const Agent& agent, Duration uptime);

// What only the shell sees.
struct ShellCounters {
  std::uint64_t valid_status_updates = 0;  // from executors
  std::uint64_t invalid_status_updates = 0;
  std::uint64_t valid_framework_messages = 0;
  std::uint64_t invalid_framework_messages = 0;
  std::uint64_t container_launch_errors = 0;

  enum class Kind { other, update, message };
  static Kind kind_of(const api::executor::Call& call);
  void count(Kind kind, int status);
};

void add_shell_metrics(const ShellCounters& counters, std::vector<MetricValue>& values);
void add_gc_metrics(const SandboxGc::Stats& stats, std::vector<MetricValue>& values);
void add_fetcher_metrics(const FetcherStats& stats, std::vector<MetricValue>& values);
std::string metrics_snapshot(const std::vector<MetricValue>& values);

// The same in the Prometheus form: "slave_tasks_running".
class AgentMetrics {
 public:
  std::string text(const std::vector<MetricValue>& values);

 private:
  Registry registry_;
  std::map<std::string, Gauge> gauges_;
};

}  // namespace ekiden::agent
