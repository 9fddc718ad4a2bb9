#pragma once

#include "core/base/time.h"
#include "core/model/attributes.h"
#include "core/model/status.h"
#include "marathon/model/root.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::marathon {

struct InstanceTag;
using InstanceId = Id<InstanceTag>;  // "prod_web.instance-<uuid>" [ID-1]

enum class Condition {
  scheduled,
  provisioned,
  staging,
  starting,
  running,
  killing,
  unreachable,
  unreachable_inactive,
  error,
  failed,
  gone,
  dropped,
  unknown,
  finished,
  killed,
};

// The table of marathon-behaviour.md 3.2.
bool is_active(Condition condition);
bool is_terminal(Condition condition);
bool is_failure(Condition condition);
bool is_lost(Condition condition);
bool is_considered_terminal(Condition condition);
bool is_unkillable(Condition condition);
bool counts_for_backoff(Condition condition);
bool triggers_scale_check(Condition condition);
std::string_view to_text(Condition condition);        // "Running"
std::string_view to_task_state(Condition condition);  // "TASK_RUNNING"

enum class Goal { running, stopped, decommissioned };
std::string_view to_text(Goal goal);  // "Running"

struct AgentPlace {  // where an instance runs
  std::string host;
  AgentId agent_id;
  std::vector<model::Attribute> attributes;
  std::optional<std::string> region;
  std::optional<std::string> zone;
  bool operator==(const AgentPlace&) const = default;
};

struct LocalVolume {           // a persistent volume of a resident instance
  std::string container_path;  // apps: where it is mounted; pods: its name
  std::string persistence_id;  // "<safe path>#<container path>#<uuid>" [ID-1]
  std::string uuid() const;
  bool operator==(const LocalVolume&) const = default;
};

// What a resident instance holds on its agent, whether it runs or not [3.5].
struct Reservation {
  enum class State { fresh, launched, suspended };
  State state = State::fresh;
  std::optional<WallTime> deadline;  // of a fresh one: until then it must be offered
  std::vector<LocalVolume> volumes;
  bool operator==(const Reservation&) const = default;
};

std::string_view to_text(Reservation::State state);  // "new"

struct Task {
  TaskId id;  // "<instance id>._app.<incarnation>"
  Condition condition = Condition::provisioned;
  WallTime staged_at{};
  std::optional<WallTime> started_at;
  std::optional<model::TaskStatus> status;            // the last one that changed something
  std::vector<std::int32_t> host_ports;               // in the order of the app's ports
  std::vector<model::NetworkIpAddress> ip_addresses;  // as reported; empty: the agent's
  bool operator==(const Task&) const = default;
};

struct Instance {
  InstanceId id;
  AppPtr app;  // the definition (and version) it runs
  Goal goal = Goal::running;
  Condition condition = Condition::scheduled;
  WallTime since{};  // of condition and healthy
  std::optional<WallTime> active_since;
  std::optional<bool> healthy;  // all sources taken together; nothing: not known [LC-2, RR-3]
  std::optional<AgentPlace> place;
  std::optional<Task> task;  // of a pod: what its containers make together
  // Of a pod that was launched: the task of each container, in the order of the definition.
  std::vector<Task> containers;
  std::uint32_t incarnation = 0;  // of the last launch
  std::string role;
  std::optional<Reservation> reservation;  // of residents

  bool is_scheduled() const {
    return goal == Goal::running && (condition == Condition::scheduled || is_terminal(condition));
  }
};

using InstancePtr = std::shared_ptr<const Instance>;

InstanceId make_instance_id(const PathId& app, std::string_view uuid);
TaskId make_task_id(const InstanceId& id, std::uint32_t incarnation);
TaskId make_task_id(const InstanceId& id, std::string_view container, std::uint32_t incarnation);
// "instance-<safe path>.<uuid>" [ID-1]
ExecutorId make_pod_executor_id(const InstanceId& id);
// The tasks that Mesos knows of it: the one of an app, those of a pod.
std::vector<const Task*> tasks_of(const Instance& instance);
const Task* find_task(const Instance& instance, const TaskId& id);
// The instance a task id belongs to [ID-2]; nothing when the text is no task id of ours.
std::optional<InstanceId> instance_of(const TaskId& id);
std::optional<PathId> app_of(const InstanceId& id);

}  // namespace ekiden::marathon
