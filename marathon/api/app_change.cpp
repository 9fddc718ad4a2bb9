#include "marathon/api/app_change.h"

#include "marathon/api/convert.h"

namespace ekiden::marathon::wire {

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

json::Value document_of(const App& app) {
  json::Value document = json::parse(to_json(app)).value_or(json::Value());
  document.erase("version");
  document.erase("versionInfo");
  return document;
}

}  // namespace

AppChange describe_change(const DeploymentPlan::Change& change) {
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

}  // namespace ekiden::marathon::wire
