#pragma once

#include "marathon/model/instance.h"
#include "marathon/model/root.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::marathon {

struct Action {
  enum class Type { start, stop, scale, restart };
  Type type = Type::start;
  PathId app;
  std::int32_t scale_to = 0;        // start: 0; scale, restart: the target
  std::vector<InstanceId> to_kill;  // scale: these first
  bool operator==(const Action&) const = default;
};

std::string_view to_text(Action::Type type);  // "StartApplication"

struct Step {
  std::vector<Action> actions;
  bool operator==(const Step&) const = default;
};

// A plan carries what it needs to run and to roll back: the apps it touches, before and after.
struct DeploymentPlan {
  DeploymentId id;
  WallTime version{};
  std::vector<Step> steps;

  struct Change {
    PathId app;
    AppPtr before;  // null: new
    AppPtr after;   // null: deleted
  };

  struct GroupChange {  // what a rollback puts back; the root group is "/"
    PathId group;
    std::shared_ptr<const Group> before;  // null: new
    std::shared_ptr<const Group> after;   // null: deleted
  };

  std::vector<Change> changes;     // every affected app, in path order
  std::vector<GroupChange> groups;  // those whose dependencies or existence changed
  WallTime root_version_before{};

  std::vector<PathId> affected_apps() const;
};

}  // namespace ekiden::marathon
