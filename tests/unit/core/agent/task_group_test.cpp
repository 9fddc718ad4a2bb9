// LAUNCH_GROUP on an agent [mesos-core 2.9, 3.9].
#include "tests/unit/core/agent/fixture.h"

namespace ekiden::agent {
namespace {

using model::StatusReason;
using model::TaskState;
using namespace std::chrono_literals;

model::ExecutorInfo default_executor() {
  model::ExecutorInfo info;
  info.type = model::ExecutorInfo::Type::default_;
  info.executor_id = ExecutorId{"pod"};
  info.framework_id = FrameworkId{"F"};
  info.resources = {model::scalar_resource("cpus", 0.1), model::scalar_resource("mem", 32)};
  return info;
}

struct Pods : World {
  Pods() { register_agent(); }

  Effects& launch(const std::vector<model::TaskInfo>& tasks) {
    step(MasterMessage{link::RunTaskGroup{a_framework(), default_executor(), tasks}});
    if (!last.start.empty()) {
      container = last.start[0].container;
    }
    return last;
  }

  void up() {
    step(ContainerStarted{container, 100});
    subscribe("pod", 1);
  }

  Effects& kill(const std::string& id) {
    return step(MasterMessage{link::KillTask{FrameworkId{"F"}, TaskId{id}, std::nullopt}});
  }

  ContainerId container;
};

model::TaskInfo fetching(const std::string& id) {
  model::TaskInfo task = a_task(id);
  task.command->uris.emplace_back().value = "http://x/" + id;
  return task;
}

TEST(TaskGroup, IsStartedOnceAndDeliveredAsAWhole) {
  Pods world;
  world.launch({a_task("a"), a_task("b", 2)});
  ASSERT_EQ(world.last.start.size(), 1U);
  EXPECT_EQ(world.last.start[0].kind, ExecutorKind::default_);
  EXPECT_DOUBLE_EQ(world.last.start[0].cpus, 3.1);
  world.up();
  ASSERT_EQ(world.events<exec::LaunchGroup>().size(), 1U);
  EXPECT_EQ(world.events<exec::LaunchGroup>()[0].tasks.size(), 2U);
  EXPECT_EQ(world.events<exec::Launch>().size(), 0U);
  EXPECT_EQ(world.events<exec::LaunchGroup>()[0].tasks[0].executor->executor_id.value, "pod");
}

TEST(TaskGroup, RepeatChangesNothing) {
  Pods world;
  world.launch({a_task("a"), a_task("b")});
  world.launch({a_task("a"), a_task("b")});
  EXPECT_TRUE(world.last.start.empty());
  EXPECT_TRUE(world.last.persist.empty());
}

TEST(TaskGroup, AKillThatCameFirstRefusesAllOfIt) {
  Pods world;
  world.kill("b");
  world.launch({a_task("a"), a_task("b")});
  EXPECT_TRUE(world.last.start.empty());
  EXPECT_EQ(world.state("a"), TaskState::killed);
  EXPECT_EQ(world.state("b"), TaskState::killed);
}

TEST(TaskGroup, TheSecondGoesToTheRunningExecutor) {
  Pods world;
  world.launch({a_task("a")});
  world.up();
  world.launch({a_task("b"), a_task("c")});
  EXPECT_TRUE(world.last.start.empty());
  EXPECT_EQ(world.last.limits.size(), 1U);
  ASSERT_EQ(world.events<exec::LaunchGroup>().size(), 1U);
  EXPECT_EQ(world.events<exec::LaunchGroup>()[0].tasks[0].task_id.value, "b");
}

TEST(TaskGroup, TooBigIsRefusedForEveryTask) {
  Pods world;
  world.launch({a_task("a", 3), a_task("b", 2)});
  EXPECT_TRUE(world.last.start.empty());
  const auto sent = world.sent<link::StatusUpdate>();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].status.state, TaskState::error);
  EXPECT_EQ(sent[0].status.reason, StatusReason::task_group_invalid);
}

TEST(TaskGroup, WaitsUntilEveryTaskHasWhatItsUrisName) {
  Pods world;
  world.launch({fetching("a"), a_task("b"), fetching("c")});
  world.up();
  EXPECT_EQ(world.events<exec::Subscribed>().size(), 1U);
  EXPECT_EQ(world.events<exec::LaunchGroup>().size(), 0U);
  ASSERT_EQ(world.last.prepare.size(), 2U);
  EXPECT_EQ(world.last.prepare[0].task.task_id.value, "a");
  world.step(NestedPrepared{world.container, TaskId{"c"}, std::nullopt});
  EXPECT_EQ(world.events<exec::LaunchGroup>().size(), 0U);
  world.step(NestedPrepared{world.container, TaskId{"a"}, std::nullopt});
  ASSERT_EQ(world.events<exec::LaunchGroup>().size(), 1U);
  EXPECT_EQ(world.events<exec::LaunchGroup>()[0].tasks.size(), 3U);
}

TEST(TaskGroup, FailsWhenAUriCannotBeFetched) {
  Pods world;
  world.launch({fetching("a"), a_task("b")});
  world.up();
  world.step(NestedPrepared{world.container, TaskId{"a"}, "HTTP status 404"});
  EXPECT_EQ(world.state("a"), TaskState::failed);
  EXPECT_EQ(world.state("b"), TaskState::killed);
  const auto sent = world.sent<link::StatusUpdate>();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].status.reason, StatusReason::container_launch_failed);
  EXPECT_EQ(sent[0].status.message, "Failed to launch container: HTTP status 404");
  EXPECT_EQ(world.events<exec::Shutdown>().size(), 1U);  // it has nothing to do
}

TEST(TaskGroup, KillOfOneBeforeDeliveryKillsAll) {
  Pods world;
  world.launch({a_task("a"), a_task("b")});
  world.kill("a");
  EXPECT_EQ(world.state("a"), TaskState::killed);
  EXPECT_EQ(world.state("b"), TaskState::killed);
  EXPECT_EQ(world.last.destroy, std::vector<ContainerId>{world.container});
}

TEST(TaskGroup, KillWhileFetchingKillsAll) {
  Pods world;
  world.launch({fetching("a"), a_task("b")});
  world.up();
  world.kill("b");
  EXPECT_EQ(world.state("a"), TaskState::killed);
  EXPECT_EQ(world.events<exec::Shutdown>().size(), 1U);
  world.step(NestedPrepared{world.container, TaskId{"a"}, std::nullopt});
  EXPECT_EQ(world.events<exec::LaunchGroup>().size(), 0U);
}

TEST(TaskGroup, KillOfADeliveredTaskIsTheExecutorsAffair) {
  Pods world;
  world.launch({a_task("a"), a_task("b")});
  world.up();
  world.kill("a");
  EXPECT_EQ(world.events<exec::Kill>().size(), 1U);
  EXPECT_EQ(world.state("b"), TaskState::staging);
}

TEST(TaskGroup, StatusKeepsTheNestedContainer) {
  Pods world;
  world.launch({a_task("a")});
  world.up();
  model::TaskStatus status = World::status("a", TaskState::running, 'r');
  status.container_status.emplace().container_id = ContainerId{world.container.value + ".child"};
  world.step(ExecutorRequest{99, {FrameworkId{"F"}, ExecutorId{"pod"}, exec::Update{status}}});
  const auto sent = world.sent<link::StatusUpdate>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].status.container_status->container_id->value, world.container.value + ".child");
  EXPECT_EQ(sent[0].status.executor_id->value, "pod");
  EXPECT_FALSE(sent[0].status.container_status->network_infos.empty());
}

TEST(TaskGroup, SurvivesTheAgentAndIsNotLaunchedAgain) {
  Pods world;
  world.launch({a_task("a"), a_task("b")});
  world.up();
  world.load();
  world.register_agent();
  world.step(ContainerStarted{world.container, 100});
  exec::Subscribe has;
  has.unacknowledged_tasks = {a_task("a"), a_task("b")};
  world.subscribe("pod", 1, has);
  EXPECT_EQ(world.events<exec::Subscribed>().size(), 1U);
  EXPECT_EQ(world.events<exec::LaunchGroup>().size(), 0U);
  // What was lost on the way is one group still.
  world.subscribe("pod", 2);
  ASSERT_EQ(world.events<exec::LaunchGroup>().size(), 1U);
  EXPECT_EQ(world.events<exec::LaunchGroup>()[0].tasks.size(), 2U);
}

TEST(TaskGroup, UnknownNetworkIsSaidInsteadOfIgnored) {
  Pods world;
  model::ExecutorInfo executor = default_executor();
  executor.container.emplace().type = model::ContainerInfo::Type::mesos;
  executor.container->network_infos.emplace_back().name = "weave";
  world.step(MasterMessage{link::RunTaskGroup{a_framework(), executor, {a_task("a")}}});
  EXPECT_TRUE(world.last.start.empty());
  const auto sent = world.sent<link::StatusUpdate>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].status.state, TaskState::failed);
  EXPECT_EQ(sent[0].status.reason, StatusReason::container_launch_failed);
  EXPECT_NE(sent[0].status.message->find("'weave'"), std::string::npos);
}

}  // namespace
}  // namespace ekiden::agent
