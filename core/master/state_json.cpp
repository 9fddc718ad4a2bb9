#include "core/master/state_json.h"

#include "core/master/legacy_shapes.h"
#include "core/master/operator_answers.h"
#include "core/master/role_views.h"
#include "core/wire/legacy.h"

#include <algorithm>
#include <map>
#include <set>

namespace ekiden::master {
namespace {

using json::Writer;

void write_frameworks(Writer& w, const std::vector<FrameworkView>& frameworks) {
  w.begin_array();
  for (const FrameworkView& framework : frameworks) {
    write_framework(w, framework);
  }
  w.end_array();
}

using Counts = std::map<model::TaskState, std::size_t>;

void write_counts(Writer& w, const Counts& counts) {
  using State = model::TaskState;
  for (const State state : {State::staging,
                            State::starting,
                            State::running,
                            State::killing,
                            State::finished,
                            State::killed,
                            State::failed,
                            State::lost,
                            State::error,
                            State::unreachable}) {
    const auto found = counts.find(state);
    w.key(model::to_text(state));
    w.integer(found == counts.end() ? 0 : static_cast<std::int64_t>(found->second));
  }
}

struct AgentSummary {
  Counts counts;
  std::set<std::string> frameworks;
};

struct Summary {
  std::map<AgentId, AgentSummary> agents;
  std::vector<Counts> frameworks;                // as the snapshot lists them
  std::vector<std::set<std::string>> agents_of;  // the same
};

Summary summary_of(const Snapshot& snapshot) {
  Summary made;
  for (const FrameworkView& framework : snapshot.frameworks) {
    Counts& counts = made.frameworks.emplace_back();
    std::set<std::string>& agents = made.agents_of.emplace_back();
    const std::string id = framework.info.id.value_or(FrameworkId{}).value;
    for (const auto* list : {&framework.tasks, &framework.unreachable, &framework.completed}) {
      for (const TaskPtr& task : *list) {
        ++counts[task->state];
        AgentSummary& agent = made.agents[task->info.agent_id];
        ++agent.counts[task->state];
        agent.frameworks.insert(id);
        agents.insert(task->info.agent_id.value);
      }
    }
  }
  return made;
}

void write_names(Writer& w, std::string_view key, const std::set<std::string>& names) {
  w.key(key).begin_array();
  for (const std::string& name : names) {
    w.string(name);
  }
  w.end_array();
}

void write_amounts(Writer& w, const std::map<std::string, double>& amounts) {
  w.begin_object();
  for (const auto& [name, amount] : amounts) {
    w.key(name).number(amount);
  }
  w.end_object();
}

void write_facts(Writer& w, const MasterFacts& facts) {
  const wire::BuildInfo& build = wire::build_info();
  const double started = to_epoch_seconds(facts.started);
  w.member("version", facts.version).member("build_date", build.date);
  w.key("build_time").number(build.time).member("build_user", build.user);
  w.key("start_time").number(started).key("elected_time").number(started);
  w.member("id", facts.id).member("pid", facts.pid()).member("hostname", facts.hostname);
  w.key("capabilities").begin_array();
  for (const char* capability : {"AGENT_UPDATE", "AGENT_DRAINING", "QUOTA_V2"}) {
    w.string(capability);
  }
  w.end_array();
}

void write_settings(Writer& w, const StateSettings& settings) {
  if (!settings.cluster.empty()) {
    w.member("cluster", settings.cluster);
  }
  if (!settings.external_log_file.empty()) {
    w.member("external_log_file", settings.external_log_file);
  }
  w.key("flags").begin_object();
  for (const auto& [name, value] : settings.flags) {
    w.member(name, value);
  }
  w.end_object();
}

}  // namespace

std::string state_json(const Snapshot& snapshot, const std::optional<StateSettings>& settings) {
  const MasterFacts& facts = snapshot.facts;
  Writer w;
  w.begin_object();
  write_facts(w, facts);
  const auto active = static_cast<double>(
      std::count_if(snapshot.agents.begin(), snapshot.agents.end(), [](const AgentView& agent) {
        return agent.active;
      }));
  w.key("activated_slaves").number(active);
  w.key("deactivated_slaves").number(static_cast<double>(snapshot.agents.size()) - active);
  w.key("unreachable_slaves").number(static_cast<double>(snapshot.unreachable_agents));
  w.member("leader", facts.pid()).key("leader_info").begin_object();
  w.member("id", facts.id).member("pid", facts.pid()).key("port").integer(facts.port);
  w.member("hostname", facts.hostname).end_object();
  if (settings) {
    write_settings(w, *settings);
  }
  w.key("slaves");
  write_slaves(w, snapshot.agents);
  w.key("recovered_slaves");
  write_slaves(w, snapshot.recovered_agents);
  w.key("frameworks");
  write_frameworks(w, snapshot.frameworks);
  w.key("completed_frameworks");
  write_frameworks(w, snapshot.completed_frameworks);
  w.key("orphan_tasks").begin_array().end_array();
  w.key("unregistered_frameworks").begin_array().end_array().end_object();
  return w.take();
}

std::string state_summary_json(const Snapshot& snapshot, const std::string& cluster) {
  const Summary summary = summary_of(snapshot);
  Writer w;
  w.begin_object().member("hostname", snapshot.facts.hostname);
  if (!cluster.empty()) {
    w.member("cluster", cluster);
  }
  w.key("slaves").begin_array();
  for (const AgentView& agent : snapshot.agents) {
    static const AgentSummary kNothing;
    const auto found = summary.agents.find(agent.info.id.value_or(AgentId{}));
    const AgentSummary& counted = found == summary.agents.end() ? kNothing : found->second;
    begin_slave(w, agent);
    write_counts(w, counted.counts);
    write_names(w, "framework_ids", counted.frameworks);
    w.end_object();
  }
  w.end_array().key("frameworks").begin_array();
  for (std::size_t i = 0; i < snapshot.frameworks.size(); ++i) {
    begin_framework(w, snapshot.frameworks[i]);
    write_counts(w, summary.frameworks[i]);
    write_names(w, "slave_ids", summary.agents_of[i]);
    w.end_object();
  }
  w.end_array().end_object();
  return w.take();
}

std::string slaves_json(const Snapshot& snapshot, const std::string& slave_id) {
  Writer w;
  w.begin_object().key("slaves").begin_array();
  for (const AgentView& agent : snapshot.agents) {
    if (!slave_id.empty() && agent.info.id.value_or(AgentId{}).value != slave_id) {
      continue;
    }
    begin_slave(w, agent);
    w.key("reserved_resources_full");
    write_reserved_full(w, agent.total);
    w.key("unreserved_resources_full");
    write_full(w, agent.total.unreserved());
    w.key("used_resources_full");
    write_full(w, agent.used);
    w.key("offered_resources_full");
    write_full(w, agent.offered);
    w.end_object();
  }
  w.end_array().key("recovered_slaves");
  write_slaves(w, snapshot.recovered_agents);
  w.end_object();
  return w.take();
}

std::string roles_json(const Snapshot& snapshot) {
  Writer w;
  w.begin_object().key("roles").begin_array();
  for (const RoleView& role : role_views(snapshot)) {
    w.begin_object().member("name", role.name).key("weight").number(role.weight);
    w.key("quota").begin_object().member("role", role.name).key("guarantee");
    write_amounts(w, role.quota ? role.quota->guarantees : std::map<std::string, double>{});
    w.key("limit");
    write_amounts(w, role.quota ? role.quota->limits : std::map<std::string, double>{});
    w.key("consumed");
    std::map<std::string, double> consumed;
    for (const model::Resource& amount : role.consumed.list()) {
      consumed[amount.name] = amount.scalar.to_double();
    }
    write_amounts(w, consumed);
    w.end_object().key("resources");
    write_resources(w, role.allocated + role.offered);
    w.key("allocated");
    write_resources(w, role.allocated);
    w.key("offered");
    write_resources(w, role.offered);
    w.key("reserved");
    write_resources(w, role.reserved);
    w.key("frameworks").begin_array();
    for (const FrameworkId& id : role.frameworks) {
      w.string(id.value);
    }
    w.end_array().end_object();
  }
  w.end_array().end_object();
  return w.take();
}

std::string weights_json(const Snapshot& snapshot) {
  Writer w;
  w.begin_array();
  for (const model::WeightInfo& weight : snapshot.weights) {
    json::encode(w, weight, json::kMesos);
  }
  w.end_array();
  return w.take();
}

std::string registry_json(const Snapshot& snapshot) {
  Writer w;
  w.begin_object().key("master").begin_object().key("info");
  json::encode(w, snapshot.facts.info(), json::kMesos);
  w.end_object().key("slaves").begin_object().key("slaves").begin_array();
  for (const auto* agents : {&snapshot.agents, &snapshot.recovered_agents}) {
    for (const AgentView& agent : *agents) {
      w.begin_object().key("info");
      json::encode(w, agent.info, json::kMesos);
      w.end_object();
    }
  }
  w.end_array().end_object();
  for (const auto& [name, list] :
       {std::pair("unreachable", &snapshot.unreachable), std::pair("gone", &snapshot.gone)}) {
    w.key(name).begin_object().key("slaves").begin_array();
    for (const GoneAgent& agent : *list) {
      w.begin_object().key("id").begin_object().member("value", agent.id.value).end_object();
      w.key("timestamp").begin_object().key("nanoseconds");
      w.integer(agent.since.time_since_epoch().count()).end_object().end_object();
    }
    w.end_array().end_object();
  }
  w.key("weights").raw(weights_json(snapshot)).key("quota_configs").begin_array();
  for (const model::QuotaConfig& quota : snapshot.quotas) {
    json::encode(w, quota, json::kMesos);
  }
  w.end_array().end_object();
  return w.take();
}

std::string frameworks_json(const Snapshot& snapshot, const std::string& framework_id) {
  const auto wanted = [&](const std::vector<FrameworkView>& all) {
    std::vector<FrameworkView> some;
    for (const FrameworkView& framework : all) {
      if (framework_id.empty() || framework.info.id->value == framework_id) {
        some.push_back(framework);
      }
    }
    return some;
  };
  Writer w;
  w.begin_object().key("frameworks");
  write_frameworks(w, wanted(snapshot.frameworks));
  w.key("completed_frameworks");
  write_frameworks(w, wanted(snapshot.completed_frameworks));
  w.key("unregistered_frameworks").begin_array().end_array().end_object();
  return w.take();
}

std::string tasks_json(const Snapshot& snapshot, const TaskQuery& query) {
  std::vector<std::pair<double, TaskPtr>> found;
  for (const auto* list : {&snapshot.frameworks, &snapshot.completed_frameworks}) {
    for (const FrameworkView& framework : *list) {
      if (!query.framework_id.empty() && framework.info.id->value != query.framework_id) {
        continue;
      }
      for (const auto* tasks : {&framework.tasks, &framework.unreachable, &framework.completed}) {
        for (const TaskPtr& task : *tasks) {
          if (query.task_id.empty() || task->info.task_id.value == query.task_id) {
            const auto statuses = task->statuses.unpack(task->info);
            found.emplace_back(statuses.empty() ? 0 : statuses.front().timestamp.value_or(0), task);
          }
        }
      }
    }
  }
  std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
    return query.ascending ? a.first < b.first : a.first > b.first;
  });
  Writer w;
  w.begin_object().key("tasks").begin_array();
  for (std::size_t i = query.offset; i < found.size() && i - query.offset < query.limit; ++i) {
    write_task(w, *found[i].second);
  }
  w.end_array().end_object();
  return w.take();
}

}  // namespace ekiden::master
