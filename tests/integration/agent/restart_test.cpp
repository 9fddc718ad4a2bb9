#include "core/base/strings.h"
#include "tests/integration/agent/fixture.h"

#include <fstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

namespace ekiden::agent {
namespace {

using Restart = AgentTest;

int first_pid(const std::string& text) {
  const auto lines = split_nonempty(text, '\n');
  return lines.empty() ? 0 : static_cast<int>(parse_int(lines[0]).value_or(0));
}

TEST_F(Restart, TaskGoesOnAndIsKilledByTheNextAgentOnAnotherPort) {
  start();
  master.run(command_task("t", "echo $$; exec sleep 1000"));
  ASSERT_TRUE(wait_for("t", TaskState::running));
  ASSERT_TRUE(run_until([&] { return first_pid(file("t", "stdout")) != 0; }));
  const int pid = first_pid(file("t", "stdout"));
  daemon.reset();
  EXPECT_TRUE(alive(pid));
  start();
  ASSERT_EQ(master.registrations.back().tasks.size(), 1U);
  EXPECT_EQ(master.registrations.back().tasks[0].state, TaskState::running);
  run_for(300ms);
  EXPECT_TRUE(alive(pid));
  EXPECT_EQ(status("t", TaskState::failed), nullptr);
  master.kill("t");
  ASSERT_TRUE(wait_for("t", TaskState::killed));
  EXPECT_EQ(file("t", "stdout"), fmt::format("{}\n", pid));  // started once
}

TEST_F(Restart, EndWhileTheAgentWasAwayIsReportedByTheExecutor) {
  start();
  master.run(command_task("t", "echo $$; sleep 0.3; exit 7"));
  ASSERT_TRUE(wait_for("t", TaskState::running));
  daemon.reset();
  run_for(600ms);
  start();
  ASSERT_TRUE(wait_for("t", TaskState::failed));
  EXPECT_EQ(status("t", TaskState::failed)->message, "Command exited with status 7");
}

TEST_F(Restart, ExecutorThatDiedMeanwhileFailsItsTask) {
  start();
  master.run(command_task("t", "echo $PPID; sleep 1000"));
  ASSERT_TRUE(wait_for("t", TaskState::running));
  ASSERT_TRUE(run_until([&] { return first_pid(file("t", "stdout")) != 0; }));
  const int executor = first_pid(file("t", "stdout"));
  daemon.reset();
  ::kill(executor, SIGKILL);
  ::waitpid(executor, nullptr, 0);
  start();
  ASSERT_TRUE(wait_for("t", TaskState::failed));
  EXPECT_EQ(status("t", TaskState::failed)->reason, StatusReason::executor_terminated);
}

TEST_F(Restart, AReusedPidIsNotTakenForTheExecutor) {
  start();
  master.run(command_task("t", "echo $PPID; sleep 1000"));
  ASSERT_TRUE(wait_for("t", TaskState::running));
  ASSERT_TRUE(run_until([&] { return first_pid(file("t", "stdout")) != 0; }));
  const int executor = first_pid(file("t", "stdout"));
  const std::string container =
      status("t", TaskState::running)->container_status->container_id->value;
  daemon.reset();
  ::kill(executor, SIGKILL);
  ::waitpid(executor, nullptr, 0);
  // The file now names a living process that started at another time: this one.
  const std::string pid_file = options.work_dir + "/meta/pids/" + container;
  std::string text = slurp(pid_file);
  text = fmt::format("{}{}", ::getpid(), text.substr(text.find(' ')));
  std::ofstream(pid_file) << text;
  start();
  ASSERT_TRUE(wait_for("t", TaskState::failed));
}

TEST_F(Restart, DestroyAllEndsAdoptedTasksToo) {
  start();
  master.run(command_task("t", "echo $$; exec sleep 1000"));
  ASSERT_TRUE(run_until([&] { return first_pid(file("t", "stdout")) != 0; }));
  const int pid = first_pid(file("t", "stdout"));
  daemon.reset();
  auto started = Daemon::start(loop, clock, store, options, master.connect(), [](const Error&) {});
  ASSERT_TRUE(started);
  daemon = std::move(*started);
  bool done = false;
  daemon->destroy_all([&] { done = true; });
  ASSERT_TRUE(run_until([&] { return done; }));
  EXPECT_TRUE(run_until([&] { return !alive(pid); }));
  EXPECT_TRUE(wait_for("t", TaskState::killed));
}

// An agent in a process of its own, spoken to by lines.
struct AgentProcess {
  AgentProcess(const std::string& work_dir, const std::string& task, const std::string& command)
      : out(work_dir + ".out") {
    std::ofstream(out, std::ios::app).flush();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_APPEND, 0);
    std::vector<std::string> words{AGENT_PROCESS, work_dir, task, command};
    std::vector<char*> argv;
    for (std::string& word : words) {
      argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&pid, AGENT_PROCESS, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }

  ~AgentProcess() { kill(); }

  void kill() {
    if (pid != 0) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
      pid = 0;
    }
  }

  bool said(const std::string& text) const { return slurp(out).find(text) != std::string::npos; }

  std::string out;
  pid_t pid = 0;
};

TEST_F(Restart, TaskSurvivesKillNineOfItsAgent) {
  const std::string work = folder.path() + "/other";
  const std::string out = work + "/slaves/A/frameworks/F/executors/t/runs/latest/stdout";
  AgentProcess first(work, "t", "echo $$; exec sleep 1000");
  ASSERT_TRUE(
      run_until([&] { return first.said("t TASK_RUNNING") && first_pid(slurp(out)) != 0; }));
  const int pid = first_pid(slurp(out));
  first.kill();
  run_for(200ms);
  EXPECT_TRUE(alive(pid));
  std::filesystem::remove(first.out);
  AgentProcess second(work, "t", "");  // kills it as soon as the executor is back
  EXPECT_TRUE(run_until([&] { return second.said("recovered t TASK_RUNNING"); }));
  EXPECT_TRUE(run_until([&] { return second.said("t TASK_KILLED"); }));
  EXPECT_FALSE(alive(pid));
  EXPECT_FALSE(second.said("TASK_FAILED"));
  EXPECT_EQ(slurp(out), fmt::format("{}\n", pid));
  // The helper's cgroups: empty by now, or it removes them in a moment.
  const Cgroups cgroups = Cgroups::detect("ekiden-test-process");
  const auto containers = [&] {
    std::size_t found = 0;
    for (const std::string& path : cgroups.directories(ContainerId{})) {
      for (const auto& entry : std::filesystem::directory_iterator(path)) {
        const bool spare = entry.path().filename().string().starts_with("spare-");
        found += entry.is_directory() && !spare ? 1 : 0;
      }
    }
    return found;
  };
  EXPECT_TRUE(run_until([&] { return containers() == 0; }));
  second.kill();
  cgroups.remove_root_if_empty();
}

}  // namespace
}  // namespace ekiden::agent
