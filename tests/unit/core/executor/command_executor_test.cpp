#include "core/executor/command_executor.h"

#include <csignal>

#include <gtest/gtest.h>

namespace ekiden::executor {
namespace {

using model::StatusReason;
using model::TaskState;
using namespace std::chrono_literals;
namespace api = ekiden::api::executor;

model::TaskInfo a_task() {
  model::TaskInfo task;
  task.task_id = TaskId{"t"};
  task.command.emplace().value = "sleep 1";
  return task;
}

struct Executor {
  explicit Executor(bool task_killing = false) {
    api::Subscribed subscribed;
    if (task_killing) {
      subscribed.framework_info.capabilities = {model::FrameworkCapability::task_killing_state};
    }
    step(AgentEvent{subscribed});
  }

  Effects& step(const Input& input) {
    last = machine.step(input, now);
    remember();
    return last;
  }

  Effects& advance(Duration by) {
    now.time += by;
    last = machine.tick(now);
    remember();
    return last;
  }

  void remember() {
    for (const api::Call& call : last.send) {
      updates.push_back(std::get<api::Update>(call.body).status);
    }
  }

  void launch(const model::TaskInfo& task) { step(AgentEvent{api::Launch{task}}); }

  void run(const model::TaskInfo& task) {
    launch(task);
    step(TaskStarted{});
  }

  void kill(std::optional<Duration> grace = std::nullopt) {
    api::Kill kill{TaskId{"t"}, std::nullopt};
    if (grace) {
      kill.kill_policy.emplace().grace_period = model::DurationInfo{grace->count()};
    }
    step(AgentEvent{kill});
  }

  void acknowledge_all() {
    for (const auto& status : std::vector(updates)) {
      step(AgentEvent{api::Acknowledged{status.task_id, *status.uuid}});
    }
  }

  Now now{Time(1000s), WallTime(1700000000s)};
  CommandExecutor machine{{FrameworkId{"F"}, ExecutorId{"t"}, 5s}, Random(3)};
  Effects last;
  std::vector<model::TaskStatus> updates;
};

TEST(CommandExecutor, SaysStartingThenRunningThenTheEnd) {
  Executor executor;
  executor.launch(a_task());
  ASSERT_TRUE(executor.last.start);
  executor.step(TaskStarted{});
  executor.step(task_exit(0));
  ASSERT_EQ(executor.updates.size(), 3U);
  EXPECT_EQ(executor.updates[0].state, TaskState::starting);
  EXPECT_EQ(executor.updates[1].state, TaskState::running);
  EXPECT_EQ(executor.updates[2].state, TaskState::finished);
  EXPECT_EQ(executor.updates[2].message, "Command exited with status 0");
  EXPECT_EQ(executor.updates[2].source, model::StatusSource::executor);
  EXPECT_EQ(executor.updates[2].uuid->size(), 16U);
}

TEST(CommandExecutor, EndsAreToldByWaitStatus) {
  EXPECT_EQ(task_exit(3 << 8).text, "Command exited with status 3");
  EXPECT_FALSE(task_exit(3 << 8).success);
  EXPECT_EQ(task_exit(SIGKILL).text, "Command terminated with signal Killed");
}

TEST(CommandExecutor, LeavesOnlyWhenEverythingIsAcknowledged) {
  Executor executor;
  executor.run(a_task());
  executor.step(task_exit(0));
  executor.advance(24h);
  EXPECT_FALSE(executor.last.exit);
  executor.acknowledge_all();
  EXPECT_EQ(executor.last.exit, 0);
}

TEST(CommandExecutor, SubscribeCarriesWhatIsNotAcknowledged) {
  Executor executor;
  executor.run(a_task());
  auto body = std::get<api::Subscribe>(executor.machine.subscribe().body);
  EXPECT_EQ(body.unacknowledged_tasks.size(), 1U);
  EXPECT_EQ(body.unacknowledged_updates.size(), 2U);
  executor.acknowledge_all();
  body = std::get<api::Subscribe>(executor.machine.subscribe().body);
  EXPECT_TRUE(body.unacknowledged_tasks.empty());
  EXPECT_TRUE(body.unacknowledged_updates.empty());
}

TEST(CommandExecutor, RepeatedLaunchStartsNothing) {
  Executor executor;
  executor.run(a_task());
  executor.launch(a_task());
  EXPECT_FALSE(executor.last.start);
  EXPECT_TRUE(executor.last.send.empty());
  model::TaskInfo other = a_task();
  other.task_id = TaskId{"other"};
  executor.launch(other);
  EXPECT_EQ(executor.updates.back().state, TaskState::failed);
  EXPECT_EQ(executor.updates.back().task_id.value, "other");
}

TEST(CommandExecutor, KillTerminatesThenKillsAfterTheGrace) {
  Executor executor(true);
  executor.run(a_task());
  executor.kill(10s);
  EXPECT_TRUE(executor.last.terminate);
  EXPECT_EQ(executor.updates.back().state, TaskState::killing);
  executor.advance(9s);
  EXPECT_FALSE(executor.last.kill);
  executor.advance(1s);
  EXPECT_TRUE(executor.last.kill);
  executor.step(task_exit(SIGKILL));
  EXPECT_EQ(executor.updates.back().state, TaskState::killed);
}

TEST(CommandExecutor, GraceIsThreeSecondsByDefaultAndOrdersOnlyShortenIt) {
  Executor executor;
  executor.run(a_task());
  executor.kill();
  EXPECT_EQ(executor.machine.next_deadline(), executor.now.time + 3s);
  executor.kill(1h);
  EXPECT_EQ(executor.machine.next_deadline(), executor.now.time + 3s);
  executor.kill(1s);
  EXPECT_EQ(executor.machine.next_deadline(), executor.now.time + 1s);
  EXPECT_EQ(executor.updates.back().state, TaskState::running);  // no TASK_KILLING
}

TEST(CommandExecutor, KilledTaskIsKilledWhateverItsExitCode) {
  Executor executor;
  executor.run(a_task());
  executor.kill();
  executor.step(task_exit(0));
  EXPECT_EQ(executor.updates.back().state, TaskState::killed);
  EXPECT_EQ(executor.updates.back().message, "Command exited with status 0");
}

TEST(CommandExecutor, KillWhileStartingIsNotForgotten) {
  Executor executor;
  executor.launch(a_task());
  executor.kill();
  executor.step(TaskStarted{});
  EXPECT_TRUE(executor.last.terminate);
  executor.step(TaskStartFailed{"Container destroyed while pulling image"});
  EXPECT_EQ(executor.updates.back().state, TaskState::killed);
}

TEST(CommandExecutor, LongerThanItsCompletionTimeFails) {
  Executor executor(true);
  model::TaskInfo task = a_task();
  task.max_completion_time = model::DurationInfo{std::chrono::nanoseconds(5s).count()};
  executor.run(task);
  executor.advance(5s);
  EXPECT_TRUE(executor.last.terminate);
  EXPECT_NE(executor.updates.back().state, TaskState::killing);
  executor.step(task_exit(SIGTERM));
  EXPECT_EQ(executor.updates.back().state, TaskState::failed);
  EXPECT_EQ(executor.updates.back().reason, StatusReason::max_completion_time_reached);
}

TEST(CommandExecutor, MemoryLimitIsTheReason) {
  Executor executor;
  executor.run(a_task());
  TaskExited exited = task_exit(SIGKILL);
  exited.memory_limit = "Memory limit exceeded: Requested: 64.0MB Maximum Used: 64.0MB";
  executor.step(exited);
  EXPECT_EQ(executor.updates.back().reason, StatusReason::container_limitation_memory);
  EXPECT_EQ(executor.updates.back().message, exited.memory_limit);
}

TEST(CommandExecutor, CannotStartMeansFailed) {
  Executor executor;
  executor.launch(a_task());
  executor.step(TaskStartFailed{"Failed to execute 'x': No such file or directory"});
  EXPECT_EQ(executor.updates.back().state, TaskState::failed);
  EXPECT_EQ(executor.updates.back().reason, StatusReason::container_launch_failed);
}

TEST(CommandExecutor, UnhealthyTaskIsKilledAndSaysSo) {
  Executor executor;
  model::TaskInfo task = a_task();
  task.health_check.emplace();
  task.health_check->type = model::HealthCheck::Type::command;
  task.health_check->command.emplace().value = "false";
  task.health_check->delay_seconds = 0;
  task.health_check->grace_period_seconds = 0;
  task.health_check->consecutive_failures = 1;
  executor.run(task);
  executor.advance(0s);
  ASSERT_EQ(executor.last.probe.size(), 1U);
  CheckOutcome failed;
  failed.text = "exited with 1";
  executor.step(CheckDone{CheckKind::health, failed});
  EXPECT_EQ(executor.updates.back().healthy, false);
  EXPECT_EQ(executor.updates.back().reason, StatusReason::task_health_check_status_updated);
  EXPECT_TRUE(executor.last.terminate);
  executor.step(task_exit(SIGTERM));
  EXPECT_EQ(executor.updates.back().state, TaskState::killed);
  EXPECT_EQ(executor.updates.back().healthy, false);
}

TEST(CommandExecutor, UpdatesKeepWhatTheLastOneSaid) {
  Executor executor;
  model::TaskInfo task = a_task();
  task.check.emplace().type = model::CheckInfo::Type::tcp;
  task.check->tcp.emplace().port = 1;
  executor.launch(task);
  EXPECT_TRUE(executor.updates[0].check_status);
  executor.step(TaskStarted{"[{}]", {}});
  CheckOutcome outcome;
  outcome.status.succeeded = true;
  executor.step(CheckDone{CheckKind::check, outcome});
  EXPECT_EQ(executor.updates.back().data, "[{}]");
  EXPECT_EQ(executor.updates.back().check_status->succeeded, true);
  EXPECT_EQ(executor.updates.back().reason, StatusReason::task_check_status_updated);
}

TEST(CommandExecutor, ShutdownWithoutATaskLeavesAtOnceAndElseEndsTheTask) {
  Executor idle;
  idle.step(AgentEvent{api::Shutdown{}});
  EXPECT_EQ(idle.last.exit, 0);
  Executor executor;
  executor.run(a_task());
  executor.step(AgentEvent{api::Shutdown{}});
  ASSERT_TRUE(executor.last.terminate);
  EXPECT_EQ(executor.last.terminate->grace, 3s);
  EXPECT_FALSE(executor.last.exit);
}

}  // namespace
}  // namespace ekiden::executor
