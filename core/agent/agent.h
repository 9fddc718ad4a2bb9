#pragma once

#include "core/agent/records.h"
#include "core/agent/status_updates.h"
#include "core/agent/types.h"
#include "core/base/random.h"
#include "core/model/resource_operations.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::agent {

struct AgentConfig {
  model::AgentInfo info;  // resources, attributes, host name, port; id comes from the records
  std::string ip = "127.0.0.1";
  std::string version = "1.11.0";
  Duration executor_registration_timeout = std::chrono::minutes(1);
  // How long a recovered container without any trace of a process may take to show up.
  Duration executor_reregistration_timeout = std::chrono::seconds(2);
  Duration executor_shutdown_grace = std::chrono::seconds(5);
  Backoff registration{std::chrono::milliseconds(500), 2.0, std::chrono::minutes(1)};
};

// One agent: registers with a master, runs tasks in containers, passes status updates on. A pure
// machine: no I/O. Durable before visible: tasks before they start, updates before they are
// acknowledged or forwarded [mesos-core 6.10]. A task is never ended because a record, a master or
// an executor connection is missing.
class Agent {
 public:
  using Input = agent::Input;
  using Effects = agent::Effects;

  struct Task {
    std::uint64_t number = 0;
    FrameworkId framework_id;
    ContainerId container;
    model::TaskInfo info;
    model::TaskState state = model::TaskState::staging;  // latest
    std::optional<model::TaskStatus> status;             // latest
    std::string status_key;                              // its record
    std::uint64_t updates = 0;                           // number of the next update
    std::uint64_t group = 0;                             // of one LAUNCH_GROUP; 0: none
    bool delivered = false;  // LAUNCH was sent to the executor that is connected now
    bool sent = false;       // LAUNCH was sent, perhaps to a connection that broke
    enum class Folder { unknown, asked, ready };  // of a nested task, with what its uris name
    Folder folder = Folder::unknown;
    std::optional<api::agent_link::KillTask> kill;  // asked for; goes when the executor has it
    bool kill_sent = false;
  };

  // What the live tasks of a container become when it ends.
  struct End {
    model::TaskState state = model::TaskState::failed;
    model::StatusReason reason = model::StatusReason::executor_terminated;
    std::string message = "Executor terminated";
    std::vector<model::Resource> limitation;
  };

  struct Executor {
    enum class State { starting, registering, running, terminating, terminated };
    std::uint64_t number = 0;
    ExecutorRecord record;
    State state = State::starting;
    int pid = 0;
    std::optional<RequestId> stream;
    std::vector<TaskKey> tasks;  // in order of arrival; the terminal and acknowledged are gone
    Time deadline = kNever;
    std::optional<End> end;
    bool silent = false;  // framework shut down: its tasks get no updates
    bool shutdown_wanted = false;
    bool used = false;      // it has been sent a task
    bool relaunch = false;  // a new executor for a Docker container that goes on: tell it again
    unsigned revivals = 0;
  };

  struct Operation {
    std::uint64_t number = 0;  // order of application, and its record
    OperationRecord record;
    unsigned sent = 0;
    Time resend = kNever;
  };

  // From what the store holds; an Error names the record that cannot be read.
  static Result<Agent> load(AgentConfig config, Random random, const StoredRecords& records);

  static constexpr unsigned kRevivalsMax = 3;            // of one Docker task's executor
  static constexpr std::size_t kOperationsMax = 10'000;  // with a status nobody acknowledged
  static constexpr std::size_t kRecentOperations = 1000;
  static constexpr std::size_t kEarlyKillsMax = 1000;

  Effects step(const Input& input, Now now);
  Effects tick(Now now);
  Time next_deadline() const;

  // For reads on the loop thread.
  const std::optional<AgentId>& id() const { return id_; }

  bool registered() const { return registration_ == Registration::registered; }

  const AgentConfig& config() const { return config_; }

  const model::Resources& total() const { return total_; }

  model::Resources used() const;

  const std::map<FrameworkId, model::FrameworkInfo>& frameworks() const { return frameworks_; }

  const std::map<ContainerId, Executor>& executors() const { return executors_; }

  const std::map<TaskKey, Task>& tasks() const { return tasks_; }

  const std::map<model::TaskState, std::uint64_t>& ended() const { return ended_; }

  const std::optional<model::DrainConfig>& drain() const { return drain_; }

  // Without a status that was acknowledged; by the uuid of the operation.
  const std::map<std::string, Operation>& operations() const { return operations_; }

  // What the launcher is told about a container: at start, and for recovered ones by the shell.
  StartContainer start_container(const Executor& executor) const;
  // The folders of volumes as they are to be at the start: what was destroyed goes, what exists is
  // made where it is missing.
  std::vector<VolumeOrder> volume_orders() const;

 private:
  enum class Registration { idle, waiting, registered, refused };

  Agent(AgentConfig config, Random random);

  // agent.cpp
  Result<void> load_agent(const StoredRecords& records);
  Result<void> load_frameworks_and_executors(const StoredRecords& records);
  Result<void> load_tasks(const StoredRecords& records);
  Result<void> load_updates(const StoredRecords& records);
  void connect(Now now, Effects& fx);
  void send(decltype(api::agent_link::ToMaster::body) body, Effects& fx) const;
  void set_deadline(Executor& executor, Time when);
  void executor_deadline(Executor& executor, Now now, Effects& fx);
  void start_again(Executor& executor, Now now, Effects& fx);

  // master_messages.cpp
  void on(const MasterMessage& input, Now now, Effects& fx);
  void on(const MasterLost& input, Now now, Effects& fx);
  void on_master(const api::agent_link::Registered& message, Now now, Effects& fx);
  void on_master(const api::agent_link::Refused& message, Now now, Effects& fx);
  void on_master(const api::agent_link::KillTask& message, Now now, Effects& fx);
  void on_master(const api::agent_link::AcknowledgeUpdate& message, Now now, Effects& fx);
  void on_master(const api::agent_link::ShutdownFramework& message, Now now, Effects& fx);
  void on_master(const api::agent_link::ShutdownExecutor& message, Now now, Effects& fx);
  void on_master(const api::agent_link::FrameworkMessage& message, Now now, Effects& fx);
  void on_master(const api::agent_link::Ping& message, Now now, Effects& fx);
  void on_master(const api::agent_link::UpdateFramework& message, Now now, Effects& fx);
  void kill(Task& task, const std::optional<model::KillPolicy>& policy, Now now, Effects& fx);
  void kill_undelivered(Task& task, Executor& runner, Now now, Effects& fx);

  // launching.cpp
  struct Launch;
  void on_master(const api::agent_link::RunTask& message, Now now, Effects& fx);
  void on_master(const api::agent_link::RunTaskGroup& message, Now now, Effects& fx);
  void launch(const Launch& launch, Now now, Effects& fx);
  std::optional<End> refusal(const Launch& launch, const Executor* executor) const;
  std::optional<End> lacks(const Launch& launch, const Executor* executor) const;
  Executor& add_executor(const Launch& launch, Effects& fx);
  Task& add_task(const Launch& launch,
                 const model::TaskInfo& info,
                 const ContainerId& container,
                 Effects& fx);
  void remember(const model::FrameworkInfo& framework, Effects& fx);
  void on(const NestedPrepared& input, Now now, Effects& fx);

  // operations.cpp
  Result<void> load_resources(const std::vector<model::Resource>& checkpointed);
  void on_master(const api::agent_link::ApplyOperation& message, Now now, Effects& fx);
  void on_master(const api::agent_link::AcknowledgeOperation& message, Now now, Effects& fx);
  void on(const VolumeRemoved& input, Now now, Effects& fx);
  void apply(const model::Operation& operation, model::OperationStatus& status, Effects& fx);
  void send_operation(Operation& operation, Now now, Effects& fx);
  void send_due_operations(Now now, Effects& fx);
  void resend_operations(Now now, Effects& fx);

  // draining.cpp
  void on_master(const api::agent_link::DrainAgent& message, Now now, Effects& fx);
  void on_master(const api::agent_link::StopDraining& message, Now now, Effects& fx);
  void on_master(const api::agent_link::ShutdownAgent& message, Now now, Effects& fx);
  void mark_drained(const Task& task, model::TaskStatus& status) const;
  void leave_if_empty(Effects& fx) const;

  // executor_calls.cpp
  void on(const ExecutorRequest& input, Now now, Effects& fx);
  void on(const ExecutorStreamClosed& input, Now now, Effects& fx);
  void subscribe(const ExecutorRequest& input, Executor& executor, Now now, Effects& fx);
  void drop_lost(Executor& executor, const std::set<TaskId>& has, Now now, Effects& fx);
  void deliver(Executor& executor, Effects& fx);
  void deliver_group(const Executor& executor, const std::vector<Task*>& tasks, Effects& fx) const;
  void update(Executor& executor, model::TaskStatus status, Now now, Effects& fx);
  static std::string problem(const Executor& executor, const model::TaskStatus& status);

  // containers.cpp
  void on(const ContainerStarted& input, Now now, Effects& fx);
  void on(const ContainerFailed& input, Now now, Effects& fx);
  void on(const ContainerExited& input, Now now, Effects& fx);
  void on(const ContainerMissing& input, Now now, Effects& fx);
  void on(const DestroyAll& input, Now now, Effects& fx);
  bool revive(Executor& executor, Effects& fx);
  bool has_live_task(const Executor& executor) const;
  void update_limits(const Executor& executor, Effects& fx) const;
  void close_stream(Executor& executor, Effects& fx);
  void ended(Executor& executor, const End& end, Now now, Effects& fx);
  void destroy(Executor& executor, End end, Effects& fx);
  void shut_down(Executor& executor, Now now, Effects& fx);
  void add_status(Task& task, model::TaskStatus status, Now now, Effects& fx);
  void end_task(Task& task, const End& end, Now now, Effects& fx);
  void forget_task(const TaskKey& key, Effects& fx);
  void forget_executor_if_done(const ContainerId& container, Effects& fx);
  void forget_framework_if_done(const FrameworkId& framework, Effects& fx);

  Executor* find_executor(const ExecutorKey& key);
  bool partition_aware(const FrameworkId& framework) const;
  model::TaskState lost_or(const FrameworkId& framework, model::TaskState state) const;
  void notice(Effects& fx, Notice::Level level, std::string text) const;

  AgentConfig config_;
  Random random_;
  model::Resources total_;
  std::optional<AgentId> id_;
  Registration registration_ = Registration::idle;
  std::uint64_t attempt_ = 0;
  unsigned failures_ = 0;
  bool linked_ = false;           // a link is open, as far as we know
  bool welcomed_ = false;         // the master has answered on it
  Time registration_deadline_{};  // connect or register again; at the start: at once
  Duration ping_timeout_{};
  Time ping_deadline_ = kNever;
  std::uint64_t next_number_ = 1;

  std::map<FrameworkId, model::FrameworkInfo> frameworks_;
  std::map<ContainerId, Executor> executors_;
  std::map<ExecutorKey, ContainerId> by_executor_;  // of those not terminated
  std::map<TaskKey, Task> tasks_;
  StatusUpdates updates_;
  std::map<std::string, Operation> operations_;  // by the operation's uuid
  std::map<std::uint64_t, std::string> operation_order_;
  std::set<std::pair<Time, std::string>> operation_deadlines_;
  std::deque<std::string> recent_operations_;  // uuids of those forgotten last
  // Tasks that were to be killed and that nobody had launched yet: the master believes that they
  // are gone, so a launch that comes late (again, or overtaken) must not run.
  std::deque<TaskKey> early_kills_;
  std::map<std::string, RemovalRecord> removals_;
  std::optional<model::DrainConfig> drain_;
  std::optional<std::string> leaving_;  // ShutdownAgent came: why
  std::map<RequestId, ContainerId> streams_;
  std::set<std::pair<Time, ContainerId>> deadlines_;
  std::map<model::TaskState, std::uint64_t> ended_;  // counts since the start
};

}  // namespace ekiden::agent
