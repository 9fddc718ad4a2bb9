// What is kept of deployments that ended.
#include "core/json/diff.h"
#include "marathon/api/convert.h"
#include "marathon/machine/records.h"
#include "marathon/machine/state.h"

#include <algorithm>

namespace ekiden::marathon {

namespace {

using AppChange = FinishedDeployment::AppChange;

AppChange::Kind kind_of(const DeploymentPlan::Change& change,
                        const std::vector<json::Difference>& diff) {
  if (!change.before) {
    return AppChange::Kind::created;
  }
  if (!change.after) {
    return AppChange::Kind::removed;
  }
  if (diff.empty()) {
    return AppChange::Kind::restarted;
  }
  const bool scaled = diff.size() == 1 && diff.front().path == "/instances";
  return scaled ? AppChange::Kind::scaled : AppChange::Kind::updated;
}

// Versions differ by nature.
json::Value document_of(const App& app) {
  json::Value document = json::parse(wire::to_json(app)).value_or(json::Value());
  document.erase("version");
  document.erase("versionInfo");
  return document;
}

AppChange change_of(const DeploymentPlan::Change& change) {
  AppChange told;
  told.app = change.app;
  if (change.before) {
    told.before = change.before->version_info.version;
  }
  if (change.after) {
    told.after = change.after->version_info.version;
  }
  if (change.before && change.after) {
    told.diff = json::diff(document_of(*change.before),
                           document_of(*change.after),
                           FinishedDeployment::kDifferencesMax);
  }
  told.kind = kind_of(change, told.diff);
  return told;
}

}  // namespace

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
    finished->changes.push_back(change_of(plan.changes[i]));
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
