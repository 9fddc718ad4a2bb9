#include "core/master/state_json.h"

#include "core/model/ranges_text.h"

#include <algorithm>
#include <map>

namespace ekiden::master {
namespace {

using json::Writer;
using model::Resources;

constexpr const char* kBuildDate = "2026-01-01 00:00:00";
constexpr double kBuildTime = 1767225600.0;

std::string set_text(const std::vector<std::string>& items) {
  std::string text = "{";
  for (const std::string& item : items) {
    text += (text.size() > 1 ? ", " : "") + item;
  }
  return text + "}";
}

// Always cpus, gpus, mem, disk; other scalars as numbers, ranges and sets as text.
void write_resources(Writer& w, const Resources& resources) {
  const Resources sum = resources.quantities();
  w.begin_object();
  for (const char* name : {"cpus", "gpus", "mem", "disk"}) {
    w.key(name).number(sum.scalar(name).to_double());
  }
  for (const model::Resource& r : sum.list()) {
    switch (r.type) {
      case model::ValueType::scalar:
        if (r.name != "cpus" && r.name != "gpus" && r.name != "mem" && r.name != "disk") {
          w.key(r.name).number(r.scalar.to_double());
        }
        break;
      case model::ValueType::ranges:
        w.member(r.name, model::to_text(r.ranges));
        break;
      case model::ValueType::set:
        w.member(r.name, set_text(r.set));
        break;
    }
  }
  w.end_object();
}

void write_labels(Writer& w, const model::Labels& labels) {
  w.begin_array();
  for (const model::Label& label : labels.labels) {
    json::encode(w, label, json::kMesos);
  }
  w.end_array();
}

void write_attributes(Writer& w, const std::vector<model::Attribute>& attributes) {
  w.begin_object();
  for (const model::Attribute& attribute : attributes) {
    w.key(attribute.name);
    switch (attribute.type) {
      case model::Attribute::Type::scalar:
        w.number(attribute.scalar.to_double());
        break;
      case model::Attribute::Type::ranges:
        w.string(model::to_text(attribute.ranges));
        break;
      case model::Attribute::Type::set:
      case model::Attribute::Type::text:
        w.string(attribute.text);
        break;
    }
  }
  w.end_object();
}

void write_status(Writer& w, const model::TaskStatus& status) {
  w.begin_object().member("state", model::to_text(status.state));
  w.key("timestamp").number(status.timestamp.value_or(0));
  if (status.labels) {
    w.key("labels");
    write_labels(w, *status.labels);
  }
  if (status.container_status) {
    w.key("container_status");
    json::encode(w, *status.container_status, json::kMesos);
  }
  if (status.healthy) {
    w.key("healthy").boolean(*status.healthy);
  }
  w.end_object();
}

void write_task(Writer& w, const Task& task) {
  const model::TaskInfo& info = task.info;
  w.begin_object().member("id", info.task_id.value).member("name", info.name);
  w.member("framework_id", task.framework_id.value);
  w.member("executor_id", task.executor_id ? task.executor_id->value : "");
  w.member("slave_id", info.agent_id.value).member("state", model::to_text(task.state));
  w.key("resources");
  write_resources(w, Resources(info.resources));
  if (!info.limits.empty()) {
    w.key("limits").begin_object();
    for (const auto& [name, limit] : info.limits) {
      w.key(name).number(limit);
    }
    w.end_object();
  }
  w.member("role",
           info.resources.empty() ? "*" : info.resources.front().allocation_role.value_or("*"));
  w.key("statuses").begin_array();
  for (const model::TaskStatus& status : task.statuses) {
    write_status(w, status);
  }
  w.end_array();
  if (info.command && info.command->user) {
    w.member("user", *info.command->user);
  }
  if (info.labels) {
    w.key("labels");
    write_labels(w, *info.labels);
  }
  if (info.discovery) {
    w.key("discovery");
    json::encode(w, *info.discovery, json::kMesos);
  }
  if (info.container) {
    w.key("container");
    json::encode(w, *info.container, json::kMesos);
  }
  if (info.health_check) {
    w.key("health_check");
    json::encode(w, *info.health_check, json::kMesos);
  }
  w.end_object();
}

void write_tasks(Writer& w, const std::vector<TaskPtr>& tasks) {
  w.begin_array();
  for (const TaskPtr& task : tasks) {
    write_task(w, *task);
  }
  w.end_array();
}

void write_reserved(Writer& w, const Resources& total) {
  std::map<std::string, Resources> by_role;
  for (const model::Resource& resource : total.list()) {
    if (!resource.reservations.empty()) {
      by_role[resource.reservations.back().role] += resource;
    }
  }
  w.begin_object();
  for (const auto& [role, resources] : by_role) {
    w.key(role);
    write_resources(w, resources);
  }
  w.end_object();
}

// Without the closing brace, so that others can add members.
void begin_slave(Writer& w, const AgentView& agent) {
  w.begin_object().member("id", agent.info.id.value_or(AgentId{}).value);
  w.member("hostname", agent.info.hostname).key("port").integer(agent.info.port);
  w.key("attributes");
  write_attributes(w, agent.info.attributes);
  if (agent.info.domain) {
    w.key("domain");
    json::encode(w, *agent.info.domain, json::kMesos);
  }
  if (agent.recovered) {
    return;
  }
  w.member("pid", agent.pid);
  w.key("registered_time").number(to_epoch_seconds(agent.registered));
  if (agent.reregistered) {
    w.key("reregistered_time").number(to_epoch_seconds(*agent.reregistered));
  }
  w.key("resources");
  write_resources(w, agent.total);
  w.key("used_resources");
  write_resources(w, agent.used);
  w.key("offered_resources");
  write_resources(w, agent.offered);
  w.key("reserved_resources");
  write_reserved(w, agent.total);
  w.key("unreserved_resources");
  write_resources(w, agent.total.unreserved());
  w.key("active").boolean(agent.active).key("deactivated").boolean(false);
  w.member("version", agent.version).key("capabilities").begin_array();
  for (const char* capability : {"MULTI_ROLE", "HIERARCHICAL_ROLE", "TASK_RESOURCE_LIMITS"}) {
    w.string(capability);
  }
  w.end_array();
}

void write_slaves(Writer& w, const std::vector<AgentView>& agents) {
  w.begin_array();
  for (const AgentView& agent : agents) {
    begin_slave(w, agent);
    w.end_object();
  }
  w.end_array();
}

void write_command(Writer& w, const model::CommandInfo& command) {
  w.begin_object().key("shell").boolean(command.shell);
  if (command.value) {
    w.member("value", *command.value);
  }
  w.key("argv").begin_array();
  for (const std::string& argument : command.arguments) {
    w.string(argument);
  }
  w.end_array();
  if (command.environment) {
    w.key("environment");
    json::encode(w, *command.environment, json::kMesos);
  }
  w.key("uris").begin_array();
  for (const model::FetchUri& uri : command.uris) {
    w.begin_object().member("value", uri.value).key("executable").boolean(uri.executable);
    w.end_object();
  }
  w.end_array().end_object();
}

void write_executors(Writer& w, const FrameworkView& framework) {
  w.begin_array();
  for (const ExecutorView& executor : framework.executors) {
    w.begin_object().member("executor_id", executor.info.executor_id.value);
    w.member("name", executor.info.name.value_or(""));
    w.member("framework_id", framework.info.id.value_or(FrameworkId{}).value);
    w.key("command");
    write_command(w, executor.info.command.value_or(model::CommandInfo{}));
    w.key("resources");
    write_resources(w, Resources(executor.info.resources));
    w.member("slave_id", executor.agent_id.value).end_object();
  }
  w.end_array();
}

void write_offers(Writer& w, const std::vector<model::Offer>& offers) {
  w.begin_array();
  for (const model::Offer& offer : offers) {
    w.begin_object().member("id", offer.id.value).member("framework_id", offer.framework_id.value);
    w.key("allocation_info").begin_object();
    w.member("role", offer.allocation_role.empty() ? "*" : offer.allocation_role).end_object();
    w.member("slave_id", offer.agent_id.value).key("resources");
    write_resources(w, Resources(offer.resources));
    w.end_object();
  }
  w.end_array();
}

void write_capabilities(Writer& w, const model::FrameworkInfo& info) {
  const json::Value shapes = json::parse(json::encode(info, json::kMesos)).value_or(json::Value());
  w.key("capabilities").begin_array();
  for (const json::Value& capability : shapes["capabilities"].as_array()) {
    w.string(capability["type"].as_string());
  }
  w.end_array();
}

// The members that /state and /state-summary share.
void begin_framework(Writer& w, const FrameworkView& framework) {
  const model::FrameworkInfo& info = framework.info;
  w.begin_object().member("id", info.id.value_or(FrameworkId{}).value).member("name", info.name);
  w.key("used_resources");
  write_resources(w, framework.used);
  w.key("offered_resources");
  write_resources(w, framework.offered);
  write_capabilities(w, info);
  w.member("hostname", info.hostname.value_or("")).member("webui_url", info.webui_url.value_or(""));
  w.key("active").boolean(framework.active).key("connected").boolean(framework.connected);
  w.key("recovered").boolean(framework.recovered);
}

void write_framework(Writer& w, const FrameworkView& framework) {
  const model::FrameworkInfo& info = framework.info;
  begin_framework(w, framework);
  w.member("user", info.user).key("failover_timeout").number(info.failover_timeout);
  w.key("checkpoint").boolean(info.checkpoint);
  w.key("registered_time").number(to_epoch_seconds(framework.registered));
  w.key("unregistered_time")
      .number(framework.unregistered ? to_epoch_seconds(*framework.unregistered) : 0.0);
  if (info.principal) {
    w.member("principal", *info.principal);
  }
  w.key("resources");
  write_resources(w, framework.used + framework.offered);
  if (framework.reregistered) {
    w.key("reregistered_time").number(to_epoch_seconds(*framework.reregistered));
  }
  if (info.has(model::FrameworkCapability::multi_role)) {
    w.key("roles").begin_array();
    for (const std::string& role : info.roles) {
      w.string(role);
    }
    w.end_array();
  } else {
    w.member("role", info.role.value_or("*"));
  }
  w.key("tasks");
  write_tasks(w, framework.tasks);
  w.key("unreachable_tasks");
  write_tasks(w, framework.unreachable);
  w.key("completed_tasks");
  write_tasks(w, framework.completed);
  w.key("offers");
  write_offers(w, framework.offers);
  w.key("executors");
  write_executors(w, framework);
  if (info.labels) {
    w.key("labels");
    write_labels(w, *info.labels);
  }
  w.end_object();
}

void write_frameworks(Writer& w, const std::vector<FrameworkView>& frameworks) {
  w.begin_array();
  for (const FrameworkView& framework : frameworks) {
    write_framework(w, framework);
  }
  w.end_array();
}

using Counts = std::map<model::TaskState, std::size_t>;

void count(Counts& counts, const FrameworkView& framework, const std::string& agent) {
  for (const auto* list : {&framework.tasks, &framework.unreachable, &framework.completed}) {
    for (const TaskPtr& task : *list) {
      if (agent.empty() || task->info.agent_id.value == agent) {
        ++counts[task->state];
      }
    }
  }
}

void write_counts(Writer& w, Counts counts) {
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
    w.key(model::to_text(state)).integer(static_cast<std::int64_t>(counts[state]));
  }
}

}  // namespace

std::string version_json(const MasterFacts& facts) {
  Writer w;
  w.begin_object().member("version", facts.version).member("build_date", kBuildDate);
  w.key("build_time").number(kBuildTime).member("build_user", "ekiden").end_object();
  return w.take();
}

std::string state_json(const Snapshot& snapshot) {
  const MasterFacts& facts = snapshot.facts;
  const double started = to_epoch_seconds(facts.started);
  Writer w;
  w.begin_object().member("version", facts.version).member("build_date", kBuildDate);
  w.key("build_time").number(kBuildTime).member("build_user", "ekiden");
  w.key("start_time").number(started).key("elected_time").number(started);
  w.member("id", facts.id).member("pid", facts.pid()).member("hostname", facts.hostname);
  w.key("capabilities").begin_array().end_array();
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
  w.key("flags").begin_object().end_object();
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

std::string state_summary_json(const Snapshot& snapshot) {
  Writer w;
  w.begin_object().member("hostname", snapshot.facts.hostname).key("slaves").begin_array();
  for (const AgentView& agent : snapshot.agents) {
    begin_slave(w, agent);
    Counts counts;
    std::vector<std::string> frameworks;
    for (const FrameworkView& framework : snapshot.frameworks) {
      const std::size_t before = counts.size();
      count(counts, framework, agent.info.id->value);
      if (counts.size() > before) {
        frameworks.push_back(framework.info.id->value);
      }
    }
    write_counts(w, counts);
    w.key("framework_ids").begin_array();
    for (const std::string& id : frameworks) {
      w.string(id);
    }
    w.end_array().end_object();
  }
  w.end_array().key("frameworks").begin_array();
  for (const FrameworkView& framework : snapshot.frameworks) {
    begin_framework(w, framework);
    Counts counts;
    count(counts, framework, "");
    write_counts(w, counts);
    std::map<std::string, bool> agents;
    for (const TaskPtr& task : framework.tasks) {
      agents[task->info.agent_id.value] = true;
    }
    w.key("slave_ids").begin_array();
    for (const auto& [id, yes] : agents) {
      w.string(id);
    }
    w.end_array().end_object();
  }
  w.end_array().end_object();
  return w.take();
}

std::string slaves_json(const Snapshot& snapshot, const std::string& slave_id) {
  std::vector<AgentView> wanted;
  for (const AgentView& agent : snapshot.agents) {
    if (slave_id.empty() || agent.info.id->value == slave_id) {
      wanted.push_back(agent);
    }
  }
  Writer w;
  w.begin_object().key("slaves");
  write_slaves(w, wanted);
  w.key("recovered_slaves");
  write_slaves(w, snapshot.recovered_agents);
  w.end_object();
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
            const auto& statuses = task->statuses;
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

std::string metrics_snapshot_json(const Snapshot& snapshot, Duration uptime) {
  Resources total;
  Resources used;
  double active = 0;
  for (const AgentView& agent : snapshot.agents) {
    total += agent.total;
    used += agent.used;
    active += agent.active ? 1 : 0;
  }
  Counts counts;
  double frameworks = 0;
  double offers = 0;
  for (const FrameworkView& framework : snapshot.frameworks) {
    count(counts, framework, "");
    frameworks += framework.active ? 1 : 0;
    offers += static_cast<double>(framework.offers.size());
  }
  Writer w;
  const auto put = [&](const std::string& name, double value) { w.key(name).number(value); };
  w.begin_object();
  put("master/elected", 1);
  put("master/uptime_secs", to_seconds(uptime));
  for (const std::string name : {"cpus", "gpus", "mem", "disk"}) {
    const double all = total.scalar(name).to_double();
    const double busy = used.scalar(name).to_double();
    put("master/" + name + "_total", all);
    put("master/" + name + "_used", busy);
    put("master/" + name + "_percent", all > 0 ? busy / all : 0);
  }
  const auto agents = static_cast<double>(snapshot.agents.size());
  put("master/slaves_active", active);
  put("master/slaves_connected", active);
  put("master/slaves_inactive", agents - active);
  put("master/slaves_disconnected", agents - active);
  put("master/slaves_unreachable", static_cast<double>(snapshot.unreachable_agents));
  put("master/frameworks_active", frameworks);
  put("master/frameworks_connected", frameworks);
  put("master/frameworks_inactive", static_cast<double>(snapshot.frameworks.size()) - frameworks);
  put("master/frameworks_disconnected",
      static_cast<double>(snapshot.frameworks.size()) - frameworks);
  put("master/outstanding_offers", offers);
  for (const auto& [state, name] :
       std::map<model::TaskState, std::string>{{model::TaskState::staging, "staging"},
                                               {model::TaskState::starting, "starting"},
                                               {model::TaskState::running, "running"},
                                               {model::TaskState::killing, "killing"},
                                               {model::TaskState::unreachable, "unreachable"},
                                               {model::TaskState::finished, "finished"},
                                               {model::TaskState::failed, "failed"},
                                               {model::TaskState::killed, "killed"},
                                               {model::TaskState::lost, "lost"},
                                               {model::TaskState::error, "error"}}) {
    put("master/tasks_" + name, static_cast<double>(counts[state]));
  }
  w.end_object();
  return w.take();
}

}  // namespace ekiden::master
