// Health and readiness: which probe goes out, what its result brings about [HC-1, 6.5].
#include "marathon/instance/update.h"
#include "marathon/machine/state.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

using Kind = DeadlineKey::Kind;

constexpr Duration kJustStarted = std::chrono::seconds(10);

// Where a probe goes. An app in a container network is reached at the task's own address and
// container port, any other at the agent's host port.
struct ProbePlace {
  std::string host;
  std::int32_t port = 0;
};

bool in_container_network(const App& app) {
  return std::any_of(app.networks.begin(), app.networks.end(), [](const Network& network) {
    return network.mode == NetworkMode::container;
  });
}

// Host ports are listed without gaps: slots that have none are skipped.
std::int32_t host_port_at(const Instance& instance, std::size_t index) {
  const App& app = *instance.app;
  std::size_t position = index;
  if (app.container && !app.container->port_mappings.empty()) {
    const auto& mappings = app.container->port_mappings;
    if (index >= mappings.size() || !mappings[index].host_port) {
      return 0;
    }
    position = static_cast<std::size_t>(
        std::count_if(mappings.begin(),
                      mappings.begin() + static_cast<std::ptrdiff_t>(index),
                      [](const PortMapping& mapping) { return mapping.host_port.has_value(); }));
  }
  const auto& ports = instance.task->host_ports;
  return position < ports.size() ? ports[position] : 0;
}

std::int32_t container_port_at(const Instance& instance, std::size_t index) {
  const App& app = *instance.app;
  if (app.container && index < app.container->port_mappings.size()) {
    const std::int32_t port = app.container->port_mappings[index].container_port;
    return port > 0 ? port : host_port_at(instance, index);
  }
  return host_port_at(instance, index);
}

ProbePlace place_of(const Instance& instance, std::optional<std::int32_t> port, std::size_t index) {
  ProbePlace place;
  if (in_container_network(*instance.app)) {
    for (const model::NetworkIpAddress& address : instance.task->ip_addresses) {
      if (address.ip_address) {
        place.host = *address.ip_address;
        break;
      }
    }
    place.port = port.value_or(container_port_at(instance, index));
    return place;
  }
  place.host = instance.place ? instance.place->host : "";
  place.port = port.value_or(host_port_at(instance, index));
  return place;
}

std::size_t index_of_port(const App& app, const std::string& name) {
  if (app.container && !app.container->port_mappings.empty()) {
    const auto& mappings = app.container->port_mappings;
    const auto found = std::find_if(
        mappings.begin(), mappings.end(), [&](const auto& one) { return one.name == name; });
    return static_cast<std::size_t>(found - mappings.begin());
  }
  const auto& ports = app.port_definitions;
  const auto found =
      std::find_if(ports.begin(), ports.end(), [&](const auto& one) { return one.name == name; });
  return static_cast<std::size_t>(found - ports.begin());
}

}  // namespace

// A task that runs is watched; a task that does not is not.
void Marathon::State::follow_health(Slot& slot) {
  const Instance& instance = *slot.instance;
  const bool watched = instance.condition == Condition::running && instance.task &&
                       !instance.app->health_checks.empty();
  if (!watched || (slot.tracker && slot.tracker->task() != instance.task->id)) {
    drop_tracker(slot);
  }
  if (!watched || slot.tracker) {
    return;
  }
  // A task that ran before this process did: not all of them are probed in one moment.
  const WallTime started_at = instance.task->started_at.value_or(now.wall);
  const double spread = now.wall - started_at > kJustStarted ? random.unit() : 0;
  slot.tracker.emplace(
      instance.app, instance.task->id, health::Tracker::Start{started_at, spread}, now);
  if (instance.task->status && instance.task->status->healthy) {
    slot.tracker->record_mesos(*instance.task->status->healthy, now);
  }
  if (slot.tracker->has_probes()) {
    brake.watch();
  }
  for (std::size_t i = 0; i < slot.tracker->size(); ++i) {
    deadlines.set({Kind::probe, slot.number, static_cast<std::uint32_t>(i)}, slot.tracker->due(i));
  }
}

void Marathon::State::drop_tracker(Slot& slot) {
  if (!slot.tracker) {
    return;
  }
  for (std::size_t i = 0; i < slot.tracker->size(); ++i) {
    deadlines.erase({Kind::probe, slot.number, static_cast<std::uint32_t>(i)});
  }
  if (slot.tracker->has_probes()) {
    brake.unwatch(slot.number);
    tell(brake.tick(now.time));
  }
  slot.tracker.reset();
}

void Marathon::State::order_probe(Slot& slot, std::size_t check) {
  if (!slot.tracker) {
    return;
  }
  const Instance& instance = *slot.instance;
  const HealthCheck& definition = instance.app->health_checks[check];
  const auto index = static_cast<std::size_t>(std::max(0, definition.port_index.value_or(0)));
  const bool waiting = slot.tracker->is_waiting(check, now);
  waiting ? slot.tracker->postpone(check, now) : slot.tracker->ordered(check, now);
  deadlines.set({Kind::probe, slot.number, static_cast<std::uint32_t>(check)},
                slot.tracker->due(check));
  if (waiting) {
    return;
  }
  ProbePlace place = place_of(instance, definition.port, index);
  if (place.host.empty() || place.port == 0) {
    note_transition(
        slot,
        check,
        slot.tracker->record(check, false, "the task has no such port or address", now));
    return;
  }
  effects.probes.push_back(
      {instance.id, instance.task->id, check, definition, std::move(place.host), place.port});
}

void Marathon::State::on_input(const ProbeResult& input) {
  Slot* slot = find(input.instance);
  if (!slot || !slot->tracker || slot->tracker->task() != input.task ||
      input.check >= slot->tracker->size()) {
    return;
  }
  note_transition(
      *slot, input.check, slot->tracker->record(input.check, input.success, input.cause, now));
  deadlines.set({Kind::probe, slot->number, static_cast<std::uint32_t>(input.check)},
                slot->tracker->due(input.check));
}

void Marathon::State::note_transition(Slot& slot,
                                      std::size_t check,
                                      const health::Transition& transition) {
  using Flip = health::Transition::Change;
  dirty_instances.insert(slot.number);
  if (transition.counted_failure) {
    notify(HealthCheckFailed{slot.instance, check});
  }
  if (transition.change != Flip::none) {
    notify(HealthStatusChanged{slot.instance, transition.change == Flip::became_healthy});
  }
  if (transition.change == Flip::became_unhealthy && slot.tracker->has_probes()) {
    tell(brake.unhealthy(slot.number, slot.work->id, now.time));
  }
  settle_health(slot);
  if (!transition.kill || slot.kill != Slot::Kill::none) {
    return;
  }
  if (brake.engaged()) {
    return;  // said once, when it engaged
  }
  notify(UnhealthyInstanceKill{slot.instance, transition.cause});
  note_failure(*slot.instance,
               "TASK_KILLED",
               "Task was killed since health check failed. Reason: " + transition.cause);
  note_rollout_failure(slot);
  kill(slot);
}

// The health of all checks together becomes the instance's.
void Marathon::State::settle_health(Slot& slot) {
  if (!slot.tracker && slot.instance->app->pod) {
    return;  // the executor checks its containers: instance::update took what it reports
  }
  if (!slot.tracker) {
    const Instance& instance = *slot.instance;
    const bool reported = instance.condition == Condition::running && instance.task &&
                          instance.task->status && instance.task->status->healthy;
    if (reported && instance.healthy != instance.task->status->healthy) {
      replace(slot, instance::with_health(instance, instance.task->status->healthy, now));
    }
    return;
  }
  const std::optional<bool> healthy = slot.tracker->healthy();
  if (!healthy || healthy == slot.instance->healthy) {
    return;  // not known yet: what was known before a restart stays
  }
  if (*healthy && slot.tracker->has_probes()) {
    tell(brake.recovered(slot.number, now.time));
  }
  replace(slot, instance::with_health(*slot.instance, healthy, now));
}

void Marathon::State::tell(health::Brake::Change change) {
  using Turn = health::Brake::Change;
  if (change == Turn::engaged) {
    warn(
        fmt::format("{} of {} checked instances turned unhealthy within a minute: this looks like "
                    "a sick network or checker, so nothing is killed for its health until they "
                    "recover",
                    brake.unhealthy_count(),
                    brake.watched()));
  } else if (change == Turn::released) {
    log("health checks are trusted again: unhealthy instances will be killed");
  }
  deadlines.set({Kind::brake, 0, 0}, brake.next_deadline());
}

// Readiness is asked for only while a deployment waits for it.
void Marathon::State::want_readiness(Slot& slot) {
  const Instance& instance = *slot.instance;
  const bool known = slot.readiness && slot.readiness->ready;
  const DeadlineKey key{Kind::readiness, slot.number, 0};
  if (!slot.work->action || instance.condition != Condition::running || known ||
      slot.standing.outdated || instance.app->readiness_checks.empty() || deadlines.contains(key)) {
    return;
  }
  deadlines.set(key, now.time);
}

void Marathon::State::order_readiness(Slot& slot) {
  const Instance& instance = *slot.instance;
  if (!slot.work->action || instance.condition != Condition::running) {
    return;
  }
  const ReadinessCheck& check = instance.app->readiness_checks.front();
  ProbePlace place = place_of(instance, {}, index_of_port(*instance.app, check.port_name));
  // Asked again even if this answer never comes.
  deadlines.set({Kind::readiness, slot.number, 0},
                now.time + std::chrono::seconds(check.interval_seconds + check.timeout_seconds));
  effects.readiness.push_back(
      {instance.id, instance.task->id, check, std::move(place.host), place.port});
}

void Marathon::State::on_input(const ReadinessProbeResult& input) {
  Slot* slot = find(input.instance);
  if (!slot || !slot->instance->task || slot->instance->task->id != input.task ||
      slot->instance->app->readiness_checks.empty()) {
    return;
  }
  slot->work->census.remove(slot->standing);
  slot->readiness = input.result;
  restand(*slot);
  dirty_instances.insert(slot->number);
  dirty_apps.insert(slot->work->id);
  const ReadinessCheck& check = slot->instance->app->readiness_checks.front();
  const bool again = !input.result.ready && slot->work->action;
  deadlines.set({Kind::readiness, slot->number, 0},
                again ? now.time + std::chrono::seconds(check.interval_seconds) : kNever);
  if (!input.result.ready) {
    dirty_deployments = true;
  }
}

}  // namespace ekiden::marathon
