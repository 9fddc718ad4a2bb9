#pragma once

#include "marathon/launch/match.h"
#include "marathon/snapshot.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Where the next instance of an app would fit, judged from what agents had left when they were last
// offered and what has ended there since. Reads only: the same match as for real offers.
namespace ekiden::marathon::explain {

inline constexpr std::size_t kNearestMax = 3;

// A funnel: the agents that come in, and those that a check takes out.
struct Stage {
  std::string name;  // all, role, constraint, maintenance, cpus, mem, disk, gpus, ports, volume
  std::int64_t in = 0;
  std::int64_t removed = 0;
  bool operator==(const Stage&) const = default;
};

struct Lack {
  std::string what;  // cpus, mem, disk, gpus, ports, constraint
  std::optional<double> wanted;
  std::optional<double> left;
  std::optional<std::string> text;
  bool operator==(const Lack&) const = default;
};

struct Nearest {  // an agent that fails by little
  std::string host;
  std::string agent_id;
  std::vector<Lack> lacks;
  bool operator==(const Nearest&) const = default;
};

struct Largest {  // of one resource, over all agents
  std::string what;
  double wanted = 0;
  double largest = 0;  // on one agent
  double sum = 0;
  std::string host;  // of the largest
  bool operator==(const Largest&) const = default;
};

struct Nodes {
  std::vector<Stage> funnel;             // in the order of the checks, from "all"
  std::int64_t fitting = 0;              // agents that pass everything
  std::vector<Nearest> nearest;          // at most kNearestMax
  std::vector<Largest> largest;          // of the resources that are asked for
  std::vector<std::string> constraints;  // that exclude somebody: "[rack, UNIQUE] (3 of 5 nodes)"
  std::vector<std::string> roles_offered;
  std::vector<std::string> roles_accepted;
  std::vector<std::string> hosts_in_maintenance;
  std::optional<std::int32_t> taken_port;  // a fixed one that no agent of the rest has
};

// `role` is that of the instance that is to be placed; `besides` does not count for constraints.
Nodes judge_nodes(const Snapshot& snapshot,
                  const App& app,
                  const std::string& role,
                  const Settings& settings,
                  Now now);

// How many more instances of the app fit, at most `wanted`, all placed one after the other.
std::int32_t count_fits(const Snapshot& snapshot,
                        const App& app,
                        std::int32_t wanted,
                        const Settings& settings,
                        Now now);

}  // namespace ekiden::marathon::explain
