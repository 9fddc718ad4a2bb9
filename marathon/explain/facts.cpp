#include "marathon/explain/facts.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon::explain {

namespace {

template <class T>
const T* value_of(const std::shared_ptr<const T>* found) {
  return found ? found->get() : nullptr;
}

const DeploymentView* deployment_of(const Snapshot& snapshot, const PathId& app) {
  for (const auto& deployment : snapshot.deployments) {
    const std::vector<PathId> affected = deployment->plan->affected_apps();
    if (std::find(affected.begin(), affected.end(), app) != affected.end()) {
      return deployment.get();
    }
  }
  return nullptr;
}

// Somebody waits who has no place yet.
bool needs_a_place(const Facts& facts) {
  if (!facts.queue) {
    return false;
  }
  if (!facts.app.is_resident() || !facts.instances) {
    return true;
  }
  bool needs = false;
  facts.instances->all.for_each([&](const InstanceId&, const auto& view) {
    needs = needs || (view->instance->is_scheduled() && !view->instance->reservation);
  });
  return needs;
}

}  // namespace

Facts gather(const Ask& ask, const App& app) {
  Facts facts{ask, app, nullptr, nullptr, nullptr, nullptr, {}, false, {}};
  const Snapshot& snapshot = ask.snapshot;
  facts.instances = value_of(snapshot.instances.find(app.id));
  facts.queue = value_of(snapshot.queue.find(app.id));
  facts.failure = value_of(snapshot.failures.find(app.id));
  facts.deployment = deployment_of(snapshot, app.id);
  facts.counts.wanted = app.instances;
  if (facts.instances) {
    facts.counts.running = facts.instances->running;
    facts.counts.healthy = facts.instances->healthy;
    facts.counts.unhealthy = facts.instances->unhealthy;
    facts.counts.staged = facts.instances->staged;
    facts.instances->all.for_each([&](const InstanceId&, const auto& view) {
      const Condition condition = view->instance->condition;
      facts.counts.unreachable +=
          condition == Condition::unreachable || condition == Condition::unreachable_inactive;
    });
  }
  if (facts.queue) {
    facts.counts.waiting = facts.queue->count;
    facts.delayed = facts.queue->delayed_until && *facts.queue->delayed_until > ask.now.wall;
  }
  if (needs_a_place(facts)) {
    const std::string role =
        facts.queue->roles.empty() ? app.role : facts.queue->roles.begin()->first;
    facts.nodes = judge_nodes(snapshot, app, role, ask.settings, ask.now);
  }
  return facts;
}

std::string duration_text(Duration duration) {
  const double seconds = std::max(0.0, to_seconds(duration));
  if (seconds < 100) {
    return fmt::format("{:.0f} s", seconds);
  }
  if (seconds < 100 * 60) {
    return fmt::format("{:.0f} min", seconds / 60);
  }
  if (seconds < 48 * 3600) {
    return fmt::format("{:.0f} h", seconds / 3600);
  }
  return fmt::format("{:.0f} d", seconds / 86400);
}

std::string number_text(double value) {
  return fmt::format("{:g}", model::Scalar::from_double(value).to_double());
}

}  // namespace ekiden::marathon::explain
