#pragma once

#include "core/agent/records.h"
#include "core/agent/status_updates.h"
#include "core/agent/types.h"
#include "core/base/random.h"

#include <cstdint>
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
    bool delivered = false;  // LAUNCH was sent to the executor that is connected now
    std::optional<api::agent_link::KillTask> kill;  // asked for, executor not connected
  };

  // What the live tasks of a container become when it ends.
  struct End {
    model::TaskState state = model::TaskState::failed;
    model::StatusReason reason = model::StatusReason::executor_terminated;
    std::string message = "Executor terminated";
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
  };

  // From what the store holds; an Error names the record that cannot be read.
  static Result<Agent> load(AgentConfig config, Random random, const StoredRecords& records);

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

  // What the launcher is told about a container: at start, and for recovered ones by the shell.
  StartContainer start_container(const Executor& executor) const;

 private:
  enum class Registration { idle, waiting, registered, refused };

  Agent(AgentConfig config, Random random);

  // agent.cpp
  Result<void> load_frameworks_and_executors(const StoredRecords& records);
  Result<void> load_tasks(const StoredRecords& records);
  Result<void> load_updates(const StoredRecords& records);
  void connect(Now now, Effects& fx);
  void send(std::variant<api::agent_link::Register,
                         api::agent_link::StatusUpdate,
                         api::agent_link::ExecutorExited,
                         api::agent_link::ExecutorMessage,
                         api::agent_link::Pong,
                         api::agent_link::Unregister> body,
            Effects& fx) const;
  void set_deadline(Executor& executor, Time when);
  void executor_deadline(Executor& executor, Now now, Effects& fx);

  // master_messages.cpp
  void on(const MasterMessage& input, Now now, Effects& fx);
  void on(const MasterLost& input, Now now, Effects& fx);
  void on_master(const api::agent_link::Registered& message, Now now, Effects& fx);
  void on_master(const api::agent_link::Refused& message, Now now, Effects& fx);
  void on_master(const api::agent_link::RunTask& message, Now now, Effects& fx);
  void on_master(const api::agent_link::RunTaskGroup& message, Now now, Effects& fx);
  void on_master(const api::agent_link::KillTask& message, Now now, Effects& fx);
  void on_master(const api::agent_link::AcknowledgeUpdate& message, Now now, Effects& fx);
  void on_master(const api::agent_link::ShutdownFramework& message, Now now, Effects& fx);
  void on_master(const api::agent_link::ShutdownExecutor& message, Now now, Effects& fx);
  void on_master(const api::agent_link::FrameworkMessage& message, Now now, Effects& fx);
  void on_master(const api::agent_link::Ping& message, Now now, Effects& fx);
  std::optional<End> refusal(const api::agent_link::RunTask& message) const;
  Executor& add_executor(const api::agent_link::RunTask& message, Effects& fx);
  Task& add_task(const api::agent_link::RunTask& message,
                 const ContainerId& container,
                 Effects& fx);
  void refuse(const api::agent_link::RunTask& message, const End& end, Now now, Effects& fx);

  // executor_calls.cpp
  void on(const ExecutorRequest& input, Now now, Effects& fx);
  void on(const ExecutorStreamClosed& input, Now now, Effects& fx);
  void subscribe(const ExecutorRequest& input, Executor& executor, Now now, Effects& fx);
  void deliver(Executor& executor, Effects& fx);
  void update(Executor& executor, model::TaskStatus status, Now now, Effects& fx);
  static std::string problem(const Executor& executor, const model::TaskStatus& status);

  // containers.cpp
  void on(const ContainerStarted& input, Now now, Effects& fx);
  void on(const ContainerFailed& input, Now now, Effects& fx);
  void on(const ContainerExited& input, Now now, Effects& fx);
  void on(const ContainerMissing& input, Now now, Effects& fx);
  void on(const DestroyAll& input, Now now, Effects& fx);
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
  Time registration_deadline_{};  // connect or register again; at the start: at once
  Duration ping_timeout_{};
  Time ping_deadline_ = kNever;
  std::uint64_t next_number_ = 1;

  std::map<FrameworkId, model::FrameworkInfo> frameworks_;
  std::map<ContainerId, Executor> executors_;
  std::map<ExecutorKey, ContainerId> by_executor_;  // of those not terminated
  std::map<TaskKey, Task> tasks_;
  StatusUpdates updates_;
  std::map<RequestId, ContainerId> streams_;
  std::set<std::pair<Time, ContainerId>> deadlines_;
  std::map<model::TaskState, std::uint64_t> ended_;  // counts since the start
};

}  // namespace ekiden::agent
