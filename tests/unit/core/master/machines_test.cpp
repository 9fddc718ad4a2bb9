#include "core/master/machines.h"

#include "core/master/records.h"

#include <gtest/gtest.h>

// [mesos-core 5.10]
namespace ekiden::master {
namespace {

using model::MachineId;

model::MaintenanceSchedule schedule(const std::vector<std::vector<MachineId>>& windows) {
  model::MaintenanceSchedule result;
  for (const auto& machines : windows) {
    result.windows.push_back({machines, {}});
  }
  return result;
}

const MachineId kOne{"One", std::nullopt};
const MachineId kTwo{"two", "10.0.0.2"};

TEST(Machines, SchedulesNameEachMachineOnceAndWell) {
  const Machines machines;
  EXPECT_FALSE(machines.problem(schedule({{kOne}, {kTwo}})));
  EXPECT_FALSE(machines.problem(schedule({})));
  EXPECT_TRUE(machines.problem(schedule({{}})));
  EXPECT_TRUE(machines.problem(schedule({{kOne, kOne}})));
  EXPECT_TRUE(machines.problem(schedule({{kOne}, {MachineId{"ONE", std::nullopt}}})));
  EXPECT_TRUE(machines.problem(schedule({{MachineId{}}})));
  EXPECT_TRUE(machines.problem(schedule({{MachineId{"a", "not an ip"}}})));
  model::MaintenanceSchedule negative = schedule({{kOne}});
  negative.windows[0].unavailability.duration = model::DurationInfo{-1};
  EXPECT_TRUE(machines.problem(negative));
}

TEST(Machines, GoFromScheduledToDownToUp) {
  Machines machines;
  EXPECT_TRUE(machines.down_problem({kOne}));
  machines.set_schedule(schedule({{kOne, kTwo}}));
  EXPECT_FALSE(machines.down_problem({kOne}));
  EXPECT_TRUE(machines.up_problem({kOne}));
  machines.down({kOne});
  EXPECT_TRUE(machines.down_problem({kOne}));
  EXPECT_TRUE(machines.problem(schedule({{kTwo}})));
  EXPECT_FALSE(machines.problem(schedule({{kTwo}, {kOne}})));
  EXPECT_EQ(machines.draining().size(), 1u);
  EXPECT_FALSE(machines.up_problem({kOne}));
  machines.up({kOne});
  EXPECT_TRUE(machines.down().empty());
  ASSERT_EQ(machines.schedule().windows.size(), 1u);
  EXPECT_EQ(machines.schedule().windows[0].machine_ids, std::vector{kTwo});
}

TEST(Machines, AreFoundByNameInAnyCaseAndByAddress) {
  Machines machines;
  machines.set_schedule(schedule({{kOne, kTwo, MachineId{std::nullopt, "10.0.0.3"}}}));
  EXPECT_TRUE(machines.window("ONE", "10.0.0.1"));
  EXPECT_TRUE(machines.window("two", "10.0.0.2"));
  EXPECT_FALSE(machines.window("two", "10.0.0.9"));
  EXPECT_TRUE(machines.window("three", "10.0.0.3"));
  EXPECT_TRUE(machines.window("10.0.0.3", ""));
  EXPECT_FALSE(machines.window("four", ""));
}

TEST(Records, EverythingOperatorsDecideComesBack) {
  MaintenanceRecord maintenance{schedule({{kOne, kTwo}}), {kTwo}};
  const auto kept = read_maintenance(*record(maintenance).value);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->schedule, maintenance.schedule);
  EXPECT_EQ(kept->down, maintenance.down);

  const model::QuotaConfig quota{"web", {{"cpus", 1.5}}, {{"mem", 64}}};
  EXPECT_EQ(*read_quota(*record(quota).value), quota);
  const model::WeightInfo weight{2.5, "web"};
  EXPECT_EQ(*read_weight(*record(weight).value), weight);

  AgentRecord agent;
  agent.info.hostname = "h";
  agent.info.id = AgentId{"S"};
  agent.deactivated = true;
  agent.drain = model::DrainInfo{model::DrainState::draining, {model::DurationInfo{5}, true}};
  agent.drain_started = WallTime(Duration(7));
  const auto read = read_agent(*record(agent).value);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->deactivated);
  EXPECT_EQ(read->drain, agent.drain);
  EXPECT_EQ(read->drain_started, agent.drain_started);
  EXPECT_FALSE(read->unreachable);
}

TEST(Records, OfOlderMastersAreUnderstood) {
  const auto read = read_agent(R"({"version":1,"registered":5,"info":{"hostname":"h"}})");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->deactivated);
  EXPECT_FALSE(read->drain);
}

}  // namespace
}  // namespace ekiden::master
