// One function per message of an agent [mesos-core 5.2]. What an agent says runs, runs: unknown
// tasks and their frameworks are adopted. What it does not mention is judged by what was sent on
// which link: a launch still on its way is not forgotten.
#include "core/base/check.h"
#include "core/master/master.h"
#include "core/master/records.h"

#include <fmt/core.h>

namespace ekiden::master {

using model::StatusReason;
using model::TaskState;
namespace scheduler = api::scheduler;
namespace link = api::agent_link;

void Master::on(const AgentMessage& input, Now now, Effects& fx) {
  if (const auto* message = std::get_if<link::Register>(&input.message.body)) {
    on_register(input.connection, *message, now, fx);
    return;
  }
  Agent* agent = agent_of(input.connection);
  if (agent == nullptr) {
    return;  // not registered on this link: it will register and repeat what matters
  }
  agent->pings_missed = 0;
  std::visit([&](const auto& message) { on(*agent, message, now, fx); }, input.message.body);
}

void Master::on(const AgentClosed& input, Now now, Effects& fx) {
  Agent* agent = agent_of(input.connection);
  agent_links_.erase(input.connection);
  if (agent != nullptr && agent->connection == input.connection) {
    disconnect(*agent, now, fx);
  }
}

void Master::on(Agent&, const link::Register&, Now, Effects&) {
  CHECK(false, "Register is answered before");
}

// The agent that a Register is about: known by id, by this link, or new.
Master::Agent& Master::admit(const link::Register& message, Now now, Effects& fx) {
  AgentId id = message.info.id.value_or(AgentId{});
  if (id.empty()) {
    id = {fmt::format("{}-S{}", facts_.id, next_agent_++)};
    for (auto entry = agents_.begin(); entry != agents_.end();) {
      const AgentId other = entry->first;
      const model::AgentInfo& info = (entry++)->second.info;
      if (info.hostname == message.info.hostname && info.port == message.info.port) {
        remove_agent(other, now, fx);  // the same place with nothing left of what it was
      }
    }
  }
  const bool is_new = !agents_.contains(id);
  Agent& agent = agents_[id];
  agent.info = message.info;
  agent.info.id = id;
  agent.version = message.version;
  if (is_new) {
    agent.registered = now.wall;
  } else {
    agent.reregistered = now.wall;
  }
  return agent;
}

void Master::adopt_link(Agent& agent, ConnectionId connection, Now now, Effects& fx) {
  const AgentId id = *agent.info.id;
  if (agent.connection && *agent.connection != connection) {
    fx.close_agents.push_back(*agent.connection);
    agent_links_.erase(*agent.connection);
  }
  agent_links_[connection] = id;
  agent.connection = connection;
  agent.pings_missed = 0;
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  const model::Resources total(agent.info.resources);
  const bool in_allocator =
      agent.state == Agent::State::registered || agent.state == Agent::State::disconnected;
  agent.total = total;
  agent.state = Agent::State::registered;
  agent.unreachable.reset();
  if (in_allocator) {
    allocator_.update_agent(id, total);
    allocator_.set_agent(id, allocator::Activity::active);
  } else {
    allocator_.add_agent(id, total);
  }
  set_deadline(agent, now.time + config_.agent_ping_interval);
}

void Master::on_register(ConnectionId connection,
                         const link::Register& message,
                         Now now,
                         Effects& fx) {
  const Duration ping_timeout = config_.agent_ping_interval * (config_.agent_pings_missed_max);
  Agent* same = agent_of(connection);
  if (same != nullptr &&
      (!message.info.id || message.info.id->empty() || message.info.id == same->info.id)) {
    // A repeat on this link: what it does not list may have been launched since.
    adopt_tasks(*same, message, now, fx);
    send(*same, link::Registered{message.attempt, *same->info.id, ping_timeout}, fx);
    return;
  }
  const std::size_t agents_before = agents_.size();
  Agent& agent = admit(message, now, fx);
  const bool is_new = agents_.size() > agents_before;
  adopt_link(agent, connection, now, fx);
  fx.persist.push_back(record(AgentRecord{agent.info, agent.registered, std::nullopt}));
  send(agent, link::Registered{message.attempt, *agent.info.id, ping_timeout}, fx);
  adopt_tasks(agent, message, now, fx);
  miss_tasks(agent, message, now, fx);
  for (const auto& [key, kill] : agent.kills) {
    send(agent, kill, fx);
  }
  agent.kills.clear();
  fx.notify.emplace_back(AgentAdded{view(agent)});
  say(fx,
      LogLine::Level::info,
      fmt::format("agent {} ({}:{}) {} with {} tasks",
                  agent.info.id->value,
                  agent.info.hostname,
                  agent.info.port,
                  is_new ? "registered" : "came back",
                  message.tasks.size()));
}

void Master::adopt_frameworks(const Agent& agent,
                              const std::vector<model::FrameworkInfo>& frameworks,
                              Now now,
                              Effects& fx) {
  for (const model::FrameworkInfo& info : frameworks) {
    if (!info.id || info.id->empty() || frameworks_.contains(*info.id)) {
      continue;
    }
    bool removed = false;
    for (const FrameworkView& completed : completed_frameworks_) {
      removed = removed || completed.info.id == info.id;
    }
    if (removed) {
      send(agent, link::ShutdownFramework{*info.id}, fx);
      continue;
    }
    Framework& framework = add_framework(info, now);
    framework.recovered = true;
    fx.persist.push_back(record(FrameworkRecord{framework.info, framework.registered}));
    fx.notify.emplace_back(FrameworkAdded{view(framework)});
  }
}

void Master::adopt_tasks(Agent& agent, const link::Register& message, Now now, Effects& fx) {
  adopt_frameworks(agent, message.frameworks, now, fx);
  for (const link::RunningTask& running : message.tasks) {
    if (frameworks_.contains(running.framework_id)) {
      adopt_task(agent, running, now, fx);
    }
  }
}

// Only right for the first Register on a link: it is newer than everything sent on older ones.
void Master::miss_tasks(Agent& agent, const link::Register& message, Now now, Effects& fx) {
  std::set<TaskKey> missing = agent.tasks;
  for (const link::RunningTask& running : message.tasks) {
    missing.erase({running.framework_id, running.task.task_id});
  }
  for (const TaskKey& key : missing) {
    miss_task(agent, key, now, fx);
  }
}

void Master::adopt_task(Agent& agent, const link::RunningTask& running, Now now, Effects& fx) {
  Framework& framework = frameworks_.at(running.framework_id);
  const TaskId id = running.task.task_id;
  const TaskKey key{running.framework_id, id};
  agent.launching.erase(key);
  if (const auto known = framework.tasks.find(id); known != framework.tasks.end()) {
    if (known->second->info.agent_id != *agent.info.id) {
      return;  // two agents claim it: the one it was launched on counts
    }
    if (running.latest_status && known->second->state != running.state) {
      record_status(framework, *running.latest_status, running.state, now, fx);
    }
    return;
  }
  const bool was_unreachable = framework.unreachable.erase(id) > 0;
  Task task;
  task.framework_id = running.framework_id;
  task.info = running.task;
  task.info.agent_id = *agent.info.id;
  task.executor_id =
      running.task.executor ? std::optional(running.task.executor->executor_id) : std::nullopt;
  task.state = running.state;
  task.status_state = running.latest_status ? running.latest_status->state : running.state;
  if (running.latest_status) {
    model::TaskStatus status = *running.latest_status;
    status.data.reset();
    task.statuses.push_back(std::move(status));
  }
  if (!model::is_terminal(task.state)) {
    allocator_.use(allocation_of(task));
  }
  if (task.executor_id && !agent.executors.contains({task.framework_id, *task.executor_id})) {
    const allocator::Allocation own = allocation_of(task);
    agent.executors[{task.framework_id, *task.executor_id}] = {*running.task.executor, own.role};
    allocator_.use(
        {own.framework,
         own.role,
         own.agent,
         model::Resources(running.task.executor->resources).with_allocation(std::nullopt)});
  }
  add_task(std::move(task), agent, fx);
  if (was_unreachable) {
    model::TaskStatus status = status_of(
        id, {running.state, StatusReason::agent_reregistered, "Agent re-registered"}, now);
    status.agent_id = *agent.info.id;
    send(framework, scheduler::Update{std::move(status)}, fx);
  }
}

// Known here, not mentioned by the agent.
void Master::miss_task(Agent& agent, const TaskKey& key, Now now, Effects& fx) {
  Framework& framework = frameworks_.at(key.first);
  const auto launch = agent.launching.find(key);
  if (launch != agent.launching.end()) {
    if (launch->second.connection != *agent.connection) {
      // Lost with the old link: send it again. The agent ignores what it knows.
      launch->second = {now.time, *agent.connection};
      send(agent, link::RunTask{framework.info, framework.tasks.at(key.second)->info}, fx);
    }
    return;
  }
  lose_task(framework,
            key.second,
            {lost_or(framework, TaskState::gone),
             StatusReason::reconciliation,
             "The agent does not know the task"},
            now,
            fx);
}

void Master::on(Agent& agent, const link::StatusUpdate& message, Now now, Effects& fx) {
  Framework* framework = find_framework(message.framework_id);
  if (framework == nullptr) {
    say(fx,
        LogLine::Level::warn,
        fmt::format("a status of task {} was ignored: framework {} is unknown",
                    message.status.task_id.value,
                    message.framework_id.value));
    return;
  }
  model::TaskStatus status = message.status;
  status.agent_id = agent.info.id;
  const TaskKey key{message.framework_id, status.task_id};
  agent.launching.erase(key);
  const auto known = framework->tasks.find(status.task_id);
  if (known != framework->tasks.end() && known->second->info.agent_id == *agent.info.id) {
    if (status.uuid) {
      record_status(*framework, status, message.latest_state, now, fx);
    } else if (model::is_terminal(status.state)) {
      // An answer to a kill or launch of something the agent does not know.
      record_status(*framework, status, status.state, now, fx);
      complete_task(*framework, status.task_id);
    }
  }
  send(*framework, scheduler::Update{std::move(status)}, fx);
}

void Master::on(Agent& agent, const link::ExecutorExited& message, Now now, Effects& fx) {
  free_executor(agent, {message.framework_id, message.executor_id}, now);
  if (const Framework* framework = find_framework(message.framework_id); framework != nullptr) {
    send(*framework, scheduler::Failure{agent.info.id, message.executor_id, message.status}, fx);
  }
}

void Master::free_executor(Agent& agent, const ExecutorKey& key, Now now) {
  const auto found = agent.executors.find(key);
  if (found == agent.executors.end()) {
    return;
  }
  allocator_.recover({key.first,
                      found->second.role,
                      *agent.info.id,
                      model::Resources(found->second.info.resources).with_allocation(std::nullopt)},
                     std::nullopt,
                     now.time);
  agent.executors.erase(found);
}

void Master::on(Agent& agent, const link::ExecutorMessage& message, Now, Effects& fx) {
  if (const Framework* framework = find_framework(message.framework_id); framework != nullptr) {
    send(*framework, scheduler::Message{*agent.info.id, message.executor_id, message.data}, fx);
  }
}

void Master::on(Agent&, const link::Pong&, Now, Effects&) {}

void Master::on(Agent& agent, const link::Unregister&, Now now, Effects& fx) {
  const AgentId id = *agent.info.id;
  say(fx, LogLine::Level::info, fmt::format("agent {} unregistered", id.value));
  remove_agent(id, now, fx);
}

void Master::on(Agent& agent, const link::OperationUpdate& message, Now, Effects& fx) {
  send(agent,
       link::AcknowledgeOperation{
           message.uuid, message.status.uuid.value_or(""), message.status.operation_id},
       fx);
}

// Messages may get lost without the link breaking. Within one link order is kept, so a repeat can
// never overtake the acknowledgement that ends the task.
void Master::resend_launches(Agent& agent, Now now, Effects& fx) {
  for (auto& [key, launch] : agent.launching) {
    if (now.time - launch.sent < config_.launch_resend_after) {
      continue;
    }
    launch.sent = now.time;
    const Framework& framework = frameworks_.at(key.first);
    send(agent, link::RunTask{framework.info, framework.tasks.at(key.second)->info}, fx);
  }
}

}  // namespace ekiden::master
