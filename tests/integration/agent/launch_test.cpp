#include "core/base/strings.h"
#include "core/executor/cgroup_files.h"
#include "tests/integration/agent/fixture.h"

#include <sys/wait.h>

namespace ekiden::agent {
namespace {

using Launch = AgentTest;

TEST_F(Launch, TaskRunsInItsSandboxWithItsEnvironmentAndEnds) {
  start();
  model::TaskInfo task = command_task("t", "pwd; env; echo oops >&2; exit 3");
  task.command->environment.emplace().variables = {{"PORT0", "31001"}};
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::failed));
  EXPECT_TRUE(status("t", TaskState::starting));
  ASSERT_TRUE(status("t", TaskState::running));
  EXPECT_EQ(status("t", TaskState::failed)->message, "Command exited with status 3");
  EXPECT_EQ(status("t", TaskState::failed)->reason, StatusReason::none);
  const std::string out = file("t", "stdout");
  EXPECT_NE(out.find("PORT0=31001\n"), std::string::npos);
  EXPECT_NE(out.find("MESOS_EXECUTOR_ID=t\n"), std::string::npos);
  EXPECT_EQ(out.find("\nHOME="), std::string::npos);  // nothing of the agent's own
  EXPECT_NE(out.find(std::filesystem::canonical(sandbox("t")).string() + "\n"), std::string::npos);
  EXPECT_EQ(file("t", "stderr"), "oops\n");
}

TEST_F(Launch, NoFileDescriptorOfTheAgentReachesTheTask) {
  start();
  master.run(command_task("t", "ls -l /proc/self/fd | grep -c -- '->'"));
  ASSERT_TRUE(wait_for("t", TaskState::finished));
  EXPECT_EQ(file("t", "stdout"), "4\n");  // 0, 1, 2 and the folder that ls reads
}

TEST_F(Launch, ProgramAndArgumentsWithoutAShell) {
  start();
  model::TaskInfo task = command_task("t", "printf");
  task.command->shell = false;
  task.command->arguments = {"printf", "%s|", "a b", "$HOME"};
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::finished));
  EXPECT_EQ(file("t", "stdout"), "a b|$HOME|");
}

TEST_F(Launch, ProgramThatDoesNotExistFailsWithItsName) {
  start();
  model::TaskInfo task = command_task("t", "/no/such/program");
  task.command->shell = false;
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::failed));
  EXPECT_NE(status("t", TaskState::failed)->message->find("/no/such/program"), std::string::npos);
  EXPECT_EQ(status("t", TaskState::failed)->reason, StatusReason::container_launch_failed);
}

TEST_F(Launch, KillSendsTermToTheWholeTreeAndTheTaskMayEndInPeace) {
  start();
  master.run(
      command_task("t", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"));
  ASSERT_TRUE(run_until([&] { return file("t", "stdout") == "up\n"; }));
  master.kill("t");
  ASSERT_TRUE(wait_for("t", TaskState::killed));
  EXPECT_TRUE(status("t", TaskState::killing));
  EXPECT_EQ(file("t", "stdout"), "up\nbye\n");
}

TEST_F(Launch, KillIsKillAfterTheGracePeriod) {
  start();
  master.run(command_task("t", "trap '' TERM; echo up; while :; do sleep 0.05; done"));
  ASSERT_TRUE(run_until([&] { return file("t", "stdout") == "up\n"; }));
  model::KillPolicy policy;
  policy.grace_period = model::DurationInfo{std::chrono::nanoseconds(300ms).count()};
  const Time asked = clock.now().time;
  master.kill("t", policy);
  ASSERT_TRUE(wait_for("t", TaskState::killed));
  EXPECT_GE(clock.now().time - asked, 300ms);
  EXPECT_EQ(status("t", TaskState::killed)->message, "Command terminated with signal Killed");
}

TEST_F(Launch, WhatTheTaskLeftBehindGoesWithIt) {
  start();
  master.run(command_task("t", "setsid sleep 1000 & echo $!; exit 0"));
  ASSERT_TRUE(wait_for("t", TaskState::finished));
  const int left = static_cast<int>(parse_int(trim(file("t", "stdout"))).value_or(0));
  ASSERT_GT(left, 0);
  EXPECT_TRUE(run_until([&] { return !alive(left); }));
}

TEST_F(Launch, DeathOfTheExecutorFailsTheTaskAndEndsItsProcesses) {
  start();
  master.run(command_task("t", "echo $$ $PPID; sleep 1000"));
  ASSERT_TRUE(wait_for("t", TaskState::running));
  ASSERT_TRUE(run_until([&] { return !file("t", "stdout").empty(); }));
  const std::string text = file("t", "stdout");
  const auto pids = split_nonempty(trim(text), ' ');
  ASSERT_EQ(pids.size(), 2U);
  ::kill(static_cast<int>(*parse_int(pids[1])), SIGKILL);
  ASSERT_TRUE(wait_for("t", TaskState::failed));
  EXPECT_EQ(status("t", TaskState::failed)->reason, StatusReason::executor_terminated);
  EXPECT_TRUE(run_until([&] { return !alive(static_cast<int>(*parse_int(pids[0]))); }));
}

TEST_F(Launch, CgroupsLimitCpuAndMemoryAndVanishAfterwards) {
  const Cgroups cgroups = Cgroups::detect(options.cgroups_root);
  if (!cgroups.limitations().empty()) {
    GTEST_SKIP() << cgroups.limitations().front();
  }
  start();
  model::TaskInfo task = command_task("t", "exec sleep 1000");
  task.resources = {model::scalar_resource("cpus", 0.4), model::scalar_resource("mem", 64)};
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::running));
  const ContainerId container = *status("t", TaskState::running)->container_status->container_id;
  const auto directories = cgroups.directories(container);
  for (const std::string& directory : directories) {
    EXPECT_EQ(executor::cgroup_processes(directory).size(), 2U) << directory;
  }
  EXPECT_EQ(cgroups.usage(container).memory_limit_bytes, (64U + 32U) * 1024 * 1024);
  master.kill("t");
  ASSERT_TRUE(wait_for("t", TaskState::killed));
  EXPECT_TRUE(run_until([&] { return !std::filesystem::exists(directories.front()); }));
}

TEST_F(Launch, NoCgroupRemainsOfAnAgentWithoutTasks) {
  const Cgroups cgroups = Cgroups::detect(options.cgroups_root);
  if (!cgroups.limitations().empty()) {
    GTEST_SKIP() << cgroups.limitations().front();
  }
  const std::filesystem::path parent =
      std::filesystem::path(cgroups.directories(ContainerId{"c"}).front()).parent_path();
  start();
  master.run(command_task("t", "sleep 1000"));
  ASSERT_TRUE(wait_for("t", TaskState::running));
  daemon.reset();
  EXPECT_TRUE(std::filesystem::exists(parent));  // the task goes on in it
  start();
  destroy();
  daemon.reset();
  EXPECT_FALSE(std::filesystem::exists(parent));
}

TEST_F(Launch, MoreMemoryThanTheLimitIsTheReasonOfFailure) {
  const Cgroups cgroups = Cgroups::detect(options.cgroups_root);
  if (!cgroups.limitations().empty()) {
    GTEST_SKIP() << cgroups.limitations().front();
  }
  start();
  master.run(command_task("t", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"));
  ASSERT_TRUE(wait_for("t", TaskState::failed, 30s));
  EXPECT_EQ(status("t", TaskState::failed)->reason, StatusReason::container_limitation_memory);
  EXPECT_EQ(
      status("t", TaskState::failed)->message->rfind("Memory limit exceeded: Requested: 64.0MB", 0),
      0U)
      << *status("t", TaskState::failed)->message;
}

TEST_F(Launch, RunsAsTheUserThatTheTaskNames) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root may become another user";
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  start();
  model::TaskInfo task = command_task("t", "id -un; echo x > made");
  task.command->user = "nobody";
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::finished)) << file("t", "stderr");
  EXPECT_EQ(file("t", "stdout"), "nobody\n");
  task = command_task("u", "true");
  task.command->user = "no-such-user";
  master.run(task);
  ASSERT_TRUE(wait_for("u", TaskState::failed));
  EXPECT_NE(status("u", TaskState::failed)->message->find("no such user"), std::string::npos);
}

TEST_F(Launch, CustomExecutorGetsItsEnvironmentAndIsReportedWhenItEnds) {
  start();
  model::TaskInfo task = command_task("t", "unused");
  task.command.reset();
  task.executor.emplace().executor_id = ExecutorId{"mine"};
  task.executor->command.emplace().value = "echo $MESOS_EXECUTOR_ID $MESOS_HTTP_COMMAND_EXECUTOR";
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::failed));
  EXPECT_EQ(status("t", TaskState::failed)->reason, StatusReason::executor_terminated);
  EXPECT_EQ(file("mine", "stdout"), "mine 0\n");
}

TEST_F(Launch, ManyTasksAtOnceAllRun) {
  start();
  constexpr int kTasks = 20;
  for (int i = 0; i < kTasks; ++i) {
    master.run(command_task(fmt::format("t{}", i), "sleep 1000"));
  }
  for (int i = 0; i < kTasks; ++i) {
    ASSERT_TRUE(wait_for(fmt::format("t{}", i), TaskState::running));
  }
}

TEST_F(Launch, MissingExecutorProgramIsSaidAtTheStart) {
  options.executor_path = "/no/ekiden-executor";
  const auto started =
      Daemon::start(loop, clock, store, options, master.connect(), [](const Error&) {});
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("/no/ekiden-executor"), std::string::npos);
}

}  // namespace
}  // namespace ekiden::agent
