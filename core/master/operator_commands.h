#pragma once

#include "core/base/id.h"
#include "core/model/cluster.h"
#include "core/model/offer.h"
#include "core/model/resources.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

// What operators ask of a master, through /api/v1 or the older endpoints [mesos-core 4.1, 5.10,
// 5.11]. Values; how they look on the wire is the routes' business.
namespace ekiden::master {

struct ReserveResources {
  AgentId agent_id;
  std::vector<model::Resource> source;  // empty: the same with one reservation less
  std::vector<model::Resource> resources;
};

struct UnreserveResources {
  AgentId agent_id;
  std::vector<model::Resource> resources;
};

struct CreateVolumes {
  AgentId agent_id;
  std::vector<model::Resource> volumes;
};

struct DestroyVolumes {
  AgentId agent_id;
  std::vector<model::Resource> volumes;
};

struct GrowVolume {
  AgentId agent_id;
  model::Resource volume;
  model::Resource addition;
};

struct ShrinkVolume {
  AgentId agent_id;
  model::Resource volume;
  model::Scalar subtract;
};

enum class Force { no, yes };

struct UpdateQuota {
  Force force = Force::no;
  std::vector<model::QuotaConfig> configs;
};

struct SetQuota {  // the older form: a guarantee that is a limit as well
  Force force = Force::no;
  std::string role;
  std::vector<model::Resource> guarantee;
};

struct RemoveQuota {
  std::string role;
};

struct UpdateWeights {
  std::vector<model::WeightInfo> weights;
};

struct UpdateMaintenanceSchedule {
  model::MaintenanceSchedule schedule;
};

struct StartMaintenance {
  std::vector<model::MachineId> machines;
};

struct StopMaintenance {
  std::vector<model::MachineId> machines;
};

struct MarkAgentGone {
  AgentId agent_id;
};

struct DrainAgent {
  AgentId agent_id;
  model::DrainConfig config;
};

struct DeactivateAgent {
  AgentId agent_id;
};

struct ReactivateAgent {
  AgentId agent_id;
};

struct TeardownFramework {
  FrameworkId framework_id;
};

using OperatorCommand = std::variant<ReserveResources,
                                     UnreserveResources,
                                     CreateVolumes,
                                     DestroyVolumes,
                                     GrowVolume,
                                     ShrinkVolume,
                                     UpdateQuota,
                                     SetQuota,
                                     RemoveQuota,
                                     UpdateWeights,
                                     UpdateMaintenanceSchedule,
                                     StartMaintenance,
                                     StopMaintenance,
                                     MarkAgentGone,
                                     DrainAgent,
                                     DeactivateAgent,
                                     ReactivateAgent,
                                     TeardownFramework>;

}  // namespace ekiden::master
