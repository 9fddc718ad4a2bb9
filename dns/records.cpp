#include "dns/records.h"

#include "core/base/overloaded.h"
#include "core/base/strings.h"

#include <algorithm>
#include <utility>

// A task T of framework F in domain D has these names [discovery 3.7]: T.F.D and T-hash-agent.F.D
// (the canonical name) with its own addresses, the same below .slave with the agent's, and SRV
// names _T._tcp and so on that point at the canonical name. A task with a discovery name has
// everything twice: under the raw name and under the mangled one. Without discovery the SRV records
// carry the agent's ports; with it those are found below .slave only, and the plain names carry the
// discovery ports.

namespace ekiden::dns {
namespace {

using Records = std::vector<Record>;

// What all names of one task have in common.
struct TaskNames {
  std::string framework;  // mangled
  std::string tail;       // ".mesos"
  std::string suffix;     // "-khsdw-s1"
  std::uint32_t ttl = 0;
};

void append_addresses(const std::string& name,
                      const std::vector<Address>& addresses,
                      std::uint32_t ttl,
                      Records& out) {
  if (addresses.empty()) {
    out.push_back({name, Placeholder{}, ttl});
  }
  for (const Address& address : addresses) {
    if (address.family == Address::Family::v4) {
      out.push_back({name, address.v4(), ttl});
    } else {
      out.push_back({name, address.bytes, ttl});
    }
  }
}

std::vector<std::string> protocols_of(const std::string& protocol) {
  if (protocol.empty()) {
    return {"tcp", "udp"};
  }
  return {protocol};
}

void append_agent_ports(const Task& task,
                        const std::string& name,
                        const TaskNames& names,
                        Records& out) {
  const TargetPtr target =
      make_target(name + names.suffix + "." + names.framework + ".slave" + names.tail);
  for (const auto& [first, last] : task.ports) {
    for (std::uint32_t port = first; port <= last; ++port) {
      for (const std::string& protocol : protocols_of({})) {
        const std::string service = "_" + name + "._" + protocol + "." + names.framework;
        const Srv srv{target, static_cast<std::uint16_t>(port)};
        out.push_back({service + ".slave" + names.tail, srv, names.ttl});
        if (task.discovery_name.empty()) {
          out.push_back({service + names.tail, srv, names.ttl});
        }
      }
    }
  }
}

void append_discovery_ports(const Task& task,
                            const std::string& name,
                            const TaskNames& names,
                            Records& out,
                            LabelRule rule) {
  const TargetPtr target = make_target(name + names.suffix + "." + names.framework + names.tail);
  for (const DiscoveryPort& port : task.discovery_ports) {
    if (port.number > 65535) {
      continue;
    }
    const std::string port_name = label(port.name, rule);
    for (const std::string& protocol : protocols_of(label(port.protocol, rule))) {
      const std::string service = "_" + name + "._" + protocol + "." + names.framework + names.tail;
      const Srv srv{target, static_cast<std::uint16_t>(port.number)};
      out.push_back({service, srv, names.ttl});
      if (!port_name.empty()) {
        out.push_back({"_" + port_name + "." + service, srv, names.ttl});
      }
    }
  }
}

std::vector<Address> parse_all(const std::vector<std::string>& texts) {
  std::vector<Address> addresses;
  for (const std::string& text : texts) {
    if (const auto address = parse_address(text)) {
      addresses.push_back(*address);
    }
  }
  return addresses;
}

// Every discovery port is a port of the host that the task holds.
bool has_host_ports(const Task& task) {
  return !task.discovery_ports.empty() &&
         std::all_of(task.discovery_ports.begin(),
                     task.discovery_ports.end(),
                     [&](const DiscoveryPort& port) {
                       return std::any_of(
                           task.ports.begin(), task.ports.end(), [&](const PortRange& range) {
                             return port.number >= range.first && port.number <= range.second;
                           });
                     });
}

// Calls `gone` for the keys of `present` that `next` lacks.
template <class Map, class Gone>
void for_each_gone(const Map& present, const Map& next, Gone&& gone) {
  std::vector<typename Map::key_type> keys;
  for (const auto& [key, value] : present) {
    if (!next.contains(key)) {
      keys.push_back(key);
    }
  }
  for (const auto& key : keys) {
    gone(key);
  }
}

template <class Map>
bool holds(const Map& map,
           const typename Map::key_type& key,
           const typename Map::mapped_type& value) {
  const auto at = map.find(key);
  return at != map.end() && at->second == value;
}

}  // namespace

Zone::Zone(RecordOptions options) : options_(std::move(options)) {
  append_addresses(options_.server_name, options_.server_addresses, 0, server_records_);
  add(server_records_);
  exchange(master_records_, master_records());
}

void Zone::apply(Change change) {
  std::visit(Overloaded{[](std::monostate) {},
                        [this](ClusterState& state) { replace(std::move(state)); },
                        [this](Task& task) { put_task(std::move(task)); },
                        [this](const StatusUpdate& update) {
                          const auto at = state_.tasks.find(update.task);
                          if (at != state_.tasks.end()) {
                            put_task(updated(at->second, update));
                          }
                        },
                        [this](Agent& agent) { put_agent(std::move(agent)); },
                        [this](const AgentRemoved& removed) { remove_agent(removed.id); },
                        [this](Framework& framework) { put_framework(std::move(framework)); },
                        [this](const FrameworkRemoved& removed) { remove_framework(removed.id); }},
             change);
}

void Zone::replace(ClusterState next) {
  for_each_gone(state_.tasks, next.tasks, [this](const TaskKey& key) { remove_task(key); });
  for_each_gone(
      state_.frameworks, next.frameworks, [this](const std::string& id) { remove_framework(id); });
  for_each_gone(state_.agents, next.agents, [this](const std::string& id) { remove_agent(id); });
  for (auto& [id, agent] : next.agents) {
    if (!holds(state_.agents, id, agent)) {
      put_agent(std::move(agent));
    }
  }
  for (auto& [id, framework] : next.frameworks) {
    if (!holds(state_.frameworks, id, framework)) {
      put_framework(std::move(framework));
    }
  }
  for (auto& [key, task] : next.tasks) {
    if (!holds(state_.tasks, key, task)) {
      put_task(std::move(task));
    }
  }
  if (next.leader) {
    set_leader(*next.leader);
  }
}

void Zone::set_leader(const HostPort& leader) {
  if (state_.leader != leader) {
    state_.leader = leader;
    exchange(master_records_, master_records());
  }
}

void Zone::put_task(Task task) {
  TaskKey key{task.framework_id, task.id};
  const auto at = state_.tasks.find(key);
  if (at != state_.tasks.end()) {
    if (at->second == task) {
      return;
    }
    remove_task(key);
  }
  if (task.state == Task::State::ended) {
    return;
  }
  add(records_of(task));
  tasks_by_agent_[task.agent_id].insert(key);
  state_.tasks.emplace(std::move(key), std::move(task));
}

void Zone::remove_task(const TaskKey& key) {
  const auto at = state_.tasks.find(key);
  if (at == state_.tasks.end()) {
    return;
  }
  remove(records_of(at->second));
  const auto on_agent = tasks_by_agent_.find(at->second.agent_id);
  on_agent->second.erase(key);
  if (on_agent->second.empty()) {
    tasks_by_agent_.erase(on_agent);
  }
  state_.tasks.erase(at);
}

template <class Change>
void Zone::around_tasks(const std::vector<TaskKey>& keys, Change&& change) {
  for (const TaskKey& key : keys) {
    remove(records_of(state_.tasks.at(key)));
  }
  change();
  for (const TaskKey& key : keys) {
    add(records_of(state_.tasks.at(key)));
  }
}

std::vector<TaskKey> Zone::tasks_on(const std::string& agent_id) const {
  const auto at = tasks_by_agent_.find(agent_id);
  return at == tasks_by_agent_.end() ? std::vector<TaskKey>{}
                                     : std::vector<TaskKey>(at->second.begin(), at->second.end());
}

std::vector<TaskKey> Zone::tasks_of(const std::string& framework_id) const {
  std::vector<TaskKey> keys;
  for (auto at = state_.tasks.lower_bound({framework_id, {}});
       at != state_.tasks.end() && at->first.first == framework_id;
       ++at) {
    keys.push_back(at->first);
  }
  return keys;
}

void Zone::put_agent(Agent agent) {
  const std::string id = agent.id;
  if (holds(state_.agents, id, agent)) {
    return;
  }
  around_tasks(tasks_on(id), [&] { state_.agents[id] = std::move(agent); });
  exchange(agent_records_[id], agent_records(state_.agents[id]));
}

void Zone::remove_agent(const std::string& id) {
  if (!state_.agents.contains(id)) {
    return;
  }
  around_tasks(tasks_on(id), [&] { state_.agents.erase(id); });
  exchange(agent_records_[id], {});
  agent_records_.erase(id);
}

void Zone::put_framework(Framework framework) {
  const std::string id = framework.id;
  if (holds(state_.frameworks, id, framework)) {
    return;
  }
  around_tasks(tasks_of(id), [&] { state_.frameworks[id] = std::move(framework); });
  exchange(framework_records_[id], framework_records(state_.frameworks[id]));
}

void Zone::remove_framework(const std::string& id) {
  if (!state_.frameworks.contains(id)) {
    return;
  }
  for (const TaskKey& key : tasks_of(id)) {
    remove_task(key);
  }
  state_.frameworks.erase(id);
  exchange(framework_records_[id], {});
  framework_records_.erase(id);
}

void Zone::resolved(const std::string& host, std::vector<Address> addresses) {
  std::sort(addresses.begin(), addresses.end());
  if (const auto at = hosts_.find(host); at != hosts_.end() && at->second == addresses) {
    return;
  }
  std::vector<std::string> agents;
  std::vector<TaskKey> tasks;
  for (const auto& [id, agent] : state_.agents) {
    if (agent.address.host == host) {
      agents.push_back(id);
      const std::vector<TaskKey> on_agent = tasks_on(id);
      tasks.insert(tasks.end(), on_agent.begin(), on_agent.end());
    }
  }
  around_tasks(tasks, [&] { hosts_[host] = std::move(addresses); });
  for (const std::string& id : agents) {
    exchange(agent_records_[id], agent_records(state_.agents[id]));
  }
  for (const auto& [id, framework] : state_.frameworks) {
    exchange(framework_records_[id], framework_records(framework));
  }
  exchange(master_records_, master_records());
}

std::set<std::string> Zone::host_names() const {
  std::set<std::string> names;
  const auto note = [&names](const std::string& host) {
    if (!host.empty() && !parse_address(host)) {
      names.insert(host);
    }
  };
  for (const auto& [id, agent] : state_.agents) {
    note(agent.address.host);
  }
  for (const auto& [id, framework] : state_.frameworks) {
    const auto pid = parse_pid(framework.pid);
    note(pid ? pid->host : framework.hostname);
  }
  for (const HostPort& master : options_.masters) {
    note(master.host);
  }
  if (state_.leader) {
    note(state_.leader->host);
  }
  return names;
}

std::vector<Address> Zone::addresses_of(const std::string& host) const {
  if (const auto address = parse_address(host)) {
    return {*address};
  }
  const auto at = hosts_.find(host);
  return at == hosts_.end() ? std::vector<Address>{} : at->second;
}

std::vector<Address> Zone::task_addresses(const Task& task,
                                          const std::vector<Address>& agent) const {
  const RunningStatus none;
  const RunningStatus& status = task.status ? *task.status : none;
  for (IpSource source : options_.ip_sources) {
    std::vector<Address> found;
    switch (source) {
      case IpSource::netinfo:
        found = parse_all(status.netinfo);
        break;
      case IpSource::mesos:
        found = parse_all({status.mesos_label});
        break;
      case IpSource::docker:
        found = parse_all({status.docker_label});
        break;
      case IpSource::host:
        found = agent;
        break;
      case IpSource::automatic:
        found = has_host_ports(task) ? agent : parse_all(status.netinfo);
        break;
    }
    if (!found.empty()) {
      return found;
    }
  }
  return {};
}

std::vector<Record> Zone::records_of(const Task& task) const {
  const auto agent = state_.agents.find(task.agent_id);
  const auto framework = state_.frameworks.find(task.framework_id);
  const bool sick = options_.health == HealthPolicy::leave_unhealthy && task.healthy == false;
  if (task.state != Task::State::running || sick || agent == state_.agents.end() ||
      framework == state_.frameworks.end()) {
    return {};
  }
  TaskNames names;
  names.framework = framework_name(framework->second.name, options_.labels);
  if (names.framework.empty()) {
    return {};
  }
  names.tail = "." + options_.domain;
  names.suffix = "-" + task_hash(task.id) + "-" + agent_tail(task.agent_id);
  names.ttl = task.ttl;
  std::set<std::string> task_names{
      label(task.discovery_name.empty() ? task.name : task.discovery_name, options_.labels)};
  task_names.insert(task.discovery_name);
  task_names.erase("");

  const std::vector<Address> agent_ips = addresses_of(agent->second.address.host);
  const std::vector<Address> task_ips = task_addresses(task, agent_ips);
  Records records;
  for (const std::string& name : task_names) {
    for (const std::string& host :
         {name + "." + names.framework, name + names.suffix + "." + names.framework}) {
      append_addresses(host + names.tail, task_ips, names.ttl, records);
      append_addresses(host + ".slave" + names.tail, agent_ips, names.ttl, records);
    }
    append_agent_ports(task, name, names, records);
    if (!task.discovery_name.empty()) {
      append_discovery_ports(task, name, names, records, options_.labels);
    }
  }
  return records;
}

std::vector<Record> Zone::agent_records(const Agent& agent) const {
  Records records;
  const std::string name = "slave." + options_.domain;
  append_addresses(name, addresses_of(agent.address.host), 0, records);
  records.push_back({"_slave._tcp." + options_.domain, Srv{make_target(name), agent.address.port}});
  return records;
}

std::vector<Record> Zone::framework_records(const Framework& framework) const {
  const std::string mangled = framework_name(framework.name, options_.labels);
  if (mangled.empty()) {
    return {};
  }
  Records records;
  const std::string name = mangled + "." + options_.domain;
  const auto pid = parse_pid(framework.pid);
  const std::vector<Address> addresses = addresses_of(pid ? pid->host : framework.hostname);
  if (!addresses.empty()) {
    append_addresses(name, addresses, 0, records);
  }
  if (pid) {
    records.push_back({"_framework._tcp." + name, Srv{make_target(name), pid->port}});
  }
  return records;
}

std::vector<Record> Zone::master_records() const {
  Records records;
  std::vector<HostPort> masters = options_.masters;
  if (state_.leader) {
    const std::string name = "leader." + options_.domain;
    append_addresses(name, addresses_of(state_.leader->host), 0, records);
    for (const char* service : {"_leader._tcp.", "_leader._udp."}) {
      records.push_back({service + options_.domain, Srv{make_target(name), state_.leader->port}});
    }
    masters.push_back(*state_.leader);
  }
  std::set<std::string> seen;
  for (const HostPort& master : masters) {
    const std::vector<Address> addresses = addresses_of(master.host);
    const std::string identity = addresses.empty() ? master.host : to_text(addresses.front());
    const std::string name = "master" + std::to_string(seen.size()) + "." + options_.domain;
    if (seen.insert(identity).second && !addresses.empty()) {
      append_addresses(name, addresses, 0, records);
      append_addresses("master." + options_.domain, addresses, 0, records);
    }
  }
  return records;
}

void Zone::exchange(Records& held, Records next) {
  remove(held);
  add(next);
  held = std::move(next);
}

void Zone::add(const Records& records) {
  for (const Record& record : records) {
    builder_.add(record);
  }
  version_ += !records.empty();
}

void Zone::remove(const Records& records) {
  for (const Record& record : records) {
    builder_.remove(record);
  }
  version_ += !records.empty();
}

std::shared_ptr<const RecordSet> Zone::publish(std::uint32_t serial) {
  return builder_.publish(serial);
}

}  // namespace ekiden::dns
