#include "marathon/model/deployment.h"

#include "marathon/model/history.h"

#include <algorithm>

namespace ekiden::marathon {

std::string_view to_text(Action::Type type) {
  switch (type) {
    case Action::Type::start:
      return "StartApplication";
    case Action::Type::stop:
      return "StopApplication";
    case Action::Type::scale:
      return "ScaleApplication";
    case Action::Type::restart:
      return "RestartApplication";
  }
  return "";
}

std::string_view pod_text(Action::Type type) {
  switch (type) {
    case Action::Type::start:
      return "StartPod";
    case Action::Type::stop:
      return "StopPod";
    case Action::Type::scale:
      return "ScalePod";
    case Action::Type::restart:
      return "RestartPod";
  }
  return "";
}

std::string_view to_text(FinishedDeployment::Outcome outcome) {
  switch (outcome) {
    case FinishedDeployment::Outcome::succeeded:
      return "succeeded";
    case FinishedDeployment::Outcome::cancelled:
      return "cancelled";
    case FinishedDeployment::Outcome::overridden:
      return "overridden";
    case FinishedDeployment::Outcome::rolled_back:
      return "rolledBack";
  }
  return "";
}

std::string_view to_text(FinishedDeployment::AppChange::Kind kind) {
  using Kind = FinishedDeployment::AppChange::Kind;
  switch (kind) {
    case Kind::created:
      return "created";
    case Kind::removed:
      return "removed";
    case Kind::scaled:
      return "scaled";
    case Kind::restarted:
      return "restarted";
    case Kind::updated:
      return "updated";
  }
  return "";
}

bool DeploymentPlan::is_pod(const PathId& service) const {
  const auto found = std::lower_bound(
      changes.begin(), changes.end(), service, [](const Change& change, const PathId& one) {
        return change.app < one;
      });
  return found != changes.end() && found->app == service && found->is_pod();
}

std::vector<PathId> DeploymentPlan::affected_apps() const {
  std::vector<PathId> ids;
  ids.reserve(changes.size());
  for (const Change& change : changes) {
    ids.push_back(change.app);
  }
  return ids;
}

}  // namespace ekiden::marathon
