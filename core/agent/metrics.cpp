#include "core/agent/metrics.h"

#include "core/base/strings.h"
#include "core/json/json.h"

#include <cstdlib>

#include <sys/sysinfo.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

using model::TaskState;

constexpr double kLoadScale = 1 << SI_LOAD_SHIFT;

struct NamedState {
  TaskState state;
  const char* name;
};

constexpr NamedState kLive[] = {{TaskState::staging, "slave/tasks_staging"},
                                {TaskState::starting, "slave/tasks_starting"},
                                {TaskState::running, "slave/tasks_running"},
                                {TaskState::killing, "slave/tasks_killing"}};
constexpr NamedState kEnded[] = {{TaskState::finished, "slave/tasks_finished"},
                                 {TaskState::failed, "slave/tasks_failed"},
                                 {TaskState::killed, "slave/tasks_killed"},
                                 {TaskState::lost, "slave/tasks_lost"},
                                 {TaskState::gone, "slave/tasks_gone"}};

void add_tasks(const Agent& agent, std::vector<MetricValue>& values) {
  std::map<TaskState, double> counts;
  for (const auto& [key, task] : agent.tasks()) {
    counts[task.state] += 1;
  }
  for (const NamedState& live : kLive) {
    values.push_back({live.name, counts[live.state]});
  }
  for (const NamedState& ended : kEnded) {
    const auto found = agent.ended().find(ended.state);
    values.push_back(
        {ended.name, found == agent.ended().end() ? 0 : static_cast<double>(found->second)});
  }
}

void add_executors(const Agent& agent, std::vector<MetricValue>& values) {
  double registering = 0;
  double running = 0;
  double terminating = 0;
  for (const auto& [container, executor] : agent.executors()) {
    using State = Agent::Executor::State;
    registering +=
        executor.state == State::starting || executor.state == State::registering ? 1 : 0;
    running += executor.state == State::running ? 1 : 0;
    terminating += executor.state == State::terminating ? 1 : 0;
  }
  values.push_back({"slave/executors_registering", registering});
  values.push_back({"slave/executors_running", running});
  values.push_back({"slave/executors_terminating", terminating});
}

void add_system(std::vector<MetricValue>& values) {
  struct sysinfo info {};

  ::sysinfo(&info);
  values.push_back({"system/cpus_total", static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN))});
  const char* loads[] = {"system/load_1min", "system/load_5min", "system/load_15min"};
  for (int i = 0; i < 3; ++i) {
    values.push_back({loads[i], static_cast<double>(info.loads[i]) / kLoadScale});
  }
  values.push_back({"system/mem_total_bytes", static_cast<double>(info.totalram) * info.mem_unit});
  values.push_back({"system/mem_free_bytes", static_cast<double>(info.freeram) * info.mem_unit});
}

}  // namespace

std::vector<MetricValue> metric_values(const Agent& agent, Duration uptime) {
  std::vector<MetricValue> values;
  values.push_back({"slave/registered", agent.registered() ? 1.0 : 0.0});
  values.push_back({"slave/uptime_secs", to_seconds(uptime)});
  values.push_back({"slave/recovery_errors", 0});
  values.push_back({"slave/frameworks_active", static_cast<double>(agent.frameworks().size())});
  add_tasks(agent, values);
  add_executors(agent, values);
  const model::Resources used = agent.used();
  for (const char* name : {"cpus", "mem", "disk", "gpus"}) {
    const double total = agent.total().scalar(name).to_double();
    const double in_use = used.scalar(name).to_double();
    const std::string prefix = std::string("slave/") + name;
    values.push_back({prefix + "_total", total});
    values.push_back({prefix + "_used", in_use});
    values.push_back({prefix + "_percent", total > 0 ? in_use / total : 0});
  }
  add_system(values);
  return values;
}

std::string metrics_snapshot(const std::vector<MetricValue>& values) {
  json::Writer writer;
  writer.begin_object();
  for (const MetricValue& value : values) {
    writer.key(value.name).number(value.value);
  }
  writer.end_object();
  return writer.take();
}

std::string AgentMetrics::text(const std::vector<MetricValue>& values) {
  for (const MetricValue& value : values) {
    auto found = gauges_.find(value.name);
    if (found == gauges_.end()) {
      const std::string name = replace_all(value.name, "/", "_");
      found = gauges_.emplace(value.name, registry_.gauge(name, "Agent: " + value.name)).first;
    }
    found->second.set(value.value);
  }
  return registry_.text();
}

}  // namespace ekiden::agent
