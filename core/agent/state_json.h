#pragma once

#include "core/agent/agent.h"
#include "core/agent/cgroups.h"
#include "core/agent/container_spec.h"

#include <functional>
#include <string>

// The agent's legacy JSON [mesos-core 4.6], written straight from the machine. Loop thread.
namespace ekiden::agent {

using UsageOf = std::function<ContainerUsage(const ContainerId&)>;

std::string state_json(const Agent& agent, const ContainerHost& host, WallTime started);
std::string containers_json(const Agent& agent,
                            const UsageOf& usage,
                            WallTime now,
                            const std::string& only);  // empty: all
std::string statistics_json(const Agent& agent, const UsageOf& usage, WallTime now);
std::string version_json();

}  // namespace ekiden::agent
