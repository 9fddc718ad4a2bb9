// The link to the master: subscription, reconciliation, what is sent and when.
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

using Kind = DeadlineKey::Kind;

constexpr std::size_t kReconcileChunk = 1000;
constexpr Duration kReconcilePause = std::chrono::milliseconds(100);  // between chunks

}  // namespace

void Marathon::State::send(decltype(api::scheduler::Call::body) body) {
  if (!connected && !std::holds_alternative<api::scheduler::Subscribe>(body)) {
    return;  // repeated when the link is back
  }
  effects.send.push_back({framework_id, std::move(body)});
}

std::vector<std::string> Marathon::State::roles() const {
  std::set<std::string> roles = {settings.mesos_role};
  root.apps.for_each([&](const PathId&, const AppPtr& app) { roles.insert(app->role); });
  for (const auto& [number, slot] : slots) {
    roles.insert(slot->instance->role);
  }
  return {roles.begin(), roles.end()};
}

void Marathon::State::on_input(const LinkOpened&) {
  using Capability = model::FrameworkCapability;
  api::scheduler::Subscribe call;
  model::FrameworkInfo& info = call.framework_info;
  info.user = settings.user;
  info.name = settings.framework_name;
  info.id = framework_id;
  info.failover_timeout = to_seconds(settings.failover_timeout);
  info.checkpoint = true;
  info.roles = roles();
  info.hostname = settings.hostname;
  info.webui_url = settings.webui_url;
  info.capabilities = {
      Capability::partition_aware, Capability::region_aware, Capability::multi_role};
  if (settings.task_killing) {
    info.capabilities.push_back(Capability::task_killing_state);
  }
  if (hungry.empty()) {
    call.suppressed_roles = info.roles;
  }
  suppressed = hungry.empty();
  wants_changed = false;
  send(std::move(call));
}

void Marathon::State::on_input(const LinkClosed&) {
  if (connected) {
    notify(SchedulerDisconnected{});
  }
  connected = false;
  view.connected = false;
  deadlines.erase({Kind::reconcile_chunk, 0, 0});
}

void Marathon::State::on_event(const api::scheduler::Subscribed& event) {
  connected = true;
  if (framework_id != event.framework_id) {
    framework_id = event.framework_id;
    persist(std::string(records::kMeta), "framework-id", framework_id->value);
  }
  std::string master = "unknown";
  if (event.master_info) {
    const api::scheduler::MasterInfo& info = *event.master_info;
    master = info.hostname.value_or(info.pid.value_or(info.id));
    view.master_url = fmt::format("http://{}:{}", master, info.port);
  }
  view.connected = true;
  view.framework_id = framework_id;
  notify(SchedulerRegistered{*framework_id, master, registered_before});
  registered_before = true;
  for (const InstanceNumber number : kills_sent) {
    send_kill(*find(number));
  }
  // Both sides may have missed something: ask about everything we know, then about the rest.
  reconciled_up_to = 0;
  deadlines.set({Kind::reconcile_chunk, 0, 0}, now.time);
  deadlines.set({Kind::reconcile, 0, 0}, now.time + settings.reconciliation_interval);
}

// Explicit, in chunks, by ascending number; the implicit question comes last.
void Marathon::State::reconcile_chunk() {
  api::scheduler::Reconcile call;
  auto at = slots.upper_bound(reconciled_up_to);
  while (at != slots.end() && call.tasks.size() < kReconcileChunk) {
    const Instance& instance = *at->second->instance;
    if (instance.task && !is_terminal(instance.condition)) {
      call.tasks.push_back(
          {instance.task->id,
           instance.place ? std::optional(instance.place->agent_id) : std::nullopt});
    }
    reconciled_up_to = at->first;
    ++at;
  }
  const bool last = at == slots.end();
  if (!call.tasks.empty()) {
    send(std::move(call));
  }
  if (last) {
    send(api::scheduler::Reconcile{});
  } else {
    deadlines.set({Kind::reconcile_chunk, 0, 0}, now.time + kReconcilePause);
  }
}

void Marathon::State::on_event(const api::scheduler::Message& event) {
  notify(FrameworkMessageReceived{event.agent_id, event.executor_id, event.data});
}

void Marathon::State::on_event(const api::scheduler::Failure&) {
  // Every task that is concerned gets a status update of its own.
}

void Marathon::State::on_event(const api::scheduler::ErrorEvent& event) {
  warn(
      fmt::format("the master refuses this framework: {}; the stored framework id is kept, "
                  "because tasks may still run under it",
                  event.message));
}

void Marathon::State::on_event(const api::scheduler::Heartbeat&) {}

}  // namespace ekiden::marathon
