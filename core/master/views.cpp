// What readers see of the machine's state.
#include "core/base/strings.h"
#include "core/master/master.h"

#include <fmt/core.h>

namespace ekiden::master {

// `ip` is the address as a little-endian host reads the bytes in network order [mesos-core 5.1].
api::scheduler::MasterInfo MasterFacts::info() const {
  api::scheduler::MasterInfo info;
  info.id = id;
  unsigned shift = 0;
  for (const std::string_view part : split(ip, '.')) {
    info.ip |= static_cast<std::uint32_t>(parse_int(part).value_or(0) & 0xff) << shift;
    shift = (shift + 8) % 32;
  }
  info.port = port;
  info.pid = pid();
  info.hostname = hostname;
  info.version = version;
  info.address = model::Address{hostname, ip, port};
  return info;
}

AgentView Master::view(const Agent& agent) const {
  AgentView view;
  view.info = agent.info;
  view.pid = fmt::format("slave(1)@{}:{}", agent.info.hostname, agent.info.port);
  view.version = agent.version;
  view.active = agent.state == Agent::State::registered;
  view.recovered = agent.state == Agent::State::recovered;
  view.unreachable = agent.state == Agent::State::unreachable;
  view.registered = agent.registered;
  view.reregistered = agent.reregistered;
  view.total = agent.total;
  for (const OfferId& id : agent.offers) {
    view.offered += offers_.at(id).allocation.resources;
  }
  view.used = allocator_.allocated(*agent.info.id) - view.offered;
  return view;
}

FrameworkView Master::view(const Framework& framework) const {
  FrameworkView view;
  view.info = framework.info;
  view.active = framework.connection.has_value();
  view.connected = framework.connection.has_value();
  view.recovered = framework.recovered;
  view.registered = framework.registered;
  view.reregistered = framework.reregistered;
  return view;
}

SnapshotPtr Master::snapshot() {
  if (snapshot_ != nullptr) {
    return snapshot_;
  }
  auto made = std::make_shared<Snapshot>();
  made->facts = facts_;
  for (const auto& [id, agent] : agents_) {
    if (agent.state == Agent::State::unreachable) {
      ++made->unreachable_agents;
    } else {
      auto& list = agent.state == Agent::State::recovered ? made->recovered_agents : made->agents;
      list.push_back(view(agent));
    }
  }
  std::map<FrameworkId, std::size_t> index;
  for (const auto& [id, framework] : frameworks_) {
    FrameworkView entry = view(framework);
    for (const auto& [task_id, task] : framework.tasks) {
      entry.tasks.push_back(task);
      if (!model::is_terminal(task->state)) {
        entry.used += allocation_of(*task).resources;
      }
    }
    for (const auto& [task_id, task] : framework.unreachable) {
      entry.unreachable.push_back(task);
    }
    entry.completed.assign(framework.completed.begin(), framework.completed.end());
    for (const OfferId& offer : framework.offers) {
      entry.offers.push_back(offers_.at(offer).wire);
      entry.offered += offers_.at(offer).allocation.resources;
    }
    index[id] = made->frameworks.size();
    made->frameworks.push_back(std::move(entry));
  }
  for (const auto& [id, agent] : agents_) {
    for (const auto& [key, executor] : agent.executors) {
      if (const auto owner = index.find(key.first); owner != index.end()) {
        made->frameworks[owner->second].executors.push_back({id, executor.info});
      }
    }
  }
  made->completed_frameworks.assign(completed_frameworks_.begin(), completed_frameworks_.end());
  snapshot_ = std::move(made);
  return snapshot_;
}

}  // namespace ekiden::master
