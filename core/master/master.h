#pragma once

#include "core/allocator/allocator.h"
#include "core/base/random.h"
#include "core/base/record.h"
#include "core/master/snapshot.h"
#include "core/master/types.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::master {

struct MasterConfig {
  Duration agent_ping_interval = std::chrono::seconds(15);
  unsigned agent_pings_missed_max = 5;  // then the agent is unreachable
  Duration agent_reregister_timeout = std::chrono::minutes(10);
  Duration heartbeat_interval = std::chrono::seconds(15);
  Duration launch_resend_after = std::chrono::seconds(10);  // when the agent said nothing about it
  std::optional<Duration> offer_timeout;                    // then rescinded
  std::size_t completed_frameworks_max = 50;
  std::size_t completed_tasks_max = 1000;  // per framework
  allocator::Options allocator;
};

// Offers, the registry of agents and frameworks, the routing of launches, kills and status updates.
// A pure machine [mesos-core 2, 5]. It never ends what it does not know: tasks that an agent
// reports are adopted; frameworks come back with their id; only TEARDOWN and an expired failover
// timeout end tasks.
class Master {
 public:
  using Input = master::Input;
  using Effects = master::Effects;

  // `facts.id` is drawn from `random` when empty.
  Master(MasterConfig config, MasterFacts facts, Random random);
  // Before the first step: what the store held (records.h lists the kinds).
  Result<void> load(const std::vector<Record>& records, Now now);

  Effects step(const Input& input, Now now);
  Effects tick(Now now);
  Time next_deadline() const;
  // Shares tasks with the last one; made again only when something changed.
  SnapshotPtr snapshot();

  const MasterFacts& facts() const { return facts_; }

  struct Subscription {
    std::optional<ConnectionId> connection;  // absent: known, but not connected
  };

  // Nothing for a framework that this master does not know.
  std::optional<Subscription> subscription(const FrameworkId& id) const;
  // Why an UPDATE_FRAMEWORK would be refused [mesos-core 2.16].
  std::optional<std::string> update_problem(const FrameworkId& id,
                                            const api::scheduler::UpdateFramework& call) const;

  // What RECONCILE_OPERATIONS is answered with, in the body of its response [mesos-core 2.13].
  std::vector<model::OperationStatus> reconcile_operations(
      const FrameworkId& id, const api::scheduler::ReconcileOperations& call) const;

  // A broken promise as a sentence, for simulations: every resource of an agent is in exactly one
  // of available, offered, used; no agent is over its total (design.md invariant 1).
  std::optional<std::string> broken_invariant() const;

 private:
  struct Launch {  // sent to the agent, nothing heard about it yet
    Time sent{};
    ConnectionId connection = 0;
  };

  struct RunningExecutor {
    model::ExecutorInfo info;  // resources with their allocation role
    std::string role;
  };

  struct Agent {
    enum class State { recovered, registered, disconnected, unreachable };
    model::AgentInfo info;  // id set
    model::Resources total;
    State state = State::recovered;
    std::optional<ConnectionId> connection;
    std::string version;
    WallTime registered{};
    std::optional<WallTime> reregistered;
    std::optional<WallTime> unreachable;
    Time deadline = kNever;  // next ping, or when to give it up
    unsigned pings_missed = 0;
    std::set<TaskKey> tasks;  // known to run there, and terminal ones nobody acknowledged yet
    std::set<OfferId> offers;
    std::map<TaskKey, Launch> launching;
    std::map<TaskKey, api::agent_link::KillTask> kills;  // wait for it to come back
    std::map<ExecutorKey, RunningExecutor> executors;    // custom ones
  };

  struct Framework {
    model::FrameworkInfo info;  // id set
    std::optional<ConnectionId> connection;
    bool recovered = false;
    WallTime registered{};
    std::optional<WallTime> reregistered;
    Time failover_deadline = kNever;
    std::map<TaskId, TaskPtr> tasks;
    std::map<TaskId, TaskPtr> unreachable;
    std::deque<TaskPtr> completed;
    std::set<OfferId> offers;
  };

  struct OutstandingOffer {
    model::Offer wire;  // as sent
    allocator::Allocation allocation;
    Time deadline = kNever;
  };

  struct Ended {  // how tasks end by our decision
    model::TaskState state;
    model::StatusReason reason;
    std::string message;
  };

  // master.cpp
  Agent* find_agent(const AgentId& id);
  Framework* find_framework(const FrameworkId& id);
  Framework* framework_of(ConnectionId connection);
  Agent* agent_of(ConnectionId connection);
  void set_deadline(Agent& agent, Time when);
  void set_failover_deadline(Framework& framework, Time when);
  void send(const Framework& framework, api::scheduler::Event event, Effects& fx) const;
  void send(const Agent& agent, api::agent_link::ToAgent message, Effects& fx) const;
  static void say(Effects& fx, LogLine::Level level, std::string text);
  allocator::FrameworkSpec spec(const model::FrameworkInfo& info,
                                const std::vector<std::string>& suppressed) const;

  // tasks.cpp: the only place that changes tasks
  static allocator::Allocation allocation_of(const Task& task);
  void add_task(Task task, Agent& agent, Effects& fx);
  void store_task(Framework& framework, Task task);
  void release(const Task& task, Now now);
  // Takes the task out of the agent and into the framework's history.
  void complete_task(Framework& framework, const TaskId& id);
  void record_status(Framework& framework,
                     const model::TaskStatus& status,
                     model::TaskState latest,
                     Now now,
                     Effects& fx);
  model::TaskStatus status_of(const TaskId& task, const Ended& ended, Now now) const;
  // Ends a task that runs nowhere any more and tells its framework.
  void lose_task(Framework& framework, const TaskId& id, const Ended& ended, Now now, Effects& fx);
  static model::TaskState lost_or(const Framework& framework, model::TaskState state);

  // offers.cpp
  void allocate(Now now, Effects& fx);
  void forget_offer(const OfferId& id);
  enum class Tell { rescind, nothing };
  void withdraw_offers(std::set<OfferId> ids, Tell tell, Now now, Effects& fx);
  void return_offer(const OfferId& id, std::optional<Duration> refuse, Now now);

  // accept.cpp
  struct Accepted {  // an ACCEPT while its operations run
    Framework& framework;
    Agent& agent;
    std::string role;
    model::Resources remaining;
  };

  void on(Framework& framework, const api::scheduler::Accept& accept, Now now, Effects& fx);
  std::optional<std::string> offers_problem(const Framework& framework,
                                            const std::vector<OfferId>& ids) const;
  void refuse_accept(Framework& framework,
                     const api::scheduler::Accept& accept,
                     const std::string& why,
                     Now now,
                     Effects& fx);
  void launch(Accepted& accepted, model::TaskInfo task, Now now, Effects& fx);
  void launch_group(Accepted& accepted, const model::Operation& operation, Now now, Effects& fx);
  std::optional<std::string> launch_problem(const Accepted& accepted,
                                            const model::TaskInfo& task) const;
  bool use_executor(Accepted& accepted, const model::ExecutorInfo& executor);
  void task_error(
      const Framework& framework, const TaskId& task, const Ended& ended, Now now, Effects& fx);

  // scheduler_calls.cpp
  void on(const SchedulerCall& input, Now now, Effects& fx);
  void on(const SchedulerClosed& input, Now now, Effects& fx);
  void subscribe(ConnectionId connection, const api::scheduler::Call& call, Now now, Effects& fx);
  std::optional<std::string> subscribe_problem(const api::scheduler::Call& call) const;
  static std::optional<std::string> suppressed_problem(const model::FrameworkInfo& info,
                                                       const std::vector<std::string>& suppressed);
  Framework& add_framework(model::FrameworkInfo info, Now now);
  void resubscribe(Framework& framework,
                   const api::scheduler::Subscribe& call,
                   Effects& fx,
                   Now now);
  void disconnect(Framework& framework, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::Subscribe& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::Teardown& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::Decline& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::Revive& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::Suppress& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::Kill& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::Shutdown& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::Acknowledge& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::Reconcile& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::FrameworkMessage& call, Now now, Effects& fx);
  void on(Framework& framework, const api::scheduler::UpdateFramework& call, Now now, Effects& fx);

  // Calls about what this master does not have: REQUEST, inverse offers, operations with feedback.
  template <class Call>
  void on(Framework&, const Call&, Now, Effects&) {}

  void answer_about(const Framework& framework, const Task& task, Now now, Effects& fx) const;
  void answer_about_unknown(const Framework& framework,
                            const TaskId& task,
                            const std::optional<AgentId>& agent,
                            Now now,
                            Effects& fx) const;
  void remove_framework(const FrameworkId& id, Now now, Effects& fx);

  // agent_messages.cpp
  void on(const AgentMessage& input, Now now, Effects& fx);
  void on(const AgentClosed& input, Now now, Effects& fx);
  void on(const OperatorRequest& input, Now now, Effects& fx);
  void on_register(ConnectionId connection,
                   const api::agent_link::Register& message,
                   Now now,
                   Effects& fx);
  Agent& admit(const api::agent_link::Register& message, Now now, Effects& fx);
  void adopt_link(Agent& agent, ConnectionId connection, Now now, Effects& fx);
  void adopt_frameworks(const Agent& agent,
                        const std::vector<model::FrameworkInfo>& frameworks,
                        Now now,
                        Effects& fx);
  void adopt_tasks(Agent& agent, const api::agent_link::Register& message, Now now, Effects& fx);
  void miss_tasks(Agent& agent, const api::agent_link::Register& message, Now now, Effects& fx);
  void adopt_task(Agent& agent, const api::agent_link::RunningTask& running, Now now, Effects& fx);
  void miss_task(Agent& agent, const TaskKey& key, Now now, Effects& fx);
  void on(Agent& agent, const api::agent_link::Register& message, Now now, Effects& fx);
  void on(Agent& agent, const api::agent_link::StatusUpdate& message, Now now, Effects& fx);
  void on(Agent& agent, const api::agent_link::ExecutorExited& message, Now now, Effects& fx);
  void on(Agent& agent, const api::agent_link::ExecutorMessage& message, Now now, Effects& fx);
  void on(Agent& agent, const api::agent_link::Pong& message, Now now, Effects& fx);
  void on(Agent& agent, const api::agent_link::Unregister& message, Now now, Effects& fx);
  void on(Agent& agent, const api::agent_link::OperationUpdate& message, Now now, Effects& fx);
  void resend_launches(Agent& agent, Now now, Effects& fx);
  void free_executor(Agent& agent, const ExecutorKey& key, Now now);

  // deadlines.cpp
  void agent_deadline(Agent& agent, Now now, Effects& fx);
  void disconnect(Agent& agent, Now now, Effects& fx);
  void mark_unreachable(Agent& agent, Now now, Effects& fx);
  void remove_agent(const AgentId& id, Now now, Effects& fx);
  void tell_failure(const AgentId& id, Effects& fx) const;

  // views.cpp
  AgentView view(const Agent& agent) const;
  FrameworkView view(const Framework& framework) const;  // without lists

  MasterConfig config_;
  MasterFacts facts_;
  Random random_;
  allocator::Allocator allocator_;
  std::map<AgentId, Agent> agents_;
  std::map<FrameworkId, Framework> frameworks_;
  std::deque<FrameworkView> completed_frameworks_;
  std::map<OfferId, OutstandingOffer> offers_;
  std::map<ConnectionId, FrameworkId> scheduler_links_;
  std::map<ConnectionId, AgentId> agent_links_;
  std::set<std::pair<Time, AgentId>> agent_deadlines_;
  std::set<std::pair<Time, FrameworkId>> failover_deadlines_;
  std::set<std::pair<Time, OfferId>> offer_deadlines_;
  Time next_heartbeat_ = kNever;
  std::uint64_t next_framework_ = 0;
  std::uint64_t next_agent_ = 0;
  std::uint64_t next_offer_ = 0;
  SnapshotPtr snapshot_;
};

}  // namespace ekiden::master
