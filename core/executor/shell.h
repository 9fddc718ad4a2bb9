#pragma once

#include "core/base/clock.h"
#include "core/executor/agent_connection.h"
#include "core/executor/command_executor.h"
#include "core/executor/docker_task.h"
#include "core/executor/probes.h"
#include "core/executor/processes.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::executor {

struct Options {
  std::string pid_file;
  std::string endpoint_file;
  std::string docker_socket;  // set: the task is a Docker container
  std::vector<std::string> cgroups;
  std::optional<User> user;
  std::vector<std::string> exec;  // a custom executor: become this program
};

Result<Options> parse_options(const std::vector<std::string>& arguments);

// Connects the machine to the agent, the task and the clock.
class Shell {
 public:
  Shell(net::Loop& loop, const Clock& clock, Options options);
  int run();

 private:
  void handle(const Input& input);
  void perform(Effects effects);
  void start_task(const model::TaskInfo& task);
  void start_docker(const model::TaskInfo& task);
  void terminate(const Terminate& order);
  void run_probe(const Probe& probe);

  net::Loop& loop_;
  const Clock& clock_;
  Options options_;
  CommandExecutor machine_;
  Processes processes_;
  Probes probes_;
  AgentConnection agent_;
  std::unique_ptr<DockerTask> docker_;
  net::Timer timer_;
  int exit_ = 0;
};

}  // namespace ekiden::executor
