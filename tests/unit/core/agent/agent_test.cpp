#include "tests/unit/core/agent/fixture.h"

namespace ekiden::agent {
namespace {

using model::StatusReason;
using model::TaskState;
using namespace std::chrono_literals;

TEST(AgentRegistration, RepeatsWithBackoffUntilAnswered) {
  World world;
  world.tick();
  EXPECT_TRUE(world.last.connect);
  const auto first = world.agent->next_deadline();
  EXPECT_LE(first, world.now.time + 500ms);
  world.now.time = first;
  world.tick();
  EXPECT_FALSE(world.last.connect);  // the link is open
  ASSERT_EQ(world.sent<link::Register>().size(), 1U);
  EXPECT_EQ(world.sent<link::Register>()[0].attempt, 2U);
  EXPECT_GT(world.agent->next_deadline(), world.now.time + 400ms);
}

TEST(AgentRegistration, IgnoresTheAnswerToAnOlderAttempt) {
  World world;
  world.tick();
  world.step(MasterMessage{link::Registered{17, AgentId{"A"}, {}}});
  EXPECT_FALSE(world.agent->registered());
}

TEST(AgentRegistration, PersistsItsIdBeforeUsingIt) {
  World world;
  world.register_agent();
  EXPECT_EQ(world.stored[kAgentKind].size(), 1U);
}

TEST(AgentRegistration, OpensTheLinkAgainWhenNoPingComes) {
  World world;
  world.register_agent();
  world.advance(70s);
  world.step(MasterMessage{link::Ping{}});
  EXPECT_EQ(world.sent<link::Pong>().size(), 1U);
  world.advance(70s);
  EXPECT_FALSE(world.last.connect);
  world.advance(6s);
  EXPECT_TRUE(world.last.connect);
  EXPECT_EQ(world.sent<link::Register>().size(), 1U);
}

TEST(AgentRegistration, ReportsEveryTaskAfterALostLink) {
  World world;
  world.register_agent();
  world.running("t");
  world.step(MasterLost{});
  world.advance(1s);
  const auto sent = world.sent<link::Register>();
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_EQ(sent[0].tasks.size(), 1U);
  EXPECT_EQ(sent[0].tasks[0].state, TaskState::running);
  EXPECT_EQ(sent[0].tasks[0].executor_id, std::nullopt);
  EXPECT_EQ(sent[0].frameworks.size(), 1U);
}

TEST(AgentRegistration, StopsTryingWhenRefusedAndKeepsItsTasks) {
  World world;
  world.register_agent();
  world.running("t");
  world.step(MasterMessage{link::Refused{"gone"}});
  world.advance(1h);
  EXPECT_FALSE(world.last.connect);
  EXPECT_TRUE(world.last.destroy.empty());
  EXPECT_EQ(world.state("t"), TaskState::running);
}

TEST(AgentRunTask, PersistsTheTaskInTheStepThatStartsIt) {
  World world;
  world.register_agent();
  const ContainerId container = world.run("t");
  ASSERT_EQ(world.last.start.size(), 1U);
  EXPECT_FALSE(container.empty());
  EXPECT_EQ(world.stored[kTaskKind].size(), 1U);
  EXPECT_EQ(world.stored[kExecutorKind].size(), 1U);
  EXPECT_EQ(world.stored[kFrameworkKind].size(), 1U);
  EXPECT_DOUBLE_EQ(world.last.start[0].mem_mb, 64 + 32);
}

TEST(AgentRunTask, IgnoresARepeat) {
  World world;
  world.register_agent();
  world.run("t");
  world.run("t");
  EXPECT_TRUE(world.last.start.empty());
  EXPECT_TRUE(world.last.persist.empty());
}

// What was read late, of an old link, is not in the Register that is under way: the master, perhaps
// another one, would never hear of it. It sends again what it still wants.
TEST(AgentRunTask, WaitsForTheMastersWelcomeOnANewLink) {
  World world;
  world.register_agent();
  world.step(MasterLost{});
  world.advance(1s);
  const auto sent = world.sent<link::Register>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(world.run("t").empty());
  EXPECT_TRUE(world.last.persist.empty());
  world.step(MasterMessage{link::Registered{sent[0].attempt, AgentId{"A"}, 75s}});
  EXPECT_FALSE(world.run("t").empty());
}

TEST(AgentRunTask, RefusesMoreThanItsTotal) {
  World world;
  world.register_agent();
  world.run("t", 5);
  EXPECT_TRUE(world.last.start.empty());
  const auto updates = world.sent<link::StatusUpdate>();
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].status.state, TaskState::error);
  EXPECT_EQ(updates[0].status.reason, StatusReason::task_invalid);
}

TEST(AgentRunTask, NeverRunsMoreThanItsResourcesAtOnce) {
  World world;
  world.register_agent();
  world.run("a", 3);
  world.run("b", 2);
  EXPECT_TRUE(world.last.start.empty());
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.state, TaskState::dropped);
}

TEST(AgentRunTask, RefusesAPortInUse) {
  World world;
  world.register_agent();
  for (const char* id : {"a", "b"}) {
    model::TaskInfo task = a_task(id);
    task.resources.push_back(model::ranges_resource("ports", {{31005, 31005}}));
    world.step(MasterMessage{link::RunTask{a_framework(), task}});
  }
  EXPECT_TRUE(world.last.start.empty());
  EXPECT_EQ(world.state("b"), TaskState::dropped);
}

TEST(AgentRunTask, FreesResourcesWhenTheTaskEnds) {
  World world;
  world.register_agent();
  world.run("a", 3);
  world.subscribe("a", 1);
  world.update("a", TaskState::finished, 'f');
  world.run("b", 4);
  EXPECT_EQ(world.last.start.size(), 1U);
}

TEST(AgentExecutor, GetsItsTaskOnceItHasSubscribed) {
  World world;
  world.register_agent();
  const ContainerId container = world.run("t");
  world.step(ContainerStarted{container, 100});
  world.subscribe("t", 1);
  ASSERT_EQ(world.last.reply.size(), 1U);
  EXPECT_EQ(world.last.reply[0].status, 200);
  ASSERT_EQ(world.last.stream.size(), 2U);
  EXPECT_EQ(world.events<exec::Subscribed>().size(), 1U);
  ASSERT_EQ(world.events<exec::Launch>().size(), 1U);
  EXPECT_EQ(world.events<exec::Launch>()[0].task.task_id.value, "t");
}

TEST(AgentExecutor, UpdateIsDurableWhenAcknowledgedAndForwarded) {
  World world;
  world.register_agent();
  world.running("t");
  EXPECT_EQ(world.events<exec::Acknowledged>().size(), 1U);
  EXPECT_EQ(world.stored[kUpdateKind].size(), 1U);
  const auto sent = world.sent<link::StatusUpdate>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].status.agent_id->value, "A");
  EXPECT_TRUE(sent[0].status.container_status->container_id.has_value());
  EXPECT_EQ(sent[0].status.container_status->network_infos[0].ip_addresses[0].ip_address,
            "127.0.0.1");
}

TEST(AgentExecutor, UpdatesOfATaskGoOutOneByOneAndSayTheLatestState) {
  World world;
  world.register_agent();
  world.run("t");
  world.subscribe("t", 1);
  world.update("t", TaskState::starting, 's');
  world.update("t", TaskState::running, 'r');
  EXPECT_TRUE(world.sent<link::StatusUpdate>().empty());
  world.acknowledge("t", 's');
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.state, TaskState::running);
  world.update("t", TaskState::finished, 'f');
  world.advance(10s);
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].latest_state, TaskState::finished);
}

TEST(AgentExecutor, RepeatedUpdateIsAcknowledgedAndNotStoredTwice) {
  World world;
  world.register_agent();
  world.running("t");
  world.update("t", TaskState::running, 'r');
  EXPECT_EQ(world.events<exec::Acknowledged>().size(), 1U);
  EXPECT_TRUE(world.last.persist.empty());
  world.acknowledge("t", 'r');
  world.update("t", TaskState::running, 'r');
  EXPECT_EQ(world.events<exec::Acknowledged>().size(), 1U);
  EXPECT_TRUE(world.last.persist.empty());
}

TEST(AgentExecutor, CallsAreChecked) {
  World world;
  world.register_agent();
  world.subscribe("nobody", 1);
  EXPECT_EQ(world.last.reply[0].status, 400);
  world.run("t");
  world.update("t", TaskState::running, 'r');
  EXPECT_EQ(world.last.reply[0].status, 403);
  world.subscribe("t", 1);
  world.update("t", TaskState::staging, 'r');
  EXPECT_EQ(world.last.reply[0].status, 400);
  world.step(ExecutorRequest{5, {FrameworkId{"F"}, ExecutorId{"x"}, exec::HeartbeatCall{}}});
  EXPECT_EQ(world.last.reply[0].status, 202);
}

TEST(AgentExecutor, ConnectionLossEndsNothing) {
  World world;
  world.register_agent();
  world.running("t");
  world.step(ExecutorStreamClosed{1});
  world.advance(1h);
  EXPECT_EQ(world.state("t"), TaskState::running);
  EXPECT_TRUE(world.last.destroy.empty());
  world.subscribe("t", 2);
  EXPECT_EQ(world.events<exec::Launch>().size(), 0U);
}

TEST(AgentExecutor, LaunchThatWasLostWithTheConnectionIsSentAgain) {
  World world;
  world.register_agent();
  world.run("t");
  world.subscribe("t", 1);
  world.step(ExecutorStreamClosed{1});
  world.subscribe("t", 2);
  EXPECT_EQ(world.events<exec::Launch>().size(), 1U);
  exec::Subscribe has;
  has.unacknowledged_tasks = {a_task("t")};
  world.subscribe("t", 3, has);
  EXPECT_EQ(world.events<exec::Launch>().size(), 0U);
  EXPECT_EQ(world.last.close, std::vector<RequestId>{2});
}

TEST(AgentExecutor, SilenceAfterTheStartFailsTheTask) {
  World world;
  world.register_agent();
  const ContainerId container = world.run("t");
  world.step(ContainerStarted{container, 100});
  world.advance(61s);
  EXPECT_EQ(world.last.destroy, std::vector<ContainerId>{container});
  world.step(ContainerExited{container, 9, std::nullopt});
  EXPECT_EQ(world.agent->tasks().begin()->second.status->reason,
            StatusReason::executor_registration_timeout);
}

TEST(AgentKill, ReachesTheExecutor) {
  World world;
  world.register_agent();
  world.running("t");
  world.step(MasterMessage{link::KillTask{FrameworkId{"F"}, TaskId{"t"}, std::nullopt}});
  EXPECT_EQ(world.events<exec::Kill>().size(), 1U);
}

TEST(AgentKill, BeforeDeliveryEndsTheTaskWithoutItsExecutor) {
  World world;
  world.register_agent();
  const ContainerId container = world.run("t");
  world.step(MasterMessage{link::KillTask{FrameworkId{"F"}, TaskId{"t"}, std::nullopt}});
  EXPECT_EQ(world.last.destroy, std::vector<ContainerId>{container});
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.state, TaskState::killed);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.reason,
            StatusReason::task_killed_during_launch);
  world.subscribe("t", 1);
  EXPECT_EQ(world.events<exec::Shutdown>().size(), 1U);
}

TEST(AgentKill, WaitsForAnExecutorThatIsNotConnected) {
  World world;
  world.register_agent();
  world.running("t");
  world.step(ExecutorStreamClosed{1});
  world.step(MasterMessage{link::KillTask{FrameworkId{"F"}, TaskId{"t"}, std::nullopt}});
  EXPECT_TRUE(world.last.stream.empty());
  world.subscribe("t", 2);
  EXPECT_EQ(world.events<exec::Kill>().size(), 1U);
}

void kill_before_launch(World& world, const std::string& id) {
  world.step(MasterMessage{link::KillTask{FrameworkId{"F"}, TaskId{id}, std::nullopt}});
}

TEST(AgentKill, ThatCameBeforeItsLaunchHolds) {
  World world;
  world.register_agent();
  kill_before_launch(world, "t");
  world.run("t");
  EXPECT_TRUE(world.last.start.empty());
  const auto sent = world.sent<link::StatusUpdate>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].status.state, TaskState::killed);
  EXPECT_EQ(sent[0].status.reason, StatusReason::task_killed_during_launch);
  EXPECT_TRUE(sent[0].status.uuid);  // an event: repeated until acknowledged
  EXPECT_FALSE(world.run("other").empty());
}

TEST(AgentKill, ThatCameBeforeItsLaunchHoldsOnce) {
  World world;
  world.register_agent();
  kill_before_launch(world, "t");
  world.run("t");
  const auto sent = world.sent<link::StatusUpdate>();
  ASSERT_EQ(sent.size(), 1U);
  world.step(MasterMessage{
      link::AcknowledgeUpdate{FrameworkId{"F"}, TaskId{"t"}, sent[0].status.uuid.value_or("")}});
  EXPECT_FALSE(world.run("t").empty());  // the framework uses the name again
}

TEST(AgentKill, RemembersTheLastOfThoseThatCameBeforeTheirLaunch) {
  World world;
  world.register_agent();
  for (std::size_t i = 0; i <= Agent::kEarlyKillsMax; ++i) {
    kill_before_launch(world, std::to_string(i));
  }
  EXPECT_FALSE(world.run("0").empty());
  EXPECT_TRUE(world.run("1").empty());
}

TEST(AgentKill, OfAnUnknownTaskIsAnswered) {
  World world;
  world.register_agent();
  world.step(MasterMessage{link::KillTask{FrameworkId{"F"}, TaskId{"x"}, std::nullopt}});
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.uuid, std::nullopt);
}

TEST(AgentContainer, EndOfTheExecutorFailsItsTask) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.step(ContainerExited{container, 9, std::nullopt});
  const auto& status = *world.agent->tasks().begin()->second.status;
  EXPECT_EQ(status.state, TaskState::failed);
  EXPECT_EQ(status.reason, StatusReason::executor_terminated);
  EXPECT_EQ(world.last.release, std::vector<ContainerId>{container});
}

TEST(AgentContainer, MemoryLimitIsTheReason) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.step(ContainerExited{container, 9, "Memory limit exceeded: Requested: 96MB"});
  const auto& status = *world.agent->tasks().begin()->second.status;
  EXPECT_EQ(status.reason, StatusReason::container_limitation_memory);
  EXPECT_EQ(status.message, "Memory limit exceeded: Requested: 96MB");
}

TEST(AgentContainer, LaunchFailureFailsTheTaskWithTheText) {
  World world;
  world.register_agent();
  const ContainerId container = world.run("t");
  world.step(ContainerFailed{container, "Failed to fetch 'http://x': HTTP status 404"});
  const auto& status = *world.agent->tasks().begin()->second.status;
  EXPECT_EQ(status.state, TaskState::failed);
  EXPECT_EQ(status.reason, StatusReason::container_launch_failed);
  EXPECT_EQ(status.message,
            "Failed to launch container: Failed to fetch 'http://x': HTTP status 404");
}

TEST(AgentContainer, NothingRemainsOfATaskThatEndedAndWasAcknowledged) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.acknowledge("t", 'r');
  world.update("t", TaskState::finished, 'f');
  world.step(ContainerExited{container, 0, std::nullopt});
  world.acknowledge("t", 'f');
  EXPECT_TRUE(world.stored[kTaskKind].empty());
  EXPECT_TRUE(world.stored[kUpdateKind].empty());
  EXPECT_TRUE(world.stored[kExecutorKind].empty());
  EXPECT_TRUE(world.agent->tasks().empty());
  EXPECT_TRUE(world.agent->executors().empty());
  world.run("t");  // the name is free again
  EXPECT_EQ(world.last.start.size(), 1U);
}

TEST(AgentShutdown, FrameworkShutdownEndsItsExecutorsWithoutUpdates) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.step(MasterMessage{link::ShutdownFramework{FrameworkId{"F"}}});
  EXPECT_EQ(world.events<exec::Shutdown>().size(), 1U);
  world.advance(6s);
  EXPECT_EQ(world.last.destroy, std::vector<ContainerId>{container});
  world.step(ContainerExited{container, 9, std::nullopt});
  EXPECT_TRUE(world.last.to_master.empty());
  for (const auto& [kind, entries] : world.stored) {
    EXPECT_TRUE(kind == kAgentKind || entries.empty()) << kind;
  }
}

TEST(AgentShutdown, DestroyAllRecordsTasksAsKilled) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.step(DestroyAll{});
  EXPECT_EQ(world.last.destroy, std::vector<ContainerId>{container});
  world.step(ContainerExited{container, 9, std::nullopt});
  EXPECT_EQ(world.state("t"), TaskState::killed);
}

}  // namespace
}  // namespace ekiden::agent
