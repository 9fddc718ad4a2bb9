#include "core/executor/default_executor.h"

#include "core/executor/nested_id.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace ekiden::executor {
namespace {

using model::TaskState;
using namespace std::chrono_literals;
namespace api = ekiden::api::executor;

model::TaskInfo a_task(const std::string& id) {
  model::TaskInfo task;
  task.task_id = TaskId{id};
  task.command.emplace().value = "sleep 1";
  return task;
}

struct Group {
  explicit Group(bool task_killing = false) {
    api::Subscribed subscribed;
    subscribed.container_id = ContainerId{"c"};
    if (task_killing) {
      subscribed.framework_info.capabilities = {model::FrameworkCapability::task_killing_state};
    }
    step(AgentEvent{subscribed});
  }

  GroupEffects& step(const GroupInput& input) { return keep(machine.step(input, now)); }

  GroupEffects& keep(GroupEffects fx) {
    last = std::move(fx);
    for (const api::Call& call : last.send) {
      updates.push_back(std::get<api::Update>(call.body).status);
    }
    return last;
  }

  GroupEffects& advance(Duration by) {
    now.time += by;
    return keep(machine.tick(now));
  }

  void launch(const std::vector<model::TaskInfo>& tasks) {
    step(AgentEvent{api::LaunchGroup{tasks}});
  }

  void run(const std::vector<model::TaskInfo>& tasks) {
    launch(tasks);
    for (const model::TaskInfo& task : tasks) {
      step(TaskInput{task.task_id, TaskStarted{}});
    }
  }

  GroupEffects& exit(const std::string& task, int code) {
    return step(TaskInput{TaskId{task}, task_exit(code << 8)});
  }

  void acknowledge_all() {
    for (const auto& status : std::vector(updates)) {
      step(AgentEvent{api::Acknowledged{status.task_id, *status.uuid}});
    }
  }

  std::vector<TaskState> states(const std::string& task) const {
    std::vector<TaskState> all;
    for (const auto& status : updates) {
      if (status.task_id.value == task) {
        all.push_back(status.state);
      }
    }
    return all;
  }

  Now now{Time(1000s), WallTime(1700000000s)};
  DefaultExecutor machine{{FrameworkId{"F"}, ExecutorId{"pod"}, 5s}, ContainerId{}, Random(3)};
  GroupEffects last;
  std::vector<model::TaskStatus> updates;
};

using States = std::vector<TaskState>;

// [mesos-core 3.9]
TEST(DefaultExecutor, StartsEveryTaskOfTheGroupAndNamesItsContainer) {
  Group group;
  group.launch({a_task("a"), a_task("b")});
  EXPECT_TRUE(group.last.tasks.at(TaskId{"a"}).start);
  EXPECT_TRUE(group.last.tasks.at(TaskId{"b"}).start);
  group.step(TaskInput{TaskId{"a"}, TaskStarted{}});
  EXPECT_EQ(group.states("a"), (States{TaskState::starting, TaskState::running}));
  EXPECT_EQ(group.states("b"), States{TaskState::starting});
  for (const auto& status : group.updates) {
    EXPECT_EQ(status.container_status->container_id,
              nested_container(ContainerId{"c"}, status.task_id));
    EXPECT_EQ(status.executor_id->value, "pod");
  }
}

TEST(DefaultExecutor, NestedContainersDifferAndAreBelowTheExecutors) {
  const ContainerId a = nested_container(ContainerId{"c"}, TaskId{"a"});
  EXPECT_TRUE(a.value.starts_with("c."));
  EXPECT_EQ(own_part(a).size(), 36U);
  EXPECT_NE(a, nested_container(ContainerId{"c"}, TaskId{"b"}));
  EXPECT_NE(a, nested_container(ContainerId{"d"}, TaskId{"a"}));
  EXPECT_EQ(a, nested_container(ContainerId{"c"}, TaskId{"a"}));
}

TEST(DefaultExecutor, OneThatFailsTakesItsGroupAlong) {
  Group group;
  group.run({a_task("a"), a_task("b")});
  group.run({a_task("other")});
  group.exit("a", 3);
  EXPECT_EQ(group.last.tasks.at(TaskId{"b"}).terminate->grace, 3s);
  EXPECT_FALSE(group.last.tasks.contains(TaskId{"other"}));
  group.advance(3s);
  EXPECT_TRUE(group.last.tasks.at(TaskId{"b"}).kill);
  group.exit("b", 0);
  EXPECT_EQ(group.states("a").back(), TaskState::failed);
  EXPECT_EQ(group.states("b").back(), TaskState::killed);
  EXPECT_EQ(group.states("other").back(), TaskState::running);
}

TEST(DefaultExecutor, OneThatFinishesStopsNobody) {
  Group group;
  group.run({a_task("a"), a_task("b")});
  group.exit("a", 0);
  EXPECT_FALSE(group.last.tasks.contains(TaskId{"b"}));
  EXPECT_EQ(group.states("a").back(), TaskState::finished);
}

TEST(DefaultExecutor, KillOfOneKillsTheGroupWithTheOrdersGrace) {
  Group group(true);
  group.run({a_task("a"), a_task("b")});
  api::Kill kill{TaskId{"a"}, std::nullopt};
  kill.kill_policy.emplace().grace_period = model::DurationInfo{Duration(7s).count()};
  group.step(AgentEvent{kill});
  EXPECT_EQ(group.last.tasks.at(TaskId{"a"}).terminate->grace, 7s);
  EXPECT_EQ(group.states("a").back(), TaskState::killing);
  EXPECT_EQ(group.states("b").back(), TaskState::running);
  group.exit("a", 0);
  EXPECT_EQ(group.states("a").back(), TaskState::killed);
  EXPECT_EQ(group.states("b").back(), TaskState::killing);
}

TEST(DefaultExecutor, StartThatFailsIsSaidAndEndsTheGroup) {
  Group group;
  group.launch({a_task("a"), a_task("b")});
  group.step(TaskInput{TaskId{"a"}, TaskStartFailed{"no such image"}});
  EXPECT_EQ(group.updates.back().message, "no such image");
  EXPECT_EQ(group.updates.back().reason, model::StatusReason::container_launch_failed);
  EXPECT_TRUE(group.last.tasks.at(TaskId{"b"}).terminate);
}

TEST(DefaultExecutor, LeavesWhenNothingIsLeftAndAllIsAcknowledged) {
  Group group;
  group.run({a_task("a"), a_task("b")});
  group.exit("a", 0);
  group.acknowledge_all();
  EXPECT_FALSE(group.last.exit);
  group.exit("b", 0);
  EXPECT_FALSE(group.last.exit);
  group.acknowledge_all();
  EXPECT_EQ(group.last.exit, 0);
}

TEST(DefaultExecutor, SingleLaunchIsRefusedAndEverythingEnds) {
  Group group;
  group.run({a_task("a")});
  group.step(AgentEvent{api::Launch{a_task("single")}});
  EXPECT_EQ(group.states("single"), States{TaskState::failed});
  EXPECT_EQ(group.last.tasks.at(TaskId{"a"}).terminate->grace, 3s);  // 5 s less the margin
}

TEST(DefaultExecutor, RepeatedGroupStartsNothing) {
  Group group;
  group.run({a_task("a")});
  group.launch({a_task("a")});
  EXPECT_TRUE(group.last.tasks.empty());
  EXPECT_TRUE(group.last.send.empty());
}

TEST(DefaultExecutor, SubscribeRepeatsWhatIsNotAcknowledged) {
  Group group;
  group.run({a_task("a"), a_task("b")});
  const auto body = std::get<api::Subscribe>(group.machine.subscribe().body);
  EXPECT_EQ(body.unacknowledged_tasks.size(), 2U);
  EXPECT_EQ(body.unacknowledged_updates.size(), 4U);
}

TEST(DefaultExecutor, HealthChecksAndCompletionTimeAreEachTasksOwn) {
  Group group;
  model::TaskInfo checked = a_task("a");
  checked.health_check.emplace().type = model::HealthCheck::Type::tcp;
  checked.health_check->tcp.emplace().port = 80;
  checked.health_check->delay_seconds = 1;
  model::TaskInfo timed = a_task("b");
  timed.max_completion_time = model::DurationInfo{Duration(2s).count()};
  group.run({checked, timed});
  group.advance(1s);
  EXPECT_EQ(group.last.tasks.at(TaskId{"a"}).probe.size(), 1U);
  group.advance(1s);
  EXPECT_TRUE(group.last.tasks.at(TaskId{"b"}).terminate);
  group.exit("b", 0);
  EXPECT_EQ(group.states("b").back(), TaskState::failed);
  EXPECT_TRUE(group.last.tasks.at(TaskId{"a"}).terminate);
}

}  // namespace
}  // namespace ekiden::executor
