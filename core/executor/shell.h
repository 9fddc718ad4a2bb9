#pragma once

#include "core/base/clock.h"
#include "core/executor/agent_connection.h"
#include "core/executor/command_executor.h"
#include "core/executor/default_executor.h"
#include "core/executor/running_task.h"
#include "core/executor/supervisor.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::executor {

struct Options {
  std::string pid_file;
  std::string endpoint_file;
  std::string docker_socket;  // of the Docker engine, when images may be asked for
  std::vector<std::string> cgroups;
  std::vector<ResolvedVolume> volumes;  // persistent ones, for Docker containers
  std::optional<User> user;
  bool group = false;             // the default executor of task groups
  std::vector<std::string> exec;  // a custom executor: become this program
  Supervision supervision;        // of a container: start the program and watch it
};

Result<Options> parse_options(const std::vector<std::string>& arguments);

// Connects the machine of a command or Docker task to the agent, the task and the clock.
class Shell {
 public:
  Shell(net::Loop& loop, const Clock& clock, Options options);
  int run();

 private:
  void handle(const Input& input);
  void perform(Effects effects);

  net::Loop& loop_;
  const Clock& clock_;
  CommandExecutor machine_;
  Processes processes_;
  RunningTask task_;
  AgentConnection agent_;
  net::Timer timer_;
  int exit_ = 0;
};

// The same for the default executor: several tasks, each in a sandbox of its own.
class GroupShell {
 public:
  GroupShell(net::Loop& loop, const Clock& clock, Options options);
  int run();

 private:
  void handle(const GroupInput& input);
  void perform(GroupEffects effects);
  void perform(const TaskId& id, const TaskOrders& orders);
  void start(const TaskId& id);
  Result<TaskPlace> place_of(const TaskLife& task) const;

  net::Loop& loop_;
  const Clock& clock_;
  Options options_;
  DefaultExecutor machine_;
  Processes processes_;
  std::map<TaskId, std::shared_ptr<RunningTask>> tasks_;
  AgentConnection agent_;
  net::Timer timer_;
  int exit_ = 0;
};

}  // namespace ekiden::executor
