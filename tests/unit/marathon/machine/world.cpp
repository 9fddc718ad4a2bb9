#include "tests/unit/marathon/machine/world.h"

#include "core/base/check.h"
#include "core/base/overloaded.h"
#include "core/json/json.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon::test {

namespace {

std::string step_text(const DeploymentPlan& plan, std::size_t at) {
  std::string text;
  for (const Action& action : plan.steps[at].actions) {
    text += fmt::format(" {}({})", to_text(action.type), action.app.text());
  }
  return text;
}

constexpr std::size_t kDeliveriesMax = 2'000'000;

model::Resources used_by(const std::map<TaskId, World::RunningTask>& tasks,
                         const std::string& agent) {
  model::Resources used;
  for (const auto& [id, task] : tasks) {
    if (task.agent == agent) {
      used += model::Resources(task.info.resources);
    }
  }
  return used;
}

}  // namespace

World::World(Settings settings, std::uint64_t seed) : settings_(std::move(settings)), seed_(seed) {
  now_.time = Time(std::chrono::hours(1));
  now_.wall = *parse_iso8601("2024-05-01T10:00:00.000Z");
  start();
}

World::~World() = default;

void World::start() {
  machine_ = std::make_unique<Marathon>(settings_, Random(seed_ + crashes));
  std::vector<Record> records;
  for (const auto& [key, value] : store_) {
    records.push_back({key.first, key.second, value});
  }
  const Result<void> loaded = machine_->load(records, now_);
  CHECK(loaded.has_value(), "load: {}", loaded ? "" : loaded.error().message);
  inbox_.clear();
  inbox_.push_back(LinkOpened{});
}

void World::restart() {
  subscribed_ = false;
  offers_.clear();
  for (auto& [name, agent] : agents_) {
    agent.offered = false;
  }
  ++crashes;
  now_.time = Time(now_.time.time_since_epoch() / 2 + std::chrono::hours(2));  // another boot
  for (auto& [name, agent] : agents_) {
    agent.filtered_until.reset();
  }
  start();
}

void World::crash_at(std::size_t commit, Crash crash) {
  crash_commit_ = commits_ + commit;
  crash_ = crash;
}

void World::agent(const std::string& name, const std::string& resources) {
  agents_[name].total = *model::parse_resources(resources);
}

void World::take_down(const std::string& name) {
  agents_[name].unavailability =
      model::Unavailability{{now_.wall.time_since_epoch().count() - 1}, std::nullopt};
}

void World::lose_agent(const std::string& name) {
  agents_[name].up = false;
  for (auto& [id, task] : tasks_) {
    if (task.agent == name) {
      model::TaskStatus status = status_of(id, model::TaskState::unreachable);
      status.unreachable_time = model::TimeInfo{now_.wall.time_since_epoch().count()};
      push_status(status);
    }
  }
}

void World::find_agent(const std::string& name) {
  agents_[name].up = true;
  for (auto& [id, task] : tasks_) {
    if (task.agent == name) {
      push_status(status_of(id, task.state));
    }
  }
}

void World::command(Command command) {
  inbox_.push_back(std::move(command));
}

void World::input(Marathon::Input input) {
  inbox_.push_back(std::move(input));
}

void World::put(const std::string& path, const std::string& body, bool force) {
  PutApps change;
  change.apps.push_back({PathId::parse(path), *json::parse(body)});
  command(ChangeRoot{++requests_, std::move(change), force, false, "test"});
}

void World::remove(const std::string& path, bool force) {
  command(ChangeRoot{++requests_, DeleteApp{PathId::parse(path)}, force, false, "test"});
}

void World::put_group(const std::string& path, const std::string& body) {
  command(ChangeRoot{
      ++requests_, PutGroup{PathId::parse(path), *json::parse(body)}, false, false, "test"});
}

void World::cancel(const DeploymentId& id, bool force) {
  command(CancelDeployment{++requests_, id, force, "test"});
}

void World::finish_task(const TaskId& id, model::TaskState state, const std::string& message) {
  update(id, state, message);
}

void World::run(Duration duration) {
  const Time end = now_.time + duration;
  const WallTime wall_end = now_.wall + duration;
  for (std::size_t i = 0; i < kDeliveriesMax; ++i) {
    if (!inbox_.empty()) {
      const Marathon::Input next = std::move(inbox_.front());
      inbox_.pop_front();
      deliver(machine_->step(next, now_));
      continue;
    }
    if (offer()) {
      continue;
    }
    Time next = machine_->next_deadline();
    for (const auto& [name, agent] : agents_) {
      if (agent.filtered_until && subscribed_ && open_role()) {
        next = std::min(next, *agent.filtered_until);
      }
    }
    const Duration left = wall_end - now_.wall;
    if (next > now_.time + left) {
      now_.time += left;
      now_.wall += left;
      return;
    }
    if (next > now_.time) {
      now_.wall += next - now_.time;
      now_.time = next;
    }
    for (auto& [name, agent] : agents_) {
      if (agent.filtered_until && *agent.filtered_until <= now_.time) {
        agent.filtered_until.reset();
      }
    }
    deliver(machine_->tick(now_));
  }
  (void)end;
  CHECK(false, "the world does not come to rest");
}

void World::deliver(Marathon::Effects effects) {
  if (!effects.persist.empty()) {
    ++commits_;
    const bool crashes_now = crash_commit_ != 0 && commits_ == crash_commit_;
    if (!(crashes_now && crash_ == Crash::before_commit)) {
      for (const Record& record : effects.persist) {
        if (record.value) {
          store_[{record.kind, record.key}] = *record.value;
        } else {
          store_.erase({record.kind, record.key});
        }
      }
    }
    if (crashes_now) {
      crash_commit_ = 0;
      restart();
      return;
    }
  }
  for (const Notice& notice : effects.notify) {
    log_notice(notice);
  }
  for (Reply& reply : effects.reply) {
    const char* text = std::visit(
        Overloaded{[](const Applied&) { return "applied"; },
                   [](const Locked&) { return "locked"; },
                   [](const Done&) { return "done"; },
                   [](const Rejected& rejected) { return rejected.error.message.c_str(); }},
        reply.body);
    log_.push_back(fmt::format("reply {}", text));
    replies_.push_back(std::move(reply));
  }
  for (const api::scheduler::Call& call : effects.send) {
    log_call(call);
    on_call(call);
  }
  for (ProbeOrder& order : effects.probes) {
    if (!answer_probes) {
      probes.push_back(std::move(order));
      continue;
    }
    const bool ok = !sick.contains(app_of_task(order.task));
    inbox_.push_back(
        ProbeResult{order.instance, order.task, order.check, ok, ok ? "" : "HTTP status 500"});
  }
  for (DrainOrder& order : effects.drains) {
    drains.push_back(std::move(order));
  }
  for (ReadinessOrder& order : effects.readiness) {
    readiness.push_back(std::move(order));
  }
  if (after_step) {
    after_step();
  }
}

void World::on_call(const api::scheduler::Call& call) {
  std::visit(Overloaded{[&](const api::scheduler::Subscribe& one) { on(one); },
                        [&](const api::scheduler::Accept& one) { on(one); },
                        [&](const api::scheduler::Decline& one) { on(one); },
                        [&](const api::scheduler::Kill& one) { on(one); },
                        [&](const api::scheduler::Acknowledge& one) { on(one); },
                        [&](const api::scheduler::Reconcile& one) { on(one); },
                        [&](const api::scheduler::Revive& one) { on(one); },
                        [&](const api::scheduler::Suppress& one) { on(one); },
                        [&](const api::scheduler::UpdateFramework& one) { on(one); },
                        [](const auto&) {}},
             call.body);
}

void World::on(const api::scheduler::Subscribe& call) {
  subscribed_ = true;
  subscribe_to(call.framework_info.roles, call.suppressed_roles);
  offer_constraints = call.offer_constraints.value_or(offer_constraints);
  api::scheduler::Subscribed event;
  event.framework_id = call.framework_info.id.value_or(FrameworkId{"framework-1"});
  inbox_.push_back(SchedulerEvent{event});
  for (const auto& [id, statuses] : unacknowledged_) {
    if (!statuses.empty()) {
      inbox_.push_back(SchedulerEvent{api::scheduler::Update{statuses.front()}});
    }
  }
}

void World::subscribe_to(const std::vector<std::string>& roles,
                         const std::vector<std::string>& suppressed) {
  roles_ = {roles.begin(), roles.end()};
  suppressed_ = {suppressed.begin(), suppressed.end()};
}

std::optional<std::string> World::open_role() const {
  for (const std::string& role : roles_) {
    if (!suppressed_.contains(role)) {
      return role;
    }
  }
  return std::nullopt;
}

void World::on(const api::scheduler::Revive& call) {
  for (const std::string& role : call.roles) {
    CHECK(roles_.contains(role), "role {} is revived and was never announced", role);
    suppressed_.erase(role);
  }
  for (auto& [name, agent] : agents_) {
    agent.filtered_until.reset();
  }
}

void World::on(const api::scheduler::Suppress& call) {
  suppressed_.insert(call.roles.begin(), call.roles.end());
}

void World::on(const api::scheduler::UpdateFramework& call) {
  subscribe_to(call.framework_info.roles, call.suppressed_roles);
  offer_constraints = call.offer_constraints.value_or(model::OfferConstraints());
}

// As the master does: a resource changes its form, and only what is there may change.
void World::apply(Agent& agent, const model::Operation& operation) {
  using Type = model::Operation::Type;
  const bool makes = operation.type == Type::reserve || operation.type == Type::create;
  const bool reserves = operation.type == Type::reserve || operation.type == Type::unreserve;
  const bool known = reserves || operation.type == Type::create || operation.type == Type::destroy;
  for (model::Resource full : known ? operation.resources : std::vector<model::Resource>{}) {
    full.allocation_role.reset();
    model::Resource bare = full;
    if (reserves) {
      bare.reservations.pop_back();
    } else {
      bare.disk->persistence.reset();
      bare.disk->volume.reset();
      if (!bare.disk->source) {
        bare.disk.reset();
      }
    }
    const model::Resources from({makes ? bare : full});
    CHECK(agent.total.contains(from), "the agent has no {}", model::to_text(from));
    agent.total -= from;
    agent.total += makes ? full : bare;
  }
}

void World::launch(const std::string& agent, const model::TaskInfo& info, std::string executor) {
  ++launches;
  CHECK(!tasks_.contains(info.task_id), "task {} launched twice", info.task_id.value);
  tasks_[info.task_id] = {
      info.task_id, agent, info, model::TaskState::staging, std::move(executor)};
  if (slow.contains(app_of_task(info.task_id))) {
    update(info.task_id, model::TaskState::starting);
  } else if (tasks_start) {
    update(info.task_id, model::TaskState::running);
  }
}

void World::on(const api::scheduler::Accept& call) {
  const auto offer = offers_.find(call.offer_ids.front().value);
  const bool stale = offer == offers_.end();
  const std::string name = stale ? "" : offer->second;
  if (!stale) {
    agents_[name].offered = false;
    offers_.erase(offer);
  }
  for (const model::Operation& operation : call.operations) {
    if (!stale && operations_work) {
      apply(agents_[name], operation);
    }
    std::vector<model::TaskInfo> infos = operation.launch_task_infos;
    infos.insert(
        infos.end(), operation.launch_group_tasks.begin(), operation.launch_group_tasks.end());
    const auto& executor = operation.launch_group_executor;
    for (const model::TaskInfo& info : infos) {
      if (stale) {
        model::TaskStatus status = status_of(info.task_id, model::TaskState::dropped);
        push_status(status);
        continue;
      }
      launch(name, info, executor ? executor->executor_id.value : "");
    }
  }
  CHECK(stale || agents_[name].total.contains(used_by(tasks_, name).with_allocation(std::nullopt)),
        "agent {} is given more than it has",
        name);
}

void World::on(const api::scheduler::Decline& call) {
  for (const OfferId& id : call.offer_ids) {
    const auto offer = offers_.find(id.value);
    if (offer == offers_.end()) {
      continue;
    }
    Agent& agent = agents_[offer->second];
    agent.offered = false;
    agent.filtered_until =
        now_.time + from_seconds(call.filters ? call.filters->refuse_seconds : 5.0);
    offers_.erase(offer);
  }
}

void World::on(const api::scheduler::Kill& call) {
  const auto task = tasks_.find(call.task_id);
  if (task == tasks_.end()) {
    push_status(status_of(call.task_id, model::TaskState::unknown));
  } else if (kills_work && agents_[task->second.agent].up) {
    update(call.task_id, model::TaskState::killed);
  }
}

void World::on(const api::scheduler::Acknowledge& call) {
  auto& waiting = unacknowledged_[call.task_id];
  if (!waiting.empty() && waiting.front().uuid == call.uuid) {
    waiting.pop_front();
    if (!waiting.empty()) {
      inbox_.push_back(SchedulerEvent{api::scheduler::Update{waiting.front()}});
    }
  }
  if (waiting.empty()) {
    unacknowledged_.erase(call.task_id);
  }
}

void World::on(const api::scheduler::Reconcile& call) {
  const auto tell = [&](const TaskId& id) {
    const auto task = tasks_.find(id);
    model::TaskStatus status = task == tasks_.end() ? status_of(id, model::TaskState::unknown)
                               : agents_[task->second.agent].up
                                   ? status_of(id, task->second.state)
                                   : status_of(id, model::TaskState::unreachable);
    status.uuid.reset();
    status.reason = model::StatusReason::reconciliation;
    inbox_.push_back(SchedulerEvent{api::scheduler::Update{status}});
  };
  for (const auto& task : call.tasks) {
    tell(task.task_id);
  }
  if (call.tasks.empty()) {
    for (const auto& [id, task] : tasks_) {
      tell(id);
    }
  }
}

bool World::offer() {
  const std::optional<std::string> role = open_role();
  if (!subscribed_ || !role || !offers_come) {
    return false;
  }
  api::scheduler::Offers event;
  for (auto& [name, agent] : agents_) {
    if (!agent.up || agent.offered || agent.filtered_until) {
      continue;
    }
    const model::Resources left = agent.total - used_by(tasks_, name).with_allocation(std::nullopt);
    if (left.empty()) {
      continue;
    }
    agent.offered = true;
    model::Offer offer;
    offer.id = OfferId{"offer-" + std::to_string(++offer_count_)};
    offer.agent_id = AgentId{name};
    offer.hostname = name;
    offer.resources = left.list();
    offer.unavailability = agent.unavailability;
    offer.allocation_role = *role;
    offers_[offer.id.value] = name;
    event.offers.push_back(std::move(offer));
  }
  if (event.offers.empty()) {
    return false;
  }
  inbox_.push_back(SchedulerEvent{std::move(event)});
  return true;
}

model::TaskStatus World::status_of(const TaskId& id, model::TaskState state) const {
  model::TaskStatus status;
  status.task_id = id;
  status.state = state;
  const auto task = tasks_.find(id);
  status.agent_id = AgentId{task == tasks_.end() ? "gone" : task->second.agent};
  status.timestamp = to_epoch_seconds(now_.wall);
  return status;
}

void World::update(const TaskId& id, model::TaskState state, const std::string& message) {
  model::TaskStatus status = status_of(id, state);
  if (!message.empty()) {
    status.message = message;
  }
  std::string executor;
  if (const auto task = tasks_.find(id); task != tasks_.end()) {
    task->second.state = state;
    if (model::is_terminal(state)) {
      executor = state == model::TaskState::finished ? "" : task->second.executor;
      tasks_.erase(task);
    }
  }
  push_status(status);
  for (auto task = executor.empty() ? tasks_.end() : tasks_.begin(); task != tasks_.end();) {
    const TaskId other = task->first;
    const bool same = task->second.executor == executor;
    ++task;
    if (same) {
      update(other, model::TaskState::killed, "another container of the group ended");
      return;  // which ended the rest
    }
  }
}

void World::push_status(const model::TaskStatus& status) {
  model::TaskStatus with_uuid = status;
  with_uuid.uuid = std::to_string(++uuid_count_);
  auto& waiting = unacknowledged_[status.task_id];
  waiting.push_back(with_uuid);
  if (waiting.size() == 1 && subscribed_) {
    inbox_.push_back(SchedulerEvent{api::scheduler::Update{with_uuid}});
  }
}

std::string World::app_of_task(const TaskId& id) const {
  const auto instance = instance_of(id);
  const auto app = instance ? app_of(*instance) : std::nullopt;
  return app ? app->text() : "";
}

std::vector<TaskId> World::tasks_of(const std::string& path) const {
  std::vector<TaskId> found;
  for (const auto& [id, task] : tasks_) {
    if (app_of_task(id) == path) {
      found.push_back(id);
    }
  }
  return found;
}

std::vector<InstancePtr> World::instances_of(const std::string& path) const {
  std::vector<InstancePtr> found;
  const SnapshotPtr shown = snapshot();
  if (const auto* app = shown->instances.find(PathId::parse(path))) {
    (*app)->all.for_each(
        [&](const InstanceId&, const auto& view) { found.push_back(view->instance); });
  }
  return found;
}

SnapshotPtr World::snapshot() const {
  return machine_->snapshot();
}

std::vector<std::string> World::take_log() {
  return std::exchange(log_, {});
}

// Ids are random: a transcript shows /web#1, /web#1.2 (second incarnation), D1.
std::string World::alias(const std::string& id) {
  if (const auto instance = instance_of(TaskId{id})) {
    std::string& name = aliases_[instance->value];
    if (name.empty()) {
      name = fmt::format("{}#{}", app_of(*instance).value_or(PathId()).text(), ++instance_aliases_);
    }
    const std::size_t app = id.rfind("._app.");
    const std::string incarnation = app == std::string::npos ? "" : id.substr(app + 6);
    return incarnation.empty() || incarnation == "1" ? name : name + "." + incarnation;
  }
  std::string& name = aliases_[id];
  if (name.empty()) {
    name = fmt::format("D{}", ++deployment_aliases_);
  }
  return name;
}

InstanceId World::instance(const std::string& wanted) const {
  for (const auto& [id, name] : aliases_) {
    if (name == wanted) {
      return InstanceId{id};
    }
  }
  return {};
}

TaskId World::task(const std::string& wanted) const {
  const InstanceId id = instance(wanted);
  for (const auto& [task, entry] : tasks_) {
    if (instance_of(task) == id) {
      return task;
    }
  }
  return {};
}

DeploymentId World::deployment(const std::string& wanted) const {
  return DeploymentId{instance(wanted).value};
}

// "RESERVE /db#1"; nothing for launches.
std::string World::describe(const model::Operation& operation) {
  using Type = model::Operation::Type;
  const std::map<Type, std::string> names = {{Type::reserve, "RESERVE"},
                                             {Type::unreserve, "UNRESERVE"},
                                             {Type::create, "CREATE"},
                                             {Type::destroy, "DESTROY"}};
  const auto name = names.find(operation.type);
  if (name == names.end() || operation.resources.empty()) {
    return "";
  }
  const auto& labels = operation.resources.front().reservations.back().labels;
  const std::string* instance = labels ? labels->find("marathon_task_id") : nullptr;
  return fmt::format("{}({})", name->second, instance ? alias(*instance) : "?");
}

void World::log_call(const api::scheduler::Call& call) {
  const auto add = [&](const char* name, std::string text) {
    ++calls[name];
    log_.push_back(fmt::format("  -> {}{}", name, text.empty() ? "" : " " + text));
  };
  std::visit(
      Overloaded{[&](const api::scheduler::Subscribe& one) {
                   add("SUBSCRIBE", one.framework_info.id ? one.framework_info.id->value : "");
                 },
                 [&](const api::scheduler::Accept& one) {
                   std::string text;
                   for (const auto& operation : one.operations) {
                     std::vector<model::TaskInfo> infos = operation.launch_task_infos;
                     infos.insert(infos.end(),
                                  operation.launch_group_tasks.begin(),
                                  operation.launch_group_tasks.end());
                     for (const auto& info : infos) {
                       text += (text.empty() ? "" : " ") + alias(info.task_id.value) + "@" +
                               info.agent_id.value;
                     }
                     const std::string other = describe(operation);
                     text += (text.empty() || other.empty() ? "" : " ") + other;
                   }
                   add("ACCEPT", text);
                 },
                 [&](const api::scheduler::Decline&) { ++calls["DECLINE"]; },
                 [&](const api::scheduler::Kill& one) { add("KILL", alias(one.task_id.value)); },
                 [&](const api::scheduler::Revive&) { add("REVIVE", ""); },
                 [&](const api::scheduler::Suppress&) { add("SUPPRESS", ""); },
                 [&](const api::scheduler::Reconcile& one) {
                   add("RECONCILE", std::to_string(one.tasks.size()));
                 },
                 [&](const api::scheduler::Acknowledge&) { ++calls["ACKNOWLEDGE"]; },
                 [&](const auto&) {}},
      call.body);
}

void World::log_notice(const Notice& notice) {
  const std::string text = std::visit(
      Overloaded{
          [&](const DeploymentStarted& one) {
            return "deployment started " + alias(one.plan->id.value);
          },
          [&](const DeploymentStepStarted& one) {
            return "deployment_info " + alias(one.plan->id.value) + step_text(*one.plan, one.step);
          },
          [&](const DeploymentStepDone& one) {
            return "deployment_step_success " + alias(one.plan->id.value);
          },
          [&](const DeploymentEnded& one) {
            return (one.success ? "deployment_success " : "deployment_failed ") +
                   alias(one.plan->id.value) + (one.reason.empty() ? "" : ": " + one.reason);
          },
          [&](const DeploymentHalted& one) {
            const bool paused = one.halt.kind == DeploymentHalt::Kind::paused;
            return fmt::format("deployment_{} {}: {}",
                               paused ? "paused" : "stalled",
                               alias(one.plan->id.value),
                               one.halt.reason);
          },
          [&](const DeploymentResumed& one) {
            return fmt::format("deployment_resumed {} by {}", alias(one.plan->id.value), one.actor);
          },
          [&](const RootChanged& one) { return "group_change_success " + one.group.text(); },
          [&](const RootChangeFailed& one) { return "group_change_failed " + one.group.text(); },
          [&](const StatusChanged& one) {
            return one.task_status + " " + alias(one.instance->task->id.value);
          },
          [&](const InstanceChanged& one) {
            return fmt::format("instance {} {}{}",
                               alias(one.instance->id.value),
                               to_text(one.instance->condition),
                               one.instance->goal == Goal::running ? "" : " (to go)");
          },
          [&](const InstanceHealthChanged& one) {
            const auto& healthy = one.instance->healthy;
            return fmt::format("instance {} healthy={}",
                               alias(one.instance->id.value),
                               healthy ? (*healthy ? "true" : "false") : "unknown");
          },
          [&](const HealthStatusChanged& one) {
            return fmt::format("check of {} alive={}", alias(one.instance->id.value), one.alive);
          },
          [&](const HealthCheckFailed& one) {
            return "failed_health_check " + alias(one.instance->id.value);
          },
          [&](const UnhealthyInstanceKill& one) {
            return "unhealthy_instance_kill " + alias(one.instance->id.value) + ": " + one.reason;
          },
          [&](const HealthCheckAdded& one) { return "add_health_check " + one.app.text(); },
          [&](const HealthCheckRemoved& one) { return "remove_health_check " + one.app.text(); },
          [&](const AppTerminated& one) { return "app_terminated " + one.app.text(); },
          [&](const UnknownInstanceTerminated& one) {
            return "unknown_instance_terminated " + one.app.text() + " " + one.condition;
          },
          [&](const FrameworkMessageReceived&) { return std::string("framework_message"); },
          [&](const SchedulerRegistered& one) {
            return std::string(one.again ? "reregistered" : "registered");
          },
          [&](const SchedulerDisconnected&) { return std::string("disconnected"); },
          [&](const LogNotice& one) { return std::string(one.warning ? "(warning)" : "(note)"); }},
      notice.body);
  log_.push_back(text);
}

}  // namespace ekiden::marathon::test
