// DRAIN_AGENT and the end of an agent [mesos-core 5.11, 6.12].
#include "tests/unit/core/agent/fixture.h"

namespace ekiden::agent {
namespace {

using model::StatusReason;
using model::TaskState;
using namespace std::chrono_literals;

constexpr std::int64_t kSecond = 1'000'000'000;

link::DrainAgent drain(std::optional<std::int64_t> seconds, bool mark_gone = false) {
  link::DrainAgent message;
  if (seconds) {
    message.config.max_grace_period = model::DurationInfo{*seconds * kSecond};
  }
  message.config.mark_gone = mark_gone;
  return message;
}

TEST(AgentDrain, KillsTasksWithTheShorterGrace) {
  World world;
  world.register_agent();
  model::TaskInfo task = a_task("t");
  task.kill_policy.emplace().grace_period = model::DurationInfo{60 * kSecond};
  world.step(MasterMessage{link::RunTask{a_framework(), task}});
  world.subscribe("t", 1);
  world.update("t", TaskState::running, 'r');
  world.step(MasterMessage{drain(10)});
  ASSERT_EQ(world.events<exec::Kill>().size(), 1U);
  EXPECT_EQ(world.events<exec::Kill>()[0].kill_policy->grace_period->nanoseconds, 10 * kSecond);
  world.step(MasterMessage{drain(100)});
  ASSERT_EQ(world.events<exec::Kill>().size(), 1U);
  EXPECT_EQ(world.events<exec::Kill>()[0].kill_policy->grace_period->nanoseconds, 60 * kSecond);
}

TEST(AgentDrain, StatusesSayWhy) {
  World world;
  world.register_agent();
  world.running("t");
  world.acknowledge("t", 'r');
  world.step(MasterMessage{drain(std::nullopt)});
  world.update("t", TaskState::killed, 'k');
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.state, TaskState::killed);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.reason, StatusReason::agent_draining);
}

TEST(AgentDrain, MarkGoneTurnsKilledIntoGoneByOperator) {
  World world;
  world.register_agent();
  world.running("t");
  world.acknowledge("t", 'r');
  world.step(MasterMessage{drain(std::nullopt, true)});
  world.update("t", TaskState::killed, 'k');
  ASSERT_EQ(world.sent<link::StatusUpdate>().size(), 1U);
  EXPECT_EQ(world.sent<link::StatusUpdate>()[0].status.state, TaskState::gone_by_operator);
}

TEST(AgentDrain, TaskThatEndsByItselfKeepsItsState) {
  World world;
  world.register_agent();
  world.running("t");
  world.acknowledge("t", 'r');
  world.step(MasterMessage{drain(std::nullopt, true)});
  world.update("t", TaskState::finished, 'k');
  EXPECT_EQ(world.state("t"), TaskState::finished);
}

TEST(AgentDrain, NewTasksAreDroppedAlsoAfterARestart) {
  World world;
  world.register_agent();
  world.step(MasterMessage{drain(std::nullopt)});
  world.load();
  world.tick();
  ASSERT_EQ(world.sent<link::Register>().size(), 1U);
  EXPECT_TRUE(world.sent<link::Register>()[0].draining);
  world.step(
      MasterMessage{link::Registered{world.sent<link::Register>()[0].attempt, AgentId{"A"}, 75s}});
  world.run("t");
  EXPECT_TRUE(world.last.start.empty());
  EXPECT_EQ(world.state("t"), TaskState::dropped);
  EXPECT_EQ(world.agent->tasks().begin()->second.status->reason, StatusReason::agent_draining);
  world.step(MasterMessage{link::StopDraining{}});
  world.load();
  world.register_agent();
  world.run("u");
  EXPECT_EQ(world.last.start.size(), 1U);
}

TEST(AgentDrain, TasksOnTheirWayAreKilledToo) {
  World world;
  world.register_agent();
  const ContainerId container = world.run("t");
  world.step(MasterMessage{drain(std::nullopt)});
  EXPECT_EQ(world.state("t"), TaskState::killed);
  EXPECT_EQ(world.last.destroy, std::vector<ContainerId>{container});
}

TEST(AgentDrain, ShutdownEndsEveryExecutorAndThenTheProcess) {
  World world;
  world.register_agent();
  const ContainerId container = world.running("t");
  world.step(MasterMessage{link::ShutdownAgent{"marked gone"}});
  EXPECT_EQ(world.events<exec::Shutdown>().size(), 1U);
  EXPECT_FALSE(world.last.leave);
  world.advance(6s);
  EXPECT_EQ(world.last.destroy, std::vector<ContainerId>{container});
  world.step(ContainerExited{container, 9, std::nullopt});
  EXPECT_EQ(world.last.leave, "marked gone");
}

TEST(AgentDrain, ShutdownOfAnIdleAgentIsAtOnce) {
  World world;
  world.register_agent();
  world.step(MasterMessage{link::ShutdownAgent{"machine is down"}});
  EXPECT_EQ(world.last.leave, "machine is down");
}

}  // namespace
}  // namespace ekiden::agent
