#pragma once

#include "core/master/types.h"

#include <memory>
#include <string>
#include <vector>

namespace ekiden::master {

// Who this master is; the same for its whole life.
struct MasterFacts {
  std::string id;
  std::string ip = "127.0.0.1";
  std::uint16_t port = 5050;
  std::string hostname = "localhost";
  std::string version = "1.11.0";
  WallTime started{};
  std::optional<model::DomainInfo> domain{};

  std::string pid() const;  // "master@127.0.0.1:5050"
  api::scheduler::MasterInfo info() const;
};

// An immutable copy for reads on any thread. Tasks are shared, not copied.
struct Snapshot {
  MasterFacts facts;
  std::vector<AgentView> agents;            // registered at least once with this master
  std::vector<AgentView> recovered_agents;  // from the registry, not back yet
  std::size_t unreachable_agents = 0;
  std::vector<GoneAgent> unreachable;  // the same, by id, with since when
  std::vector<GoneAgent> gone;         // marked gone: refused for ever
  std::vector<OperationView> operations;
  std::vector<model::QuotaConfig> quotas;  // those that were set
  std::vector<model::WeightInfo> weights;  // those other than 1
  model::MaintenanceSchedule maintenance;
  std::vector<DrainingMachine> draining_machines;  // in the schedule, not down
  std::vector<model::MachineId> down_machines;
  std::vector<FrameworkView> frameworks;
  std::vector<FrameworkView> completed_frameworks;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace ekiden::master
