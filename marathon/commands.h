#pragma once

#include "core/json/json.h"
#include "marathon/model/deployment.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// What the API asks of the machine, as values. Routes decode and validate form; the machine
// decides.
namespace ekiden::marathon {

using RequestId = std::uint64_t;

// ---- changes of the root group: applied one at a time [DP-1] by change/apply.h
struct CreateApp {
  App app;  // normalised and validated
};

struct PutApps {  // PUT and PATCH of one app or an array

  struct One {
    PathId id;
    json::Value body;
  };

  std::vector<One> apps;
  bool partial_update = true;
  bool allow_creation = true;
};

struct DeleteApp {
  PathId id;
};

struct RestartApp {
  PathId id;
};

struct PutPod {  // POST and PUT: always the whole definition
  enum class When { absent, always };
  PathId id;
  json::Value body;
  When when = When::always;  // absent: one that exists is a conflict
};

struct DeletePod {
  PathId id;
};

struct CreateGroup {
  PathId base;
  json::Value body;
};

struct PutGroup {
  PathId id;
  json::Value body;  // definition, {"version"} or {"scaleBy"}
};

struct DeleteGroup {
  PathId id;
};

struct PatchGroup {  // of a top-level group; starts no deployment
  PathId id;
  std::optional<bool> enforce_role;
};

struct KillAndScale {  // DELETE tasks?scale=true
  std::vector<InstanceId> instances;
};

using Change = std::variant<CreateApp,
                            PutApps,
                            DeleteApp,
                            RestartApp,
                            PutPod,
                            DeletePod,
                            CreateGroup,
                            PutGroup,
                            DeleteGroup,
                            PatchGroup,
                            KillAndScale>;

// ---- commands
struct ChangeRoot {
  RequestId request = 0;
  Change change;
  bool force = false;
  bool dry_run = false;
  std::string actor;  // remote address, for events and history
  bool what_if = false;  // the plan is made and checked as if to be carried out, and only shown
};

struct CancelDeployment {
  RequestId request = 0;
  DeploymentId id;
  bool force = false;  // true: stop here; false: roll back by a new deployment
  std::string actor;
};

struct SteerDeployment {
  enum class To { pause, resume };
  RequestId request = 0;
  DeploymentId id;
  To to = To::pause;
  std::string actor;
};

struct KillInstances {
  RequestId request = 0;
  std::vector<InstanceId> instances;
  bool wipe = false;
};

struct ResetDelay {  // DELETE /v2/queue/{id}/delay
  RequestId request = 0;
  PathId app;
};

using Command =
    std::variant<ChangeRoot, CancelDeployment, SteerDeployment, KillInstances, ResetDelay>;

// ---- answers
struct Applied {
  WallTime version{};
  DeploymentId deployment;
  std::vector<PathId> created;         // apps that did not exist before
  std::optional<DeploymentPlan> plan;  // dry run only
};

struct Locked {
  std::vector<DeploymentId> deployments;  // 409 [DP: conflicts]
};

struct Done {};

struct Rejected {
  Error error;
};

struct Reply {
  RequestId request = 0;
  std::variant<Applied, Locked, Done, Rejected> body;
};

}  // namespace ekiden::marathon
