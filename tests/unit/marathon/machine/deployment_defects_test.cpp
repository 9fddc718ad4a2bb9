// Defects of the original that must not come back, and sharp edges that clients rely on, by their
// numbers in marathon-behaviour 10.1: 1 to 20 and 27 to 39 as far as the machine decides them.
#include "marathon/deployment/advance.h"
#include "marathon/deployment/plan.h"
#include "tests/unit/marathon/machine/world.h"

#include <algorithm>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* kAgent = "cpus:10;mem:10000;disk:10000;ports:[31000-31999]";
constexpr const char* kHttpCheck =
    R"("portDefinitions":[{"port":0}],"healthChecks":[{"protocol":"HTTP","path":"/","portIndex":0,
       "gracePeriodSeconds":1,"intervalSeconds":1,"timeoutSeconds":1,"maxConsecutiveFailures":3}])";

class Defects : public testing::Test {
 protected:
  Defects() { world_.agent("a1", kAgent); }

  void put(const std::string& path, const std::string& body, Duration then = 5s) {
    world_.put(path, body);
    world_.run(then);
  }

  bool deploying() const { return !world_.snapshot()->deployments.empty(); }

  std::size_t count(const std::string& path) const { return world_.tasks_of(path).size(); }

  bool logged(const std::string& text) {
    const std::vector<std::string> log = world_.take_log();
    return std::any_of(log.begin(), log.end(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  }

  World world_;
};

TEST_F(Defects, Defect1MarathonSideHealthCountsInARollWithoutSpareCapacity) {
  const std::string rest = fmt::format(
      R"("cpus":0.1,"mem":32,"instances":2,{},
         "upgradeStrategy":{{"minimumHealthCapacity":0.5,"maximumOverCapacity":0}}}})",
      kHttpCheck);
  put("/web", R"({"cmd":"v1",)" + rest, 30s);
  put("/web", R"({"cmd":"v2"})", 2min);
  EXPECT_FALSE(deploying());
  for (const InstancePtr& one : world_.instances_of("/web")) {
    EXPECT_EQ(one->app->cmd, "v2");
  }
}

TEST_F(Defects, Defect1OldInstancesThatAreAllSickDoNotHoldTheFixBack) {
  const std::string rest = fmt::format(R"("cpus":0.1,"mem":32,"instances":2,{},
         "upgradeStrategy":{{"minimumHealthCapacity":1,"maximumOverCapacity":0}}}})",
                                       kHttpCheck);
  world_.sick.insert("/web");
  put("/web", R"({"cmd":"v1",)" + rest, 2s);
  world_.put("/web", R"({"cmd":"v2"})", true);
  world_.run(2s);
  world_.sick.clear();
  world_.run(2min);
  EXPECT_FALSE(deploying());
}

TEST_F(Defects, Defect2CapacityIsExact) {
  EXPECT_EQ(deployment::capacity(100, {0.15, 0.15}), (deployment::Capacity{15, 115}));
  EXPECT_EQ(deployment::capacity(100, {0.07, 0.07}), (deployment::Capacity{7, 107}));
  EXPECT_EQ(deployment::capacity(100, {0.29, 0.58}), (deployment::Capacity{29, 158}));
}

TEST_F(Defects, Defect3ANewInstanceThatTurnsUnhealthyIsNotDone) {
  const std::string rest = fmt::format(R"("cpus":0.1,"mem":32,"instances":2,{},
         "upgradeStrategy":{{"minimumHealthCapacity":0.5,"maximumOverCapacity":0.5}}}})",
                                       kHttpCheck);
  put("/web", R"({"cmd":"v1",)" + rest, 30s);
  world_.kills_work = false;  // so that the first new one serves while old ones are still there
  put("/web", R"({"cmd":"v2"})");
  world_.sick.insert("/web");
  world_.run(1s);
  world_.take_log();
  world_.kills_work = true;
  world_.run(1min);
  EXPECT_FALSE(logged("deployment_success"));
  EXPECT_TRUE(deploying());
  world_.sick.clear();
  world_.run(2min);
  EXPECT_FALSE(deploying());
}

TEST_F(Defects, Defect4KillSelectionHoldsInARollToo) {
  for (const char* selection : {"OLDEST_FIRST", "YOUNGEST_FIRST"}) {
    const std::string path = std::string("/") + (selection[0] == 'O' ? "old" : "young");
    put(path,
        fmt::format(R"({{"cmd":"v1","cpus":0.1,"mem":32,"killSelection":"{}",
        "upgradeStrategy":{{"minimumHealthCapacity":0.5,"maximumOverCapacity":0}}}})",
                    selection));
    const TaskId oldest = world_.tasks_of(path).at(0);
    put(path, R"({"instances":2})");
    world_.slow.insert(path);
    put(path, R"({"cmd":"v2"})", 1s);
    const std::vector<TaskId> left = world_.tasks_of(path);
    const bool kept = std::find(left.begin(), left.end(), oldest) != left.end();
    EXPECT_EQ(kept, selection[0] == 'Y') << selection;
  }
}

TEST_F(Defects, Defect6ScalingDownSparesWhatRuns) {
  put("/web", R"({"cmd":"xx","cpus":6,"mem":32,"instances":3})");
  ASSERT_EQ(count("/web"), 1u);
  const TaskId task = world_.tasks_of("/web").at(0);
  world_.put("/web", R"({"instances":1})", true);
  world_.run(5s);
  EXPECT_EQ(world_.tasks_of("/web"), std::vector<TaskId>{task});
  EXPECT_EQ(world_.calls["KILL"], 0u);
}

TEST_F(Defects, Defect7KillsThatHangHoldNothingElseBack) {
  put("/web", R"({"cmd":"xx","cpus":0.1,"mem":32,"instances":3})");
  world_.kills_work = false;
  put("/web", R"({"instances":1})");
  ASSERT_EQ(count("/web"), 3u);
  world_.put("/web", R"({"instances":4})", true);
  world_.run(5s);
  EXPECT_EQ(count("/web"), 6u);  // two that will not go, four that are wanted
}

TEST_F(Defects, Defect8AScaleThatWasInterruptedStillWaitsForHealth) {
  world_.sick.insert("/web");
  put("/web", fmt::format(R"({{"cmd":"v1","cpus":0.1,"mem":32,{}}})", kHttpCheck), 2s);
  world_.restart();
  world_.take_log();
  world_.run(5s);
  EXPECT_FALSE(logged("deployment_success"));
  EXPECT_TRUE(deploying());
  world_.sick.clear();
  world_.run(1min);
  EXPECT_FALSE(deploying());
}

TEST_F(Defects, Defect9And10ARejectedDeploymentUnlocksNothingAndIsTold) {
  world_.slow.insert("/web");
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  world_.take_log();
  put("/web", R"({"cmd":"v2"})", 1s);
  EXPECT_TRUE(logged("deployment_failed"));
  for (int i = 0; i < 2; ++i) {
    put("/web", R"({"cmd":"v3"})", 1s);
    EXPECT_TRUE(std::holds_alternative<Locked>(world_.replies().back().body));
  }
  EXPECT_EQ(world_.snapshot()->deployments.size(), 1u);
}

TEST_F(Defects, Defect11ARejectedDefinitionIsNoVersion) {
  world_.slow.insert("/web");
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  put("/web", R"({"cmd":"v2"})", 1s);
  const auto* versions = world_.snapshot()->versions.find(PathId::parse("/web"));
  ASSERT_NE(versions, nullptr);
  EXPECT_EQ((*versions)->size(), 1u);
}

TEST_F(Defects, Defect12AStoredDeploymentThatCannotBeReadStopsNobody) {
  world_.slow.insert("/web");
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  put("/other", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  std::vector<Record> records;
  for (const auto& [key, value] : world_.store()) {
    records.push_back({key.first, key.second, key.first == "deployment" ? "{broken" : value});
  }
  Marathon machine({}, Random(1));
  ASSERT_TRUE(machine.load(records, world_.now()));
  machine.tick(world_.now());
  EXPECT_TRUE(machine.snapshot()->root.find_app(PathId::parse("/web")));
  EXPECT_EQ(machine.snapshot()->instances.size(), 2u);
}

TEST_F(Defects, Defect13KillsOutliveTheLeader) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32,"instances":2})");
  world_.kills_work = false;
  world_.remove("/web", true);
  world_.run(1s);
  world_.restart();
  world_.kills_work = true;
  world_.run(1min);
  EXPECT_EQ(count("/web"), 0u);
  EXPECT_FALSE(deploying());
}

TEST_F(Defects, Defect14ARollbackLeavesWhatNeverChangedAlone) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32,"instances":4,
      "upgradeStrategy":{"minimumHealthCapacity":0.75,"maximumOverCapacity":0}})");
  world_.slow.insert("/web");
  put("/web", R"({"cmd":"v2"})", 1s);
  std::vector<TaskId> untouched;
  for (const InstancePtr& one : world_.instances_of("/web")) {
    if (one->app->cmd == "v1" && one->goal == Goal::running) {
      untouched.push_back(one->task->id);
    }
  }
  ASSERT_EQ(untouched.size(), 3u);
  world_.slow.clear();
  world_.cancel(world_.snapshot()->deployments.at(0)->plan->id, false);
  world_.run(1min);
  const std::vector<TaskId> now = world_.tasks_of("/web");
  EXPECT_EQ(now.size(), 4u);
  for (const TaskId& task : untouched) {
    EXPECT_NE(std::find(now.begin(), now.end(), task), now.end()) << task.value;
  }
}

TEST(Defect15, ACrashWhileOnePlanTakesTheOthersPlaceLosesNeither) {
  for (const World::Crash when : {World::Crash::before_commit, World::Crash::after_commit}) {
    for (std::size_t commit = 1; commit <= 4; ++commit) {
      World world;
      world.agent("a1", kAgent);
      world.put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32,"instances":2})");
      world.run(5s);
      world.slow.insert("/web");
      world.put("/web", R"({"cmd":"v2"})");
      world.run(1s);
      world.crash_at(commit, when);
      world.put("/web", R"({"cmd":"v3"})", true);
      world.run(1s);
      world.slow.clear();
      world.run(10min);
      EXPECT_TRUE(world.snapshot()->deployments.empty()) << commit;
      const std::string wanted =
          world.snapshot()->root.find_app(PathId::parse("/web"))->cmd.value();
      EXPECT_NE(wanted, "v1");
      for (const InstancePtr& one : world.instances_of("/web")) {
        EXPECT_EQ(one->app->cmd, wanted) << commit;
      }
    }
  }
}

TEST_F(Defects, Defect16ExecutorResourcesAloneAreAChange) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  put("/web", R"({"executorResources":{"cpus":0.5,"mem":64,"disk":10}})");
  world_.restart();
  world_.run(1s);
  const AppPtr app = world_.snapshot()->root.find_app(PathId::parse("/web"));
  ASSERT_TRUE(app->executor_resources);
  EXPECT_EQ(app->executor_resources->cpus, 0.5);
}

TEST_F(Defects, Defect17WhatIsRemovedGoesInOneStep) {
  put("/g/a", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  put("/g/b", R"({"cmd":"v1","cpus":0.1,"mem":32,"dependencies":["/g/a"]})");
  world_.kills_work = false;
  world_.command(ChangeRoot{7, DeleteGroup{PathId::parse("/g")}, true, false, "test"});
  world_.run(1s);
  const auto& plan = *world_.snapshot()->deployments.at(0)->plan;
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].actions.size(), 2u);
}

TEST_F(Defects, Defect18And20UnreachableThresholdsActWhenTheyAreDue) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32,
      "unreachableStrategy":{"inactiveAfterSeconds":300,"expungeAfterSeconds":600}})");
  world_.agent("a2", kAgent);
  world_.lose_agent("a1");
  world_.run(299s);
  EXPECT_EQ(count("/web"), 1u);
  world_.run(5s);
  EXPECT_EQ(world_.instances_of("/web").size(), 2u);  // replaced within seconds, not minutes
  world_.run(300s);
  EXPECT_EQ(world_.instances_of("/web").size(), 1u);
  world_.find_agent("a1");
  world_.run(10s);
  EXPECT_EQ(count("/web"), 1u);  // the one that came back is gone again
}

// The master's calendar said when; ours has been set back since.
TEST_F(Defects, AnAgentLostInTheFutureIsReplacedNow) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  world_.agent("a2", kAgent);
  world_.lose_agent("a1");
  world_.set_calendar(-2h);
  world_.run(10s);
  ASSERT_EQ(world_.instances_of("/web").size(), 1u);
  EXPECT_EQ(world_.instances_of("/web")[0]->condition, Condition::running);
}

TEST_F(Defects, ALaunchOfTheFutureIsOverdueInTime) {
  world_.slow.insert("/web");
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  const std::size_t launches = world_.launches;
  world_.set_calendar(-2h);
  world_.restart();
  world_.run(10min);
  EXPECT_GT(world_.launches, launches);
}

TEST_F(Defects, Defect20ATaskThatComesBackLeavesNoSurplus) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32,
      "unreachableStrategy":{"inactiveAfterSeconds":5,"expungeAfterSeconds":600}})");
  world_.agent("a2", kAgent);
  world_.lose_agent("a1");
  world_.run(10s);
  world_.find_agent("a1");
  world_.run(3s);
  EXPECT_EQ(count("/web"), 1u);
}

TEST_F(Defects, Defect19AnExpungedInstanceWantsNoOffers) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  world_.agent("a2", kAgent);
  world_.lose_agent("a1");
  world_.run(1min);
  const std::size_t revives = world_.calls["REVIVE"];
  EXPECT_GT(world_.calls["SUPPRESS"], 1u);
  world_.run(20min);
  EXPECT_EQ(world_.calls["REVIVE"], revives);
}

TEST_F(Defects, Defect28aANewTaskDoesNotInheritTheFailuresOfTheOldOne) {
  put("/web", fmt::format(R"({{"cmd":"v1","cpus":0.1,"mem":32,{}}})", kHttpCheck), 20s);
  world_.sick.insert("/web");
  world_.run(5s);
  const std::size_t kills = world_.calls["KILL"];
  ASSERT_GE(kills, 1u);
  // Three failures a second apart and a grace period: never two kills in three seconds.
  for (int i = 0; i < 5; ++i) {
    const std::size_t before = world_.calls["KILL"];
    world_.run(2s);
    EXPECT_LE(world_.calls["KILL"], before + 1);
  }
}

TEST_F(Defects, Defect29AHealthKillCausesNoDelayAndAnExitDoes) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32,"backoffSeconds":60})");
  world_.finish_task(world_.tasks_of("/web").at(0), model::TaskState::finished);
  world_.run(10s);
  EXPECT_EQ(count("/web"), 0u);  // a command that ended waits, whatever its exit status
  world_.run(1min);
  EXPECT_EQ(count("/web"), 1u);
  put("/sick",
      fmt::format(R"({{"cmd":"v1","cpus":0.1,"mem":32,"backoffSeconds":600,{}}})", kHttpCheck),
      20s);
  world_.sick.insert("/sick");
  world_.run(20s);
  EXPECT_GT(world_.calls["KILL"], 1u);
  world_.sick.clear();
  world_.run(5s);
  EXPECT_EQ(count("/sick"), 1u);
}

TEST_F(Defects, Defect33AMasterThatGoesAwayIsSubscribedToAgainWithTheSameId) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  world_.take_log();
  world_.input(LinkClosed{});
  world_.input(LinkOpened{});
  world_.run(5s);
  EXPECT_TRUE(logged("SUBSCRIBE framework-1"));
  EXPECT_EQ(count("/web"), 1u);
}

TEST_F(Defects, Defect34ADefinitionInUseOutlivesAnyNumberOfVersions) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32,"instances":1})");
  const TaskId task = world_.tasks_of("/web").at(0);
  for (int i = 0; i < 120; ++i) {
    put("/web", fmt::format(R"({{"instances":{}}})", 1 + (i % 2)), 2s);
  }
  world_.restart();
  world_.run(5s);
  const std::vector<TaskId> tasks = world_.tasks_of("/web");
  EXPECT_NE(std::find(tasks.begin(), tasks.end(), task), tasks.end());
  for (const InstancePtr& one : world_.instances_of("/web")) {
    EXPECT_EQ(one->app->cmd, "v1");
  }
}

TEST_F(Defects, Defect38ManyDeploymentsAreLimitedAndTheRestGoesOn) {
  for (int i = 0; i < 100; ++i) {
    const std::string path = "/slow" + std::to_string(i);
    world_.slow.insert(path);
    world_.put(path, R"({"cmd":"v1","cpus":0.01,"mem":1})");
  }
  world_.run(2s);
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  const auto* rejected = std::get_if<Rejected>(&world_.replies().back().body);
  ASSERT_NE(rejected, nullptr);
  EXPECT_EQ(rejected->error.code, ErrorCode::forbidden);
}

TEST(Defect39, DepthOfDiamondsIsCheap) {
  Root root;
  std::set<PathId> apps;
  for (int layer = 0; layer < 40; ++layer) {
    for (int side = 0; side < 2; ++side) {
      App app;
      app.id = PathId::parse(fmt::format("/l{:02}/s{}", layer, side));
      if (layer > 0) {
        app.dependencies = {PathId::parse(fmt::format("/l{:02}/s0", layer - 1)),
                            PathId::parse(fmt::format("/l{:02}/s1", layer - 1))};
      }
      apps.insert(app.id);
      root.apps.set(app.id, std::make_shared<const App>(app));
    }
  }
  const auto depths = deployment::dependency_depths(root, apps);
  EXPECT_EQ(depths.at(PathId::parse("/l39/s1")), depths.at(PathId::parse("/l00/s0")) + 39);
}

}  // namespace

}  // namespace ekiden::marathon::test
