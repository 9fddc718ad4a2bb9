// One function per message of an agent [mesos-core 5.2]. What an agent says runs, runs: unknown
// tasks and their frameworks are adopted. What it does not mention is judged by what was sent on
// which link: a launch still on its way is not forgotten.
#include "core/base/check.h"
#include "core/base/strings.h"
#include "core/master/allocated.h"
#include "core/master/master.h"
#include "core/master/records.h"

#include <algorithm>

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
  if (agent->removal_waits) {
    agent->removal_waits = false;
    std::erase(removals_, *agent->info.id);
    set_deadline(*agent, now.time + config_.agent_ping_interval);
    fx.notify.emplace_back(RemovalQueue{RemovalQueue::What::canceled});
  }
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

namespace {

constexpr std::int64_t kMajorVersionMin = 1;

// Of those that say one: "1.11.0" and later are welcome.
bool is_too_old(const std::string& version) {
  if (version.empty()) {
    return false;
  }
  const auto major = parse_int(std::string_view(version).substr(0, version.find('.')));
  return !major || *major < kMajorVersionMin;
}

}  // namespace

// Why the agent cannot be let in now; it may try again [mesos-core 5.2].
std::optional<std::string> Master::registration_problem(const link::Register& message) const {
  if (is_too_old(message.version)) {
    return fmt::format("its version '{}' is not 1.0.0 or later", message.version);
  }
  if (message.info.domain && !config_.domain) {
    return "it has a domain and this master has none";
  }
  if (config_.require_agent_domain && !message.info.domain) {
    return "it has no domain, which this master requires";
  }
  return std::nullopt;
}

// True when the agent was sent away or is not answered.
bool Master::turn_away(ConnectionId connection, const link::Register& message, Effects& fx) {
  const AgentId id = message.info.id.value_or(AgentId{});
  const std::string ip = message.ip.value_or("");
  const auto shut_down = [&](std::string why) {
    fx.to_agents.push_back({connection, link::ShutdownAgent{std::move(why)}});
    fx.close_agents.push_back(connection);
    return true;
  };
  if (gone_.contains(id)) {
    return shut_down("Agent has been marked gone");
  }
  if (machines_.is_down(message.info.hostname, ip)) {
    return shut_down("Machine is in DOWN mode");
  }
  if (const auto problem = registration_problem(message)) {
    say(fx,
        LogLine::Level::warn,
        fmt::format("agent {} was ignored: {}", message.info.hostname, *problem));
    return true;
  }
  const Agent* known = id.empty() ? nullptr : find_agent(id);
  if (known != nullptr && known->info.hostname != message.info.hostname) {
    fx.to_agents.push_back(
        {connection,
         link::Refused{fmt::format("agent {} was '{}' before and is '{}' now; give it an empty "
                                   "work folder or its old name",
                                   id.value,
                                   known->info.hostname,
                                   message.info.hostname)}});
    fx.close_agents.push_back(connection);
    return true;
  }
  return false;
}

std::string Master::place_of(const model::AgentInfo& info) {
  return fmt::format("{}:{}", info.hostname, info.port);
}

void Master::forget_place(const AgentId& id, const model::AgentInfo& info) {
  const auto [begin, end] = places_.equal_range(place_of(info));
  for (auto entry = begin; entry != end; ++entry) {
    if (entry->second == id) {
      places_.erase(entry);
      return;
    }
  }
}

// The same place with nothing left of what it was.
void Master::remove_agents_at(const model::AgentInfo& place, Now now, Effects& fx) {
  const auto node = places_.extract(place_of(place));
  if (node.empty()) {
    return;
  }
  const Agent* there = find_agent(node.mapped());
  if (there != nullptr && place_of(there->info) == node.key()) {
    remove_agent(node.mapped(), Removal::removed, now, fx);
  }
  remove_agents_at(place, now, fx);  // several when the records say so
}

// The agent that a Register is about: known by id, by this link, or new.
Master::Agent& Master::admit(const link::Register& message, Now now, Effects& fx) {
  AgentId id = message.info.id.value_or(AgentId{});
  if (id.empty()) {
    id = {fmt::format("{}-S{}", facts_.id, next_agent_++)};
    remove_agents_at(message.info, now, fx);
  }
  const bool is_new = !agents_.contains(id);
  Agent& agent = agents_[id];
  forget_place(id, agent.info);
  places_.emplace(place_of(message.info), id);
  agent.info = message.info;
  agent.info.id = id;
  agent.ip = message.ip.value_or("");
  agent.version = message.version;
  if (is_new) {
    agent.registered = now.wall;
  } else {
    agent.reregistered = now.wall;
  }
  return agent;
}

void Master::adopt_link(
    Agent& agent, const link::Register& message, ConnectionId connection, Now now, Effects& fx) {
  const AgentId id = *agent.info.id;
  if (agent.connection && *agent.connection != connection) {
    fx.close_agents.push_back(*agent.connection);
    agent_links_.erase(*agent.connection);
  }
  agent_links_[connection] = id;
  agent.connection = connection;
  agent.attempt = message.attempt;
  agent.pings_missed = 0;
  if (agent.removal_waits) {
    agent.removal_waits = false;
    std::erase(removals_, id);
    fx.notify.emplace_back(RemovalQueue{RemovalQueue::What::canceled});
  }
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  const bool in_allocator =
      agent.state == Agent::State::registered || agent.state == Agent::State::disconnected;
  agent.total = total_of(agent, message);
  agent.state = Agent::State::registered;
  agent.unreachable.reset();
  if (in_allocator) {
    allocator_.update_agent(id, agent.total);
    allocator_.describe_agent(id, spec(agent));
  } else {
    allocator_.add_agent(id, agent.total, spec(agent));
  }
  allocator_.set_agent(
      id, may_be_offered(agent) ? allocator::Activity::active : allocator::Activity::inactive);
  announce_window(agent, now, fx);
  set_deadline(agent, now.time + config_.agent_ping_interval);
}

void Master::on_register(ConnectionId connection,
                         const link::Register& message,
                         Now now,
                         Effects& fx) {
  if (turn_away(connection, message, fx)) {
    return;
  }
  const Duration ping_timeout = config_.agent_ping_interval * (config_.agent_pings_missed_max);
  Agent* same = agent_of(connection);
  if (same != nullptr &&
      (!message.info.id || message.info.id->empty() || message.info.id == same->info.id)) {
    if (message.attempt <= same->attempt) {
      return;  // twice, or overtaken by a newer one: it says what was
    }
    same->attempt = message.attempt;
    on_repeat(*same, message, now, fx);
    send(*same, link::Registered{message.attempt, *same->info.id, ping_timeout}, fx);
    return;
  }
  const std::size_t agents_before = agents_.size();
  Agent& agent = admit(message, now, fx);
  const bool is_new = agents_.size() > agents_before;
  const bool is_news =
      is_new || agent.state == Agent::State::recovered || agent.state == Agent::State::unreachable;
  adopt_link(agent, message, connection, now, fx);
  persist_agent(agent, fx);
  send(agent, link::Registered{message.attempt, *agent.info.id, ping_timeout}, fx);
  adopt_frameworks(agent, message.frameworks, now, fx);
  adopt_operations(agent, message, connection, now, fx);
  adopt_executors(agent, message);
  adopt_tasks(agent, message, now, fx);
  miss_tasks(agent, message, now, fx);
  miss_executors(agent, message, now);
  for (const auto& [key, kill] : agent.kills) {
    send(agent, kill, fx);
  }
  agent.kills.clear();
  if (agent.drain && agent.drain->state == model::DrainState::draining) {
    send(agent, link::DrainAgent{agent.drain->config}, fx);
  } else if (message.draining && !agent.drain) {
    send(agent, link::StopDraining{}, fx);
  }
  if (is_news) {
    fx.notify.emplace_back(AgentAdded{view(agent)});
  }
  say(fx,
      LogLine::Level::info,
      fmt::format("agent {} ({}:{}) {} with {} tasks",
                  agent.info.id->value,
                  agent.info.hostname,
                  agent.info.port,
                  is_new ? "registered" : "came back",
                  message.tasks.size()));
}

// A Register on a link that is open: what it does not list may have been launched since. Its
// resources count: an operation may have failed.
void Master::on_repeat(Agent& agent, const link::Register& message, Now now, Effects& fx) {
  const model::Resources total = total_of(agent, message);
  if (total != agent.total) {
    withdraw_offers(agent.offers, Tell::rescind, now, fx);
    agent.total = total;
    allocator_.update_agent(*agent.info.id, total);
  }
  adopt_frameworks(agent, message.frameworks, now, fx);
  adopt_executors(agent, message);
  adopt_tasks(agent, message, now, fx);
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

void Master::adopt_executors(Agent& agent, const link::Register& message) {
  for (const link::RunningExecutor& running : message.executors) {
    const ExecutorKey key{running.framework_id, running.info.executor_id};
    if (agent.executors.contains(key) || !frameworks_.contains(key.first)) {
      continue;
    }
    std::string role = "*";
    if (!running.info.resources.empty()) {
      role = running.info.resources.front().allocation_role.value_or("*");
    }
    allocator_.use({key.first, role, *agent.info.id, bare(running.info.resources)});
    agent.executors[key] = {running.info, role};
  }
}

// Those that ended while the link was broken. An executor that a task still needs is there, or is
// on its way.
void Master::miss_executors(Agent& agent, const link::Register& message, Now now) {
  std::set<ExecutorKey> needed;
  for (const link::RunningExecutor& running : message.executors) {
    needed.insert({running.framework_id, running.info.executor_id});
  }
  for (const TaskKey& key : agent.tasks) {
    const Task& task = *frameworks_.at(key.first).tasks.at(key.second);
    if (task.executor_id && !model::is_terminal(task.state)) {
      needed.insert({key.first, *task.executor_id});
    }
  }
  for (auto entry = agent.executors.begin(); entry != agent.executors.end();) {
    const ExecutorKey key = (entry++)->first;
    if (!needed.contains(key)) {
      free_executor(agent, key, now);
    }
  }
}

void Master::adopt_tasks(Agent& agent, const link::Register& message, Now now, Effects& fx) {
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
  task.executor_id = running.executor_id;
  if (running.task.executor) {
    task.executor_id = running.task.executor->executor_id;
  }
  task.state = running.state;
  task.status_state = running.latest_status ? running.latest_status->state : running.state;
  if (running.latest_status) {
    task.statuses.add(*running.latest_status);
  }
  if (!model::is_terminal(task.state)) {
    allocator_.use(allocation_of(task));
  }
  if (running.task.executor && !model::is_terminal(task.state) &&
      !agent.executors.contains({task.framework_id, *task.executor_id})) {
    const allocator::Allocation own = allocation_of(task);
    agent.executors[{task.framework_id, *task.executor_id}] = {*running.task.executor, own.role};
    allocator_.use({own.framework, own.role, own.agent, bare(running.task.executor->resources)});
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
      send_launch(agent, key, launch->second, now, fx);
    }
    return;
  }
  lose_task(framework,
            key.second,
            {lost_or(framework, TaskState::dropped),
             StatusReason::reconciliation,
             "The agent does not know the task"},
            now,
            fx);
}

// A group is sent once, for its first task.
void Master::send_launch(
    const Agent& agent, const TaskKey& key, Launch& launch, Now now, Effects& fx) {
  launch.sent = now.time;
  launch.connection = *agent.connection;
  const Framework& framework = frameworks_.at(key.first);
  if (launch.group == nullptr) {
    send(agent, link::RunTask{framework.info, framework.tasks.at(key.second)->info}, fx);
  } else if (launch.group->tasks.front().task_id == key.second) {
    send(agent, *launch.group, fx);
  }
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
  allocator_.recover(
      {key.first, found->second.role, *agent.info.id, bare(found->second.info.resources)},
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
  remove_agent(id, Removal::removed, now, fx);
}

// Messages may get lost without the link breaking. Within one link order is kept, so a repeat can
// never overtake the acknowledgement that ends the task.
void Master::resend_launches(Agent& agent, Now now, Effects& fx) {
  for (auto& [key, launch] : agent.launching) {
    if (now.time - launch.sent < config_.launch_resend_after) {
      continue;
    }
    send_launch(agent, key, launch, now, fx);
  }
}

}  // namespace ekiden::master
