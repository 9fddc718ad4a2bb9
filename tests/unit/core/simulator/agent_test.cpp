#include "core/simulator/agent.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ekiden::simulator {
namespace {

namespace link = api::agent_link;
using model::TaskState;
using namespace std::chrono_literals;

model::FrameworkInfo framework() {
  model::FrameworkInfo info;
  info.id = FrameworkId{"f"};
  info.name = "test";
  return info;
}

link::RunTask launch(const std::string& id) {
  link::RunTask run{framework(), {}};
  run.task.task_id = {id};
  run.task.name = "named " + id;
  run.task.agent_id = {"a"};
  run.task.resources = {model::scalar_resource("cpus", 1), model::scalar_resource("mem", 32)};
  return run;
}

class SimulatedAgent : public ::testing::Test {
 protected:
  SimulatedAgent() : agent_(world_, info(), Random(1)) {
    agent_.start(now_.time);
    const auto out = tick(0s);
    EXPECT_TRUE(out.connect);
    tell(registered(register_of(out).attempt));
  }

  static model::AgentInfo info() {
    model::AgentInfo info;
    info.hostname = "h";
    info.resources = {model::scalar_resource("cpus", 4), model::scalar_resource("mem", 1024)};
    return info;
  }

  static link::Registered registered(std::uint64_t attempt) {
    return {attempt, AgentId{"a"}, 75s};
  }

  static link::Register register_of(const Agent::Out& out) {
    for (const auto& message : out.send) {
      if (const auto* one = std::get_if<link::Register>(&message.body)) {
        return *one;
      }
    }
    ADD_FAILURE() << "no REGISTER was sent";
    return {};
  }

  static std::vector<link::StatusUpdate> updates(const Agent::Out& out) {
    std::vector<link::StatusUpdate> all;
    for (const auto& message : out.send) {
      if (const auto* one = std::get_if<link::StatusUpdate>(&message.body)) {
        all.push_back(*one);
      }
    }
    return all;
  }

  Agent::Out tell(const link::ToAgent& message) {
    Agent::Out out;
    agent_.on(message, now_, out);
    return out;
  }

  Agent::Out tick(Duration later) {
    now_.time += later;
    Agent::Out out;
    agent_.tick(now_, out);
    return out;
  }

  Agent::Out acknowledge(const link::StatusUpdate& update) {
    return tell(link::AcknowledgeUpdate{
        update.framework_id, update.status.task_id, update.status.uuid.value_or("")});
  }

  World world_;
  Now now_{Time(1h), WallTime(1h)};
  Agent agent_;
};

TEST_F(SimulatedAgent, RunsATaskAtOnceAndRepeatsItsUpdateUntilItIsAcknowledged) {
  const auto first = updates(tell(launch("t")));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].status.state, TaskState::running);
  EXPECT_TRUE(updates(tick(9s)).empty());
  const auto again = updates(tick(2s));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].status, first[0].status);
  acknowledge(first[0]);
  EXPECT_TRUE(updates(tick(60s)).empty());
  EXPECT_EQ(world_.counters.running_acknowledged, 1u);
}

TEST_F(SimulatedAgent, IgnoresARepeatedLaunchAndCountsIt) {
  tell(launch("t"));
  EXPECT_TRUE(tell(launch("t")).send.empty());
  EXPECT_EQ(world_.counters.launched, 1u);
  EXPECT_EQ(world_.counters.launches_repeated, 1u);
}

TEST_F(SimulatedAgent, CountsLaunchesBeyondItsResources) {
  for (const char* id : {"1", "2", "3", "4"}) {
    tell(launch(id));
  }
  EXPECT_EQ(world_.counters.overcommitted, 0u);
  tell(launch("5"));
  EXPECT_EQ(world_.counters.overcommitted, 1u);
}

TEST_F(SimulatedAgent, ReportsOneUpdateOfATaskAtATime) {
  const auto running = updates(tell(launch("t")));
  EXPECT_TRUE(updates(tell(link::KillTask{FrameworkId{"f"}, TaskId{"t"}, {}})).empty());
  const auto killed = updates(acknowledge(running.at(0)));
  ASSERT_EQ(killed.size(), 1u);
  EXPECT_EQ(killed[0].status.state, TaskState::killed);
  EXPECT_EQ(agent_.task_count(), 1u);
  acknowledge(killed[0]);
  EXPECT_EQ(agent_.task_count(), 0u);
  EXPECT_EQ(world_.counters.running, 0u);
}

TEST_F(SimulatedAgent, AnswersAKillOfWhatItDoesNotKnow) {
  const auto answer = updates(tell(link::KillTask{FrameworkId{"f"}, TaskId{"?"}, {}}));
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_FALSE(answer[0].status.uuid);
  EXPECT_TRUE(model::is_terminal(answer[0].status.state));
}

TEST_F(SimulatedAgent, RegistersAgainWithAllItRunsAfterItsLinkIsLost) {
  const auto running = updates(tell(launch("t")));
  agent_.on_lost(now_);
  EXPECT_FALSE(agent_.registered());
  const auto out = tick(100ms);
  EXPECT_TRUE(out.connect);
  const auto message = register_of(out);
  ASSERT_EQ(message.tasks.size(), 1u);
  EXPECT_EQ(message.tasks[0].task, launch("t").task);
  EXPECT_EQ(message.tasks[0].state, TaskState::running);
  EXPECT_EQ(message.tasks[0].latest_status, running.at(0).status);
  ASSERT_EQ(message.frameworks.size(), 1u);
  EXPECT_EQ(message.frameworks[0], framework());
  // What nobody acknowledged comes again.
  EXPECT_EQ(updates(tell(registered(message.attempt))).size(), 1u);
}

TEST_F(SimulatedAgent, IgnoresTheAnswerToAnOlderAttempt) {
  agent_.on_lost(now_);
  const auto first = register_of(tick(100ms));
  const auto second = register_of(tick(1s));
  tell(registered(first.attempt));
  EXPECT_FALSE(agent_.registered());
  tell(registered(second.attempt));
  EXPECT_TRUE(agent_.registered());
}

TEST_F(SimulatedAgent, OpensTheLinkAgainWithoutPings) {
  tick(74s);
  EXPECT_TRUE(agent_.registered());
  EXPECT_EQ(tell(link::Ping{}).send.size(), 1u);
  tick(74s);
  EXPECT_TRUE(agent_.registered());
  EXPECT_TRUE(tick(2s).connect);
}

TEST_F(SimulatedAgent, StartsAndEndsTasksAsTheRulesSay) {
  world_.rules.start_delay = 2s;
  world_.rules.lifetime = 5s;
  EXPECT_TRUE(updates(tell(launch("t"))).empty());
  const auto running = updates(tick(2s));
  ASSERT_EQ(running.size(), 1u);
  acknowledge(running[0]);
  const auto finished = updates(tick(5s));
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].status.state, TaskState::finished);
}

}  // namespace
}  // namespace ekiden::simulator
