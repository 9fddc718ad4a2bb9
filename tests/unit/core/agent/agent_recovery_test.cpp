#include "tests/unit/core/agent/fixture.h"

namespace ekiden::agent {
namespace {

using model::StatusReason;
using model::TaskState;
using namespace std::chrono_literals;

TEST(AgentRecovery, KeepsItsIdAndItsTasks) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.load();
  EXPECT_EQ(world.agent->id()->value, "A");
  EXPECT_EQ(world.state("t"), TaskState::running);
  ASSERT_EQ(world.agent->executors().size(), 1U);
  EXPECT_EQ(world.agent->executors().begin()->first, container);
  world.register_agent();
  EXPECT_EQ(world.sent<link::StatusUpdate>().size(), 1U);  // the unacknowledged one, again
}

TEST(AgentRecovery, ExecutorComesBackAndIsNotLaunchedAgain) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.load();
  world.step(ContainerStarted{container, 100});
  world.subscribe("t", 1);
  EXPECT_EQ(world.events<exec::Subscribed>().size(), 1U);
  EXPECT_EQ(world.events<exec::Launch>().size(), 0U);
}

TEST(AgentRecovery, LivingProcessIsNeverEndedForBeingSlow) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.load();
  world.step(ContainerStarted{container, 100});
  world.advance(24h);
  EXPECT_TRUE(world.last.destroy.empty());
  EXPECT_EQ(world.state("t"), TaskState::running);
}

TEST(AgentRecovery, ProcessThatIsGoneFailsItsTask) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.load();
  world.step(ContainerExited{container, std::nullopt, std::nullopt});
  EXPECT_EQ(world.state("t"), TaskState::failed);
  EXPECT_EQ(world.agent->tasks().begin()->second.status->reason, StatusReason::executor_terminated);
}

TEST(AgentRecovery, TaskThatWasNeverStartedIsStartedInTheSameContainer) {
  World world;
  world.register_agent();
  const ContainerId container = world.run("t");
  world.load();
  world.step(ContainerMissing{container});
  EXPECT_TRUE(world.last.start.empty());  // an executor may still show up
  world.advance(3s);
  ASSERT_EQ(world.last.start.size(), 1U);
  EXPECT_EQ(world.last.start[0].container, container);
  EXPECT_TRUE(world.last.start[0].again);
  world.step(ContainerStarted{container, 100});
  world.subscribe("t", 1);
  EXPECT_EQ(world.events<exec::Launch>().size(), 1U);
  world.advance(2min);
  EXPECT_TRUE(world.last.start.empty());
}

TEST(AgentRecovery, TaskThatRanOnceIsNotStartedAgain) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.load();
  world.step(ContainerMissing{container});
  world.advance(3s);
  EXPECT_TRUE(world.last.start.empty());
  EXPECT_EQ(world.state("t"), TaskState::dropped);
  EXPECT_EQ(world.agent->tasks().begin()->second.status->reason, StatusReason::agent_restarted);
}

// The engine goes on with the container when its executor dies.
TEST(AgentRecovery, DockerContainerWhoseExecutorDiedGetsAnother) {
  World world;
  world.register_agent();
  model::TaskInfo task = a_task("t");
  task.container.emplace().type = model::ContainerInfo::Type::docker;
  task.container->docker.emplace().image = "nginx";
  world.step(MasterMessage{link::RunTask{a_framework(), task}});
  const ContainerId container = world.last.start[0].container;
  world.step(ContainerStarted{container, 100});
  world.subscribe("t", 1);
  world.update("t", TaskState::running, 'r');
  world.step(ContainerExited{container, 9, std::nullopt});
  ASSERT_EQ(world.last.start.size(), 1U);
  EXPECT_TRUE(world.last.start[0].again);
  EXPECT_TRUE(world.last.release.empty());
  EXPECT_EQ(world.last.close, std::vector<RequestId>{1});
  world.step(ContainerStarted{container, 101});
  world.subscribe("t", 2);
  EXPECT_EQ(world.events<exec::Launch>().size(), 1U);
  world.update("t", TaskState::starting, 's');
  EXPECT_EQ(world.state("t"), TaskState::running);
  EXPECT_EQ(world.events<exec::Acknowledged>().size(), 1U);
  world.step(ContainerExited{container, 9, std::nullopt});
  world.step(ContainerExited{container, 9, std::nullopt});
  world.step(ContainerExited{container, 9, std::nullopt});
  EXPECT_TRUE(world.last.start.empty());  // enough
  EXPECT_EQ(world.state("t"), TaskState::failed);
}

TEST(AgentRecovery, ExecutorThatShowsUpInTimeGetsItsTask) {
  World world;
  world.register_agent();
  const ContainerId container = world.run("t");
  world.load();
  world.step(ContainerMissing{container});
  world.advance(1s);
  world.subscribe("t", 1);
  EXPECT_EQ(world.events<exec::Launch>().size(), 1U);
  EXPECT_EQ(world.last.adopt, std::vector<ContainerId>{container});
  world.advance(1min);
  EXPECT_EQ(world.state("t"), TaskState::staging);
}

TEST(AgentRecovery, UpdatesThatTheExecutorKeptAreTakenOver) {
  World world;
  world.register_agent();
  world.running("t");
  world.acknowledge("t", 'r');
  world.load();
  world.register_agent();
  exec::Subscribe body;
  body.unacknowledged_updates = {World::status("t", TaskState::finished, 'f')};
  world.subscribe("t", 1, body);
  EXPECT_EQ(world.events<exec::Acknowledged>().size(), 1U);
  EXPECT_EQ(world.state("t"), TaskState::finished);
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.stored[kUpdateKind].size(), 1U);  // the superseded one is gone
}

TEST(AgentRecovery, EndedTaskIsReportedUntilAcknowledged) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.acknowledge("t", 'r');
  world.update("t", TaskState::failed, 'f');
  world.load();
  world.step(ContainerExited{container, std::nullopt, std::nullopt});
  world.register_agent();
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.state, TaskState::failed);
  world.acknowledge("t", 'f');
  EXPECT_TRUE(world.agent->tasks().empty());
  EXPECT_TRUE(world.stored[kTaskKind].empty());
}

TEST(AgentRecovery, UnreadableRecordIsNamed) {
  World world;
  StoredRecords records;
  records.tasks = {{"000000000001", "{nonsense"}};
  const auto loaded = Agent::load(world.config, Random(1), records);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("task/000000000001"), std::string::npos);
}

TEST(AgentRecovery, CrashAfterEveryStepLosesNothing) {
  World world;
  world.register_agent();
  const ContainerId container = world.run("t");
  const auto crash = [&] {
    world.load();
    world.register_agent();
    world.step(ContainerStarted{container, 100});
  };
  crash();
  world.subscribe("t", 1);
  ASSERT_EQ(world.events<exec::Launch>().size(), 1U);
  world.update("t", TaskState::starting, 's');
  crash();
  EXPECT_EQ(world.state("t"), TaskState::starting);
  exec::Subscribe body;
  body.unacknowledged_updates = {World::status("t", TaskState::starting, 's'),
                                 World::status("t", TaskState::running, 'r')};
  world.subscribe("t", 1, body);
  EXPECT_EQ(world.events<exec::Acknowledged>().size(), 2U);
  EXPECT_EQ(world.events<exec::Launch>().size(), 0U);
  crash();
  EXPECT_EQ(world.state("t"), TaskState::running);
  world.acknowledge("t", 's');
  EXPECT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  crash();
  world.acknowledge("t", 's');  // late
  world.acknowledge("t", 'r');
  crash();
  EXPECT_EQ(world.state("t"), TaskState::running);
  EXPECT_TRUE(world.sent<link::StatusUpdate>().empty());
}

}  // namespace
}  // namespace ekiden::agent
