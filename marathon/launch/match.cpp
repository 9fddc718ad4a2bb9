#include "marathon/launch/match.h"

#include <algorithm>

namespace ekiden::marathon::launch {

namespace {

constexpr std::string_view kGpuLabel = "GPU_SCHEDULING_BEHAVIOR";

// An agent about to be taken down gets no new tasks.
bool in_maintenance(const model::Offer& offer, WallTime now) {
  if (!offer.unavailability) {
    return false;
  }
  const std::int64_t nanos = now.time_since_epoch().count();
  const std::int64_t start = offer.unavailability->start.nanoseconds;
  const auto& duration = offer.unavailability->duration;
  return nanos > start && !(duration && nanos > start + duration->nanoseconds);
}

bool declines_gpus(const MatchInput& input, const Budget& budget) {
  if (input.app.gpus > 0) {
    return false;
  }
  const auto behaviour = input.app.labels.find(std::string(kGpuLabel));
  if (behaviour != input.app.labels.end() && behaviour->second == "unrestricted") {
    return false;
  }
  return std::any_of(budget.left().begin(), budget.left().end(), [](const model::Resource& r) {
    return r.name == "gpus" && r.scalar.milli > 0;
  });
}

struct Need {
  std::string_view name;
  model::Scalar amount;
  Reject reason;
};

std::vector<Need> needs_of(const App& app) {
  return {{"cpus", model::Scalar::from_double(app.cpus), Reject::insufficient_cpus},
          {"mem", model::Scalar::from_double(app.mem), Reject::insufficient_memory},
          {"disk", model::Scalar::from_double(app.disk), Reject::insufficient_disk},
          {"gpus", model::Scalar::from_double(app.gpus), Reject::insufficient_gpus}};
}

}  // namespace

std::string_view to_text(Reject reason) {
  switch (reason) {
    case Reject::unfulfilled_role:
      return "UnfulfilledRole";
    case Reject::unfulfilled_constraint:
      return "UnfulfilledConstraint";
    case Reject::no_corresponding_reservation_found:
      return "NoCorrespondingReservationFound";
    case Reject::agent_maintenance:
      return "AgentMaintenance";
    case Reject::insufficient_cpus:
      return "InsufficientCpus";
    case Reject::insufficient_memory:
      return "InsufficientMemory";
    case Reject::insufficient_disk:
      return "InsufficientDisk";
    case Reject::insufficient_gpus:
      return "InsufficientGpus";
    case Reject::insufficient_ports:
      return "InsufficientPorts";
    case Reject::declined_scarce_resources:
      return "DeclinedScarceResources";
  }
  return "";
}

std::set<std::string> accepted_roles(const App& app,
                                     const std::string& role,
                                     const Settings& settings) {
  const std::vector<std::string>& chosen = app.accepted_resource_roles.empty()
                                               ? settings.default_accepted_resource_roles
                                               : app.accepted_resource_roles;
  if (chosen.empty()) {
    return {role, "*"};
  }
  return {chosen.begin(), chosen.end()};
}

std::variant<Fit, Rejects> match(const MatchInput& input,
                                 const Placement& placement,
                                 Budget& budget,
                                 Random& random) {
  const App& app = input.app;
  const std::set<std::string> roles = accepted_roles(app, input.role, input.settings);
  const std::vector<Need> needs = needs_of(app);
  Rejects rejects;
  if (input.offer.allocation_role != input.role || !budget.has_any(roles)) {
    rejects.insert(Reject::unfulfilled_role);
  }
  for (const Need& need : needs) {
    if (need.amount.milli > 0 && budget.available(need.name, roles) < need.amount) {
      rejects.insert(need.reason);
    }
  }
  if (!placement.fits(input.offer)) {
    rejects.insert(Reject::unfulfilled_constraint);
  }
  if (in_maintenance(input.offer, input.now.wall)) {
    rejects.insert(Reject::unfulfilled_constraint);
    rejects.insert(Reject::agent_maintenance);
  }
  if (declines_gpus(input, budget)) {
    rejects.insert(Reject::declined_scarce_resources);
  }
  if (app.is_resident()) {  // volumes need reservations, which nobody makes yet
    rejects.insert(Reject::no_corresponding_reservation_found);
  }
  std::optional<HostPorts> ports = choose_ports(app, budget.ports(roles), random);
  if (!ports) {
    rejects.insert(Reject::insufficient_ports);
  }
  if (!rejects.empty()) {
    return rejects;
  }
  Fit fit;
  for (const Need& need : needs) {
    budget.take_scalar(need.name, need.amount, roles, fit.resources);
  }
  std::vector<model::Resource> port_resources;
  for (const std::optional<std::int32_t>& port : *ports) {
    if (port) {
      budget.take_port(static_cast<std::uint32_t>(*port), roles, port_resources);
    }
  }
  fit.resources.insert(fit.resources.end(), port_resources.begin(), port_resources.end());
  fit.ports = std::move(*ports);
  return fit;
}

}  // namespace ekiden::marathon::launch
