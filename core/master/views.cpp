// What readers see of the machine's state.
#include "core/base/strings.h"
#include "core/master/allocated.h"
#include "core/master/master.h"

#include <cstdint>
#include <unordered_map>

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
  info.domain = domain;
  using Capability = api::scheduler::MasterCapability::Type;
  info.capabilities = {
      {Capability::agent_update}, {Capability::agent_draining}, {Capability::quota_v2}};
  return info;
}

AgentView Master::view(const Agent& agent) const {
  AgentView view;
  view.info = agent.info;
  view.pid = fmt::format(
      "slave(1)@{}:{}", agent.ip.empty() ? agent.info.hostname : agent.ip, agent.info.port);
  view.version = agent.version;
  view.active = may_be_offered(agent);
  view.deactivated = agent.deactivated;
  view.drain = agent.drain;
  view.drain_started = agent.drain_started;
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
  view.offer_constraints = framework.offer_constraints;
  view.suppressed_roles = framework.suppressed;
  return view;
}

// Tasks of an app use the same: that is looked at once, and multiplied.
model::Resources Master::used_by(const std::vector<TaskPtr>& tasks) {
  struct Alike {
    const Task* one = nullptr;
    std::int64_t count = 0;
  };

  std::vector<Alike> all;  // in the order of the tasks
  std::unordered_map<const void*, std::size_t> at;
  for (const TaskPtr& task : tasks) {
    if (!model::is_terminal(task->state)) {
      const auto [entry, is_new] = at.try_emplace(task->info.place(), all.size());
      if (is_new) {
        all.push_back({task.get(), 0});
      }
      ++all[entry->second].count;
    }
  }
  model::Resources used;
  for (const Alike& alike : all) {
    for (model::Resource resource : allocation_of(*alike.one).resources.list()) {
      resource.scalar.milli *= alike.count;
      used += resource;
    }
  }
  return used;
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
      made->unreachable.push_back({id, agent.unreachable.value_or(WallTime{})});
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
    }
    entry.used = used_by(entry.tasks);
    for (const auto& [task_id, task] : framework.unreachable) {
      entry.unreachable.push_back(task);
    }
    entry.completed.assign(framework.completed.begin(), framework.completed.end());
    for (const auto& [offer, agent] : framework.inverse_offers) {
      entry.inverse_offers.push_back(inverse_offers_.at(offer));
    }
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
        made->frameworks[owner->second].used += bare(executor.info.resources);
      }
    }
  }
  made->completed_frameworks.assign(completed_frameworks_.begin(), completed_frameworks_.end());
  fill_cluster(*made);
  snapshot_ = std::move(made);
  return snapshot_;
}

// What operators decided, and how far it has come.
void Master::fill_cluster(Snapshot& snapshot) const {
  for (const auto& [id, since] : gone_) {
    snapshot.gone.push_back({id, since});
  }
  for (const auto& [uuid, operation] : operations_) {
    snapshot.operations.push_back({operation.framework_id,
                                   operation.agent_id,
                                   operation.info,
                                   operation.latest_status,
                                   operation.statuses,
                                   uuid});
  }
  for (const auto& [role, quota] : quotas_) {
    snapshot.quotas.push_back(quota);
  }
  for (const auto& [role, weight] : weights_) {
    if (weight != 1) {
      snapshot.weights.push_back({weight, role});
    }
  }
  snapshot.maintenance = machines_.schedule();
  snapshot.down_machines = machines_.down();
  for (const model::MachineId& machine : machines_.draining()) {
    snapshot.draining_machines.push_back({machine, {}});
  }
  if (snapshot.draining_machines.empty()) {
    return;
  }
  for (const auto& [id, agent] : agents_) {
    const auto machine = machines_.find(agent.info.hostname, agent.ip);
    for (DrainingMachine& draining : snapshot.draining_machines) {
      if (machine == draining.id) {
        for (const auto& [framework, answer] : agent.inverse_answers) {
          draining.statuses.push_back(answer);
        }
      }
    }
  }
}

}  // namespace ekiden::master
