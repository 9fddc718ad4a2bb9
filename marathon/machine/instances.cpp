// Instances and what follows from their changes: census, queue, timers, views.
#include "marathon/instance/unreachable.h"
#include "marathon/instance/update.h"
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

constexpr std::size_t kExpungedMax = 10000;  // remembered ids of instances that may come back

using Kind = DeadlineKey::Kind;

WallTime config_of(const Instance& instance) {
  return instance.app->version_info.last_config_change_at;
}

void drop_use(AppWork& work, WallTime version) {
  if (--work.version_uses[version] == 0) {
    work.version_uses.erase(version);
  }
}

void move_use(AppWork& work, WallTime from, WallTime to) {
  if (from != to) {
    ++work.version_uses[to];
    drop_use(work, from);
  }
}

bool is_running(const Instance& instance) {
  return instance.condition == Condition::running;
}

}  // namespace

AppWork& Marathon::State::work_of(const PathId& app) {
  std::unique_ptr<AppWork>& work = apps[app];
  if (!work) {
    work = std::make_unique<AppWork>();
    work->id = app;
    work->number = ++last_number;
    apps_by_number[work->number] = work.get();
  }
  return *work;
}

Slot* Marathon::State::find(const InstanceId& id) {
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : found->second;
}

Slot* Marathon::State::find(InstanceNumber number) {
  const auto found = slots.find(number);
  return found == slots.end() ? nullptr : found->second.get();
}

// Another target means other classes: count anew. Only when the definition changed.
void Marathon::State::set_target(AppWork& work, const App& app) {
  const deployment::Target target = deployment::target_of(app);
  if (target == work.target) {
    return;
  }
  work.target = target;
  work.census.clear();
  for (const InstanceNumber number : work.instances) {
    Slot& slot = *find(number);
    const auto readiness = slot.readiness && slot.readiness->ready ? deployment::Readiness::ready
                                                                   : deployment::Readiness::unknown;
    slot.standing = deployment::stand(*slot.instance, number, target, readiness);
    work.census.add(slot.standing);
  }
}

void Marathon::State::add_instance(const AppPtr& app) {
  Instance instance = instance::schedule(app, make_instance_id(app->id, random.uuid()), now);
  Slot& slot = insert(std::move(instance), ++last_number);
  notify(InstanceChanged{slot.instance});
}

Slot& Marathon::State::insert(Instance instance, InstanceNumber number) {
  AppWork& work = work_of(*app_of(instance.id));
  std::unique_ptr<Slot>& entry = slots[number];
  entry = std::make_unique<Slot>();
  Slot& slot = *entry;
  slot.number = number;
  slot.work = &work;
  slot.instance = std::make_shared<const Instance>(std::move(instance));
  by_id[slot.instance->id] = &slot;
  work.instances.insert(number);
  roles.try_emplace(slot.instance->role);
  ++work.version_uses[slot.instance->app->version_info.version];
  slot.standing =
      deployment::stand(*slot.instance, number, work.target, deployment::Readiness::unknown);
  work.census.add(slot.standing);
  wait_in_queue(slot, slot.instance->is_scheduled());
  follow_reservation(slot);
  arm(slot);
  dirty_instances.insert(number);
  dirty_apps.insert(work.id);
  return slot;
}

void Marathon::State::replace(Slot& slot, Instance next) {
  AppWork& work = *slot.work;
  const InstancePtr before = slot.instance;
  work.census.remove(slot.standing);
  if (before->is_scheduled()) {
    wait_in_queue(slot, false);
  }
  slot.instance = std::make_shared<const Instance>(std::move(next));
  move_use(work, before->app->version_info.version, slot.instance->app->version_info.version);
  const bool new_task = slot.instance->incarnation != before->incarnation;
  if (new_task) {
    slot.readiness.reset();
  }
  restand(slot);
  follow(slot, *before);
  dirty_instances.insert(slot.number);
  dirty_apps.insert(work.id);
}

void Marathon::State::restand(Slot& slot) {
  AppWork& work = *slot.work;
  const auto readiness = slot.readiness && slot.readiness->ready ? deployment::Readiness::ready
                                                                 : deployment::Readiness::unknown;
  slot.standing = deployment::stand(*slot.instance, slot.number, work.target, readiness);
  work.census.add(slot.standing);
}

// What a change of condition, goal or health brings about, in the order of the events [8.3].
void Marathon::State::follow(Slot& slot, const Instance& before) {
  const Instance& instance = *slot.instance;
  const bool condition_changed = instance.condition != before.condition;
  if (condition_changed) {
    slot.work->rate_limit.record(*instance.app, instance.condition, now);
  }
  if (condition_changed || instance.goal != before.goal) {
    notify(InstanceChanged{slot.instance});
  }
  if (instance.healthy != before.healthy) {
    notify(InstanceHealthChanged{slot.instance});
  }
  if (instance.is_scheduled()) {
    wait_in_queue(slot, true);
  } else {
    refresh_hunger(*slot.work);
  }
  const bool new_task = instance.incarnation != before.incarnation;
  if (is_considered_terminal(instance.condition) || new_task || !instance.task) {
    forget_kill(slot);  // a kill is meant for one task, never for the next
  }
  follow_reservation(slot);
  earn_token(before, instance);
  if (condition_changed && is_terminal(instance.condition)) {
    note_freed(instance);
  }
  if (condition_changed || new_task) {
    arm(slot);
    follow_health(slot);
  }
}

void Marathon::State::arm(Slot& slot) {
  const Instance& instance = *slot.instance;
  Time overdue = kNever;
  if (instance.task) {
    const WallTime staged = std::min(instance.task->staged_at, now.wall);  // calendars jump
    if (instance.condition == Condition::provisioned) {
      overdue = at(staged + settings.task_launch_confirm_timeout);
    } else if (instance.condition == Condition::staging ||
               instance.condition == Condition::starting) {
      overdue = at(staged + settings.task_launch_timeout);
    }
  }
  deadlines.set({Kind::overdue, slot.number, 0}, overdue);
  const instance::UnreachableTimes times = instance::unreachable_times(instance, now.wall);
  const bool counted = instance.condition == Condition::unreachable;
  deadlines.set({Kind::inactive, slot.number, 0},
                counted && times.inactive_at ? at(*times.inactive_at) : kNever);
  deadlines.set({Kind::expunge, slot.number, 0}, times.expunge_at ? at(*times.expunge_at) : kNever);
  if (!is_running(instance)) {
    deadlines.erase({Kind::readiness, slot.number, 0});
  } else {
    want_readiness(slot);
  }
}

void Marathon::State::wait_in_queue(Slot& slot, bool waits) {
  AppWork& work = *slot.work;
  const std::string& role = slot.instance->role;
  const std::pair kind(config_of(*slot.instance), role);
  if (waits) {
    work.queue.add(slot.number, role, now.wall);
    ++work.waiting_kinds[kind];
    if (slot.instance->app->is_resident() && !slot.instance->reservation) {
      work.unbound.insert(slot.number);
    }
    wants_of(role).changed = true;
  } else if (work.queue.waiting().contains(slot.number)) {
    work.queue.remove(slot.number, role);
    if (--work.waiting_kinds[kind] == 0) {
      work.waiting_kinds.erase(kind);
    }
    work.unbound.erase(slot.number);
  }
  dirty_queues.insert(work.id);
  refresh_hunger(work);
}

void Marathon::State::remove(Slot& slot) {
  AppWork& work = *slot.work;
  const InstanceNumber number = slot.number;
  work.census.remove(slot.standing);
  wait_in_queue(slot, false);
  forget_reservation(slot);
  forget_kill(slot);
  drop_tracker(slot);
  for (const Kind kind : {Kind::overdue, Kind::inactive, Kind::expunge, Kind::readiness}) {
    deadlines.erase({kind, number, 0});
  }
  work.instances.erase(number);
  drop_use(work, slot.instance->app->version_info.version);
  if (slot.stored) {
    persist(std::string(records::kInstance), records::number_key(number), std::nullopt);
  }
  by_id.erase(slot.instance->id);
  dirty_instances.erase(number);
  gone_instances.emplace(number, std::pair(work.id, slot.instance->id));
  if (auto* shown = view.instances.find(work.id); shown && !(*shown)->all.empty()) {
    auto app = std::make_shared<AppInstances>(**shown);
    app->staged -= slot.tally.staged;
    app->running -= slot.tally.running;
    app->healthy -= slot.tally.healthy;
    app->unhealthy -= slot.tally.unhealthy;
    view.instances.set(work.id, std::move(app));
  }
  dirty_apps.insert(work.id);
  slots.erase(number);
}

// Its goal is to go away; what runs is stopped, what does not run is forgotten at once.
void Marathon::State::decommission(Slot& slot) {
  if (slot.instance->goal != Goal::decommissioned) {
    replace(slot, instance::with_goal(*slot.instance, Goal::decommissioned));
  }
  if (instance::is_finished(*slot.instance)) {
    remove(slot);
  } else if (!is_considered_terminal(slot.instance->condition)) {
    kill(slot);
  }
}

// Forgotten while nobody knows whether its task still runs: if it comes back, it is killed.
void Marathon::State::expunge(Slot& slot) {
  if (slot.instance->reservation) {  // its data is not given up: kept when it comes back
    if (slot.instance->goal == Goal::running) {
      replace(slot, instance::with_goal(*slot.instance, Goal::stopped));
    }
    return;
  }
  const InstanceId id = slot.instance->id;
  log(
      fmt::format("instance {} was unreachable for too long and is forgotten; if its task comes "
                  "back it will be killed",
                  id.value));
  const std::uint64_t number = ++last_number;
  expunged[id] = number;
  expunged_by_number[number] = id;
  persist(std::string(records::kExpunged), records::number_key(number), id.value);
  if (expunged.size() > kExpungedMax) {
    const auto oldest = expunged_by_number.begin();
    persist(std::string(records::kExpunged), records::number_key(oldest->first), std::nullopt);
    expunged.erase(oldest->second);
    expunged_by_number.erase(oldest);
  }
  remove(slot);
}

void Marathon::State::drop_if_idle(const PathId& app) {
  const auto found = apps.find(app);
  if (found == apps.end() || !found->second->instances.empty() || root.find_app(app) ||
      locks.holder(app)) {
    return;
  }
  hungry.erase(app);
  deadlines.erase({Kind::delay, found->second->number, 0});
  apps_by_number.erase(found->second->number);
  apps.erase(found);
}

}  // namespace ekiden::marathon
