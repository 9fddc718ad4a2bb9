#pragma once

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/model/offer.h"
#include "marathon/launch/budget.h"
#include "marathon/launch/constraints.h"
#include "marathon/launch/demand.h"
#include "marathon/launch/ports.h"
#include "marathon/settings.h"

#include <optional>
#include <set>
#include <string_view>
#include <variant>
#include <vector>

// Does one more instance fit into what is left of an offer, and if not, why [4.5].
namespace ekiden::marathon::launch {

// In the order in which summaries show them [marathon-api 2.8].
enum class Reject {
  unfulfilled_role,
  unfulfilled_constraint,
  no_corresponding_reservation_found,
  agent_maintenance,
  insufficient_cpus,
  insufficient_memory,
  insufficient_disk,
  insufficient_gpus,
  insufficient_ports,
  declined_scarce_resources,
};

inline constexpr std::size_t kRejectCount = 10;
std::string_view to_text(Reject reason);  // "UnfulfilledRole"

struct Fit {
  HostPorts ports;
  std::vector<model::Resource> resources;
  std::vector<model::Resource> executor;  // of a custom executor, beside the task's
  std::vector<model::Resource> disks;     // for the volumes of a resident, in their order
};

using Rejects = std::set<Reject>;

struct MatchInput {
  const Demand& demand;
  const std::string& role;  // of the waiting instance
  const Roles& roles;       // accepted_roles()
  const model::Offer& offer;
  const Settings& settings;
  Now now{};
  const std::optional<std::string>& home_region;  // the master's; nothing: not known
};

// On a fit the resources are taken from `budget`; otherwise it is as before. A budget of reserved
// resources is for the task alone: its volumes exist already. All checks are made, so that every
// reason is told, also that of a lack of ports beside others [defect 26].
std::variant<Fit, Rejects> match(const MatchInput& input,
                                 const Placement& placement,
                                 Budget& budget,
                                 Random& random);

}  // namespace ekiden::marathon::launch
