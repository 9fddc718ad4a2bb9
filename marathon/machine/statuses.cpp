// Status updates: stored, then acknowledged [3.6]. Unknown tasks are reported, never killed, except
// those that were ours and were given up (design.md, invariant 5).
#include "marathon/instance/unreachable.h"
#include "marathon/instance/update.h"
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

bool is_recorded_failure(model::TaskState state) {
  switch (state) {
    case model::TaskState::failed:
    case model::TaskState::error:
    case model::TaskState::lost:
    case model::TaskState::dropped:
    case model::TaskState::gone:
    case model::TaskState::gone_by_operator:
    case model::TaskState::unknown:
      return true;
    default:
      return false;
  }
}

// A draining agent ends its tasks on purpose: no delay for the replacement [BO-1].
bool is_drained(const model::TaskStatus& status) {
  return status.reason == model::StatusReason::agent_draining &&
         (status.state == model::TaskState::killed ||
          status.state == model::TaskState::gone_by_operator);
}

}  // namespace

void Marathon::State::on_event(const api::scheduler::Update& event) {
  const model::TaskStatus& status = event.status;
  const std::optional<InstanceId> id = instance_of(status.task_id);
  if (!id) {
    warn(fmt::format("task {} reports {} and is not one of ours by its id: left alone",
                     status.task_id.value,
                     to_text(status.state)));
  } else if (Slot* slot = find(*id); !slot) {
    on_unknown(*id, status);
  } else if (!find_task(*slot->instance, status.task_id)) {
    on_stale(*slot, status);
  } else {
    on_known(*slot, status);
  }
  if (status.uuid && status.agent_id) {
    send(api::scheduler::Acknowledge{*status.agent_id, status.task_id, *status.uuid});
  }
}

void Marathon::State::on_known(Slot& slot, const model::TaskStatus& status) {
  std::optional<Instance> next = instance::update(*slot.instance, status, now);
  if (!next) {
    return;
  }
  // The condition an unreachable one gets at once when its strategy does not wait.
  const instance::UnreachableTimes times = instance::unreachable_times(*next, now.wall);
  if (next->condition == Condition::unreachable && times.inactive_at &&
      *times.inactive_at <= now.wall) {
    next = instance::written_off(*next, now);
  }
  const InstancePtr told =
      std::make_shared<const Instance>(instance::seen_from(*next, status.task_id));
  notify(StatusChanged{told, status.message.value_or(""), std::string(to_text(status.state))});
  if (is_recorded_failure(status.state)) {
    note_failure(*told, std::string(to_text(status.state)), status.message.value_or(""));
  }
  const bool gone = times.expunge_at && *times.expunge_at <= now.wall;
  const bool came_back = slot.instance->goal != Goal::running &&
                         is_considered_terminal(slot.instance->condition) &&
                         !is_considered_terminal(next->condition);
  const bool failed =
      is_recorded_failure(status.state) || status.state == model::TaskState::finished;
  replace(slot, std::move(*next));
  if (status.state == model::TaskState::gone_by_operator && slot.instance->reservation) {
    replace(slot, instance::without_reservation(*slot.instance, now));  // [LC-3]
  }
  if (failed) {
    note_rollout_failure(slot);
  }
  if (is_drained(status)) {
    slot.work->rate_limit.reset(slot.instance->app->version_info.last_config_change_at);
    refresh_hunger(*slot.work);
  }
  if (slot.tracker && status.healthy) {
    note_transition(slot, 0, slot.tracker->record_mesos(*status.healthy, now));
  }
  settle_health(slot);
  if (gone) {
    expunge(slot);
  } else if (instance::is_finished(*slot.instance)) {
    remove(slot);
  } else if (came_back) {
    kill(slot);
  }
}

// An earlier incarnation, or one that was never launched as far as we know.
void Marathon::State::on_stale(const Slot& slot, const model::TaskStatus& status) {
  if (instance::is_quiet(instance::condition_of(status))) {
    return;
  }
  warn(fmt::format("task {} of instance {} still runs although {} took its place: killing it",
                   status.task_id.value,
                   slot.instance->id.value,
                   slot.instance->task ? slot.instance->task->id.value : "a new launch"));
  kill_task(status);
}

void Marathon::State::on_unknown(const InstanceId& id, const model::TaskStatus& status) {
  const Condition condition = instance::condition_of(status);
  const auto given_up = expunged.find(id);
  const bool ended = is_terminal(condition);
  if (ended || condition == Condition::unreachable) {
    if (given_up != expunged.end() && ended) {
      persist(std::string(records::kExpunged), records::number_key(given_up->second), std::nullopt);
      expunged_by_number.erase(given_up->second);
      expunged.erase(given_up);
    }
    notify(UnknownInstanceTerminated{
        id, app_of(id).value_or(PathId()), std::string(to_text(condition))});
    return;
  }
  if (condition == Condition::killing) {
    return;
  }
  if (given_up != expunged.end()) {
    log(fmt::format("task {} came back after it was given up: killing it", status.task_id.value));
    kill_task(status);
    return;
  }
  warn(
      fmt::format("task {} runs on agent {} and no record of it exists: left running; kill it by "
                  "hand if it is not wanted",
                  status.task_id.value,
                  status.agent_id ? status.agent_id->value : "unknown"));
}

void Marathon::State::kill_task(const model::TaskStatus& status) {
  send(api::scheduler::Kill{status.task_id, status.agent_id, std::nullopt});
}

void Marathon::State::note_failure(const Instance& instance,
                                   std::string state,
                                   std::string message) {
  TaskFailure failure;
  failure.task_id = instance.task->id;
  failure.state = std::move(state);
  failure.message = std::move(message);
  if (failure.message.size() > instance::kMessageLengthMax) {
    failure.message.resize(instance::kMessageLengthMax);
  }
  failure.host = instance.place ? instance.place->host : "";
  failure.version = instance.app->version_info.version;
  failure.timestamp = now.wall;
  if (instance.place) {
    failure.agent_id = instance.place->agent_id;
  }
  persist(std::string(records::kFailure), instance.app->id.text(), records::write_failure(failure));
  view.failures.set(instance.app->id, std::make_shared<const TaskFailure>(std::move(failure)));
}

}  // namespace ekiden::marathon
