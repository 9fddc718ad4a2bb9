// What is kept of deployments that ended.
#include "marathon/api/app_change.h"
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <algorithm>

namespace ekiden::marathon {

void Marathon::State::remember_deployment(const RunningDeployment& running, const Ending& ending) {
  const DeploymentPlan& plan = *running.plan;
  auto finished = std::make_shared<FinishedDeployment>();
  finished->id = plan.id;
  finished->version = plan.version;
  finished->origin = running.origin;
  finished->ended = now.wall;
  finished->outcome = ending.outcome;
  finished->reason = ending.explanation.empty() ? ending.reason : ending.explanation;
  finished->steps_done = running.step;
  finished->steps = plan.steps.size();
  finished->failures = running.failures;
  finished->changes_total = plan.changes.size();
  const std::size_t told = std::min(plan.changes.size(), FinishedDeployment::kChangesMax);
  for (std::size_t i = 0; i < told; ++i) {
    finished->changes.push_back(wire::describe_change(plan.changes[i]));
  }
  persist(std::string(records::kHistory),
          records::number_key(running.number),
          records::write_finished(*finished));
  view.finished.set(running.number, std::move(finished));
  while (view.finished.size() > settings.deployment_history_max) {
    std::uint64_t oldest = 0;
    view.finished.for_each_from(std::uint64_t{0}, [&](const std::uint64_t number, const auto&) {
      oldest = number;
      return false;
    });
    persist(std::string(records::kHistory), records::number_key(oldest), std::nullopt);
    view.finished.erase(oldest);
  }
}

}  // namespace ekiden::marathon
