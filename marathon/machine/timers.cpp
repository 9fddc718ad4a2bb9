// What is due.
#include "marathon/instance/update.h"
#include "marathon/machine/state.h"

#include <fmt/core.h>

namespace ekiden::marathon {

using Kind = DeadlineKey::Kind;

void Marathon::State::fire(const DeadlineKey& key) {
  switch (key.kind) {
    case Kind::overdue:
    case Kind::inactive:
    case Kind::expunge:
    case Kind::drained:
    case Kind::kill_retry:
    case Kind::probe:
    case Kind::readiness:
    case Kind::reservation:
      if (Slot* slot = find(key.owner)) {
        fire_for_instance(key, *slot);
      }
      return;
    case Kind::delay:
      if (const auto work = apps_by_number.find(key.owner); work != apps_by_number.end()) {
        refresh_hunger(*work->second);
        dirty_queues.insert(work->second->id);
      }
      return;
    case Kind::progress:
      if (const auto work = apps_by_number.find(key.owner); work != apps_by_number.end()) {
        progress_overdue(*work->second);
      }
      return;
    case Kind::suppress:
      suppress();
      return;
    case Kind::revive_again:
      revive_again();
      return;
    case Kind::constraints:
      renew_constraints();
      return;
    case Kind::tokens:
      refill_tokens();
      return;
    case Kind::reconcile:
      reconciled_up_to = 0;
      deadlines.set({Kind::reconcile, 0, 0}, now.time + settings.reconciliation_interval);
      if (connected) {
        reconcile_chunk();
      }
      return;
    case Kind::reconcile_chunk:
      reconcile_chunk();
      return;
    case Kind::brake:
      tell(brake.tick(now.time));
      return;
    case Kind::revive:
      return;  // settle_offers() looks again
  }
}

void Marathon::State::fire_for_instance(const DeadlineKey& key, Slot& slot) {
  switch (key.kind) {
    case Kind::overdue:
      warn(fmt::format("task {} has been {} for too long: killing it, another will be launched",
                       slot.instance->task->id.value,
                       to_text(slot.instance->condition)));
      kill(slot);
      return;
    case Kind::inactive:
      if (slot.instance->condition == Condition::unreachable) {
        replace(slot, instance::written_off(*slot.instance, now));
      }
      return;
    case Kind::expunge:
      expunge(slot);
      return;
    case Kind::drained:
      if (slot.kill == Slot::Kill::draining) {
        start_kill(slot);
      }
      return;
    case Kind::kill_retry:
      if (slot.kill == Slot::Kill::sent && slot.instance->task) {
        send_kill(slot);
      }
      return;
    case Kind::probe:
      order_probe(slot, key.index);
      return;
    case Kind::readiness:
      order_readiness(slot);
      return;
    case Kind::reservation:
      reservation_overdue(slot);
      return;
    default:
      return;
  }
}

}  // namespace ekiden::marathon
