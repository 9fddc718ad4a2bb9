// Defects of the original that must not come back, by their numbers in marathon-behaviour 10.1:
// 22 to 26 and 41. 21, 25a and 42 are in resident_test.cpp, 26 in launch/match_test.cpp.
#include "marathon/deployment/census.h"
#include "tests/unit/marathon/machine/world.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* kAgent = "cpus:10;mem:10000;disk:10000;ports:[31000-31999]";

TEST(Defect22, AnUpdateOfATaskWithAnOddIdIsAcknowledgedAndDropped) {
  World world;
  world.agent("a1", kAgent);
  world.run(2s);
  const std::size_t before = world.calls["ACKNOWLEDGE"];
  model::TaskStatus status;
  status.task_id = TaskId{"no id of ours"};
  status.state = model::TaskState::running;
  status.agent_id = AgentId{"a1"};
  status.uuid = "uuid";
  world.input(SchedulerEvent{api::scheduler::Update{status}});
  world.run(2s);
  EXPECT_EQ(world.calls["ACKNOWLEDGE"], before + 1);
  EXPECT_EQ(world.calls["KILL"], 0u);
}

TEST(Defect23, WhatCouldNotBeStoredIsNotLaunched) {
  for (std::size_t commit = 1; commit < 6; ++commit) {
    World world;
    world.agent("a1", kAgent);
    std::size_t stored = 0;
    world.after_step = [&] {
      // Whoever runs is in the store.
      stored = static_cast<std::size_t>(
          std::count_if(world.store().begin(), world.store().end(), [](const auto& record) {
            return record.first.first == "instance";
          }));
      EXPECT_LE(world.tasks().size(), stored);
    };
    world.crash_at(commit, World::Crash::before_commit);
    world.put("/web", R"({"cmd":"xx","cpus":1,"mem":32,"instances":2})");
    world.run(1min);
    EXPECT_EQ(world.crashes, 1u);
    EXPECT_EQ(world.launches, world.tasks().size());  // none twice
  }
}

TEST(Defect24, OneAppThatNeverFitsStopsNobodyElse) {
  World world;
  world.agent("a1", kAgent);
  world.put("/odd", R"({"cmd":"xx","cpus":1,"mem":32,"constraints":[["hostname","GROUP_BY","0"],
                        ["rack","MAX_PER","-1"],["x","IS",""],["y","UNLIKE","(a+)+$"]]})");
  world.put("/web", R"({"cmd":"xx","cpus":1,"mem":32,"instances":3})");
  world.run(5s);
  EXPECT_EQ(world.tasks_of("/web").size(), 3u);
  EXPECT_TRUE(world.tasks_of("/odd").empty());
}

TEST(Defect25, GroupByWithoutAValueLaunches) {
  World world;
  world.agent("a1", kAgent);
  world.agent("a2", kAgent);
  world.put("/web", R"({"cmd":"xx","cpus":1,"mem":32,"instances":4,
                        "constraints":[["hostname","GROUP_BY"]]})");
  world.run(10s);
  EXPECT_EQ(world.tasks_of("/web").size(), 4u);
  std::map<std::string, int> by_agent;
  for (const auto& [id, task] : world.tasks()) {
    ++by_agent[task.agent];
  }
  EXPECT_EQ(by_agent["a1"], 2);
  EXPECT_EQ(by_agent["a2"], 2);
}

// The original's comparator says "a before b" and "b before a" when both are healthy.
TEST(Defect41, TheOrderOfKillsIsAnOrder) {
  std::vector<deployment::KillRank> ranks;
  for (const bool healthy : {true, false}) {
    for (const auto condition : {Condition::running, Condition::staging, Condition::failed}) {
      for (std::uint64_t number = 1; number < 4; ++number) {
        App app;
        app.health_checks.emplace_back();
        Instance instance;
        instance.app = std::make_shared<const App>(app);
        instance.condition = condition;
        instance.healthy = healthy;
        ranks.push_back(
            deployment::stand(instance, number, {}, deployment::Readiness::unknown).rank);
      }
    }
  }
  for (const auto& a : ranks) {
    EXPECT_FALSE(a < a);
    for (const auto& b : ranks) {
      EXPECT_FALSE(a < b && b < a);
      for (const auto& c : ranks) {
        EXPECT_TRUE(!(a < b && b < c) || a < c);
      }
    }
  }
}

TEST(Defect41, UnhealthyOnesAreReplacedFirst) {
  World world;
  world.agent("a1", kAgent);
  world.put("/web",
            R"({"cmd":"v1","cpus":1,"mem":32,"instances":4,"portDefinitions":[{"port":0}],
                "upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":0},
                "healthChecks":[{"protocol":"COMMAND","command":{"value":"true"}}]})");
  world.run(3s);
  const std::vector<TaskId> tasks = world.tasks_of("/web");
  ASSERT_EQ(tasks.size(), 4u);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    model::TaskStatus status;
    status.task_id = tasks[i];
    status.state = model::TaskState::running;
    status.healthy = i != 2;
    status.agent_id = AgentId{"a1"};
    world.input(SchedulerEvent{api::scheduler::Update{status}});
  }
  world.run(3s);
  world.put("/web", R"({"cmd":"v2"})", true);
  world.run(100ms);
  const std::vector<TaskId> left = world.tasks_of("/web");
  EXPECT_EQ(std::count(left.begin(), left.end(), tasks[2]), 0);
}

}  // namespace

}  // namespace ekiden::marathon::test
