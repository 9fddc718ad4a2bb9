#pragma once

#include "marathon/change/apply.h"
#include "marathon/deployment/advance.h"
#include "marathon/deployment/conflicts.h"
#include "marathon/health/brake.h"
#include "marathon/health/tracker.h"
#include "marathon/launch/match.h"
#include "marathon/launch/queue.h"
#include "marathon/launch/rate_limit.h"
#include "marathon/launch/reservation.h"
#include "marathon/machine/deadlines.h"
#include "marathon/marathon.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

// What the machine remembers, and the steps it takes, by concern. Every public step of Marathon
// changes some of it, marks what changed, and ends in settle(), which draws the consequences:
// deployments advance, kills go out, offers are revived, records and views are written.
namespace ekiden::marathon {

using InstanceNumber = deployment::InstanceNumber;

struct AppWork;

// One instance with everything around it that is not part of its value.
struct Slot {
  enum class Kill { none, draining, queued, sent };

  struct Tally {  // what it adds to the counters of its app's view
    std::int32_t staged = 0, running = 0, healthy = 0, unhealthy = 0;
  };

  InstanceNumber number = 0;
  AppWork* work = nullptr;
  InstancePtr instance;
  deployment::Standing standing;  // as the census has it
  std::optional<health::Tracker> tracker;
  std::optional<ReadinessResult> readiness;
  Kill kill = Kill::none;
  bool stored = false;  // has a record

  struct Cleanup {  // its reservation is to be freed
    Time since{};
    AgentId agent;
    bool ordered = false;  // the operations for it have left
  };

  std::optional<Cleanup> cleanup;
  Tally tally;  // as published
};

// What the machine knows of an app beyond its definition: its instances and what is done with them.
struct AppWork {
  struct ActiveAction {
    DeploymentId deployment;
    Action action;
    std::optional<std::int32_t> progress;  // the best so far: rollouts.cpp
    std::uint32_t failures = 0;            // of its new instances
  };

  PathId id;
  std::uint64_t number = 0;  // owner of its deadlines
  std::set<InstanceNumber> instances;
  deployment::Target target;
  deployment::Census census;
  launch::RateLimit rate_limit;
  launch::Queue queue;
  // How many wait, by config and role: they have delays and offers of their own.
  std::map<std::pair<WallTime, std::string>, std::int32_t> waiting_kinds;
  std::set<std::string> hungry_roles;  // in which something may be launched now
  std::set<InstanceNumber> unbound;    // residents that wait without a reservation
  std::set<InstanceNumber> kept;       // stopped residents: their data waits for another use
  std::optional<ActiveAction> action;
  std::map<WallTime, std::int32_t> version_uses;  // instances by version: definitions to keep
  std::optional<WallTime> announced;              // version whose health checks were announced
};

struct RunningDeployment {
  std::uint64_t number = 0;  // of its record; grows
  std::shared_ptr<const DeploymentPlan> plan;
  std::size_t step = 0;
  std::set<PathId> pending;  // apps whose action of this step is not done
  DeploymentOrigin origin;
  DeploymentHalt halt;
  std::uint32_t failures = 0;  // of new instances of all its apps

  const DeploymentPlan::Change* change_of(const PathId& app) const;
};

// What is asked of the master for one role [RV-1].
struct RoleWants {
  std::size_t apps = 0;                                  // that may launch something now
  std::map<AgentId, std::set<InstanceNumber>> cleanups;  // whose reservations are to be freed
  bool suppressed = true;                                // as the master was told
  bool changed = false;  // something began to wait since the last revive
  bool repeat = false;   // one more revive is due

  bool wanted() const { return apps > 0 || !cleanups.empty(); }
};

struct Marathon::State {
  State(Settings settings_in, Random random_in)
      : settings(std::move(settings_in)), random(random_in) {
    roles.try_emplace(settings.mesos_role);
    launch_tokens = settings.launch_tokens;
  }

  Settings settings;
  Random random;

  // ---- durable (records.h)
  Root root;
  std::map<WallTime, Root> root_history;  // bounded; shares structure
  std::map<PathId, std::map<WallTime, std::uint64_t>> definition_records;
  std::optional<FrameworkId> framework_id;
  std::map<std::uint64_t, RunningDeployment> deployments;  // by number: oldest first
  std::map<InstanceId, std::uint64_t> expunged;            // forgotten while out of reach
  std::map<std::uint64_t, InstanceId> expunged_by_number;  // bounded: the oldest goes
  std::map<InstanceNumber, std::unique_ptr<Slot>> slots;
  std::vector<DeploymentId> failed_rollouts;  // to be rolled back at the end of this step
  std::deque<PathId> deleted_apps;            // whose versions are still kept; bounded
  std::uint64_t last_number = 0;  // of instances, definitions, deployments: ascending keys

  // ---- derived
  std::unordered_map<InstanceId, Slot*> by_id;
  std::map<PathId, std::unique_ptr<AppWork>> apps;
  std::unordered_map<std::uint64_t, AppWork*> apps_by_number;
  std::map<DeploymentId, std::uint64_t> deployment_numbers;
  deployment::Locks locks;
  health::Brake brake;
  Deadlines deadlines;
  std::size_t load_balancers = 0;

  // ---- towards the master
  bool connected = false;
  bool registered_before = false;
  std::map<std::string, RoleWants> roles;  // all that are or were used
  std::set<std::string> announced_roles;   // that the master knows of
  std::set<std::string> dirty_roles;
  std::optional<model::OfferConstraints> announced_constraints;
  std::optional<Time> revived_at;
  std::set<PathId> hungry;  // apps with an instance that may be launched now
  std::size_t launch_tokens = 0;
  std::optional<std::string> home_region;        // the master's
  std::map<InstanceId, std::uint64_t> released;  // whose reservations may be freed when seen
  std::map<std::uint64_t, InstanceId> released_by_number;  // bounded: the oldest goes
  std::set<InstanceId> unknown_reservations;               // told once; bounded
  std::set<InstanceNumber> kills_sent;
  std::deque<InstanceNumber> kills_waiting;
  InstanceNumber reconciled_up_to = 0;

  // ---- of this step
  Now now;
  Effects effects;
  std::set<PathId> dirty_apps;               // to be evaluated
  std::set<InstanceNumber> dirty_instances;  // to be stored and published
  std::map<InstanceNumber, std::pair<PathId, InstanceId>> gone_instances;
  std::set<PathId> dirty_queues;
  bool dirty_deployments = false;

  // ---- what reads see
  Snapshot view;
  mutable SnapshotPtr published;

  // commands.cpp
  void on_command(const ChangeRoot& command);
  void on_command(const CancelDeployment& command);
  void on_command(const SteerDeployment& command);
  void on_command(const KillInstances& command);
  void on_command(const ResetDelay& command);
  void reply(RequestId request, decltype(Reply::body) body);
  WallTime next_version() const;
  change::Context change_context(const ChangeRoot& command, WallTime version) const;

  struct Submission {  // a new root on its way to become the root
    Root root;
    std::vector<PathId> created;
    std::vector<PathId> changed;
    std::map<PathId, std::vector<InstanceId>> to_kill;
    PathId group;
    RequestId request = 0;  // 0: nobody waits for an answer
    bool force = false;
    DeploymentOrigin origin{};
    std::string why{};  // of a rollback
  };

  void submit(Submission submission);
  void reject(const Submission& submission,
              const std::shared_ptr<const DeploymentPlan>& plan,
              std::vector<DeploymentId> conflicts);
  std::shared_ptr<const DeploymentPlan> plan_for(const Submission& submission);

  // roots.cpp
  void forget_deleted(const PathId& app);
  void store_root(const DeploymentPlan& plan);
  void adopt_root(Root next, const DeploymentPlan& plan);
  void store_definition(const AppPtr& app);
  void trim_definitions(const PathId& app);
  bool is_in_use(const PathId& app, WallTime version) const;
  void remember_version(const AppPtr& app);
  AppPtr definition(const PathId& app, WallTime version) const;
  // What the app's instances are held against now; null: leave them alone.
  AppPtr standing_definition(const PathId& app) const;

  // deployments.cpp
  struct Ending {
    FinishedDeployment::Outcome outcome = FinishedDeployment::Outcome::succeeded;
    std::string reason;       // in the event; Marathon's words
    std::string explanation;  // in the history; the same when empty
  };

  void begin_deployment(std::shared_ptr<const DeploymentPlan> plan, DeploymentOrigin origin);
  void begin_step(RunningDeployment& deployment);
  void end_step(RunningDeployment& deployment);
  void end_deployment(std::uint64_t number, const Ending& ending);
  void action_done(AppWork& work);
  void announce_health_checks(const Action& action);
  RunningDeployment* find_deployment(const DeploymentId& id);
  RunningDeployment* deployment_of(const PathId& app);
  const RunningDeployment* deployment_of(const PathId& app) const;
  void evaluate(AppWork& work);
  bool is_paused(const AppWork::ActiveAction& action);
  deployment::Decision decide(AppWork& work, const App* target);
  void carry_out(AppWork& work, const AppPtr& target, const deployment::Decision& decision);
  std::vector<InstanceNumber> surplus_of(const AppWork& work,
                                         const App* target,
                                         std::int32_t count);
  void begin_action(RunningDeployment& deployment, const Action& action);

  // guard.cpp
  std::optional<Error> guard_problem(const Submission& submission) const;

  // rollouts.cpp
  void halt(RunningDeployment& running, DeploymentHalt::Kind kind, std::string reason);
  void resume(RunningDeployment& running);
  void note_progress(AppWork& work, const App* target);
  void progress_overdue(AppWork& work);
  void note_rollout_failure(const Slot& slot);
  void rollout_failed(AppWork& work, std::string reason);
  void roll_back(const RunningDeployment& running,
                 RequestId request,
                 DeploymentOrigin origin,
                 std::string why);
  void roll_back_failed();
  deployment::Decision hold(const AppWork& work, const App* target) const;

  // history.cpp
  static Ending overridden_by(const Submission& submission, const DeploymentId& id);
  void remember_deployment(const RunningDeployment& running, const Ending& ending);

  // instances.cpp
  AppWork& work_of(const PathId& app);
  Slot* find(const InstanceId& id);
  Slot* find(InstanceNumber number);
  void set_target(AppWork& work, const App& app);
  void add_instance(const AppPtr& app);
  Slot& insert(Instance instance, InstanceNumber number);
  void replace(Slot& slot, Instance next);
  void restand(Slot& slot);  // its readiness changed
  void remove(Slot& slot);
  void decommission(Slot& slot);
  void expunge(Slot& slot);
  void follow(Slot& slot, const Instance& before);
  void arm(Slot& slot);
  void wait_in_queue(Slot& slot, bool waits);
  void drop_if_idle(const PathId& app);

  Time at(WallTime wall) const { return now.time + (wall - now.wall); }

  // kills.cpp
  void kill(Slot& slot);
  void start_kill(Slot& slot);
  void send_kill(Slot& slot);
  void forget_kill(Slot& slot);
  void pump_kills();
  void on_input(const DrainDone& input);
  void on_input(const LoadBalancersChanged& input);

  // offers.cpp
  class OfferRound;
  void on_event(const api::scheduler::Offers& event);
  void on_event(const api::scheduler::Rescind& event);
  void launch(Slot& slot,
              const model::Offer& offer,
              launch::Fit fit,
              std::vector<model::Operation>& operations);
  void note_agent(const model::Offer& offer, std::vector<model::Resource> left);
  void note_freed(const Instance& instance);

  // wants.cpp
  RoleWants& wants_of(const std::string& role);
  void refresh_hunger(AppWork& work);
  void settle_offers();
  void revive();
  void suppress();
  void announce_roles();
  void revive_again();
  model::OfferConstraints offer_constraints() const;
  std::optional<model::OfferConstraints> constraints_to_send();
  void renew_constraints();
  std::vector<std::string> suppressed_roles() const;
  void spend_token();
  void refill_tokens();
  void earn_token(const Instance& before, const Instance& after);

  // reservations.cpp
  void follow_reservation(Slot& slot);
  void forget_reservation(Slot& slot);
  void end_cleanup(Slot& slot);
  void reserve(Slot& slot,
               const model::Offer& offer,
               launch::Fit fit,
               std::vector<model::Operation>& operations);
  std::vector<model::Operation> free_reservations(const std::map<InstanceId, launch::Held>& all);
  void confirm_freed(const model::Offer& offer, const std::map<InstanceId, launch::Held>& held);
  void release(const InstanceId& id);
  void reservation_overdue(Slot& slot);
  void retire(Slot& slot);
  void drop_kept(AppWork& work);
  std::int32_t reuse_kept(AppWork& work, const AppPtr& app, std::int32_t count);

  // link.cpp
  void on_input(const LinkOpened& input);
  void on_input(const LinkClosed& input);
  void on_event(const api::scheduler::Subscribed& event);
  void on_event(const api::scheduler::Message& event);
  void on_event(const api::scheduler::Failure& event);
  void on_event(const api::scheduler::ErrorEvent& event);
  void on_event(const api::scheduler::Heartbeat& event);

  void on_event(const api::scheduler::InverseOffers&) {}

  void on_event(const api::scheduler::RescindInverseOffer&) {}

  void on_event(const api::scheduler::UpdateOperationStatus&) {}

  void reconcile_chunk();
  void send(decltype(api::scheduler::Call::body) body);
  model::FrameworkInfo framework_info() const;

  // statuses.cpp
  void on_event(const api::scheduler::Update& event);
  void on_known(Slot& slot, const model::TaskStatus& status);
  void on_stale(const Slot& slot, const model::TaskStatus& status);
  void on_unknown(const InstanceId& id, const model::TaskStatus& status);
  void note_failure(const Instance& instance, std::string state, std::string message);
  void kill_task(const model::TaskStatus& status);

  // probes.cpp
  void on_input(const ProbeResult& input);
  void on_input(const ReadinessProbeResult& input);
  void follow_health(Slot& slot);
  void drop_tracker(Slot& slot);
  void note_transition(Slot& slot, std::size_t check, const health::Transition& transition);
  void settle_health(Slot& slot);
  void tell(health::Brake::Change change);
  void order_probe(Slot& slot, std::size_t check);
  void order_readiness(Slot& slot);
  void want_readiness(Slot& slot);

  // timers.cpp
  void fire(const DeadlineKey& key);
  void fire_for_instance(const DeadlineKey& key, Slot& slot);

  // load.cpp
  Result<void> load(const std::vector<Record>& records);
  Result<void> load_one(const Record& record);
  void load_definition(App app, std::uint64_t number);
  Result<void> load_instance(const Record& record);
  Result<void> load_deployment(const Record& record);
  void load_history_of_deployments(const Record& record);
  void load_history(const std::vector<Record>& records);
  void recover();

  // settle.cpp
  void settle();
  void store_instances();
  void publish();
  void publish_instances();
  void publish_queues();
  void publish_deployments();

  void persist(std::string kind, std::string key, std::optional<std::string> value) {
    effects.persist.push_back({std::move(kind), std::move(key), std::move(value)});
  }

  template <class T>
  void notify(T body) {
    effects.notify.push_back({now.wall, std::move(body)});
  }

  void log(std::string text) { notify(LogNotice{std::move(text), false}); }

  void warn(std::string text) { notify(LogNotice{std::move(text), true}); }
};

}  // namespace ekiden::marathon
