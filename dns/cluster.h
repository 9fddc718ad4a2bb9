#pragma once

#include "dns/address.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What DNS needs to know of a cluster, as plain values. Where they come from (event stream, polled
// state, disk) makes no difference.
namespace ekiden::dns {

struct Agent {
  std::string id;
  HostPort address;  // of its pid; the host may be a name
  bool operator==(const Agent&) const = default;
};

// Of a task's newest TASK_RUNNING status [discovery 3.6].
struct RunningStatus {
  double timestamp = 0;
  std::vector<std::string> netinfo;
  std::string docker_label;
  std::string mesos_label;
  bool operator==(const RunningStatus&) const = default;
};

struct DiscoveryPort {
  std::uint32_t number = 0;
  std::string name;
  std::string protocol;
  bool operator==(const DiscoveryPort&) const = default;
};

using PortRange = std::pair<std::uint16_t, std::uint16_t>;  // both ends included

struct Task {
  enum class State : std::uint8_t {
    waiting,  // not yet running, or out of sight: no records, may come (back)
    running,
    killing,  // leaves the answers, still there
    ended,
  };

  std::string id;
  std::string framework_id;
  std::string agent_id;
  std::string name;
  State state = State::waiting;
  std::string discovery_name;
  std::vector<DiscoveryPort> discovery_ports;
  std::vector<PortRange> ports;
  std::optional<RunningStatus> status;
  double healthy_at = 0;        // timestamp of the status that said so
  std::optional<bool> healthy;  // nothing: no health result
  std::uint32_t ttl = 0;        // of its records; 0: the zone's
  bool operator==(const Task&) const = default;
};

struct Framework {
  std::string id;
  std::string name;
  std::string pid;  // "scheduler-..@10.0.0.1:4040", empty for HTTP frameworks
  std::string hostname;
  bool operator==(const Framework&) const = default;
};

// (framework id, task id): what names a task.
using TaskKey = std::pair<std::string, std::string>;

struct ClusterState {
  std::optional<HostPort> leader;
  std::map<std::string, Agent> agents;
  std::map<std::string, Framework> frameworks;
  std::map<TaskKey, Task> tasks;
};

// One task status as it comes with a TASK_UPDATED event.
struct StatusUpdate {
  TaskKey task;
  Task::State state = Task::State::waiting;  // the task's, after this update
  std::optional<RunningStatus> running;      // of a TASK_RUNNING status
  double timestamp = 0;
  std::optional<bool> healthy;
};

struct AgentRemoved {
  std::string id;
};

struct FrameworkRemoved {
  std::string id;
};

// One thing that happened, as the master's event stream tells it. A whole state replaces
// everything.
using Change = std::variant<std::monostate,
                            ClusterState,
                            Task,
                            StatusUpdate,
                            Agent,
                            AgentRemoved,
                            Framework,
                            FrameworkRemoved>;

// The task after an update. Later timestamps win, so a late or repeated update changes nothing.
Task updated(Task task, const StatusUpdate& update);

}  // namespace ekiden::dns
