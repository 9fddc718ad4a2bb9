// The end of every step: consequences, records, views.
#include "core/base/check.h"
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <utility>

namespace ekiden::marathon {

namespace {

// Every evaluation brings its app nearer to rest; more rounds than this are a bug.
constexpr std::size_t kEvaluationsMax = 1'000'000;

Slot::Tally tally_of(const Instance& instance) {
  Slot::Tally tally;
  if (!instance.task || instance.is_scheduled()) {
    return tally;
  }
  const auto& status = instance.task->status;
  if (!status || status->state == model::TaskState::staging) {
    tally.staged = 1;
  } else if (status->state == model::TaskState::running) {
    tally.running = 1;
  }
  if (instance.app->has_health_checks() && instance.healthy) {
    (*instance.healthy ? tally.healthy : tally.unhealthy) = 1;
  }
  return tally;
}

void change_tally(AppInstances& app, const Slot::Tally& before, const Slot::Tally& after) {
  app.staged += after.staged - before.staged;
  app.running += after.running - before.running;
  app.healthy += after.healthy - before.healthy;
  app.unhealthy += after.unhealthy - before.unhealthy;
}

}  // namespace

void Marathon::State::settle() {
  std::size_t rounds = 0;
  roll_back_failed();
  while (!dirty_apps.empty()) {
    CHECK(++rounds < kEvaluationsMax, "app {} never comes to rest", dirty_apps.begin()->text());
    const PathId app = *dirty_apps.begin();
    dirty_apps.erase(dirty_apps.begin());
    if (root.find_app(app)) {
      evaluate(work_of(app));
    } else if (const auto work = apps.find(app); work != apps.end()) {
      evaluate(*work->second);
      drop_if_idle(app);
    }
  }
  settle_offers();
  store_instances();
  publish();
}

// What was never launched needs no record: it is made again from its app.
void Marathon::State::store_instances() {
  for (const InstanceNumber number : dirty_instances) {
    Slot& slot = *find(number);
    if (slot.instance->incarnation == 0 && !slot.instance->reservation) {
      if (std::exchange(slot.stored, false)) {
        persist(std::string(records::kInstance), records::number_key(number), std::nullopt);
      }
      continue;
    }
    slot.stored = true;
    persist(std::string(records::kInstance),
            records::number_key(number),
            records::write_instance(*slot.instance));
  }
}

void Marathon::State::publish() {
  publish_instances();
  publish_queues();
  if (dirty_deployments) {
    publish_deployments();
  }
  ++view.sequence;
  published.reset();
}

void Marathon::State::publish_instances() {
  std::map<PathId, std::shared_ptr<AppInstances>> changed;
  const auto of = [&](const PathId& app) -> AppInstances& {
    std::shared_ptr<AppInstances>& entry = changed[app];
    if (!entry) {
      const auto* known = view.instances.find(app);
      entry = known ? std::make_shared<AppInstances>(**known) : std::make_shared<AppInstances>();
    }
    return *entry;
  };
  for (const auto& [number, gone] : gone_instances) {
    of(gone.first).all.erase(gone.second);
  }
  for (const InstanceNumber number : dirty_instances) {
    Slot& slot = *find(number);
    AppInstances& app = of(slot.work->id);
    auto shown = std::make_shared<InstanceView>();
    shown->instance = slot.instance;
    if (slot.tracker) {
      shown->health = slot.tracker->results();
    }
    shown->readiness = slot.readiness;
    app.all.set(slot.instance->id, std::move(shown));
    const Slot::Tally tally = tally_of(*slot.instance);
    change_tally(app, slot.tally, tally);
    slot.tally = tally;
  }
  for (auto& [app, entry] : changed) {
    if (entry->all.empty()) {
      view.instances.erase(app);
    } else {
      view.instances.set(app, std::move(entry));
    }
  }
  dirty_instances.clear();
  gone_instances.clear();
}

void Marathon::State::publish_queues() {
  for (const PathId& app : dirty_queues) {
    const auto work = apps.find(app);
    if (work == apps.end() || work->second->queue.empty()) {
      view.queue.erase(app);
      continue;
    }
    auto shown = std::make_shared<QueueView>(work->second->queue.view());
    const std::optional<Time> until =
        work->second->rate_limit.delayed_until(work->second->target.config, now.time);
    if (until) {
      shown->delayed_until = now.wall + (*until - now.time);
    }
    view.queue.set(app, std::move(shown));
  }
  dirty_queues.clear();
}

void Marathon::State::publish_deployments() {
  view.deployments.clear();
  for (const auto& [number, running] : deployments) {
    auto shown = std::make_shared<DeploymentView>();
    shown->plan = running.plan;
    shown->step = running.step;
    shown->origin = running.origin;
    shown->halt = running.halt;
    shown->failures = running.failures;
    if (running.step < running.plan->steps.size()) {
      shown->current_actions = running.plan->steps[running.step].actions;
    }
    view.deployments.push_back(std::move(shown));
  }
  dirty_deployments = false;
}

}  // namespace ekiden::marathon
