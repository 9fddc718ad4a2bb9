// A plain framework in a process of its own, over HTTP only.
#include "tests/integration/mesos_v1/cluster.h"

#include <set>

namespace ekiden::mesos_v1 {
namespace {

struct PlainFramework : Cluster {
  void begin(int tasks) {
    start_master();
    start_agent(1);
    start_agent(2);
    framework = std::make_unique<Process>(
        std::vector<std::string>{FRAMEWORK, master, std::to_string(tasks)}, log());
  }

  std::string log() const { return folder.path() + "/framework.log"; }

  // Different tasks that the framework heard this of.
  std::size_t told(const std::string& what, const std::string& state) const {
    std::set<std::string> tasks;
    const std::string text = read_file(log());
    for (const auto line : split_nonempty(text, '\n')) {
      const auto words = split_nonempty(line, ' ');
      if (words.size() == 3 && words[0] == what && words[2] == state) {
        tasks.emplace(words[1]);
      }
    }
    return tasks.size();
  }

  std::unique_ptr<Process> framework;
};

TEST_F(PlainFramework, LaunchesAcknowledgesAndReconciles) {
  begin(20);
  EXPECT_TRUE(until([&] { return told("update", "TASK_RUNNING") == 20; })) << read_file(log());
  // Acknowledged: the agents have nothing to repeat.
  EXPECT_EQ(read_file(log()).find("refused"), std::string::npos) << read_file(log());
  const auto tasks = get_json(master + "/tasks");
  EXPECT_EQ(tasks["tasks"].as_array().size(), 20U);
  processes["master"]->end(SIGKILL);
  start_master();
  EXPECT_TRUE(until([&] { return told("answer", "TASK_RUNNING") == 20; })) << read_file(log());
  const auto text = read_file(log());
  EXPECT_EQ(text.find("TASK_LOST"), std::string::npos) << text;
  EXPECT_EQ(framework->end(SIGTERM), 0);
}

}  // namespace
}  // namespace ekiden::mesos_v1
