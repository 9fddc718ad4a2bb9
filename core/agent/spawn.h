#pragma once

#include "core/agent/cgroups.h"
#include "core/agent/container_spec.h"
#include "core/base/result.h"

#include <optional>
#include <string>

// The blocking parts of making a container; called on a worker thread.
namespace ekiden::agent {

struct UserIds {
  unsigned uid = 0;
  unsigned gid = 0;
  std::string groups;  // "4,27"
};

// Nothing when the task runs as the agent's own user.
Result<std::optional<UserIds>> find_user(const std::string& user);

// Sandbox, its stdout and stderr, the `latest` link, cgroups.
Result<void> prepare_container(const ContainerSpec& spec, const Cgroups& cgroups);

// Starts ekiden-executor in its own session, with nothing of ours inherited. The pid.
Result<int> spawn_container(const ContainerSpec& spec,
                            const Cgroups& cgroups,
                            const std::string& executor_path);

// The process that wrote the pid file: alive, gone, or no file at all.
struct FoundProcess {
  enum class State { alive, gone, unknown };
  State state = State::unknown;
  int pid = 0;
};

FoundProcess find_process(const std::string& pid_file);

// Without cgroups: everything that still carries the container's sandbox in its environment.
void kill_by_environment(const std::string& sandbox);

int open_pidfd(int pid);  // -1: not there
void signal_pidfd(int pidfd, int signal);

}  // namespace ekiden::agent
