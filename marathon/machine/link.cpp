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

model::FrameworkInfo Marathon::State::framework_info() const {
  using Capability = model::FrameworkCapability;
  model::FrameworkInfo info;
  info.user = settings.user;
  info.name = settings.framework_name;
  info.id = framework_id;
  info.failover_timeout = to_seconds(settings.failover_timeout);
  info.checkpoint = true;
  for (const auto& [role, wants] : roles) {
    info.roles.push_back(role);
  }
  info.hostname = settings.hostname;
  info.principal = settings.principal;
  info.webui_url = settings.webui_url;
  info.capabilities = {
      Capability::partition_aware, Capability::region_aware, Capability::multi_role};
  if (settings.task_killing) {
    info.capabilities.push_back(Capability::task_killing_state);
  }
  if (settings.features.contains("gpu_resources")) {
    info.capabilities.push_back(Capability::gpu_resources);
  }
  return info;
}

void Marathon::State::on_input(const LinkOpened&) {
  api::scheduler::Subscribe call;
  announced_roles.clear();
  for (auto& [role, wants] : roles) {
    wants.suppressed = !wants.wanted();
    wants.changed = false;
    announced_roles.insert(role);
    if (!wants.suppressed) {
      view.unoffered_roles.insert(role);
    }
  }
  call.framework_info = framework_info();
  call.suppressed_roles = suppressed_roles();
  call.offer_constraints = constraints_to_send();
  send(std::move(call));
}

void Marathon::State::on_input(const LinkClosed&) {
  if (connected) {
    notify(SchedulerDisconnected{});
  }
  connected = false;
  view.connected = false;
  view.disconnected_since = view.disconnected_since.value_or(now.wall);
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
    if (info.domain && info.domain->fault_domain) {
      home_region = info.domain->fault_domain->region.name;
      view.home_region = home_region;
    }
  }
  view.connected = true;
  view.disconnected_since.reset();
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
    if (instance.task && !is_terminal(instance.condition) &&
        instance.condition != Condition::scheduled) {
      for (const Task* task : tasks_of(instance)) {
        if (!is_terminal(task->condition)) {
          call.tasks.push_back(
              {task->id, instance.place ? std::optional(instance.place->agent_id) : std::nullopt});
        }
      }
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

// Every task that is concerned gets a status update of its own.
void Marathon::State::on_event(const api::scheduler::Failure& event) {
  if (event.agent_id && !event.executor_id) {
    view.agents.erase(*event.agent_id);
  }
}

void Marathon::State::on_event(const api::scheduler::ErrorEvent& event) {
  warn(
      fmt::format("the master refuses this framework: {}; the stored framework id is kept, "
                  "because tasks may still run under it",
                  event.message));
}

void Marathon::State::on_event(const api::scheduler::Heartbeat&) {}

}  // namespace ekiden::marathon
