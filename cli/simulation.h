#pragma once

#include "cli/simulate.h"
#include "cli/simulated_master.h"
#include "core/base/clock.h"
#include "core/net/client.h"
#include "core/net/loop.h"
#include "core/simulator/agents.h"
#include "core/simulator/scheduler.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::cli {

// One figure of a step: "tasks/s", 23456.7.
struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
};

// The steps of `ekiden simulate` one after the other, each with its figures. Loop thread only.
class Simulation {
 public:
  Simulation(net::Loop& loop, const SimulateCommand& command, std::function<void(int)> on_done);
  ~Simulation();

  Result<void> start();
  // Tables of what was measured so far, and what was wrong.
  std::string table() const;
  std::string json() const;

 private:
  struct Step {
    std::string name;
    std::function<void()> begin;
    std::function<bool()> done;
    std::function<void()> end;
  };

  struct Measured {
    std::string step;
    std::vector<Figure> figures;
  };

  // simulation.cpp
  void plan();
  void poll();
  void next();
  void finish();
  void add(const Step& step);
  void make_agents();
  void make_scheduler();
  void measure(std::string name, double value, std::string unit);
  void expect(std::uint64_t is, std::uint64_t should_be, const std::string& what);
  double seconds_since_begin(Time until) const;
  double master_cpu();

  // simulation_steps.cpp
  Step registering();
  Step launching();
  Step deploying();
  Step reading_state();
  Step cycling_offers();
  Step recovering();
  Step losing();
  Step idling();
  Step killing();
  void post_apps();
  std::size_t wanted() const;
  void expect_all_running();

  net::Loop& loop_;
  const SimulateCommand& command_;
  std::function<void(int)> on_done_;
  SystemClock clock_;
  std::vector<std::unique_ptr<net::Client>> clients_;
  std::unique_ptr<SimulatedMaster> master_;
  std::string url_;
  std::unique_ptr<simulator::Agents> agents_;
  std::unique_ptr<simulator::Scheduler> scheduler_;
  std::vector<Step> steps_;
  std::size_t at_ = 0;
  Time begun_{};
  ProcessUsage before_;
  std::vector<Measured> measured_;
  std::vector<std::string> wrong_;
  net::Timer timer_;

  // of the step that runs
  std::optional<Result<net::Response>> answer_;
  Time answered_{};
  std::size_t posted_ = 0;
  std::size_t answered_apps_ = 0;
  std::size_t lost_tasks_ = 0;
  std::uint64_t launched_before_ = 0;
  std::uint64_t acknowledged_before_ = 0;
  bool restarted_ = false;
};

}  // namespace ekiden::cli
