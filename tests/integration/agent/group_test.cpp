// Task groups with real processes under our default executor [mesos-core 3.9].
#include "core/base/strings.h"
#include "core/executor/nested_id.h"
#include "core/net/server.h"
#include "tests/integration/agent/fixture.h"

#include <fstream>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

struct Group : AgentTest {
  std::string task_file(const std::string& task, const std::string& name) const {
    return slurp(sandbox("pod") + "/tasks/" + task + "/" + name);
  }

  int pid_in(const std::string& task) {
    run_until([&] { return task_file(task, "stdout").find('\n') != std::string::npos; });
    const std::string text = task_file(task, "stdout");
    return static_cast<int>(parse_int(text.substr(0, text.find('\n'))).value_or(0));
  }
};

TEST_F(Group, RunsItsTasksInSandboxesOfTheirOwn) {
  start();
  model::TaskInfo a =
      command_task("a", "echo $$; pwd; echo $GREETING; echo oops >&2; exec sleep 1000");
  model::EnvironmentVariable greeting;
  greeting.name = "GREETING";
  greeting.value = "hello";
  a.command->environment.emplace().variables = {greeting};
  master.run_group({a, command_task("b", "echo $$; env; exec sleep 1000")});
  ASSERT_TRUE(wait_for("a", TaskState::running));
  ASSERT_TRUE(wait_for("b", TaskState::running));
  EXPECT_NE(status("a", TaskState::starting), nullptr);
  const auto& running = *status("a", TaskState::running);
  const auto nested = running.container_status->container_id;
  ASSERT_TRUE(nested);
  const std::string parent = fs::canonical(sandbox("pod")).filename().string();
  EXPECT_EQ(*nested, executor::nested_container(ContainerId{parent}, TaskId{"a"}));
  EXPECT_EQ(running.executor_id->value, "pod");
  ASSERT_TRUE(run_until([&] { return task_file("a", "stderr") == "oops\n"; }));
  const std::string text = task_file("a", "stdout");
  const auto lines = split(text, '\n');
  const std::string nested_folder =
      fs::canonical(sandbox("pod")).string() + "/containers/" + executor::own_part(*nested);
  ASSERT_GE(lines.size(), 3U);
  EXPECT_EQ(lines[1], nested_folder);
  EXPECT_EQ(lines[2], "hello");
  ASSERT_TRUE(run_until(
      [&] { return task_file("b", "stdout").find("MESOS_SANDBOX=") != std::string::npos; }));
  EXPECT_NE(task_file("b", "stdout").find("MESOS_CONTAINER_IP=127.0.0.1\n"), std::string::npos);
  EXPECT_NE(task_file("b", "stdout").find("/containers/"), std::string::npos);
}

TEST_F(Group, OneThatFailsTakesTheOthersAndEveryProcessAlong) {
  start();
  master.run_group(
      {command_task("a", "sleep 0.5; exit 4"),
       command_task("b", "echo $$; (setsid sleep 1000 & echo $! >detached); exec sleep 1000")});
  ASSERT_TRUE(wait_for("b", TaskState::running));
  const int pid = pid_in("b");
  ASSERT_TRUE(run_until([&] { return !task_file("b", "detached").empty(); }));
  const int detached = static_cast<int>(parse_int(trim(task_file("b", "detached"))).value_or(0));
  ASSERT_TRUE(alive(pid));
  ASSERT_TRUE(wait_for("a", TaskState::failed));
  EXPECT_EQ(status("a", TaskState::failed)->message, "Command exited with status 4");
  ASSERT_TRUE(wait_for("b", TaskState::killed));
  EXPECT_NE(status("b", TaskState::killing), nullptr);
  EXPECT_TRUE(run_until([&] { return !alive(pid) && !alive(detached); }));
  ASSERT_TRUE(run_until([&] { return !master.exits.empty(); }));  // the executor leaves
  EXPECT_EQ(master.exits[0].status, 0);
}

TEST_F(Group, OneThatFinishesLeavesTheOthersAlone) {
  start();
  master.run_group({command_task("a", "exit 0"), command_task("b", "echo $$; exec sleep 1000")});
  ASSERT_TRUE(wait_for("a", TaskState::finished));
  ASSERT_TRUE(wait_for("b", TaskState::running));
  const int pid = pid_in("b");
  run_for(300ms);
  EXPECT_TRUE(alive(pid));
  master.kill("b");
  ASSERT_TRUE(wait_for("b", TaskState::killed));
}

TEST_F(Group, KillWaitsForTheGraceAndThenInsists) {
  start();
  master.run_group({command_task("a", "trap '' TERM; echo $$; while :; do sleep 0.1; done")});
  ASSERT_TRUE(wait_for("a", TaskState::running));
  const int pid = pid_in("a");
  model::KillPolicy policy;
  policy.grace_period = model::DurationInfo{500'000'000};
  master.kill("a", policy);
  ASSERT_TRUE(wait_for("a", TaskState::killed));
  EXPECT_EQ(status("a", TaskState::killed)->message, "Command terminated with signal Killed");
  EXPECT_FALSE(alive(pid));
}

TEST_F(Group, GoesOnWhileTheAgentIsAwayAndReportsTheEnd) {
  start();
  master.run_group({command_task("a", "echo $$; sleep 1; exit 0"),
                    command_task("b", "echo $$; exec sleep 1000")});
  ASSERT_TRUE(wait_for("b", TaskState::running));
  const int pid = pid_in("b");
  daemon.reset();
  run_for(1200ms);
  EXPECT_TRUE(alive(pid));
  start();
  ASSERT_TRUE(wait_for("a", TaskState::finished));
  EXPECT_TRUE(alive(pid));
  master.kill("b");
  ASSERT_TRUE(wait_for("b", TaskState::killed));
  EXPECT_EQ(task_file("b", "stdout"), fmt::format("{}\n", pid));  // started once
}

TEST_F(Group, SecondGroupRunsInTheSameExecutor) {
  start();
  master.run_group({command_task("a", "exec sleep 1000")});
  ASSERT_TRUE(wait_for("a", TaskState::running));
  master.run_group({command_task("b", "exit 1")});
  ASSERT_TRUE(wait_for("b", TaskState::failed));
  run_for(200ms);
  EXPECT_EQ(status("a", TaskState::killed), nullptr);
}

TEST_F(Group, SandboxOfTheExecutorIsSharedThroughAVolume) {
  start();
  model::TaskInfo writer = command_task("a", "echo from a >shared/file; exec sleep 1000");
  model::TaskInfo reader =
      command_task("b", "while ! cat inbox/file 2>/dev/null; do sleep 0.05; done; exec sleep 1000");
  for (auto* task : {&writer, &reader}) {
    model::VolumeRef volume;
    volume.container_path = task == &writer ? "shared" : "inbox";
    volume.source.emplace().type = model::VolumeSource::Type::sandbox_path;
    volume.source->sandbox_path.emplace().type = model::VolumeSource::SandboxPath::Type::parent;
    volume.source->sandbox_path->path = "volumes/common";
    task->container.emplace().volumes = {volume};
  }
  master.run_group({writer, reader});
  ASSERT_TRUE(run_until([&] { return task_file("b", "stdout") == "from a\n"; }));
  EXPECT_TRUE(fs::exists(sandbox("pod") + "/volumes/common/file"));
}

TEST_F(Group, VolumeOutsideTheSandboxIsRefusedWithTheReason) {
  start();
  model::TaskInfo task = command_task("a", "exec sleep 1000");
  model::VolumeRef volume;
  volume.container_path = "/etc/x";
  volume.host_path = "/tmp";
  task.container.emplace().volumes = {volume};
  master.run_group({task, command_task("b", "exec sleep 1000")});
  ASSERT_TRUE(wait_for("a", TaskState::failed));
  EXPECT_EQ(status("a", TaskState::failed)->reason, StatusReason::container_launch_failed);
  EXPECT_NE(status("a", TaskState::failed)->message->find("/etc/x"), std::string::npos);
  ASSERT_TRUE(wait_for("b", TaskState::killed));
}

TEST_F(Group, ImageWithoutAnEngineFailsWithAReason) {
  start();
  model::TaskInfo task = command_task("a", "true");
  task.container.emplace().mesos_image.emplace().docker_name = "busybox";
  master.run_group({task});
  ASSERT_TRUE(wait_for("a", TaskState::failed));
  EXPECT_NE(status("a", TaskState::failed)->message->find("Docker engine"), std::string::npos);
}

TEST_F(Group, UrisAreFetchedIntoEachTasksSandbox) {
  std::ofstream(folder.path() + "/greeting.txt") << "hi\n";
  start();
  model::TaskInfo task = command_task("a", "cat greeting.txt; exec sleep 1000");
  task.command->uris.emplace_back().value = "file://" + folder.path() + "/greeting.txt";
  master.run_group({task, command_task("b", "exec sleep 1000")});
  ASSERT_TRUE(run_until([&] { return task_file("a", "stdout") == "hi\n"; }));
  ASSERT_TRUE(wait_for("b", TaskState::running));
  EXPECT_FALSE(fs::exists(sandbox("pod") + "/tasks/b/greeting.txt"));
}

TEST_F(Group, UriThatIsNotThereFailsTheTaskAndKillsTheRest) {
  start();
  model::TaskInfo task = command_task("a", "exec sleep 1000");
  task.command->uris.emplace_back().value = "file:///no/such/file";
  master.run_group({task, command_task("b", "exec sleep 1000")});
  ASSERT_TRUE(wait_for("a", TaskState::failed));
  EXPECT_EQ(status("a", TaskState::failed)->reason, StatusReason::container_launch_failed);
  EXPECT_TRUE(status("a", TaskState::failed)->message->starts_with("Failed to launch container: "));
  ASSERT_TRUE(wait_for("b", TaskState::killed));
}

TEST_F(Group, HealthCheckOfATaskKillsTheGroup) {
  start();
  model::TaskInfo sick = command_task("a", "exec sleep 1000");
  model::HealthCheck& check = sick.health_check.emplace();
  check.type = model::HealthCheck::Type::command;
  check.command.emplace().value = "test -e healthy";
  check.delay_seconds = 0;
  check.interval_seconds = 0.1;
  check.grace_period_seconds = 0;
  check.consecutive_failures = 2;
  master.run_group({sick, command_task("b", "exec sleep 1000")});
  ASSERT_TRUE(wait_for("a", TaskState::killed));
  EXPECT_EQ(status("a", TaskState::killed)->healthy, false);
  ASSERT_TRUE(wait_for("b", TaskState::killed));
}

}  // namespace
}  // namespace ekiden::agent
