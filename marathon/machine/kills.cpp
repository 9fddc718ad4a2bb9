// The kill service [KS-1 to KS-4]: drain first where load balancers listen, a bounded number under
// way, repeated until answered.
#include "marathon/instance/update.h"
#include "marathon/machine/state.h"

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

using Kind = DeadlineKey::Kind;

bool serves_clients(const Instance& instance) {
  return instance.condition == Condition::running && instance.place && instance.task &&
         !instance.task->host_ports.empty();
}

}  // namespace

void Marathon::State::kill(Slot& slot) {
  const Instance& instance = *slot.instance;
  if (slot.kill != Slot::Kill::none || !instance.task || is_terminal(instance.condition)) {
    return;
  }
  if (is_unkillable(instance.condition)) {
    // Out of reach: forgotten when it ends, killed when it comes back [KS-3].
    if (instance.goal == Goal::running) {
      replace(slot, instance::with_goal(instance, Goal::decommissioned));
    }
    return;
  }
  if (load_balancers > 0 && serves_clients(instance)) {
    slot.kill = Slot::Kill::draining;
    effects.drains.push_back(
        {slot.work->id, instance.task->id, instance.place->host, instance.task->host_ports});
    deadlines.set({Kind::drained, slot.number, 0}, now.time + settings.drain_timeout);
    return;
  }
  start_kill(slot);
}

void Marathon::State::start_kill(Slot& slot) {
  deadlines.erase({Kind::drained, slot.number, 0});
  if (kills_sent.size() >= settings.kill_chunk_size) {
    slot.kill = Slot::Kill::queued;
    kills_waiting.push_back(slot.number);
    return;
  }
  kills_sent.insert(slot.number);
  slot.kill = Slot::Kill::sent;
  send_kill(slot);
}

void Marathon::State::send_kill(Slot& slot) {
  const Instance& instance = *slot.instance;
  for (const Task* task : tasks_of(instance)) {  // of a pod: each container [KS-2]
    if (is_terminal(task->condition)) {
      continue;
    }
    api::scheduler::Kill call;
    call.task_id = task->id;
    if (instance.place) {
      call.agent_id = instance.place->agent_id;
    }
    send(std::move(call));
  }
  deadlines.set({Kind::kill_retry, slot.number, 0}, now.time + settings.kill_retry_timeout);
}

void Marathon::State::forget_kill(Slot& slot) {
  if (slot.kill == Slot::Kill::none) {
    return;
  }
  deadlines.erase({Kind::drained, slot.number, 0});
  deadlines.erase({Kind::kill_retry, slot.number, 0});
  slot.kill = Slot::Kill::none;
  if (kills_sent.erase(slot.number) > 0) {
    pump_kills();
  }
}

void Marathon::State::pump_kills() {
  while (!kills_waiting.empty() && kills_sent.size() < settings.kill_chunk_size) {
    Slot* slot = find(kills_waiting.front());
    kills_waiting.pop_front();
    if (slot && slot->kill == Slot::Kill::queued) {
      start_kill(*slot);
    }
  }
}

void Marathon::State::on_input(const DrainDone& input) {
  const std::optional<InstanceId> id = instance_of(input.task);
  Slot* slot = id ? find(*id) : nullptr;
  if (slot && slot->kill == Slot::Kill::draining && slot->instance->task &&
      slot->instance->task->id == input.task) {
    start_kill(*slot);
  }
}

void Marathon::State::on_input(const LoadBalancersChanged& input) {
  load_balancers = input.count;
}

}  // namespace ekiden::marathon
