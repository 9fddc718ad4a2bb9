#include "core/agent/metrics.h"

#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/wire/legacy.h"

namespace ekiden::agent {
namespace {

using model::TaskState;

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
  double terminated = 0;
  for (const auto& [container, executor] : agent.executors()) {
    using State = Agent::Executor::State;
    registering +=
        executor.state == State::starting || executor.state == State::registering ? 1 : 0;
    running += executor.state == State::running ? 1 : 0;
    terminating += executor.state == State::terminating ? 1 : 0;
    terminated += executor.state == State::terminated ? 1 : 0;
  }
  values.push_back({"slave/executors_registering", registering});
  values.push_back({"slave/executors_running", running});
  values.push_back({"slave/executors_terminating", terminating});
  values.push_back({"slave/executors_terminated", terminated});
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
    for (const char* revocable : {"_revocable_total", "_revocable_used", "_revocable_percent"}) {
      values.push_back({prefix + revocable, 0});
    }
  }
  for (const auto& [name, value] : wire::system_metrics(wire::system_facts())) {
    values.push_back({name, value});
  }
  return values;
}

ShellCounters::Kind ShellCounters::kind_of(const api::executor::Call& call) {
  if (std::holds_alternative<api::executor::Update>(call.body)) {
    return Kind::update;
  }
  return std::holds_alternative<api::executor::MessageCall>(call.body) ? Kind::message
                                                                       : Kind::other;
}

void ShellCounters::count(Kind kind, int status) {
  constexpr int kAccepted = 202;
  if (kind == Kind::update) {
    ++(status == kAccepted ? valid_status_updates : invalid_status_updates);
  } else if (kind == Kind::message) {
    ++(status == kAccepted ? valid_framework_messages : invalid_framework_messages);
  }
}

void add_shell_metrics(const ShellCounters& counters, std::vector<MetricValue>& values) {
  const std::pair<const char*, std::uint64_t> all[] = {
      {"slave/valid_status_updates", counters.valid_status_updates},
      {"slave/invalid_status_updates", counters.invalid_status_updates},
      {"slave/valid_framework_messages", counters.valid_framework_messages},
      {"slave/invalid_framework_messages", counters.invalid_framework_messages},
      {"slave/container_launch_errors", counters.container_launch_errors},
      {"slave/executors_preempted", 0},
      {"containerizer/mesos/container_destroy_errors", 0}};
  for (const auto& [name, value] : all) {
    values.push_back({name, static_cast<double>(value)});
  }
}

void add_gc_metrics(const SandboxGc::Stats& stats, std::vector<MetricValue>& values) {
  values.push_back({"gc/path_removals_succeeded", static_cast<double>(stats.removed)});
  values.push_back({"gc/path_removals_failed", static_cast<double>(stats.failed)});
  values.push_back({"gc/path_removals_pending", static_cast<double>(stats.pending)});
  values.push_back({"slave/executor_directory_max_allowed_age_secs", stats.allowed_age_seconds});
}

void add_fetcher_metrics(const FetcherStats& stats, std::vector<MetricValue>& values) {
  const std::string prefix = "containerizer/fetcher/";
  values.push_back({prefix + "task_fetches_succeeded", static_cast<double>(stats.succeeded)});
  values.push_back({prefix + "task_fetches_failed", static_cast<double>(stats.failed)});
  values.push_back({prefix + "cache_size_total_bytes", static_cast<double>(stats.cache_bytes_max)});
  values.push_back({prefix + "cache_size_used_bytes", static_cast<double>(stats.cache_bytes)});
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
