// Executors of frameworks: several tasks in one, and what the agent owes them.
#include "tests/unit/core/agent/fixture.h"

namespace ekiden::agent {
namespace {

using model::StatusReason;
using model::TaskState;
using namespace std::chrono_literals;

model::TaskInfo custom_task(const std::string& id) {
  model::TaskInfo task = a_task(id, 0.5);
  task.command.reset();
  task.executor.emplace().executor_id = ExecutorId{"e"};
  task.executor->command.emplace().value = "./my-executor";
  task.executor->resources = {model::scalar_resource("cpus", 1), model::scalar_resource("mem", 32)};
  return task;
}

struct Custom : World {
  Custom() { register_agent(); }

  ContainerId launch(const std::string& id) {
    step(MasterMessage{link::RunTask{a_framework(), custom_task(id)}});
    if (!last.start.empty()) {
      container = last.start[0].container;
    }
    return container;
  }

  // The executor "e" is up and has got what was launched so far.
  void up() {
    step(ContainerStarted{container, 100});
    subscribe("e", 1);
  }

  Effects& report(const std::string& id, TaskState state, char uuid) {
    return step(ExecutorRequest{
        99, {FrameworkId{"F"}, ExecutorId{"e"}, exec::Update{status(id, state, uuid)}}});
  }

  Effects& kill(const std::string& id) {
    return step(MasterMessage{link::KillTask{FrameworkId{"F"}, TaskId{id}, std::nullopt}});
  }

  ContainerId container;
};

TEST(CustomExecutor, ItsResourcesCountOnceBesideItsTasks) {
  Custom world;
  world.launch("a");
  EXPECT_DOUBLE_EQ(world.last.start[0].cpus, 1.5);
  world.up();
  world.launch("b");
  EXPECT_TRUE(world.last.start.empty());
  ASSERT_EQ(world.last.limits.size(), 1U);  // before the task is delivered [6.4]
  EXPECT_DOUBLE_EQ(world.last.limits[0].cpus, 2);
  EXPECT_EQ(world.events<exec::Launch>().size(), 1U);
  EXPECT_EQ(world.agent->used().scalar("cpus").to_double(), 2);
}

TEST(CustomExecutor, LimitsShrinkWhenATaskEnds) {
  Custom world;
  world.launch("a");
  world.up();
  world.launch("b");
  world.report("a", TaskState::finished, 'f');
  ASSERT_EQ(world.last.limits.size(), 1U);
  EXPECT_DOUBLE_EQ(world.last.limits[0].cpus, 1.5);
}

TEST(CustomExecutor, StaysWhenItsTasksHaveEnded) {
  Custom world;
  world.launch("a");
  world.up();
  world.report("a", TaskState::finished, 'f');
  world.acknowledge("a", 'f');
  world.step(ExecutorStreamClosed{1});
  world.subscribe("e", 2);
  EXPECT_EQ(world.events<exec::Subscribed>().size(), 1U);
  world.launch("b");
  EXPECT_EQ(world.events<exec::Launch>().size(), 1U);
}

// [mesos-core 3.3.5]
TEST(CustomExecutor, TaskItWasSentAndDoesNotHaveIsDropped) {
  Custom world;
  world.launch("a");
  world.up();
  ASSERT_EQ(world.events<exec::Launch>().size(), 1U);
  world.step(ExecutorStreamClosed{1});
  world.subscribe("e", 2);
  EXPECT_EQ(world.events<exec::Launch>().size(), 0U);
  EXPECT_EQ(world.state("a"), TaskState::dropped);
  EXPECT_EQ(world.agent->tasks().begin()->second.status->reason, StatusReason::agent_restarted);
}

TEST(CustomExecutor, TaskItHasIsKeptAndNotSentAgain) {
  Custom world;
  world.launch("a");
  world.up();
  exec::Subscribe has;
  has.unacknowledged_tasks = {custom_task("a")};
  world.subscribe("e", 2, has);
  EXPECT_EQ(world.events<exec::Launch>().size(), 0U);
  EXPECT_EQ(world.state("a"), TaskState::staging);
}

// [mesos-core 3.3.6]
TEST(CustomExecutor, WhoseTaskWasKilledBeforeItCameIsShutDown) {
  Custom world;
  world.launch("a");
  world.step(ContainerStarted{world.container, 100});
  world.kill("a");
  EXPECT_EQ(world.state("a"), TaskState::killed);
  EXPECT_EQ(world.agent->tasks().begin()->second.status->reason,
            StatusReason::task_killed_during_launch);
  world.subscribe("e", 1);
  EXPECT_EQ(world.events<exec::Subscribed>().size(), 0U);
  EXPECT_EQ(world.events<exec::Shutdown>().size(), 1U);
}

// [mesos-core 3.3.1]
TEST(CustomExecutor, ThatIsEndingGetsShutdownAndTheStreamCloses) {
  Custom world;
  world.launch("a");
  world.up();
  world.step(MasterMessage{link::ShutdownExecutor{FrameworkId{"F"}, ExecutorId{"e"}}});
  EXPECT_EQ(world.events<exec::Shutdown>().size(), 1U);
  world.subscribe("e", 2);
  EXPECT_EQ(world.events<exec::Shutdown>().size(), 1U);
  EXPECT_EQ(world.last.close, (std::vector<RequestId>{1, 2}));
  world.advance(6s);
  EXPECT_EQ(world.last.destroy, std::vector<ContainerId>{world.container});
}

TEST(CustomExecutor, ItsEndFailsItsTasksAndIsTold) {
  Custom world;
  world.launch("a");
  world.up();
  world.launch("b");
  world.step(ContainerExited{world.container, 256, std::nullopt});
  ASSERT_EQ(world.sent<link::ExecutorExited>().size(), 1U);
  EXPECT_EQ(world.sent<link::ExecutorExited>()[0].status, 256);
  EXPECT_EQ(world.state("a"), TaskState::failed);
  EXPECT_EQ(world.state("b"), TaskState::failed);
}

TEST(CustomExecutor, MessagesGoBothWays) {
  Custom world;
  world.launch("a");
  world.up();
  world.step(MasterMessage{link::FrameworkMessage{FrameworkId{"F"}, ExecutorId{"e"}, "down"}});
  ASSERT_EQ(world.events<exec::Message>().size(), 1U);
  EXPECT_EQ(world.events<exec::Message>()[0].data, "down");
  world.step(ExecutorRequest{7, {FrameworkId{"F"}, ExecutorId{"e"}, exec::MessageCall{"up"}}});
  ASSERT_EQ(world.sent<link::ExecutorMessage>().size(), 1U);
  EXPECT_EQ(world.sent<link::ExecutorMessage>()[0].data, "up");
}

TEST(CustomExecutor, IsReportedWhenTheAgentRegisters) {
  Custom world;
  world.launch("a");
  world.step(MasterLost{});
  world.advance(1s);
  const auto sent = world.sent<link::Register>();
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_EQ(sent[0].executors.size(), 1U);
  EXPECT_EQ(sent[0].executors[0].info.executor_id.value, "e");
  EXPECT_EQ(sent[0].executors[0].info.framework_id->value, "F");
  EXPECT_EQ(sent[0].tasks[0].executor_id->value, "e");
}

TEST(CustomExecutor, NewFrameworkInfoReachesTheNextSubscription) {
  Custom world;
  world.launch("a");
  model::FrameworkInfo info = a_framework();
  info.name = "renamed";
  world.step(MasterMessage{link::UpdateFramework{info}});
  world.load();
  world.subscribe("e", 1);
  ASSERT_EQ(world.events<exec::Subscribed>().size(), 1U);
  EXPECT_EQ(world.events<exec::Subscribed>()[0].framework_info.name, "renamed");
}

TEST(CustomExecutor, CheckStatusWithoutTypeIsRefused) {
  Custom world;
  world.launch("a");
  world.up();
  model::TaskStatus status = World::status("a", TaskState::running, 'r');
  status.check_status.emplace();
  world.step(ExecutorRequest{99, {FrameworkId{"F"}, ExecutorId{"e"}, exec::Update{status}}});
  EXPECT_EQ(world.last.reply[0].status, 400);
}

}  // namespace
}  // namespace ekiden::agent
