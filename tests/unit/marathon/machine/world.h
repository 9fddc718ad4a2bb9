#pragma once

#include "marathon/marathon.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

// The machine with a small world around it: a store, a master that offers and launches, tasks that
// run and are probed, a clock that moves only when asked. No thread, no socket, no disk.
namespace ekiden::marathon::test {

class World {
 public:
  explicit World(Settings settings = {}, std::uint64_t seed = 1);
  ~World();

  // ---- what happens
  void agent(const std::string& name, const std::string& resources);
  void take_down(const std::string& name);   // it is in a maintenance window from now on
  void lose_agent(const std::string& name);  // its tasks become unreachable
  void find_agent(const std::string& name);  // and come back
  void put(const std::string& path, const std::string& body, bool force = false);
  void remove(const std::string& path, bool force = false);
  void put_group(const std::string& path, const std::string& body);
  void cancel(const DeploymentId& id, bool force);
  void command(Command command);
  void input(Marathon::Input input);
  void finish_task(const TaskId& id, model::TaskState state, const std::string& message = "");
  void run(Duration duration);

  void set_calendar(Duration by) { now_.wall += by; }  // somebody sets it

  void restart();  // as after kill -9: what was committed is all there is
  // The n-th commit from now is the last thing this incarnation does; then it restarts.
  enum class Crash { before_commit, after_commit };
  void crash_at(std::size_t commit, Crash crash);

  // ---- how the world behaves
  bool tasks_start = true;      // a launched task runs at once
  bool kills_work = true;       // a killed task ends at once
  bool offers_come = true;      // the master offers what is free
  bool operations_work = true;  // reservations and volumes are made when asked for
  std::set<std::string> sick;   // apps (paths) whose probes fail
  std::set<std::string> slow;   // apps whose tasks stay in TASK_STARTING

  // ---- what can be seen
  struct RunningTask {
    TaskId id;
    std::string agent;
    model::TaskInfo info;
    model::TaskState state = model::TaskState::staging;
    std::string executor{};  // of a task group: one that fails ends all of it
  };

  const model::Resources& total_of(const std::string& agent) const {
    return agents_.at(agent).total;
  }

  bool has_agent(const std::string& name) const { return agents_.contains(name); }

  void set_total(const std::string& agent, model::Resources total) {
    agents_[agent].total = std::move(total);
  }

  const std::set<std::string>& roles() const { return roles_; }

  const std::map<TaskId, RunningTask>& tasks() const { return tasks_; }

  std::vector<TaskId> tasks_of(const std::string& path) const;
  std::vector<InstancePtr> instances_of(const std::string& path) const;
  SnapshotPtr snapshot() const;
  InstanceId instance(const std::string& alias) const;      // "/web#1"
  TaskId task(const std::string& alias) const;              // the one that runs now
  DeploymentId deployment(const std::string& alias) const;  // "D1"
  std::vector<std::string> take_log();  // one line per call, reply and notice since the last time

  std::size_t commits() const { return commits_; }

  Now now() const { return now_; }

  const std::vector<Reply>& replies() const { return replies_; }

  const std::map<std::pair<std::string, std::string>, std::string>& store() const { return store_; }

  std::vector<ProbeOrder> probes;  // collected instead of answered when `answer_probes` is off
  bool answer_probes = true;
  std::vector<DrainOrder> drains;
  std::vector<ReadinessOrder> readiness;
  model::OfferConstraints offer_constraints;  // as the framework said last
  std::size_t launches = 0;
  std::size_t crashes = 0;
  std::map<std::string, std::size_t> calls;  // by name
  std::function<void()> after_step;          // invariants

 private:
  struct Agent {
    model::Resources total;
    bool up = true;
    std::optional<Time> filtered_until;
    std::optional<model::Unavailability> unavailability;
    bool offered = false;
  };

  void start();
  void deliver(Marathon::Effects effects);
  void on_call(const api::scheduler::Call& call);
  void on(const api::scheduler::Subscribe& call);
  void on(const api::scheduler::Accept& call);
  void on(const api::scheduler::Decline& call);
  void on(const api::scheduler::Kill& call);
  void on(const api::scheduler::Acknowledge& call);
  void on(const api::scheduler::Reconcile& call);
  void on(const api::scheduler::Revive& call);
  void on(const api::scheduler::Suppress& call);
  void on(const api::scheduler::UpdateFramework& call);
  void subscribe_to(const std::vector<std::string>& roles,
                    const std::vector<std::string>& suppressed);
  std::optional<std::string> open_role() const;
  void apply(Agent& agent, const model::Operation& operation);
  void launch(const std::string& agent, const model::TaskInfo& info, std::string executor);
  bool offer();
  void update(const TaskId& id, model::TaskState state, const std::string& message = "");
  void push_status(const model::TaskStatus& status);
  model::TaskStatus status_of(const TaskId& id, model::TaskState state) const;
  std::string alias(const std::string& id);
  std::string describe(const model::Operation& operation);
  std::string app_of_task(const TaskId& id) const;
  void log_notice(const Notice& notice);
  void log_call(const api::scheduler::Call& call);

  Settings settings_;
  std::uint64_t seed_;
  std::unique_ptr<Marathon> machine_;
  Now now_;
  std::map<std::pair<std::string, std::string>, std::string> store_;
  std::deque<Marathon::Input> inbox_;
  std::map<std::string, Agent> agents_;
  std::map<std::string, std::string> offers_;  // id -> agent
  std::map<TaskId, RunningTask> tasks_;
  std::map<TaskId, std::deque<model::TaskStatus>> unacknowledged_;
  bool subscribed_ = false;
  std::set<std::string> roles_;
  std::set<std::string> suppressed_;
  std::uint64_t offer_count_ = 0;
  std::uint64_t uuid_count_ = 0;
  std::size_t commits_ = 0;
  std::size_t crash_commit_ = 0;
  Crash crash_ = Crash::after_commit;
  RequestId requests_ = 0;
  std::vector<Reply> replies_;
  std::vector<std::string> log_;
  std::map<std::string, std::string> aliases_;
  std::size_t instance_aliases_ = 0;
  std::size_t deployment_aliases_ = 0;
};

}  // namespace ekiden::marathon::test
