#pragma once

#include "core/base/persistent_map.h"
#include "core/model/offer.h"
#include "marathon/model/deployment.h"
#include "marathon/model/history.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

// What reads see: immutable, shares structure with its predecessor, published after each step that
// changed something. Routes render from it; nothing in it is ever modified.
namespace ekiden::marathon {

struct HealthResult {  // of one check of one instance
  std::optional<WallTime> first_success;
  std::optional<WallTime> last_success;
  std::optional<WallTime> last_failure;
  std::optional<std::string> last_failure_cause;
  std::uint32_t consecutive_failures = 0;
  bool alive = false;
};

struct ReadinessResult {
  std::string name;
  TaskId task_id;
  bool ready = false;

  struct LastResponse {
    int status = 0;
    std::string content_type;
    std::string body;
  };

  std::optional<LastResponse> last_response;
};

struct InstanceView {
  InstancePtr instance;
  std::vector<HealthResult> health;  // by index of the app's health checks
  std::optional<ReadinessResult> readiness;
};

struct TaskFailure {
  TaskId task_id;
  std::string state;  // "TASK_FAILED"
  std::string message;
  std::string host;
  WallTime version{};
  WallTime timestamp{};
  std::optional<AgentId> agent_id;
};

struct RejectCount {
  std::string reason;  // "InsufficientCpus", ... [marathon-api 2.8]
  std::uint64_t declined = 0;
  std::uint64_t processed = 0;
};

struct QueueView {                            // one app that waits
  std::int32_t count = 0;                     // instances left to launch
  std::map<std::string, std::int32_t> roles;  // the same by role
  WallTime since{};
  std::optional<WallTime> delayed_until;
  std::uint64_t processed_offers = 0;
  std::uint64_t unused_offers = 0;
  std::optional<WallTime> last_unused_offer_at;
  std::optional<WallTime> last_used_offer_at;
  std::vector<RejectCount> last_offers;  // in the order of the checks
  std::vector<RejectCount> launch_attempt;

  struct UnusedOffer {
    model::Offer offer;
    std::vector<std::string> reasons;
    WallTime at{};
  };

  std::vector<UnusedOffer> last_unused_offers;  // bounded
};

// What an agent had left when it was last offered, as far as this framework knows.
struct AgentView {
  std::shared_ptr<const model::Offer> offer;  // its resources are those that were left
  WallTime at{};
  // Of our tasks that ended there since: cpus, mem, disk, gpus.
  std::array<model::Scalar, 4> freed{};
};

struct DeploymentView {
  std::shared_ptr<const DeploymentPlan> plan;
  std::size_t step = 0;  // from 0
  std::vector<Action> current_actions;
  DeploymentOrigin origin;
  DeploymentHalt halt;
  std::uint32_t failures = 0;  // of new instances
};

// All instances of one app, in id order; the count of each kind is kept with them.
struct AppInstances {
  PersistentMap<InstanceId, std::shared_ptr<const InstanceView>> all;
  std::int32_t staged = 0, running = 0, healthy = 0, unhealthy = 0;  // [marathon-api 3.2]
};

struct Snapshot {
  std::uint64_t sequence = 0;  // grows with each publication
  Root root;
  PersistentMap<PathId, std::shared_ptr<const AppInstances>> instances;  // apps that have some
  PersistentMap<PathId, std::shared_ptr<const QueueView>> queue;
  PersistentMap<PathId, std::shared_ptr<const TaskFailure>> failures;
  std::vector<std::shared_ptr<const DeploymentView>> deployments;  // running, oldest first
  // What ended, by a number that grows; bounded by Settings::deployment_history_max.
  PersistentMap<std::uint64_t, std::shared_ptr<const FinishedDeployment>> finished;
  // Old definitions: app -> version -> definition, bounded per app.
  PersistentMap<PathId, std::shared_ptr<const std::map<WallTime, AppPtr>>> versions;
  std::vector<WallTime> root_versions;                              // bounded
  PersistentMap<AgentId, std::shared_ptr<const AgentView>> agents;  // seen in offers; bounded
  std::optional<std::string> home_region;                           // the master's
  std::set<std::string> unoffered_roles;  // revived, and no offer came since
  std::optional<WallTime> disconnected_since;
  std::optional<FrameworkId> framework_id;
  bool connected = false;  // to a master
  std::string master_url;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace ekiden::marathon
