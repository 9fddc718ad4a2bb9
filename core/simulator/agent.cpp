#include "core/simulator/agent.h"

#include "core/base/overloaded.h"
#include "core/protobuf/protobuf.h"

#include <algorithm>

namespace ekiden::simulator {
namespace {

namespace link = api::agent_link;
using model::TaskState;
using namespace std::chrono_literals;

// As the real agent does [mesos-core 2.10, 5.2].
const Backoff kRegistration{1s, 2.0, 1min};
const Backoff kResend{10s, 2.0, 10min};
constexpr Duration kReconnectSpread = 100ms;
constexpr const char* kVersion = "1.11.0";

}  // namespace

Agent::Agent(World& world, model::AgentInfo info, Random random)
    : world_(world), random_(random), info_(std::move(info)) {
  const model::Resources total(info_.resources);
  cpus_milli_ = total.scalar("cpus").milli;
  mem_milli_ = total.scalar("mem").milli;
}

void Agent::start(Time when) {
  registration_ = Registration::waiting;
  registration_deadline_ = when;
}

void Agent::on(const link::ToAgent& message, Now now, Out& out) {
  std::visit(Overloaded{[&](const link::Registered& one) { on_message(one, now, out); },
                        [&](const link::Refused& one) { on_message(one, now, out); },
                        [&](const link::RunTask& one) { on_message(one, now, out); },
                        [&](const link::KillTask& one) { on_message(one, now, out); },
                        [&](const link::AcknowledgeUpdate& one) { on_message(one, now, out); },
                        [&](const link::ShutdownFramework& one) { on_message(one, now, out); },
                        [&](const link::Ping& one) { on_message(one, now, out); },
                        // Groups, operations and executors are not simulated.
                        [](const auto&) {}},
             message);
}

void Agent::on_lost(Now now) {
  ++world_.counters.links_lost;
  linked_ = false;
  ping_deadline_ = kNever;
  if (registration_ == Registration::refused) {
    return;
  }
  if (registered()) {
    failures_ = 0;
    registration_deadline_ = now.time + Duration(static_cast<Duration::rep>(random_.below(
                                            static_cast<std::uint64_t>(kReconnectSpread.count()))));
  }
  registration_ = Registration::waiting;
}

void Agent::tick(Now now, Out& out) {
  if (now.time >= ping_deadline_) {
    ping_deadline_ = kNever;
    linked_ = false;
    registration_ = Registration::waiting;
    registration_deadline_ = now.time;
  }
  if (registration_ == Registration::waiting && now.time >= registration_deadline_) {
    connect(now, out);
  }
  while (!planned_.empty() && planned_.begin()->first <= now.time) {
    const auto [id, next] = planned_.begin()->second;
    planned_.erase(planned_.begin());
    const auto task = tasks_.find(id);
    if (task != tasks_.end() && next == Next::starts) {
      begin(task, now, out);
    } else if (task != tasks_.end()) {
      become(task, TaskState::finished, now, out);
    }
  }
  if (registered() && now.time >= resend_deadline_) {
    resend_due(now, out);
  }
}

Time Agent::next_deadline() const {
  Time next = ping_deadline_;
  if (registration_ == Registration::waiting) {
    next = std::min(next, registration_deadline_);
  }
  if (!planned_.empty()) {
    next = std::min(next, planned_.begin()->first);
  }
  return registered() ? std::min(next, resend_deadline_) : next;
}

void Agent::add_task_ids(std::vector<std::string>& ids) const {
  for (const auto& [id, task] : tasks_) {
    if (task.later.value_or(task.reported) == TaskState::running) {
      ids.push_back(id);
    }
  }
}

void Agent::connect(Now now, Out& out) {
  if (!linked_) {
    out.connect = true;
    linked_ = true;
  }
  world_.counters.first_connect = std::min(world_.counters.first_connect, now.time);
  registration_ = Registration::waiting;
  const Duration delay = kRegistration.delay(++failures_);
  registration_deadline_ =
      now.time + delay / 2 +
      Duration(static_cast<Duration::rep>(random_.unit() * static_cast<double>(delay.count()) / 2));
  ++attempt_;
  send(registration(), out);
}

link::Register Agent::registration() const {
  link::Register message;
  message.attempt = attempt_;
  message.info = info_;
  message.version = kVersion;
  std::set<FrameworkId> frameworks;
  for (const auto& [id, task] : tasks_) {
    link::RunningTask running;
    running.framework_id = *task.framework;
    if (auto info = protobuf::from_protobuf<model::TaskInfo>(task.info)) {
      running.task = std::move(*info);
    }
    running.state = task.later.value_or(task.reported);
    if (task.reported != TaskState::staging) {
      running.latest_status = status_of(id, task);
    }
    message.tasks.push_back(std::move(running));
    frameworks.insert(*task.framework);
  }
  for (const FrameworkId& framework : frameworks) {
    message.frameworks.push_back(world_.frameworks.at(framework));
  }
  return message;
}

void Agent::send(decltype(link::ToMaster::body) body, Out& out) const {
  out.send.push_back({info_.id, std::move(body)});
}

void Agent::on_message(const link::Registered& message, Now now, Out& out) {
  if (message.attempt != attempt_ || registration_ == Registration::refused) {
    return;
  }
  info_.id = message.agent_id;
  registration_ = Registration::registered;
  failures_ = 0;
  ++world_.counters.registrations;
  world_.counters.last_registered = now.time;
  ping_timeout_ = message.ping_timeout;
  ping_deadline_ = ping_timeout_ > Duration::zero() ? now.time + ping_timeout_ : kNever;
  for (auto task = tasks_.begin(); task != tasks_.end(); ++task) {
    if (!task->second.uuid.empty()) {
      ++world_.counters.updates_resent;
      report(task, now, out);
    }
  }
}

void Agent::on_message(const link::Refused&, Now, Out& out) {
  ++world_.counters.refused;
  registration_ = Registration::refused;
  ping_deadline_ = kNever;
  out.disconnect = true;
}

const FrameworkId& Agent::know(const model::FrameworkInfo& framework) {
  const auto found = world_.frameworks.find(*framework.id);
  if (found == world_.frameworks.end()) {
    return world_.frameworks.emplace(*framework.id, framework).first->first;
  }
  if (found->second != framework) {
    found->second = framework;
  }
  return found->first;
}

void Agent::on_message(const link::RunTask& message, Now now, Out& out) {
  if (!message.framework.id || !info_.id) {
    return;
  }
  const auto [task, is_new] = tasks_.try_emplace(message.task.task_id.value);
  if (!is_new) {
    ++world_.counters.launches_repeated;
    return;
  }
  Task& entry = task->second;
  entry.framework = &know(message.framework);
  entry.info = protobuf::to_protobuf(message.task);
  for (const model::Resource& resource : message.task.resources) {
    if (resource.name == "cpus") {
      entry.cpus_milli += static_cast<std::int32_t>(resource.scalar.milli);
    } else if (resource.name == "mem") {
      entry.mem_milli += resource.scalar.milli;
    }
  }
  cpus_milli_ -= entry.cpus_milli;
  mem_milli_ -= entry.mem_milli;
  ++world_.counters.launched;
  world_.counters.overcommitted += cpus_milli_ < 0 || mem_milli_ < 0 ? 1 : 0;
  if (world_.rules.start_delay > Duration::zero()) {
    planned_.emplace(now.time + world_.rules.start_delay, std::pair(task->first, Next::starts));
    return;
  }
  begin(task, now, out);
}

void Agent::begin(Tasks::iterator task, Now now, Out& out) {
  if (task->second.reported != TaskState::staging) {
    return;  // killed before it started
  }
  if (world_.rules.failure_rate > 0 && random_.unit() < world_.rules.failure_rate) {
    become(task, TaskState::failed, now, out);
    return;
  }
  if (world_.rules.lifetime) {
    planned_.emplace(now.time + *world_.rules.lifetime, std::pair(task->first, Next::ends));
  }
  become(task, TaskState::running, now, out);
}

// One update at a time is under way for each task; the next follows its acknowledgement.
void Agent::become(Tasks::iterator task, TaskState state, Now now, Out& out) {
  Task& entry = task->second;
  const TaskState before = entry.later.value_or(entry.reported);
  if (model::is_terminal(before)) {
    return;
  }
  Counters& counters = world_.counters;
  counters.running -= before == TaskState::running ? 1 : 0;
  counters.running += state == TaskState::running ? 1 : 0;
  counters.killed += state == TaskState::killed ? 1 : 0;
  counters.failed += state == TaskState::failed ? 1 : 0;
  counters.finished += state == TaskState::finished ? 1 : 0;
  if (!entry.uuid.empty()) {
    entry.later = state;
    return;
  }
  entry.reported = state;
  entry.uuid = random_.uuid_bytes();
  entry.since = to_epoch_seconds(now.wall);
  entry.sent = 0;
  report(task, now, out);
}

void Agent::report(Tasks::iterator task, Now now, Out& out) {
  Task& entry = task->second;
  entry.resend = now.time + kResend.delay(++entry.sent);
  resend_deadline_ = std::min(resend_deadline_, entry.resend);
  if (!registered()) {
    return;  // it is sent after the registration
  }
  ++world_.counters.updates_sent;
  send(
      link::StatusUpdate{
          *entry.framework, status_of(task->first, entry), entry.later.value_or(entry.reported)},
      out);
}

model::TaskStatus Agent::status_of(const std::string& id, const Task& task) const {
  model::TaskStatus status;
  status.task_id = TaskId{id};
  status.state = task.reported;
  status.source = model::StatusSource::executor;
  status.agent_id = info_.id;
  status.executor_id = ExecutorId{id};
  status.timestamp = task.since;
  if (!task.uuid.empty()) {
    status.uuid = task.uuid;
  }
  model::ContainerStatus container;
  container.container_id = ContainerId{id};
  model::NetworkInfo network;
  network.ip_addresses.push_back({std::nullopt, "127.0.0.1"});
  container.network_infos.push_back(std::move(network));
  status.container_status = std::move(container);
  return status;
}

void Agent::resend_due(Now now, Out& out) {
  resend_deadline_ = kNever;
  for (auto task = tasks_.begin(); task != tasks_.end(); ++task) {
    if (task->second.uuid.empty()) {
      continue;
    }
    if (task->second.resend <= now.time) {
      ++world_.counters.updates_resent;
      report(task, now, out);
    }
    resend_deadline_ = std::min(resend_deadline_, task->second.resend);
  }
}

void Agent::forget(Tasks::iterator task) {
  cpus_milli_ += task->second.cpus_milli;
  mem_milli_ += task->second.mem_milli;
  tasks_.erase(task);
}

void Agent::on_message(const link::KillTask& message, Now now, Out& out) {
  const auto task = tasks_.find(message.task_id.value);
  if (task == tasks_.end()) {
    model::TaskStatus status;  // without uuid: an answer, not an event
    status.task_id = message.task_id;
    status.state = TaskState::lost;
    status.source = model::StatusSource::agent;
    status.reason = model::StatusReason::executor_terminated;
    status.message = "Cannot kill the task: the agent does not know it";
    status.agent_id = info_.id;
    status.timestamp = to_epoch_seconds(now.wall);
    send(link::StatusUpdate{message.framework_id, std::move(status), TaskState::lost}, out);
    return;
  }
  become(task, TaskState::killed, now, out);
}

void Agent::on_message(const link::AcknowledgeUpdate& message, Now now, Out& out) {
  const auto task = tasks_.find(message.task_id.value);
  if (task == tasks_.end() || task->second.uuid.empty() || task->second.uuid != message.uuid) {
    return;  // late or repeated
  }
  Task& entry = task->second;
  entry.uuid.clear();
  entry.resend = kNever;
  if (entry.reported == TaskState::running) {
    ++world_.counters.running_acknowledged;
    world_.counters.last_running_acknowledged = now.time;
  }
  if (entry.later) {
    entry.reported = *std::exchange(entry.later, std::nullopt);
    entry.uuid = random_.uuid_bytes();
    entry.since = to_epoch_seconds(now.wall);
    entry.sent = 0;
    report(task, now, out);
  } else if (model::is_terminal(entry.reported)) {
    world_.counters.last_ended = now.time;
    forget(task);
  }
}

void Agent::on_message(const link::ShutdownFramework& message, Now, Out&) {
  for (auto task = tasks_.begin(); task != tasks_.end();) {
    const auto current = task++;
    if (*current->second.framework == message.framework_id) {
      const TaskState state = current->second.later.value_or(current->second.reported);
      world_.counters.running -= state == TaskState::running ? 1 : 0;
      forget(current);
    }
  }
}

void Agent::on_message(const link::Ping&, Now now, Out& out) {
  if (registered() && ping_timeout_ > Duration::zero()) {
    ping_deadline_ = now.time + ping_timeout_;
  }
  send(link::Pong{}, out);
}

}  // namespace ekiden::simulator
