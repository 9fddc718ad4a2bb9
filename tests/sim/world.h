#pragma once

#include "core/agent/agent.h"
#include "core/master/master.h"
#include "marathon/marathon.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/executors.h"
#include "tests/sim/network.h"
#include "tests/sim/node.h"
#include "tests/sim/test_framework.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ekiden::sim {

inline constexpr const char* kAgentResources = "cpus:4;mem:4096;disk:10000;ports:[31000-31099]";

struct Options {
  std::uint64_t seed = 1;
  bool trace = false;
};

struct Outcome {
  std::optional<std::string> violation;  // with the virtual time
  std::uint64_t digest = 0;
  std::uint64_t events = 0;
};

// One cluster: masters in turn over one store, ten agents with their processes, Marathon, and a
// second framework in another role; the real machines, a virtual clock and network. People change
// apps while things break; then everything heals and desired must equal actual. Invariants:
// design.md section 7.
class World {
 public:
  explicit World(Options options);
  Outcome run();

 private:
  static constexpr std::size_t kAgents = 10;
  static constexpr int kMasters = 3;
  using SchedulerLinks = Links<api::scheduler::Call, api::scheduler::Event>;
  using AgentLinks = Links<api::agent_link::ToMaster, api::agent_link::ToAgent>;

  struct AgentHost {
    std::unique_ptr<Node<agent::Agent>> node;
    std::unique_ptr<Executors> executors;
    std::optional<std::uint64_t> link;
    Time cut_until{};  // partitioned from the master
  };

  struct AppRunning {
    std::map<std::string, std::string> instances;  // running, goal running; with the task
  };

  // world.cpp
  void make_master();
  void make_agent(std::size_t index);
  void make_marathon();
  void make_test_framework();
  void dispatch(master::Effects fx);
  void dispatch(std::size_t index, agent::Effects fx);
  void dispatch(marathon::Marathon::Effects fx);
  void trace(const std::vector<marathon::Notice>& notices);
  void connect_agent(std::size_t index);
  void connect_marathon();
  void connect_test_framework();
  void lose_test_framework();
  void crash_master();
  void crash_agent(std::size_t index);
  void crash_marathon();

  // scenario.cpp
  void people();
  void faults();
  void change_apps();
  void change_one_app();
  void one_fault();
  void process_fault(std::size_t agent);
  void network_fault(std::size_t agent);
  void cut_off(std::size_t agent, Duration length);
  void cut_off_marathon();
  template <class Machine>
  void pause(Node<Machine>& node);
  void heal();
  void put_app(const std::string& body);
  void tick_test_framework();
  bool converged(std::string* what);

  // invariants.cpp
  void violation(const std::string& text);
  void check();
  void check_agents();
  void check_end();
  void check_launch(const api::scheduler::Call& call);
  void check_marathon_step();

  Options options_;
  EventQueue queue_;
  std::unique_ptr<SchedulerLinks> scheduler_links_;
  std::unique_ptr<AgentLinks> agent_links_;
  std::unique_ptr<Node<master::Master>> master_;
  std::array<AgentHost, kAgents> agents_;
  std::unique_ptr<Node<marathon::Marathon>> marathon_;
  std::optional<std::uint64_t> marathon_link_;
  std::unique_ptr<TestFramework> test_framework_;
  std::optional<std::uint64_t> test_link_;
  int leader_ = 0;                          // which of the masters it is, for the trace
  std::set<TaskId> kills_;                  // asked for by a framework
  std::set<std::string> killed_by_people_;  // tasks
  std::map<std::string, AppRunning> previous_;
  std::uint64_t marathon_life_ = 0;
  std::uint64_t next_request_ = 1;
  bool healed_ = false;
  std::optional<std::string> violation_;
};

}  // namespace ekiden::sim
