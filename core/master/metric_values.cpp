#include "core/master/metric_values.h"

#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/master/role_views.h"

#include <algorithm>
#include <map>

namespace ekiden::master {
namespace {

using model::Resources;
using State = model::TaskState;

constexpr const char* kResourceNames[] = {"cpus", "gpus", "mem", "disk"};

void add_resources(MetricValues& out,
                   const std::string& suffix,
                   const Resources& total,
                   const Resources& used) {
  for (const std::string name : kResourceNames) {
    const double all = total.scalar(name).to_double();
    const double busy = used.scalar(name).to_double();
    out.emplace_back("master/" + name + suffix + "_total", all);
    out.emplace_back("master/" + name + suffix + "_used", busy);
    out.emplace_back("master/" + name + suffix + "_percent", all > 0 ? busy / all : 0);
  }
}

struct Split {
  Resources regular;
  Resources revocable;
};

void add(Split& sum, const Resources& resources) {
  for (const model::Resource& resource : resources.quantities().list()) {
    (resource.revocable ? sum.revocable : sum.regular) += resource;
  }
}

void add_agents(MetricValues& out, const Snapshot& snapshot) {
  Split total;
  Split used;
  Resources busy;
  double active = 0;
  double connected = 0;
  for (const AgentView& agent : snapshot.agents) {
    add(total, agent.total);
    add(used, agent.used);
    busy += (agent.used + agent.offered).quantities();
    connected += agent.active || agent.deactivated ? 1 : 0;
    active += agent.active && !agent.deactivated ? 1 : 0;
  }
  const auto agents = static_cast<double>(snapshot.agents.size());
  add_resources(out, "", total.regular, used.regular);
  add_resources(out, "_revocable", total.revocable, used.revocable);
  out.emplace_back("master/slaves_active", active);
  out.emplace_back("master/slaves_inactive", agents - active);
  out.emplace_back("master/slaves_connected", connected);
  out.emplace_back("master/slaves_disconnected", agents - connected);
  out.emplace_back("master/slaves_unreachable", static_cast<double>(snapshot.unreachable_agents));
  for (const std::string name : {"cpus", "mem", "disk"}) {
    const std::string prefix = "allocator/mesos/resources/" + name;
    out.emplace_back(prefix + "/total", total.regular.scalar(name).to_double());
    out.emplace_back(prefix + "/offered_or_allocated", busy.scalar(name).to_double());
  }
}

void add_frameworks(MetricValues& out, const Snapshot& snapshot) {
  std::map<State, double> tasks;
  double active = 0;
  double connected = 0;
  double offers = 0;
  double unreachable = 0;
  for (const FrameworkView& framework : snapshot.frameworks) {
    active += framework.active ? 1 : 0;
    connected += framework.connected ? 1 : 0;
    offers += static_cast<double>(framework.offers.size());
    unreachable += static_cast<double>(framework.unreachable.size());
    for (const TaskPtr& task : framework.tasks) {
      tasks[task->state] += 1;
    }
  }
  const auto all = static_cast<double>(snapshot.frameworks.size());
  out.emplace_back("master/frameworks_active", active);
  out.emplace_back("master/frameworks_inactive", all - active);
  out.emplace_back("master/frameworks_connected", connected);
  out.emplace_back("master/frameworks_disconnected", all - connected);
  out.emplace_back("master/outstanding_offers", offers);
  out.emplace_back("master/tasks_staging", tasks[State::staging]);
  out.emplace_back("master/tasks_starting", tasks[State::starting]);
  out.emplace_back("master/tasks_running", tasks[State::running]);
  out.emplace_back("master/tasks_killing", tasks[State::killing]);
  out.emplace_back("master/tasks_unreachable", unreachable);
}

void add_quotas(MetricValues& out, const Snapshot& snapshot) {
  if (snapshot.quotas.empty()) {
    return;
  }
  for (const RoleView& role : role_views(snapshot)) {
    if (role.quota == nullptr) {
      continue;
    }
    const std::string prefix = "allocator/mesos/quota/roles/" + role.name + "/resources/";
    for (const auto& [name, amount] : role.quota->guarantees) {
      out.emplace_back(prefix + name + "/guarantee", amount);
    }
    for (const auto& [name, amount] : role.quota->limits) {
      out.emplace_back(prefix + name + "/limit", amount);
    }
    for (const model::Resource& amount : role.consumed.list()) {
      out.emplace_back(prefix + amount.name + "/offered_or_allocated", amount.scalar.to_double());
    }
  }
}

void add_framework(MetricValues& out, const FrameworkView& framework) {
  const std::string prefix =
      framework_prefix(framework.info.name, framework.info.id.value_or(FrameworkId{}));
  std::map<State, double> tasks;
  for (const TaskPtr& task : framework.tasks) {
    tasks[task->state] += 1;
  }
  tasks[State::unreachable] = static_cast<double>(framework.unreachable.size());
  for (const State state :
       {State::staging, State::starting, State::running, State::killing, State::unreachable}) {
    out.emplace_back(prefix + "tasks/active/" + to_lower(model::to_text(state)), tasks[state]);
  }
  out.emplace_back(prefix + "subscribed", framework.connected ? 1 : 0);
  for (const std::string& role : framework.info.all_roles()) {
    const auto& suppressed = framework.suppressed_roles;
    const bool is = std::find(suppressed.begin(), suppressed.end(), role) != suppressed.end();
    out.emplace_back(prefix + "roles/" + percent_encode(role) + "/suppressed", is ? 1 : 0);
  }
}

}  // namespace

std::string framework_prefix(const std::string& name, const FrameworkId& id) {
  return "master/frameworks/" + percent_encode(name) + "/" + id.value + "/";
}

MetricValues gauges(const Snapshot& snapshot, FrameworkMetrics frameworks) {
  MetricValues out;
  add_agents(out, snapshot);
  add_frameworks(out, snapshot);
  add_quotas(out, snapshot);
  for (const FrameworkView& framework : snapshot.frameworks) {
    if (frameworks == FrameworkMetrics::shown) {
      add_framework(out, framework);
    }
  }
  return out;
}

std::string metrics_json(MetricValues values) {
  std::sort(values.begin(), values.end());
  json::Writer w;
  w.begin_object();
  for (const auto& [name, value] : values) {
    w.key(name).number(value);
  }
  w.end_object();
  return w.take();
}

}  // namespace ekiden::master
