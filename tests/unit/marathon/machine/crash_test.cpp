// The machine is killed at every commit of a story, before or after it became durable, and started
// again: the story ends as if nothing had happened, and nothing is launched twice.
#include "tests/unit/marathon/machine/world.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* kAgent = "cpus:10;mem:10000;disk:10000;ports:[31000-31999]";
constexpr const char* kFirst =
    R"({"cmd":"v1","cpus":0.1,"mem":32,"instances":4,
        "upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":0.25},
        "healthChecks":[{"protocol":"HTTP","path":"/","intervalSeconds":5}]})";

struct Wish {
  const char* body;
  std::size_t instances;
  const char* cmd;
};

// A client that asks again until the definition is as it wants it.
void insist(World& world, const Wish& wish) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    const AppPtr app = world.snapshot()->root.find_app(PathId::parse("/web"));
    const bool there =
        app && app->cmd == wish.cmd && static_cast<std::size_t>(app->instances) == wish.instances;
    if (there && world.snapshot()->deployments.empty()) {
      return;
    }
    if (!there) {
      world.put("/web", wish.body, true);
    }
    world.run(45s);
  }
}

std::size_t tell(World& world) {
  const std::size_t before = world.commits();
  for (const char* agent : {"a1", "a2"}) {
    world.agent(agent, kAgent);
  }
  insist(world, {kFirst, 4, "v1"});
  insist(world, {R"({"cmd":"v2"})", 4, "v2"});
  insist(world, {R"({"instances":2})", 2, "v2"});
  if (!world.tasks_of("/web").empty()) {
    world.finish_task(world.tasks_of("/web").front(), model::TaskState::failed);
  }
  world.run(45s);
  return world.commits() - before;
}

void expect_the_end(const World& world) {
  EXPECT_TRUE(world.snapshot()->deployments.empty());
  ASSERT_EQ(world.tasks_of("/web").size(), 2u);
  for (const TaskId& id : world.tasks_of("/web")) {
    EXPECT_EQ(world.tasks().at(id).info.command->value, "v2");
  }
  for (const InstancePtr& instance : world.instances_of("/web")) {
    EXPECT_EQ(instance->condition, Condition::running);
    EXPECT_EQ(instance->healthy, true);
  }
  EXPECT_EQ(world.instances_of("/web").size(), 2u);
}

TEST(Crash, StoryWithoutCrashEndsAsWanted) {
  World world;
  tell(world);
  expect_the_end(world);
  EXPECT_EQ(world.launches, 9u);  // 4 old, 4 new, 1 after the failure
}

class CrashAt : public testing::TestWithParam<World::Crash> {};

TEST_P(CrashAt, EveryCommitTheStoryEndsAsWanted) {
  World calm;
  const std::size_t commits = tell(calm);
  ASSERT_GT(commits, 20u);
  for (std::size_t i = 1; i <= commits; ++i) {
    SCOPED_TRACE(i);
    World world;
    world.crash_at(i, GetParam());
    tell(world);
    EXPECT_EQ(world.crashes, 1u);
    expect_the_end(world);
    // A launch whose ACCEPT was lost is made again under a new id; nothing runs twice.
    EXPECT_LE(world.launches, 9u + 4u);
  }
}

INSTANTIATE_TEST_SUITE_P(Both,
                         CrashAt,
                         testing::Values(World::Crash::before_commit, World::Crash::after_commit),
                         [](const auto& one) {
                           return one.param == World::Crash::before_commit ? "BeforeCommit"
                                                                           : "AfterCommit";
                         });

TEST(Crash, RestartAloneTouchesNoTask) {
  World world;
  world.agent("a1", kAgent);
  world.put("/web", kFirst);
  world.run(30s);
  const auto before = world.tasks_of("/web");
  ASSERT_EQ(before.size(), 4u);
  for (int i = 0; i < 3; ++i) {
    world.restart();
    world.run(15min);
  }
  EXPECT_EQ(world.tasks_of("/web"), before);
  EXPECT_EQ(world.launches, 4u);
  EXPECT_EQ(world.calls["KILL"], 0u);
}

TEST(Crash, UnknownTaskIsLeftRunning) {
  World world;
  world.agent("a1", kAgent);
  world.put("/web", kFirst);
  world.run(30s);
  // A task under our framework whose record is gone.
  model::TaskStatus stranger;
  stranger.task_id = TaskId{"web.instance-6fa459ea-ee8a-4ca4-894e-db77e160355e._app.1"};
  stranger.state = model::TaskState::running;
  stranger.agent_id = AgentId{"a1"};
  stranger.uuid = "1";
  world.input(SchedulerEvent{api::scheduler::Update{stranger}});
  world.run(60s);
  EXPECT_EQ(world.calls["KILL"], 0u);
  EXPECT_EQ(world.tasks_of("/web").size(), 4u);
}

}  // namespace

}  // namespace ekiden::marathon::test
