#pragma once

#include "core/model/cluster.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ekiden::master {

// Machines under maintenance [mesos-core 5.10]: UP (not listed), DRAINING (in the schedule), DOWN.
class Machines {
 public:
  void load(model::MaintenanceSchedule schedule, const std::vector<model::MachineId>& down);
  // Why the schedule cannot replace the one there is.
  std::optional<std::string> problem(const model::MaintenanceSchedule& schedule) const;
  void set_schedule(model::MaintenanceSchedule schedule);
  // Why these cannot go down, or come up again.
  std::optional<std::string> down_problem(const std::vector<model::MachineId>& machines) const;
  std::optional<std::string> up_problem(const std::vector<model::MachineId>& machines) const;
  void down(const std::vector<model::MachineId>& machines);
  void up(const std::vector<model::MachineId>& machines);

  bool is_down(const std::string& hostname, const std::string& ip) const;
  // When the agent's machine is in the schedule.
  std::optional<model::Unavailability> window(const std::string& hostname,
                                              const std::string& ip) const;
  // The machine of the schedule that the agent is on.
  std::optional<model::MachineId> find(const std::string& hostname, const std::string& ip) const;

  const model::MaintenanceSchedule& schedule() const { return schedule_; }

  std::vector<model::MachineId> draining() const;
  std::vector<model::MachineId> down() const;

 private:
  model::MaintenanceSchedule schedule_;
  std::map<model::MachineId, model::Unavailability> windows_;
  std::set<model::MachineId> down_;
};

}  // namespace ekiden::master
