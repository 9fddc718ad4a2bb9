#pragma once

#include "core/base/record.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/agent.h"
#include "core/model/cluster.h"
#include "core/model/framework.h"

#include <optional>
#include <string>
#include <vector>

// The only list of what a master makes durable: which agents and frameworks there are and what
// operators decided. Tasks, reservations and volumes are rebuilt from what agents report
// [mesos-core 5.1, 5.8].
namespace ekiden::master {

inline constexpr const char* kFrameworkKind = "framework";      // framework id
inline constexpr const char* kAgentKind = "agent";              // agent id
inline constexpr const char* kGoneKind = "gone";                // agent id
inline constexpr const char* kQuotaKind = "quota";              // role
inline constexpr const char* kWeightKind = "weight";            // role
inline constexpr const char* kMaintenanceKind = "maintenance";  // "schedule"
// In the order in which Master::load wants them.
inline constexpr const char* kRecordKinds[] = {
    kFrameworkKind, kMaintenanceKind, kAgentKind, kGoneKind, kQuotaKind, kWeightKind};

struct AgentRecord {
  model::AgentInfo info;  // id set
  WallTime registered{};
  std::optional<WallTime> unreachable;
  bool deactivated = false;
  std::optional<model::DrainInfo> drain;
  std::optional<WallTime> drain_started;
};

struct FrameworkRecord {
  model::FrameworkInfo info;  // id set
  WallTime registered{};
};

struct GoneRecord {
  AgentId id;
  WallTime since{};
};

struct MaintenanceRecord {
  model::MaintenanceSchedule schedule;
  std::vector<model::MachineId> down;
};

Record record(const AgentRecord& agent);
Record record(const FrameworkRecord& framework);
Record record(const GoneRecord& gone);
Record record(const MaintenanceRecord& maintenance);
Record record(const model::QuotaConfig& quota);
Record record(const model::WeightInfo& weight);
Record erased(const char* kind, const std::string& key);
Result<AgentRecord> read_agent(const std::string& text);
Result<FrameworkRecord> read_framework(const std::string& text);
Result<GoneRecord> read_gone(const AgentId& id, const std::string& text);
Result<MaintenanceRecord> read_maintenance(const std::string& text);
Result<model::QuotaConfig> read_quota(const std::string& text);
Result<model::WeightInfo> read_weight(const std::string& text);

}  // namespace ekiden::master
