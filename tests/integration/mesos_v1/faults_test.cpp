// A process dies by SIGKILL in the middle of 50 launches and comes back: no task that started is
// lost, doubled or restarted [design 7, invariant 3]. A task that an agent had not started yet when
// it died is replaced by another one; without a delay, so that the test need not wait.
#include "tests/integration/mesos_v1/cluster.h"

#include <set>

namespace ekiden::mesos_v1 {
namespace {

constexpr int kTasks = 50;

struct Faults : Cluster {
  void begin() {
    start_master();
    start_agent(1);
    start_agent(2);
    start_marathon();
    const auto app =
        fmt::format(R"({{"id":"/app","cmd":"echo $MESOS_TASK_ID >> {}; exec sleep 1000",)"
                    R"("cpus":0.1,"mem":16,"backoffSeconds":0,"instances":{}}})",
                    started_file(),
                    kTasks);
    const auto answer =
        call("POST", marathon + "/v2/apps", app, {{"Content-Type", "application/json"}});
    ASSERT_EQ(answer.status, 201) << answer.body;
  }

  std::string started_file() const { return folder.path() + "/started"; }

  std::vector<std::string> started() const {
    std::vector<std::string> lines;
    const std::string text = read_file(started_file());
    for (const auto line : split_nonempty(text, '\n')) {
      lines.emplace_back(line);
    }
    return lines;
  }

  void until_some_run() {
    ASSERT_TRUE(until([&] { return started().size() >= 5; }));
  }

  void expect_all_run_once() {
    EXPECT_TRUE(until(
        [&] {
          return get_json(marathon + "/v2/apps/app")["app"]["tasksRunning"].as_int() == kTasks &&
                 get_json(marathon + "/v2/deployments").as_array().empty();
        },
        60s))
        << call("GET", marathon + "/v2/apps/app").body;
    const auto lines = started();
    EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), lines.size());
    EXPECT_EQ(lines.size(), kTasks);
    std::set<std::string> running;
    const auto tasks = get_json(marathon + "/v2/apps/app/tasks");
    for (const auto& task : tasks["tasks"].as_array()) {
      running.emplace(task["id"].as_string());
    }
    EXPECT_EQ(running, std::set<std::string>(lines.begin(), lines.end()));
  }
};

TEST_F(Faults, NothingHappensToTasksWhenTheMasterDies) {
  begin();
  until_some_run();
  EXPECT_EQ(processes["master"]->end(SIGKILL), -SIGKILL);
  start_master();
  expect_all_run_once();
}

TEST_F(Faults, NothingHappensToTasksWhenAnAgentDies) {
  begin();
  until_some_run();
  EXPECT_EQ(processes["agent1"]->end(SIGKILL), -SIGKILL);
  start_agent(1);
  expect_all_run_once();
}

TEST_F(Faults, NothingHappensToTasksWhenMarathonDies) {
  begin();
  until_some_run();
  EXPECT_EQ(processes["marathon"]->end(SIGKILL), -SIGKILL);
  start_marathon();
  expect_all_run_once();
}

TEST_F(Faults, EveryProcessEndsAtASignalAndTasksGoOn) {
  begin();
  expect_all_run_once();
  for (const char* name : {"marathon", "agent1", "agent2", "master"}) {
    EXPECT_EQ(processes[name]->end(SIGTERM), 0) << name;
  }
  start_master();
  start_agent(1);
  start_agent(2);
  start_marathon();
  expect_all_run_once();
}

}  // namespace
}  // namespace ekiden::mesos_v1
