#pragma once

#include "core/agent/agent.h"
#include "core/agent/cgroups.h"
#include "core/agent/container_spec.h"
#include "core/agent/history.h"
#include "core/api/agent_operator.h"

#include <functional>
#include <map>
#include <string>

// The agent's legacy JSON [mesos-core 4.6], written straight from the machine. Loop thread.
namespace ekiden::agent {

using UsageOf = std::function<ContainerUsage(const ContainerId&)>;

struct StateView {
  const Agent& agent;
  const History& history;
  const ContainerHost& host;
  WallTime started;
  const std::map<std::string, std::string>& flags;
};

std::string state_json(const StateView& view);
std::string containers_json(const Agent& agent,
                            const UsageOf& usage,
                            WallTime now,
                            const std::string& only);  // empty: all
std::string statistics_json(const Agent& agent, const UsageOf& usage, WallTime now);

// What both APIs say about one executor's container.
model::ContainerStatus container_status(const Agent::Executor& executor);
api::agent_operator::ResourceStatistics resource_statistics(const ContainerUsage& usage,
                                                            const StartContainer& start,
                                                            WallTime now);

}  // namespace ekiden::agent
