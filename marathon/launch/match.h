#pragma once

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/model/offer.h"
#include "marathon/launch/budget.h"
#include "marathon/launch/constraints.h"
#include "marathon/launch/ports.h"
#include "marathon/settings.h"

#include <optional>
#include <set>
#include <string_view>
#include <variant>
#include <vector>

// Does one more task of an app fit into what is left of an offer, and if not, why [4.5].
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
};

using Rejects = std::set<Reject>;

struct MatchInput {
  const App& app;
  const std::string& role;  // of the waiting instance
  const model::Offer& offer;
  const Settings& settings;
  Now now{};
};

// On a fit the resources are taken from `budget`; otherwise it is as before.
std::variant<Fit, Rejects> match(const MatchInput& input,
                                 const Placement& placement,
                                 Budget& budget,
                                 Random& random);

// Roles whose resources an app may use.
std::set<std::string> accepted_roles(const App& app,
                                     const std::string& role,
                                     const Settings& settings);

}  // namespace ekiden::marathon::launch
