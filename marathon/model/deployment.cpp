#include "marathon/model/deployment.h"

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

std::vector<PathId> DeploymentPlan::affected_apps() const {
  std::vector<PathId> ids;
  ids.reserve(changes.size());
  for (const Change& change : changes) {
    ids.push_back(change.app);
  }
  return ids;
}

}  // namespace ekiden::marathon
