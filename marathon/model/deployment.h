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

std::string_view to_text(Action::Type type);   // "StartApplication"
std::string_view pod_text(Action::Type type);  // "StartPod"

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

    bool is_pod() const {
      return after ? after->pod.get() != nullptr : before && before->pod.get() != nullptr;
    }
  };

  struct GroupChange {  // what a rollback puts back; the root group is "/"
    PathId group;
    std::shared_ptr<const Group> before;  // null: new
    std::shared_ptr<const Group> after;   // null: deleted
  };

  std::vector<Change> changes;      // every affected app, in path order
  std::vector<GroupChange> groups;  // those whose dependencies or existence changed
  WallTime root_version_before{};

  std::vector<PathId> affected_apps() const;  // and pods
  bool is_pod(const PathId& service) const;
};

// Who asked for a deployment, and why it exists.
struct DeploymentOrigin {
  WallTime started{};
  std::string actor;                    // remote address or user; "ekiden" for our own
  std::optional<DeploymentId> reverts;  // a rollback: of this one
  bool operator==(const DeploymentOrigin&) const = default;
};

// Why a running deployment does not go on by itself.
struct DeploymentHalt {
  enum class Kind {
    none,
    paused,   // somebody, or onFailure, said so: nothing is started or stopped for it
    stalled,  // it goes on trying, but made no progress for too long or failed too often
  };
  Kind kind = Kind::none;
  std::string reason;
  WallTime since{};
  bool operator==(const DeploymentHalt&) const = default;
};

}  // namespace ekiden::marathon
