#pragma once

#include "core/base/result.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The local authorizer: the rules of --acls [mesos-core 5.14].
namespace ekiden::wire {

// What may be allowed: the name of its list of rules, and how a rule calls the object.
struct Action {
  std::string_view rules;
  std::string_view object;
};

namespace actions {
inline constexpr Action kRegisterFrameworks{"register_frameworks", "roles"};
inline constexpr Action kRunTasks{"run_tasks", "users"};
inline constexpr Action kTeardownFrameworks{"teardown_frameworks", "framework_principals"};
inline constexpr Action kReserveResources{"reserve_resources", "roles"};
inline constexpr Action kUnreserveResources{"unreserve_resources", "reserver_principals"};
inline constexpr Action kCreateVolumes{"create_volumes", "roles"};
inline constexpr Action kDestroyVolumes{"destroy_volumes", "creator_principals"};
inline constexpr Action kResizeVolumes{"resize_volumes", "roles"};
inline constexpr Action kGetQuotas{"get_quotas", "roles"};
inline constexpr Action kUpdateQuotas{"update_quotas", "roles"};
inline constexpr Action kViewRoles{"view_roles", "roles"};
inline constexpr Action kUpdateWeights{"update_weights", "roles"};
inline constexpr Action kGetEndpoints{"get_endpoints", "paths"};
inline constexpr Action kViewFrameworks{"view_frameworks", "users"};
inline constexpr Action kViewTasks{"view_tasks", "users"};
inline constexpr Action kViewExecutors{"view_executors", "users"};
inline constexpr Action kAccessSandboxes{"access_sandboxes", "users"};
inline constexpr Action kAccessMesosLogs{"access_mesos_logs", "logs"};
inline constexpr Action kViewFlags{"view_flags", "flags"};
inline constexpr Action kSetLogLevel{"set_log_level", "level"};
inline constexpr Action kRegisterAgents{"register_agents", "agents"};
inline constexpr Action kDrainAgents{"drain_agents", "agents"};
inline constexpr Action kDeactivateAgents{"deactivate_agents", "agents"};
inline constexpr Action kReactivateAgents{"reactivate_agents", "agents"};
inline constexpr Action kMarkAgentsGone{"mark_agents_gone", "agents"};
inline constexpr Action kUpdateMaintenance{"update_maintenance_schedules", "machines"};
inline constexpr Action kGetMaintenance{"get_maintenance_schedules", "machines"};
inline constexpr Action kStartMaintenances{"start_maintenances", "machines"};
inline constexpr Action kStopMaintenances{"stop_maintenances", "machines"};
inline constexpr Action kGetMaintenanceStatuses{"get_maintenance_statuses", "machines"};
}  // namespace actions

// Immutable once made. The default one allows everything.
class Acls {
 public:
  Acls() = default;
  static Result<Acls> parse(std::string_view json);

  // No object: any of them. Nobody (an empty principal) is treated as anybody.
  bool allows(const Action& action,
              const std::string& principal,
              const std::optional<std::string>& object = std::nullopt) const;
  // Whether there is any rule about it, so that callers can skip what is always allowed.
  bool restricts(const Action& action) const;

 private:
  struct Entity {
    enum class Type { some, any, none };
    Type type = Type::some;
    std::vector<std::string> values;
  };

  struct Rule {
    std::map<std::string, Entity, std::less<>> entities;  // "principals", "roles", ...
  };

  static Result<Rule> parse_rule(std::string_view text);
  static bool matches(const Entity& request, const Entity& rule);
  static bool covers(const Entity& request, const Entity& rule);

  bool permissive_ = true;
  std::map<std::string, std::vector<Rule>, std::less<>> rules_;
};

}  // namespace ekiden::wire
