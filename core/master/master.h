#pragma once

#include "core/allocator/allocator.h"
#include "core/base/random.h"
#include "core/base/record.h"
#include "core/master/machines.h"
#include "core/master/operations.h"
#include "core/master/records.h"
#include "core/master/snapshot.h"
#include "core/master/types.h"
#include "core/model/resource_operations.h"

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
  std::size_t completed_tasks_max = 1000;    // per framework
  std::size_t unreachable_tasks_max = 1000;  // per framework
  // So many agents at most become unreachable in so long; none: no limit.
  std::optional<std::pair<unsigned, Duration>> agent_removal_rate_limit;
  Duration registry_gc_interval = std::chrono::minutes(15);
  Duration registry_max_agent_age = std::chrono::hours(24 * 14);
  std::size_t registry_max_agent_count = 102'400;  // unreachable ones, and gone ones
  std::optional<std::set<std::string>> roles;      // the whitelist of role names
  std::map<std::string, double> weights;           // until the registry has some
  bool root_submissions = true;
  std::optional<model::DomainInfo> domain;
  bool require_agent_domain = false;
  allocator::RegexLimits constraint_limits;
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
    std::shared_ptr<const api::agent_link::RunTaskGroup> group;  // of a task group: all of it
  };

  struct RunningExecutor {
    model::ExecutorInfo info;  // resources with their allocation role
    std::string role;
  };

  struct Agent {
    enum class State { recovered, registered, disconnected, unreachable };
    model::AgentInfo info;  // id set
    std::string ip;         // empty: not known
    model::Resources total;
    State state = State::recovered;
    bool deactivated = false;
    std::optional<model::DrainInfo> drain;
    std::optional<WallTime> drain_started;
    bool removal_waits = false;  // in removals_
    std::optional<ConnectionId> connection;
    std::uint64_t attempt = 0;  // of the last Register on that link
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
    std::map<ExecutorKey, RunningExecutor> executors;    // custom and default ones
    std::deque<std::string> operations;                  // uuids, as they were sent
    std::map<FrameworkId, OfferId> inverse_offers;       // out
    std::map<FrameworkId, InverseOfferStatus> inverse_answers;
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
    std::map<OfferId, AgentId> inverse_offers;
    std::map<OperationId, std::string> operations;  // uuids of those with an id
    std::vector<std::string> suppressed;
    std::optional<model::OfferConstraints> offer_constraints;
    std::shared_ptr<const allocator::ConstraintsFilter> constraints;
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
  static allocator::FrameworkSpec spec(const Framework& framework);
  static allocator::AgentSpec spec(const Agent& agent);
  bool may_be_offered(const Agent& agent) const;
  void persist_agent(const Agent& agent, Effects& fx) const;
  Result<void> load(const Record& entry, Now now);
  void load(const AgentId& id, AgentRecord stored, Now now);
  Time next_removal() const;

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
  static void shape(const Framework& framework,
                    const std::string& role,
                    std::vector<model::Resource>& resources);
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
    model::Resources converted;  // what operations made: offered again without a filter
  };

  void on(Framework& framework, const api::scheduler::Accept& accept, Now now, Effects& fx);
  std::optional<std::string> offers_problem(const Framework& framework,
                                            const std::vector<OfferId>& ids) const;
  void refuse_accept(Framework& framework,
                     const api::scheduler::Accept& accept,
                     const std::string& why,
                     Now now,
                     Effects& fx);
  void run(Accepted& accepted, const model::Operation& operation, Now now, Effects& fx);
  void return_remaining(const Accepted& accepted,
                        const std::optional<model::Filters>& filters,
                        Now now);
  void launch(Accepted& accepted, model::TaskInfo task, Now now, Effects& fx);
  std::optional<std::string> launch_problem(const Accepted& accepted,
                                            const model::TaskInfo& task) const;
  std::optional<std::string> place_problem(const Accepted& accepted,
                                           const model::TaskInfo& task) const;
  std::optional<std::string> executor_problem(const Accepted& accepted,
                                              const model::ExecutorInfo& executor) const;
  void take(Accepted& accepted, const std::vector<model::Resource>& resources);
  bool use_executor(Accepted& accepted, const model::ExecutorInfo& executor);

  // launch_group.cpp
  void launch_group(Accepted& accepted, const model::Operation& operation, Now now, Effects& fx);
  std::optional<std::string> group_problem(const Accepted& accepted,
                                           const model::Operation& operation) const;

  // operations.cpp: RESERVE to SHRINK_VOLUME, their status, and what becomes of it
  void convert(Accepted& accepted, model::Operation operation, Now now, Effects& fx);
  std::optional<std::string> convert_problem(const Accepted& accepted,
                                             const model::Operation& operation) const;
  bool volume_in_use(const Agent& agent, const model::Resource& volume) const;
  void rescind_volume(Agent& agent, const model::Resource& volume, Now now, Effects& fx);
  void start_operation(Agent& agent, PendingOperation operation, Now now, Effects& fx);
  void send_operation(const Agent& agent, PendingOperation& operation, Now now, Effects& fx);
  void operation_error(const Framework& framework,
                       const model::Operation& operation,
                       const std::string& why,
                       Effects& fx) const;
  void end_operation(const std::string& uuid);
  void end_operations(Agent& agent, model::OperationState state, Effects& fx);
  void adopt_operations(Agent& agent,
                        const api::agent_link::Register& message,
                        ConnectionId connection,
                        Now now,
                        Effects& fx);
  model::Resources total_of(const Agent& agent, const api::agent_link::Register& message) const;
  void resend_operations(Agent& agent, Now now, Effects& fx);
  void acknowledge(const Agent& agent, const PendingOperation& operation, Effects& fx) const;
  model::OperationState state_on(const std::optional<AgentId>& agent) const;
  void task_error(
      const Framework& framework, const TaskId& task, const Ended& ended, Now now, Effects& fx);

  // scheduler_calls.cpp
  void on(const SchedulerCall& input, Now now, Effects& fx);
  void on(const SchedulerClosed& input, Now now, Effects& fx);
  void subscribe(ConnectionId connection, const api::scheduler::Call& call, Now now, Effects& fx);
  std::optional<std::string> subscribe_problem(const api::scheduler::Call& call) const;
  template <class Call>
  std::optional<std::string> info_problem(const Call& call) const;
  template <class Call>
  void adopt_constraints(Framework& framework, const Call& call) const;
  void tell_agents(const Framework& framework, Effects& fx) const;
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

  void on(Framework& framework,
          const api::scheduler::AcceptInverseOffers& call,
          Now now,
          Effects& fx);
  void on(Framework& framework,
          const api::scheduler::DeclineInverseOffers& call,
          Now now,
          Effects& fx);
  void on(Framework& framework,
          const api::scheduler::AcknowledgeOperationStatus& call,
          Now now,
          Effects& fx);

  void on(Framework&, const api::scheduler::Request&, Now, Effects&) {}  // without effect

  void on(Framework&, const api::scheduler::ReconcileOperations&, Now, Effects&) {}  // a read

  void on(Framework&, const api::scheduler::UnknownCall&, Now, Effects&) {}

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
  std::optional<std::string> registration_problem(const api::agent_link::Register& message) const;
  bool turn_away(ConnectionId connection, const api::agent_link::Register& message, Effects& fx);
  static std::string place_of(const model::AgentInfo& info);
  void forget_place(const AgentId& id, const model::AgentInfo& info);
  void remove_agents_at(const model::AgentInfo& place, Now now, Effects& fx);
  Agent& admit(const api::agent_link::Register& message, Now now, Effects& fx);
  void on_repeat(Agent& agent, const api::agent_link::Register& message, Now now, Effects& fx);
  void send_launch(const Agent& agent, const TaskKey& key, Launch& launch, Now now, Effects& fx);
  void adopt_executors(Agent& agent, const api::agent_link::Register& message);
  void miss_executors(Agent& agent, const api::agent_link::Register& message, Now now);
  void adopt_link(Agent& agent,
                  const api::agent_link::Register& message,
                  ConnectionId connection,
                  Now now,
                  Effects& fx);
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

  // deadlines.cpp: how agents go
  void agent_deadline(Agent& agent, Now now, Effects& fx);
  void disconnect(Agent& agent, Now now, Effects& fx);
  void give_up(Agent& agent, Now now, Effects& fx);
  void run_removals(Now now, Effects& fx);
  void mark_unreachable(Agent& agent, Now now, Effects& fx);
  void lose_unreachable(Agent& agent, const TaskKey& key, Now now, Effects& fx);
  void lose_for_ever(const AgentId& id, Now now, Effects& fx);
  enum class Removal { removed, gone };
  void remove_agent(const AgentId& id, Removal how, Now now, Effects& fx);
  void forget_agent(Agent& agent, Now now, Effects& fx);
  void tell_failure(const AgentId& id, Effects& fx) const;
  void prune_registry(Now now, Effects& fx);

  // operator.cpp: reservations, quota, weights
  struct Answer {
    int status = 200;
    std::string text;
  };

  Answer run(const ReserveResources& command, Now now, Effects& fx);
  Answer run(const UnreserveResources& command, Now now, Effects& fx);
  Answer run(const CreateVolumes& command, Now now, Effects& fx);
  Answer run(const DestroyVolumes& command, Now now, Effects& fx);
  Answer run(const GrowVolume& command, Now now, Effects& fx);
  Answer run(const ShrinkVolume& command, Now now, Effects& fx);
  Answer convert_free(const AgentId& id, model::Operation operation, Now now, Effects& fx);
  bool free_up(Agent& agent, const model::Conversion& change, Now now, Effects& fx);
  Answer run(const UpdateQuota& command, Now now, Effects& fx);
  Answer run(const SetQuota& command, Now now, Effects& fx);
  Answer run(const RemoveQuota& command, Now now, Effects& fx);
  Answer run(const UpdateWeights& command, Now now, Effects& fx);
  Answer run(const TeardownFramework& command, Now now, Effects& fx);
  std::optional<std::string> quota_problem(const model::QuotaConfig& quota) const;
  std::optional<std::string> capacity_problem(const std::vector<model::QuotaConfig>& configs) const;
  void set_quota(const model::QuotaConfig& quota, Effects& fx);
  void make_room(const model::QuotaConfig& quota, Now now, Effects& fx);
  void apply_weights();

  // maintenance.cpp
  Answer run(const UpdateMaintenanceSchedule& command, Now now, Effects& fx);
  Answer run(const StartMaintenance& command, Now now, Effects& fx);
  Answer run(const StopMaintenance& command, Now now, Effects& fx);
  void announce_windows(Now now, Effects& fx);
  void announce_window(Agent& agent, Now now, Effects& fx);
  void send_inverse_offers(Now now, Effects& fx);
  void drop_inverse_offers(Agent& agent, Tell tell, Effects& fx);
  void drop_inverse_offers(Framework& framework, Now now);
  void answer_inverse_offers(Framework& framework,
                             const std::vector<OfferId>& ids,
                             InverseOfferStatus::Answer answer,
                             const std::optional<model::Filters>& filters,
                             Now now);
  void persist_maintenance(Effects& fx) const;

  // drain.cpp: agents that operators take out of service
  Answer run(const MarkAgentGone& command, Now now, Effects& fx);
  Answer run(const DrainAgent& command, Now now, Effects& fx);
  Answer run(const DeactivateAgent& command, Now now, Effects& fx);
  Answer run(const ReactivateAgent& command, Now now, Effects& fx);
  void deactivate(Agent& agent, Now now, Effects& fx);
  void finish_drains(Now now, Effects& fx);
  bool is_drained(const Agent& agent) const;

  // views.cpp
  AgentView view(const Agent& agent) const;
  static model::Resources used_by(const std::vector<TaskPtr>& tasks);
  FrameworkView view(const Framework& framework) const;  // without lists
  void fill_cluster(Snapshot& snapshot) const;

  MasterConfig config_;
  MasterFacts facts_;
  Random random_;
  allocator::Allocator allocator_;
  std::map<AgentId, Agent> agents_;
  std::map<FrameworkId, Framework> frameworks_;
  std::deque<FrameworkView> completed_frameworks_;
  std::map<OfferId, OutstandingOffer> offers_;
  std::map<OfferId, model::InverseOffer> inverse_offers_;
  std::map<std::string, PendingOperation> operations_;  // by uuid
  std::map<AgentId, WallTime> gone_;
  std::map<std::string, model::QuotaConfig> quotas_;
  std::map<std::string, double> weights_;
  Machines machines_;
  std::optional<std::string> principal_;  // of the operator whose request is being done
  std::deque<AgentId> removals_;          // wait for the rate limit
  std::deque<Time> removed_;              // of the last ones, for the rate limit
  std::set<AgentId> draining_;            // to be looked at: DRAINING ones
  Time next_pruning_ = kNever;
  std::map<ConnectionId, FrameworkId> scheduler_links_;
  std::map<ConnectionId, AgentId> agent_links_;
  std::set<std::pair<Time, AgentId>> agent_deadlines_;
  std::set<std::pair<Time, FrameworkId>> failover_deadlines_;
  std::set<std::pair<Time, OfferId>> offer_deadlines_;
  Time next_heartbeat_ = kNever;
  std::uint64_t next_framework_ = 0;
  std::uint64_t next_agent_ = 0;
  std::uint64_t next_offer_ = 0;
  CommonParts common_parts_;                    // of tasks
  std::multimap<std::string, AgentId> places_;  // host and port of agents
  SnapshotPtr snapshot_;
};

}  // namespace ekiden::master
