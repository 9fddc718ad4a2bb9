#include "marathon/launch/match.h"

#include <algorithm>
#include <array>

namespace ekiden::marathon::launch {

namespace {

// An agent about to be taken down gets no new tasks.
bool in_maintenance(const MatchInput& input) {
  if (!input.settings.maintenance_mode || !input.offer.unavailability) {
    return false;
  }
  const std::int64_t now = input.now.wall.time_since_epoch().count();
  const std::int64_t start = input.offer.unavailability->start.nanoseconds;
  const auto& duration = input.offer.unavailability->duration;
  return now > start - input.settings.draining_time.count() &&
         !(duration && now > start + duration->nanoseconds);
}

bool declines_gpus(const MatchInput& input, const Budget& budget) {
  if (input.demand.gpus.milli > 0 || budget.is_held()) {
    return false;
  }
  const std::optional<std::string>& behaviour = input.demand.gpu_behaviour;
  const bool unrestricted =
      behaviour == "unrestricted" ||
      (behaviour != "restricted" && input.settings.gpu_scheduling == Settings::Gpus::unrestricted);
  return !unrestricted &&
         std::any_of(budget.left().begin(), budget.left().end(), [](const model::Resource& r) {
           return r.name == "gpus" && r.scalar.milli > 0;
         });
}

// Only who says so is launched outside of the master's region.
bool is_abroad(const MatchInput& input) {
  const auto& domain = input.offer.domain;
  return !input.demand.names_fault_domain && input.home_region && domain && domain->fault_domain &&
         domain->fault_domain->region.name != *input.home_region;
}

struct Need {
  std::string_view name;
  model::Scalar amount;    // of the task
  model::Scalar executor;  // beside it
  Reject reason;

  model::Scalar total() const { return amount + executor; }
};

std::array<Need, 4> needs_of(const Demand& demand) {
  const Demand::Executor executor = demand.executor.value_or(Demand::Executor());
  return {{{"cpus", demand.cpus, executor.cpus, Reject::insufficient_cpus},
           {"mem", demand.mem, executor.mem, Reject::insufficient_memory},
           {"disk", demand.disk, executor.disk, Reject::insufficient_disk},
           {"gpus", demand.gpus, {}, Reject::insufficient_gpus}}};
}

void check_agent(const MatchInput& input, const Placement& placement, Rejects& rejects) {
  if (is_abroad(input) || !placement.fits(input.offer)) {
    rejects.insert(Reject::unfulfilled_constraint);
  }
  if (in_maintenance(input)) {
    rejects.insert(Reject::unfulfilled_constraint);
    rejects.insert(Reject::agent_maintenance);
  }
}

// Disks are tried on a copy: a failure takes nothing.
void check_volumes(const MatchInput& input, const Budget& budget, Rejects& rejects) {
  if (!input.demand.is_resident() || budget.is_held()) {
    return;
  }
  Budget trial = budget;
  std::vector<model::Resource> scratch;
  const model::Scalar disk =
      input.demand.disk + input.demand.executor.value_or(Demand::Executor()).disk;
  if (!trial.take_scalar("disk", disk, input.roles, scratch) ||
      !trial.take_volumes(input.demand.volumes, input.roles)) {
    rejects.insert(Reject::insufficient_disk);
  }
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

std::variant<Fit, Rejects> match(const MatchInput& input,
                                 const Placement& placement,
                                 Budget& budget,
                                 Random& random) {
  const Roles& roles = input.roles;
  const std::array<Need, 4> needs = needs_of(input.demand);
  Rejects rejects;
  if (input.offer.allocation_role != input.role || !budget.has_any(roles)) {
    rejects.insert(Reject::unfulfilled_role);
  }
  for (const Need& need : needs) {
    if (need.total().milli > 0 && budget.available(need.name, roles) < need.total()) {
      rejects.insert(need.reason);
    }
  }
  check_agent(input, placement, rejects);
  if (declines_gpus(input, budget)) {
    rejects.insert(Reject::declined_scarce_resources);
  }
  check_volumes(input, budget, rejects);
  const PortOrder order = budget.is_held() ? PortOrder::ascending : PortOrder::spread;
  std::optional<HostPorts> ports =
      choose_ports(input.demand.ports, budget.ports(roles), order, random);
  if (!ports) {
    rejects.insert(Reject::insufficient_ports);
  }
  if (!rejects.empty()) {
    return rejects;
  }
  Fit fit;
  for (const Need& need : needs) {
    budget.take_scalar(need.name, need.amount, roles, fit.resources);
    budget.take_scalar(need.name, need.executor, roles, fit.executor);
  }
  std::vector<model::Resource> port_resources;
  for (const std::optional<std::int32_t>& port : *ports) {
    if (port) {
      budget.take_port(static_cast<std::uint32_t>(*port), roles, port_resources);
    }
  }
  fit.resources.insert(fit.resources.end(), port_resources.begin(), port_resources.end());
  fit.ports = std::move(*ports);
  if (!budget.is_held()) {
    fit.disks = budget.take_volumes(input.demand.volumes, roles).value_or(fit.disks);
  }
  return fit;
}

}  // namespace ekiden::marathon::launch
