#pragma once

#include "core/api/link.h"
#include "core/base/clock.h"
#include "core/net/loop.h"
#include "core/simulator/agent.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::simulator {

struct AgentsOptions {
  std::size_t count = 100;
  model::AgentInfo info;  // of each; its host name gets the agent's number
  Rules rules;
  Duration spread = std::chrono::milliseconds(100);  // of the first connections
  std::uint64_t seed = 1;
};

// Many simulated agents with a link each. Loop thread only.
class Agents {
 public:
  Agents(net::Loop& loop,
         const Clock& clock,
         AgentsOptions options,
         std::vector<api::MasterConnect> connects);  // agents take them in turn
  ~Agents();

  void start();

  enum class How {
    closed,  // links break and the agents stay away
    silent,  // links stay, nothing is read or said
  };

  // The first agents that are still there are lost: for ever. How many tasks ran on them.
  std::size_t lose(std::size_t count, How how);

  std::size_t size() const { return agents_.size(); }

  std::size_t registered() const { return registered_; }

  const Counters& counters() const { return world_.counters; }

  // Counts from now on: the next registration of everybody can be timed.
  void forget_times();
  // Tasks that run on two agents at once.
  std::size_t doubled() const;

 private:
  struct Slot {
    std::unique_ptr<Agent> agent;
    std::unique_ptr<api::MasterLink> link;
    Time deadline = kNever;
    bool was_registered = false;
    bool lost = false;
  };

  void received(std::size_t number, const api::agent_link::ToAgent& message);
  void closed(std::size_t number);
  void perform(std::size_t number, Agent::Out& out);
  void fire();
  void settle(std::size_t number);

  net::Loop& loop_;
  const Clock& clock_;
  AgentsOptions options_;
  std::vector<api::MasterConnect> connects_;
  World world_;
  std::vector<Slot> agents_;
  std::vector<std::unique_ptr<api::MasterLink>> dead_;  // not destroyed inside their own callbacks
  std::set<std::pair<Time, std::size_t>> deadlines_;
  std::size_t registered_ = 0;
  net::Timer timer_;
};

}  // namespace ekiden::simulator
