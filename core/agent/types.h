#pragma once

#include "core/api/agent_link.h"
#include "core/api/executor.h"
#include "core/base/record.h"
#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What happens to an agent and what it wants done about it. All values; see agent.h.
namespace ekiden::agent {

using RequestId = std::uint64_t;  // one HTTP request; a subscription's is also its stream
using TaskKey = std::pair<FrameworkId, TaskId>;
using ExecutorKey = std::pair<FrameworkId, ExecutorId>;

// ---- inputs
struct MasterMessage {
  api::agent_link::ToAgent body;
};

struct MasterLost {};  // the link that the last `connect` opened has closed

struct ExecutorRequest {
  RequestId id = 0;
  api::executor::Call call;
};

struct ExecutorStreamClosed {
  RequestId id = 0;
};

// For each `start` and each recovered container: perhaps one ContainerStarted, then exactly one
// ContainerFailed (it never ran) or ContainerExited.
struct ContainerStarted {
  ContainerId container;
  int pid = 0;
};

struct ContainerFailed {
  ContainerId container;
  std::string message;
};

struct ContainerExited {
  ContainerId container;
  std::optional<int> status;                // wait status; absent when it was not our child
  std::optional<std::string> memory_limit;  // the text, when the kernel killed for memory
};

// A recovered container left no trace of a process: either it was never started or it was started
// an instant before the agent died. Its executor gets the re-registration window to show up.
struct ContainerMissing {
  ContainerId container;
};

// The folder of a nested task is there with everything that its command's uris name, or not.
struct NestedPrepared {
  ContainerId container;  // the executor's
  TaskId task;
  std::optional<std::string> error;
};

struct VolumeRemoved {  // a volume's data are out of the way
  std::string path;
};

struct DestroyAll {};  // `ekiden mini --destroy`

using Input = std::variant<MasterMessage,
                           MasterLost,
                           ExecutorRequest,
                           ExecutorStreamClosed,
                           ContainerStarted,
                           ContainerFailed,
                           ContainerExited,
                           ContainerMissing,
                           NestedPrepared,
                           VolumeRemoved,
                           DestroyAll>;

// ---- effects
enum class ExecutorKind {
  command,   // ekiden-executor runs the task's command or Docker container
  custom,    // the framework's own executor process
  default_,  // ekiden-executor runs task groups, each task in a nested container
};

// A persistent volume in a container's sandbox [mesos-core 6.9].
struct VolumeMount {
  std::string path;            // of the data; relative: below the work directory
  std::string container_path;  // relative to the sandbox
  bool read_only = false;
  bool operator==(const VolumeMount&) const = default;
};

struct VolumeOrder {
  enum class Kind { make, remove };
  Kind kind = Kind::make;
  std::string path;         // as in VolumeMount
  bool whole_disk = false;  // a MOUNT disk: its root stays, only what is in it goes
  bool operator==(const VolumeOrder&) const = default;
};

// Everything a launcher must know to make the container of one executor.
struct StartContainer {
  ContainerId container;
  AgentId agent_id;
  model::FrameworkInfo framework;
  ExecutorKind kind = ExecutorKind::command;
  model::ExecutorInfo executor;
  std::optional<model::TaskInfo> task;  // of a command executor
  double cpus = 0;                      // executor and tasks together
  double mem_mb = 0;
  std::map<std::string, double> limits;
  std::vector<VolumeMount> volumes;  // of all its tasks
  // An earlier life of the agent, or of the executor, may have left processes: they go first.
  bool again = false;
};

// What a container's tasks come to now: sent before a further task is delivered to it and after one
// has ended [mesos-core 6.4].
struct ContainerLimits {
  ContainerId container;
  double cpus = 0;
  double mem_mb = 0;
  std::vector<VolumeMount> volumes;
};

// Make the folder of a nested task and fetch its uris: NestedPrepared follows.
struct PrepareNested {
  StartContainer executor;
  model::TaskInfo task;
};

struct Reply {
  RequestId id = 0;
  int status = 202;  // 200: a stream begins, its events follow in `stream`
  std::string text;
};

struct StreamEvent {
  RequestId id = 0;
  api::executor::Event event;
};

struct Notice {
  enum class Level { info, warn, error };
  Level level = Level::info;
  std::string text;
};

// Dispatched in this order once `persist` is durable.
struct Effects {
  Batch persist;
  bool connect = false;  // open a new link to the master, dropping the old one
  std::vector<api::agent_link::ToMaster> to_master;
  std::vector<Reply> reply;
  std::vector<StreamEvent> stream;
  std::vector<RequestId> close;
  std::vector<VolumeOrder> volumes;
  std::vector<StartContainer> start;
  std::vector<ContainerLimits> limits;
  std::vector<PrepareNested> prepare;
  std::vector<ContainerId> adopt;    // look for the process of this recovered container again
  std::vector<ContainerId> destroy;  // kill everything in it; ContainerExited follows
  std::vector<ContainerId> release;  // it has ended: kill leftovers, remove what it needed
  std::optional<std::string> leave;  // the process is to end: everything has, and why
  std::vector<Notice> notify;
};

}  // namespace ekiden::agent
