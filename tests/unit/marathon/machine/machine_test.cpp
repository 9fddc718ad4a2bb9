#include "core/json/json.h"
#include "tests/unit/marathon/machine/world.h"

#include <algorithm>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* kAgent = "cpus:10;mem:10000;disk:10000;ports:[31000-31999]";

class MachineTest : public testing::Test {
 protected:
  MachineTest() { world_.agent("a1", kAgent); }

  void deploy(const std::string& path, const std::string& body) {
    world_.put(path, body);
    world_.run(3s);
    EXPECT_EQ(rejection(), "") << path << " " << body;
  }

  // The task of an app that has exactly one.
  TaskId only_task(const std::string& path) const {
    const std::vector<TaskId> tasks = world_.tasks_of(path);
    EXPECT_EQ(tasks.size(), 1u);
    return tasks.empty() ? TaskId{} : tasks.front();
  }

  std::size_t count(const std::string& path) const { return world_.tasks_of(path).size(); }

  const Reply& last_reply() const { return world_.replies().back(); }

  std::string rejection() const {
    const auto* rejected = std::get_if<Rejected>(&last_reply().body);
    if (!rejected) {
      return "";
    }
    std::string text = rejected->error.message;
    for (const Problem& problem : rejected->error.problems) {
      text += fmt::format(" [{} {}]", problem.path, problem.reason);
    }
    return text;
  }

  World world_;
};

TEST_F(MachineTest, DrainsBeforeItKillsWhenLoadBalancersListen) {
  world_.input(LoadBalancersChanged{1});
  deploy("/web", R"({"cmd":"xx","cpus":0.1,"mem":32,"portDefinitions":[{"port":0}]})");
  const TaskId task = only_task("/web");
  deploy("/web", R"({"instances":0})");
  ASSERT_EQ(world_.drains.size(), 1u);
  EXPECT_EQ(world_.drains[0].task, task);
  EXPECT_EQ(world_.drains[0].host, "a1");
  EXPECT_EQ(world_.drains[0].ports.size(), 1u);
  EXPECT_EQ(world_.calls["KILL"], 0u);
  world_.input(DrainDone{task});
  world_.run(1s);
  EXPECT_EQ(world_.calls["KILL"], 1u);
  EXPECT_EQ(count("/web"), 0u);
}

TEST_F(MachineTest, DrainWithoutAnAnswerEndsByItself) {
  world_.input(LoadBalancersChanged{1});
  deploy("/web", R"({"cmd":"xx","cpus":0.1,"mem":32,"portDefinitions":[{"port":0}]})");
  deploy("/web", R"({"instances":0})");
  EXPECT_EQ(count("/web"), 1u);
  world_.run(Settings().drain_timeout);
  EXPECT_EQ(count("/web"), 0u);
}

TEST_F(MachineTest, UpdateWaitsForReadiness) {
  deploy("/web",
         R"({"cmd":"v1","cpus":0.1,"mem":32,"portDefinitions":[{"port":0,"name":"http-api"}],
             "readinessChecks":[{"intervalSeconds":5,"timeoutSeconds":2}]})");
  ASSERT_EQ(world_.readiness.size(), 1u);
  EXPECT_EQ(world_.readiness[0].host, "a1");
  EXPECT_GE(world_.readiness[0].port, 31000);
  EXPECT_EQ(world_.snapshot()->deployments.size(), 1u);
  const ReadinessOrder order = world_.readiness[0];
  ReadinessResult result{"readinessCheck", order.task, false, {}};
  world_.input(ReadinessProbeResult{order.instance, order.task, result});
  world_.run(6s);
  EXPECT_EQ(world_.readiness.size(), 2u);  // asked again after the interval
  result.ready = true;
  world_.input(ReadinessProbeResult{order.instance, order.task, result});
  world_.run(20s);
  EXPECT_TRUE(world_.snapshot()->deployments.empty());
  EXPECT_EQ(world_.readiness.size(), 2u);  // not asked any more
}

TEST_F(MachineTest, SickCheckerKillsNothing) {
  for (int i = 0; i < 6; ++i) {
    deploy(fmt::format("/app{}", i),
           R"({"cmd":"xx","cpus":0.1,"mem":32,"portDefinitions":[{"port":0}],"healthChecks":
              [
                {"protocol":"HTTP","intervalSeconds":5,"timeoutSeconds":2,
                 "maxConsecutiveFailures":2}]})");
  }
  ASSERT_EQ(world_.tasks().size(), 6u);
  for (int i = 0; i < 6; ++i) {
    world_.sick.insert(fmt::format("/app{}", i));
  }
  world_.run(1min);
  EXPECT_EQ(world_.calls["KILL"], 0u);
  // When only one stays sick, it is the task and not the checker.
  for (int i = 1; i < 6; ++i) {
    world_.sick.erase(fmt::format("/app{}", i));
  }
  world_.run(1min);
  EXPECT_GE(world_.calls["KILL"], 1u);
}

TEST_F(MachineTest, MesosSideHealthDecidesToo) {
  deploy("/web",
         R"({"cmd":"xx","cpus":0.1,"mem":32,"healthChecks":[{"protocol":"COMMAND",
             "command":{"value":"true"}}]})");
  EXPECT_EQ(world_.snapshot()->deployments.size(), 1u);
  model::TaskStatus status;
  status.task_id = only_task("/web");
  status.state = model::TaskState::running;
  status.healthy = true;
  status.agent_id = AgentId{"a1"};
  world_.input(SchedulerEvent{api::scheduler::Update{status}});
  world_.run(1s);
  EXPECT_TRUE(world_.snapshot()->deployments.empty());
  EXPECT_EQ(world_.instances_of("/web").front()->healthy, true);
  EXPECT_TRUE(world_.probes.empty());
  status.healthy = false;
  world_.input(SchedulerEvent{api::scheduler::Update{status}});
  world_.run(1s);
  EXPECT_EQ(world_.instances_of("/web").front()->healthy, false);
  EXPECT_EQ(world_.calls["KILL"], 0u);  // that is the executor's duty
}

TEST_F(MachineTest, QueueSaysWhyNothingFits) {
  deploy("/web", R"({"cmd":"xx","cpus":99,"mem":32})");
  const auto* queue = world_.snapshot()->queue.find(PathId::parse("/web"));
  ASSERT_NE(queue, nullptr);
  EXPECT_EQ((*queue)->count, 1);
  EXPECT_GT((*queue)->unused_offers, 0u);
  ASSERT_EQ((*queue)->last_unused_offers.size(), 1u);
  EXPECT_EQ((*queue)->last_unused_offers[0].reasons,
            (std::vector<std::string>{"InsufficientCpus"}));
}

TEST_F(MachineTest, DelayIsShownAndCanBeReset) {
  deploy("/web", R"({"cmd":"xx","cpus":0.1,"mem":32,"backoffSeconds":100})");
  world_.finish_task(only_task("/web"), model::TaskState::failed, "boom");
  world_.run(1s);
  const auto* queue = world_.snapshot()->queue.find(PathId::parse("/web"));
  ASSERT_NE(queue, nullptr);
  EXPECT_TRUE((*queue)->delayed_until);
  const auto* failure = world_.snapshot()->failures.find(PathId::parse("/web"));
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ((*failure)->message, "boom");
  EXPECT_EQ(count("/web"), 0u);
  world_.command(ResetDelay{7, PathId::parse("/web")});
  world_.run(1s);
  EXPECT_EQ(count("/web"), 1u);
  world_.command(ResetDelay{8, PathId::parse("/web")});
  world_.run(1s);
  EXPECT_EQ(rejection(), "Application /web not found in tasks queue.");
}

TEST_F(MachineTest, KillsAreSentInChunksAndAgainAfterAReconnect) {
  Settings settings;
  settings.kill_chunk_size = 2;
  World world(settings);
  world.agent("a1", kAgent);
  world.put("/web", R"({"cmd":"xx","cpus":0.1,"mem":32,"instances":5})");
  world.run(3s);
  world.kills_work = false;
  world.put("/web", R"({"instances":0})");
  world.run(1s);
  EXPECT_EQ(world.calls["KILL"], 2u);
  world.input(LinkClosed{});
  world.input(LinkOpened{});
  world.run(1s);
  EXPECT_EQ(world.calls["KILL"], 4u);
  world.kills_work = true;
  world.run(40s);
  EXPECT_TRUE(world.tasks().empty());
}

TEST_F(MachineTest, TooManyDeploymentsAreRefused) {
  Settings settings;
  settings.max_running_deployments = 1;
  World world(settings);
  world.put("/a", R"({"cmd":"xx"})");
  world.put("/b", R"({"cmd":"xx"})", true);
  world.run(1s);
  const auto* rejected = std::get_if<Rejected>(&world.replies().back().body);
  ASSERT_NE(rejected, nullptr);
  EXPECT_EQ(rejected->error.code, ErrorCode::forbidden);
}

TEST_F(MachineTest, DryRunChangesNothing) {
  PutApps change;
  change.apps.push_back({PathId::parse("/web"), *json::parse(R"({"cmd":"xx"})")});
  const std::size_t commits = world_.commits();
  world_.run(1s);
  const std::size_t after_link = world_.commits();
  world_.command(ChangeRoot{5, change, false, true, "test"});
  world_.run(1s);
  const auto* applied = std::get_if<Applied>(&last_reply().body);
  ASSERT_NE(applied, nullptr);
  ASSERT_TRUE(applied->plan);
  EXPECT_EQ(applied->plan->steps.size(), 2u);
  EXPECT_EQ(world_.commits(), after_link);
  EXPECT_GE(after_link, commits);
  EXPECT_TRUE(world_.snapshot()->root.apps.empty());
}

TEST_F(MachineTest, ConflictNamesTheDeployment) {
  deploy("/web", R"({"cmd":"xx","cpus":99})");
  const DeploymentId running = world_.snapshot()->deployments.front()->plan->id;
  deploy("/web", R"({"instances":2})");
  const auto* locked = std::get_if<Locked>(&last_reply().body);
  ASSERT_NE(locked, nullptr);
  EXPECT_EQ(locked->deployments, (std::vector<DeploymentId>{running}));
  EXPECT_EQ(world_.snapshot()->root.find_app(PathId::parse("/web"))->instances, 1);
}

TEST_F(MachineTest, SpreadsOverTheOffersOfOneEvent) {
  world_.agent("a2", kAgent);
  world_.agent("a3", kAgent);
  deploy("/web", R"({"cmd":"xx","cpus":0.1,"mem":32,"instances":9})");
  std::map<std::string, int> per_agent;
  for (const auto& [id, task] : world_.tasks()) {
    ++per_agent[task.agent];
  }
  EXPECT_EQ(per_agent, (std::map<std::string, int>{{"a1", 3}, {"a2", 3}, {"a3", 3}}));
}

TEST_F(MachineTest, LaunchesManyFromOneOfferInFewCommits) {
  world_.run(1s);
  const std::size_t before = world_.commits();
  world_.put("/web", R"({"cmd":"xx","cpus":0.01,"mem":1,"instances":500,"portDefinitions":[]})");
  world_.tasks_start = false;
  world_.run(3s);
  EXPECT_EQ(count("/web"), 500u);
  EXPECT_EQ(world_.calls["ACCEPT"], 1u);
  EXPECT_LE(world_.commits() - before, 3u);
}

TEST_F(MachineTest, ManyInstancesOfOneAppComeAndGo) {
  world_.agent("a1", "cpus:100;mem:100000;disk:10000;ports:[20000-39999]");
  deploy("/web", R"({"cmd":"xx","cpus":0.01,"mem":1,"instances":3000,"portDefinitions":[]})");
  EXPECT_EQ(count("/web"), 3000u);
  EXPECT_TRUE(world_.snapshot()->deployments.empty());
  deploy("/web", R"({"instances":0})");
  world_.run(30s);
  EXPECT_EQ(count("/web"), 0u);
  EXPECT_TRUE(world_.snapshot()->deployments.empty());
}

TEST_F(MachineTest, OldVersionsAreBounded) {
  Settings settings;
  settings.versions_per_app_max = 3;
  World world(settings);
  world.agent("a1", kAgent);
  for (int i = 0; i < 8; ++i) {
    world.put("/web", fmt::format(R"({{"cmd":"v{}","cpus":0.1,"mem":32}})", i));
    world.run(3s);
  }
  const auto* versions = world.snapshot()->versions.find(PathId::parse("/web"));
  ASSERT_NE(versions, nullptr);
  EXPECT_EQ((*versions)->size(), 3u);
  const auto& store = world.store();
  EXPECT_EQ(std::count_if(store.begin(),
                          store.end(),
                          [](const auto& row) { return row.first.first == "definition"; }),
            3);
}

TEST_F(MachineTest, InstanceRowsDoNotRepeatTheDefinition) {
  deploy("/web", R"({"cmd":"a-rather-long-command","cpus":0.1,"mem":32})");
  for (const auto& [key, value] : world_.store()) {
    if (key.first == "instance") {
      EXPECT_EQ(value.find("a-rather-long-command"), std::string::npos);
      EXPECT_LT(value.size(), 600u);
    }
  }
}

TEST_F(MachineTest, GroupComesBackAtAnEarlierVersion) {
  deploy("/g/web", R"({"cmd":"v1","cpus":0.1,"mem":32})");
  const WallTime first = world_.snapshot()->root.version;
  deploy("/g/web", R"({"cmd":"v2"})");
  world_.restart();
  world_.run(1s);
  world_.put_group("/g", fmt::format(R"({{"version":"{}"}})", to_iso8601(first)));
  world_.run(5s);
  EXPECT_EQ(world_.snapshot()->root.find_app(PathId::parse("/g/web"))->cmd, "v1");
}

TEST_F(MachineTest, OldSnapshotsDoNotChange) {
  deploy("/web", R"({"cmd":"xx","cpus":0.1,"mem":32})");
  const SnapshotPtr before = world_.snapshot();
  deploy("/web", R"({"instances":3})");
  EXPECT_EQ((*before->instances.find(PathId::parse("/web")))->all.size(), 1u);
  EXPECT_EQ((*world_.snapshot()->instances.find(PathId::parse("/web")))->all.size(), 3u);
  EXPECT_EQ((*world_.snapshot()->instances.find(PathId::parse("/web")))->running, 3);
  EXPECT_LT(before->sequence, world_.snapshot()->sequence);
}

TEST_F(MachineTest, NothingMovesWhileNothingChanges) {
  for (int i = 0; i < 20; ++i) {
    world_.put(fmt::format("/app{}", i), R"({"cmd":"xx","cpus":0.1,"mem":32})");
  }
  world_.run(1min);
  world_.take_log();
  const std::size_t commits = world_.commits();
  world_.run(8min);
  EXPECT_EQ(world_.commits(), commits);
  EXPECT_TRUE(world_.take_log().empty());
}

}  // namespace

}  // namespace ekiden::marathon::test
