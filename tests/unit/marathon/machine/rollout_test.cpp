// Deployment history, pausing, and what a change may not destroy.
#include "tests/unit/marathon/machine/world.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;
using Outcome = FinishedDeployment::Outcome;
using Kind = FinishedDeployment::AppChange::Kind;

constexpr const char* kAgent = "cpus:20;mem:10000;disk:10000;ports:[31000-31999]";

class RolloutTest : public testing::Test {
 protected:
  explicit RolloutTest(Settings settings = {}) : world_(std::move(settings)) {
    world_.agent("a1", kAgent);
  }

  void put(const std::string& path, const std::string& body) {
    world_.put(path, body);
    world_.run(3s);
  }

  std::string rejection() const {
    const auto* rejected = std::get_if<Rejected>(&world_.replies().back().body);
    return rejected ? rejected->error.message : "";
  }

  // The newest first.
  std::vector<std::shared_ptr<const FinishedDeployment>> history() const {
    std::vector<std::shared_ptr<const FinishedDeployment>> all;
    world_.snapshot()->finished.for_each(
        [&](const std::uint64_t&, const auto& one) { all.insert(all.begin(), one); });
    return all;
  }

  World world_;
};

TEST_F(RolloutTest, HistoryTellsWhatChangedWhoAskedAndHowItEnded) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  put("/web", R"({"cmd":"v2"})");
  put("/web", R"({"instances":2})");
  world_.remove("/web");
  world_.run(3s);
  const auto all = history();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[3]->changes.at(0).kind, Kind::created);
  EXPECT_EQ(all[2]->changes.at(0).kind, Kind::updated);
  ASSERT_EQ(all[2]->changes.at(0).diff.size(), 1u);
  EXPECT_EQ(all[2]->changes.at(0).diff[0].path, "/cmd");
  EXPECT_EQ(all[2]->changes.at(0).diff[0].before->as_string(), "v1");
  EXPECT_EQ(all[2]->changes.at(0).diff[0].after->as_string(), "v2");
  EXPECT_EQ(all[1]->changes.at(0).kind, Kind::scaled);
  EXPECT_EQ(all[0]->changes.at(0).kind, Kind::removed);
  for (const auto& one : all) {
    EXPECT_EQ(one->outcome, Outcome::succeeded);
    EXPECT_EQ(one->steps_done, one->steps);
    EXPECT_GE(one->ended, one->origin.started);
    EXPECT_FALSE(one->origin.actor.empty());
  }
}

TEST_F(RolloutTest, HistorySurvivesARestart) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  put("/web", R"({"cmd":"v2"})");
  const auto before = history();
  world_.restart();
  world_.run(1s);
  const auto after = history();
  ASSERT_EQ(after.size(), before.size());
  EXPECT_EQ(after[0]->id, before[0]->id);
  EXPECT_EQ(after[0]->changes.at(0).diff, before[0]->changes.at(0).diff);
  EXPECT_EQ(after[0]->ended, before[0]->ended);
}

TEST_F(RolloutTest, CancelledAndRolledBackDeploymentsSayWhy) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  world_.slow.insert("/web");
  put("/web", R"({"cmd":"v2"})");
  world_.cancel(world_.snapshot()->deployments.at(0)->plan->id, true);
  world_.run(1s);
  EXPECT_EQ(history()[0]->outcome, Outcome::cancelled);
  world_.slow.clear();
  world_.run(3s);
  world_.slow.insert("/web");
  put("/web", R"({"cmd":"v3"})");
  const DeploymentId third = world_.snapshot()->deployments.at(0)->plan->id;
  world_.cancel(third, false);
  world_.slow.clear();
  world_.run(5s);
  const auto all = history();
  EXPECT_EQ(all[1]->id, third);
  EXPECT_EQ(all[1]->outcome, Outcome::rolled_back);
  EXPECT_EQ(all[0]->origin.reverts, third);
  EXPECT_EQ(all[0]->outcome, Outcome::succeeded);
}

TEST_F(RolloutTest, OverriddenDeploymentSaysWhoDidIt) {
  put("/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  world_.slow.insert("/web");
  put("/web", R"({"cmd":"v2"})");
  world_.put("/web", R"({"cmd":"v3"})", true);
  world_.run(1s);
  EXPECT_EQ(history()[0]->outcome, Outcome::overridden);
  EXPECT_NE(history()[0]->reason.find("overridden"), std::string::npos);
}

class ShortHistoryTest : public RolloutTest {
 protected:
  static Settings settings() {
    Settings settings;
    settings.deployment_history_max = 3;
    return settings;
  }

  ShortHistoryTest() : RolloutTest(settings()) {}
};

TEST_F(ShortHistoryTest, TheOldestGoes) {
  for (int i = 0; i < 6; ++i) {
    put("/web", fmt::format(R"({{"cmd":"v{}","cpus":0.1,"mem":32}})", i));
  }
  EXPECT_EQ(history().size(), 3u);
  std::size_t stored = 0;
  for (const auto& [key, value] : world_.store()) {
    stored += key.first == "history" ? 1 : 0;
  }
  EXPECT_EQ(stored, 3u);
}

TEST_F(RolloutTest, ProtectedAppIsNotDeletedEvenWithForce) {
  put("/a/web", R"({"cmd":"v1","cpus":0.1,"mem":32,"labels":{"ekiden.protect":"true"}})");
  world_.remove("/a/web", true);
  world_.run(1s);
  EXPECT_NE(rejection().find("cannot delete app /a/web"), std::string::npos);
  world_.command(ChangeRoot{7, DeleteGroup{PathId::parse("/a")}, true, false, "test"});
  world_.run(1s);
  EXPECT_NE(rejection().find("cannot delete app /a/web"), std::string::npos);
  EXPECT_EQ(world_.tasks_of("/a/web").size(), 1u);
  put("/a/web", R"({"labels":{}})");
  world_.remove("/a/web", true);
  world_.run(3s);
  EXPECT_EQ(world_.tasks_of("/a/web").size(), 0u);
}

class GuardTest : public RolloutTest {
 protected:
  static Settings settings() {
    Settings settings;
    settings.destroy_guard = true;
    return settings;
  }

  GuardTest() : RolloutTest(settings()) {}

  void remove_group(bool force) {
    world_.command(ChangeRoot{7, DeleteGroup{PathId::parse("/g")}, force, false, "test"});
    world_.run(3s);
  }
};

TEST_F(GuardTest, LargeDestructionOverSeveralAppsNeedsForce) {
  put("/g/a", R"({"cmd":"sleep 9","cpus":0.1,"mem":32,"instances":6})");
  put("/g/b", R"({"cmd":"sleep 9","cpus":0.1,"mem":32,"instances":6})");
  remove_group(false);
  EXPECT_NE(rejection().find("12 instances of 2 apps"), std::string::npos);
  EXPECT_EQ(world_.tasks().size(), 12u);
  remove_group(true);
  EXPECT_EQ(world_.tasks().size(), 0u);
}

TEST_F(GuardTest, OneAppOrFewInstancesNeedNoForce) {
  put("/g/a", R"({"cmd":"sleep 9","cpus":0.1,"mem":32,"instances":8})");
  put("/g/b", R"({"cmd":"sleep 9","cpus":0.1,"mem":32,"instances":2})");
  remove_group(false);
  EXPECT_EQ(rejection(), "");
  EXPECT_EQ(world_.tasks().size(), 0u);
}

TEST_F(RolloutTest, PauseOfAnUnknownDeploymentIsRefused) {
  world_.command(SteerDeployment{9, DeploymentId{"nope"}, SteerDeployment::To::pause, "ops"});
  world_.run(1s);
  EXPECT_EQ(rejection(), "DeploymentPlan nope does not exist");
}

}  // namespace

}  // namespace ekiden::marathon::test
