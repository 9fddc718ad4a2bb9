#pragma once

#include "core/base/result.h"
#include "core/executor/user.h"
#include "core/model/task.h"
#include "core/net/loop.h"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Child processes of the executor.
namespace ekiden::executor {

// "1000:1000:4,27"
Result<User> parse_user(std::string_view text);
// By name or number, from the host's files: a static program has no name service.
Result<User> find_user(const std::string& name);

struct ProcessSpec {
  std::string program;  // looked up in PATH
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::optional<User> user;
  std::string folder;  // empty: ours, and our output with it
  std::string output;  // files, appended to
  std::string error;
  std::array<int, 3> stdio = {-1, -1, -1};  // what becomes 0, 1 and 2; -1: as it is
  bool terminal = false;                    // stdio[0] becomes its controlling terminal
};

// How a CommandInfo is run: `sh -c value`, or value with exactly its arguments [mesos-core 3.7].
Result<ProcessSpec> process_spec(const model::CommandInfo& command);

// The executor's own environment with the command's on top.
std::vector<std::string> merged_environment(const std::vector<std::string>& base,
                                            const std::optional<model::Environment>& top);
std::vector<std::string> own_environment();

// Starts processes in sessions of their own and reaps everything that ends up below the executor
// (it is a child subreaper, so daemons that detach stay in the tree). Loop thread only.
class Processes {
 public:
  using Exited = std::function<void(int wait_status)>;

  Processes(net::Loop& loop, std::vector<std::string> cgroups);
  ~Processes();
  Result<int> start(const ProcessSpec& spec, Exited exited);
  void forget(int pid);  // its end is of no interest any more
  // Everything below the executor: the task with all its descendants.
  void signal_all(int signal) const;
  // One of several: its descendants, its session, and whatever below us still carries `mark` (an
  // entry of its environment), so that what detached itself is found too.
  void signal_tree(int pid, const std::string& mark, int signal) const;
  static void signal_group(int pid, int signal);

  const std::vector<std::string>& cgroups() const { return cgroups_; }

 private:
  struct Impl;
  void reap();
  std::vector<std::string> cgroups_;
  std::map<int, Exited> exits_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ekiden::executor
