#pragma once

#include "core/base/result.h"
#include "core/model/task.h"
#include "core/net/loop.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Child processes of the executor.
namespace ekiden::executor {

struct User {
  unsigned uid = 0;
  unsigned gid = 0;
  std::vector<unsigned> groups;
};

// "1000:1000:4,27"
Result<User> parse_user(std::string_view text);

struct ProcessSpec {
  std::string program;  // looked up in PATH
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::optional<User> user;
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
