#pragma once

#include "core/model/offer.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

// What operators decide about a cluster; the master keeps it in its registry [mesos-core 5.8].
namespace ekiden::model {

// At least one of the two. Host names are compared in lower case.
struct MachineId {
  std::optional<std::string> hostname;
  std::optional<std::string> ip;
  auto operator<=>(const MachineId&) const = default;
};

struct MaintenanceWindow {
  std::vector<MachineId> machine_ids;
  Unavailability unavailability;
  bool operator==(const MaintenanceWindow&) const = default;
};

struct MaintenanceSchedule {
  std::vector<MaintenanceWindow> windows;
  bool operator==(const MaintenanceSchedule&) const = default;
};

// Of a top-level role; resource names to amounts. Both absent members mean "none".
struct QuotaConfig {
  std::string role;
  std::map<std::string, double> guarantees;  // wire: {"cpus": {"value": 2.0}}
  std::map<std::string, double> limits;
  bool operator==(const QuotaConfig&) const = default;
};

struct WeightInfo {
  double weight = 1;
  std::optional<std::string> role;
  bool operator==(const WeightInfo&) const = default;
};

struct DrainConfig {
  std::optional<DurationInfo> max_grace_period;  // wire: google.protobuf.Duration
  bool mark_gone = false;
  bool operator==(const DrainConfig&) const = default;
};

enum class DrainState { unknown, draining, drained };

struct DrainInfo {
  DrainState state = DrainState::unknown;
  DrainConfig config;
  bool operator==(const DrainInfo&) const = default;
};

}  // namespace ekiden::model
