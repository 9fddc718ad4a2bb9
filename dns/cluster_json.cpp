#include "dns/cluster_json.h"

#include "core/base/strings.h"

#include <algorithm>
#include <utility>

namespace ekiden::dns {
namespace {

using json::Value;

constexpr std::int64_t kSavedVersion = 1;
constexpr std::int64_t kTtlMax = 7 * 24 * 3600;
constexpr std::string_view kTtlLabel = "EKIDEN_DNS_TTL";
constexpr std::string_view kDockerLabel = "Docker.NetworkSettings.IPAddress";
constexpr std::string_view kMesosLabel = "MesosContainerizer.NetworkSettings.IPAddress";

std::string text_of(const Value& value) {
  return std::string(value.as_string());
}

// "x" of /state, {"value": "x"} of the v1 API.
std::string id_of(const Value& value) {
  return text_of(value.is_object() ? value["value"] : value);
}

// [{key, value}] of /state, {"labels": [...]} of the v1 API.
std::string_view label_value(const Value& labels, std::string_view key) {
  const Value& list = labels.is_object() ? labels["labels"] : labels;
  for (const Value& one : list.as_array()) {
    if (one["key"].as_string() == key) {
      return one["value"].as_string();
    }
  }
  return {};
}

Task::State state_of(std::string_view text) {
  if (text == "TASK_RUNNING") {
    return Task::State::running;
  }
  if (text == "TASK_KILLING") {
    return Task::State::killing;
  }
  for (std::string_view end : {"TASK_FINISHED",
                               "TASK_FAILED",
                               "TASK_KILLED",
                               "TASK_ERROR",
                               "TASK_LOST",
                               "TASK_DROPPED",
                               "TASK_GONE",
                               "TASK_GONE_BY_OPERATOR"}) {
    if (text == end) {
      return Task::State::ended;
    }
  }
  return Task::State::waiting;
}

void add_range(std::int64_t first, std::int64_t last, std::vector<PortRange>& ports) {
  if (first >= 0 && first <= last && last <= 65535) {
    ports.emplace_back(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last));
  }
}

// "[31000-31005, 31010-31010]"
std::vector<PortRange> ports_of_text(std::string_view text) {
  std::vector<PortRange> ports;
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return ports;
  }
  for (std::string_view range : split_nonempty(text.substr(1, text.size() - 2), ',')) {
    const std::vector<std::string_view> ends = split(trim(range), '-');
    const auto first = parse_int(ends.front());
    const auto last = parse_int(ends.back());
    if (ends.size() == 2 && first && last) {
      add_range(*first, *last, ports);
    }
  }
  return ports;
}

std::vector<PortRange> ports_of(const Value& resources) {
  if (resources.is_object()) {
    return ports_of_text(resources["ports"].as_string());
  }
  std::vector<PortRange> ports;
  for (const Value& resource : resources.as_array()) {
    if (resource["name"].as_string() != "ports") {
      continue;
    }
    for (const Value& range : resource["ranges"]["range"].as_array()) {
      add_range(range["begin"].as_int(-1), range["end"].as_int(-1), ports);
    }
  }
  return ports;
}

RunningStatus running_status(const Value& status) {
  RunningStatus result;
  result.timestamp = status["timestamp"].as_double();
  for (const Value& network : status["container_status"]["network_infos"].as_array()) {
    const json::Array& addresses = network["ip_addresses"].as_array();
    for (const Value& address : addresses) {
      if (const std::string ip = text_of(address["ip_address"]); !ip.empty()) {
        result.netinfo.push_back(ip);
      }
    }
    if (const std::string old = text_of(network["ip_address"]); addresses.empty() && !old.empty()) {
      result.netinfo.push_back(old);
    }
  }
  result.docker_label = label_value(status["labels"], kDockerLabel);
  result.mesos_label = label_value(status["labels"], kMesosLabel);
  return result;
}

StatusUpdate update_of(const Value& status) {
  StatusUpdate update;
  update.timestamp = status["timestamp"].as_double();
  if (const Value* healthy = status.find("healthy"); healthy != nullptr && healthy->is_bool()) {
    update.healthy = healthy->as_bool();
  }
  if (status["state"].as_string() == "TASK_RUNNING") {
    update.running = running_status(status);
  }
  return update;
}

std::vector<DiscoveryPort> discovery_ports(const Value& discovery) {
  std::vector<DiscoveryPort> ports;
  for (const Value& port : discovery["ports"]["ports"].as_array()) {
    const std::int64_t number = port["number"].as_int(-1);
    if (number >= 0 && number <= 65535) {
      ports.push_back(
          {static_cast<std::uint32_t>(number), text_of(port["name"]), text_of(port["protocol"])});
    }
  }
  return ports;
}

Task task_of(const Value& value) {
  Task task;
  const Value* v1_id = value.find("task_id");
  task.id = id_of(v1_id != nullptr ? *v1_id : value["id"]);
  task.framework_id = id_of(value["framework_id"]);
  const Value* v1_agent = value.find("agent_id");
  task.agent_id = id_of(v1_agent != nullptr ? *v1_agent : value["slave_id"]);
  task.name = text_of(value["name"]);
  task.discovery_name = text_of(value["discovery"]["name"]);
  task.discovery_ports = discovery_ports(value["discovery"]);
  task.ports = ports_of(value["resources"]);
  const std::int64_t ttl = parse_int(label_value(value["labels"], kTtlLabel)).value_or(0);
  task.ttl = static_cast<std::uint32_t>(std::clamp<std::int64_t>(ttl, 0, kTtlMax));
  const Task::State state = state_of(value["state"].as_string());
  for (const Value& status : value["statuses"].as_array()) {
    StatusUpdate update = update_of(status);
    update.state = state;
    task = updated(std::move(task), update);
  }
  task.state = state;
  return task;
}

void put(Task task, ClusterState& state) {
  if (!task.id.empty() && !task.framework_id.empty() && task.state != Task::State::ended) {
    TaskKey key{task.framework_id, task.id};
    state.tasks.insert_or_assign(std::move(key), std::move(task));
  }
}

std::optional<Agent> agent_of(const Value& id, const Value& pid) {
  const auto address = parse_pid(pid.as_string());
  const std::string text = id_of(id);
  return address && !text.empty() ? std::optional<Agent>(Agent{text, *address}) : std::nullopt;
}

// An agent of the v1 API; one without a usable pid is found by host name and port.
std::optional<Agent> v1_agent_of(const Value& value) {
  const Value& info = value["agent_info"];
  if (auto agent = agent_of(info["id"], value["pid"])) {
    return agent;
  }
  const std::string id = id_of(info["id"]);
  const std::string host = text_of(info["hostname"]);
  const std::int64_t port = info["port"].as_int(5051);
  if (id.empty() || host.empty() || port < 1 || port > 65535) {
    return std::nullopt;
  }
  return Agent{id, {host, static_cast<std::uint16_t>(port)}};
}

Framework v1_framework_of(const Value& info) {
  return {id_of(info["id"]), text_of(info["name"]), {}, text_of(info["hostname"])};
}

Change removed_or_nothing(std::string id, bool agent) {
  if (id.empty()) {
    return {};
  }
  return agent ? Change(AgentRemoved{std::move(id)}) : Change(FrameworkRemoved{std::move(id)});
}

Change task_update(const Value& event) {
  StatusUpdate update = update_of(event["status"]);
  update.task = {id_of(event["framework_id"]), id_of(event["status"]["task_id"])};
  const Value* latest = event.find("state");
  update.state = state_of((latest != nullptr ? *latest : event["status"]["state"]).as_string());
  return update;
}

std::string_view saved_state_text(Task::State state) {
  switch (state) {
    case Task::State::running:
      return "TASK_RUNNING";
    case Task::State::killing:
      return "TASK_KILLING";
    case Task::State::waiting:
      return "TASK_STAGING";
    case Task::State::ended:
      return "TASK_FINISHED";
  }
  return {};
}

void write_label(json::Writer& writer, std::string_view key, std::string_view value) {
  if (!value.empty()) {
    writer.begin_object().member("key", key).member("value", value).end_object();
  }
}

void write_statuses(json::Writer& writer, const Task& task) {
  writer.key("statuses").begin_array();
  if (task.status) {
    writer.begin_object().member("state", "TASK_RUNNING");
    writer.key("timestamp").number(task.status->timestamp);
    writer.key("container_status").begin_object().key("network_infos").begin_array();
    writer.begin_object().key("ip_addresses").begin_array();
    for (const std::string& ip : task.status->netinfo) {
      writer.begin_object().member("ip_address", ip).end_object();
    }
    writer.end_array().end_object().end_array().end_object();
    writer.key("labels").begin_array();
    write_label(writer, kDockerLabel, task.status->docker_label);
    write_label(writer, kMesosLabel, task.status->mesos_label);
    writer.end_array().end_object();
  }
  if (task.healthy) {
    writer.begin_object().member("state", "HEALTH").key("timestamp").number(task.healthy_at);
    writer.key("healthy").boolean(*task.healthy).end_object();
  }
  writer.end_array();
}

void write_task(json::Writer& writer, const Task& task) {
  writer.begin_object().member("id", task.id).member("name", task.name);
  writer.member("framework_id", task.framework_id).member("slave_id", task.agent_id);
  writer.member("state", saved_state_text(task.state));
  std::string ports;
  for (const auto& [first, last] : task.ports) {
    ports += (ports.empty() ? "" : ", ") + std::to_string(first) + "-" + std::to_string(last);
  }
  writer.key("resources").begin_object().member("ports", "[" + ports + "]").end_object();
  if (!task.discovery_name.empty()) {
    writer.key("discovery").begin_object().member("name", task.discovery_name);
    writer.key("ports").begin_object().key("ports").begin_array();
    for (const DiscoveryPort& port : task.discovery_ports) {
      writer.begin_object().key("number").integer(port.number);
      writer.member("name", port.name).member("protocol", port.protocol).end_object();
    }
    writer.end_array().end_object().end_object();
  }
  writer.key("labels").begin_array();
  write_label(writer, kTtlLabel, task.ttl == 0 ? std::string() : std::to_string(task.ttl));
  writer.end_array();
  write_statuses(writer, task);
  writer.end_object();
}

ClusterState legacy_entries(const Value& state) {
  ClusterState result;
  result.leader = parse_pid(state["leader"].as_string());
  for (const Value& slave : state["slaves"].as_array()) {
    if (auto agent = agent_of(slave["id"], slave["pid"])) {
      result.agents.insert_or_assign(agent->id, *agent);
    }
  }
  for (const Value& value : state["frameworks"].as_array()) {
    Framework framework{text_of(value["id"]),
                        text_of(value["name"]),
                        text_of(value["pid"]),
                        text_of(value["hostname"])};
    for (const Value& task : value["tasks"].as_array()) {
      put(task_of(task), result);
    }
    std::string id = framework.id;
    result.frameworks.insert_or_assign(std::move(id), std::move(framework));
  }
  return result;
}

}  // namespace

Result<ClusterState> from_legacy_state(const Value& state) {
  ClusterState result = legacy_entries(state);
  if (!result.leader) {
    return fail(ErrorCode::unavailable,
                "cannot use the master's state: it names no leader; it will be asked again");
  }
  return result;
}

ClusterState from_get_state(const Value& get_state) {
  ClusterState result;
  for (const Value& value : get_state["get_agents"]["agents"].as_array()) {
    if (auto agent = v1_agent_of(value)) {
      result.agents.insert_or_assign(agent->id, *agent);
    }
  }
  for (const Value& value : get_state["get_frameworks"]["frameworks"].as_array()) {
    Framework framework = v1_framework_of(value["framework_info"]);
    if (!framework.id.empty()) {
      std::string id = framework.id;
      result.frameworks.insert_or_assign(std::move(id), std::move(framework));
    }
  }
  for (const Value& task : get_state["get_tasks"]["tasks"].as_array()) {
    put(task_of(task), result);
  }
  return result;
}

Change from_event(const Value& event, Duration& heartbeat) {
  const std::string_view type = event["type"].as_string();
  if (type == "SUBSCRIBED") {
    const Value& body = event["subscribed"];
    heartbeat = from_seconds(body["heartbeat_interval_seconds"].as_double(15));
    return from_get_state(body["get_state"]);
  }
  if (type == "TASK_ADDED") {
    Task task = task_of(event["task_added"]["task"]);
    return task.id.empty() ? Change() : Change(std::move(task));
  }
  if (type == "TASK_UPDATED") {
    return task_update(event["task_updated"]);
  }
  if (type == "AGENT_ADDED") {
    auto agent = v1_agent_of(event["agent_added"]["agent"]);
    return agent ? Change(std::move(*agent)) : Change();
  }
  if (type == "AGENT_REMOVED") {
    return removed_or_nothing(id_of(event["agent_removed"]["agent_id"]), true);
  }
  if (type == "FRAMEWORK_ADDED" || type == "FRAMEWORK_UPDATED") {
    const Value& body = event[type == "FRAMEWORK_ADDED" ? "framework_added" : "framework_updated"];
    Framework framework = v1_framework_of(body["framework"]["framework_info"]);
    return framework.id.empty() ? Change() : Change(std::move(framework));
  }
  if (type == "FRAMEWORK_REMOVED") {
    return removed_or_nothing(id_of(event["framework_removed"]["framework_info"]["id"]), false);
  }
  return {};
}

std::optional<HostPort> leader_from_get_master(const Value& response) {
  const Value& info = response["get_master"]["master_info"];
  const Value& address = info["address"];
  const std::int64_t port = address["port"].as_int();
  for (const char* member : {"ip", "hostname"}) {
    if (const std::string host = text_of(address[member]);
        !host.empty() && port > 0 && port <= 65535) {
      return HostPort{host, static_cast<std::uint16_t>(port)};
    }
  }
  return parse_pid(info["pid"].as_string());
}

std::string to_saved(const ClusterState& state, WallTime saved_at) {
  json::Writer writer;
  writer.begin_object().key("version").integer(kSavedVersion);
  writer.member("savedAt", to_iso8601(saved_at));
  if (state.leader) {
    writer.member("leader",
                  "master@" + state.leader->host + ":" + std::to_string(state.leader->port));
  }
  writer.key("slaves").begin_array();
  for (const auto& [id, agent] : state.agents) {
    writer.begin_object().member("id", id).member(
        "pid", "slave@" + agent.address.host + ":" + std::to_string(agent.address.port));
    writer.end_object();
  }
  writer.end_array().key("frameworks").begin_array();
  for (const auto& [id, framework] : state.frameworks) {
    writer.begin_object().member("id", id).member("name", framework.name);
    writer.member("pid", framework.pid).member("hostname", framework.hostname);
    writer.key("tasks").begin_array();
    for (auto at = state.tasks.lower_bound({id, {}});
         at != state.tasks.end() && at->first.first == id;
         ++at) {
      write_task(writer, at->second);
    }
    writer.end_array().end_object();
  }
  writer.end_array().end_object();
  return writer.take();
}

Result<Saved> from_saved(std::string_view text) {
  Result<Value> document = json::parse(text);
  if (!document) {
    return fail(document.error());
  }
  if ((*document)["version"].as_int() != kSavedVersion) {
    return fail(ErrorCode::malformed, "the saved records have an unknown version");
  }
  Result<WallTime> saved_at = parse_iso8601((*document)["savedAt"].as_string());
  if (!saved_at) {
    return fail(saved_at.error());
  }
  return Saved{legacy_entries(*document), *saved_at};
}

}  // namespace ekiden::dns
