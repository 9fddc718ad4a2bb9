#pragma once

#include "core/agent/cgroups.h"
#include "core/agent/spawn.h"
#include "core/api/agent_operator.h"
#include "core/base/result.h"

#include <optional>
#include <string>
#include <vector>

// Containers of the operator API on disk: one folder each, <work_dir>/meta/containers/<id>, with
// the plan (ours), and pid, status and socket (of the container's first process, see
// core/executor/supervisor.h). Blocking.
namespace ekiden::agent {

struct ContainerPlan {
  api::agent_operator::LaunchContainer launch;
  bool session = false;  // lives as long as the connection that asked for it
  bool own_cgroup = false;
  std::string sandbox;
  // What follows is needed for the start only and not kept.
  std::string parent_sandbox;
  std::string user;
  std::vector<std::string> environment;
  std::string docker;                     // run it inside this Docker container ...
  std::string docker_program = "docker";  // ... with this client
  std::string docker_socket;
};

struct ContainerEnd {
  int status = 0;  // raw wait status
  std::string message;
};

struct StoredContainer {
  ContainerPlan plan;
  FoundProcess process;
  std::optional<ContainerEnd> end;
};

class ContainerState {
 public:
  explicit ContainerState(const std::string& work_dir) : root_(work_dir + "/meta/containers") {}

  std::string folder(const ContainerId& container) const;
  // Durable when it returns.
  Result<void> write_plan(const ContainerPlan& plan) const;
  // Folder of the container, its output files, the volumes that are folders of its parent.
  Result<void> make_sandbox(const ContainerPlan& plan) const;
  Result<int> spawn(const ContainerPlan& plan,
                    const std::vector<std::string>& cgroups,
                    const std::string& executor_path) const;
  FoundProcess find(const ContainerId& container) const;
  std::optional<ContainerEnd> read_end(const ContainerId& container) const;
  void remove(const ContainerId& container) const;
  // Everything that is there; what cannot be read is told and left alone.
  std::vector<StoredContainer> load() const;

 private:
  std::string root_;
};

// Why this agent cannot run it, before anything is done: images, host volumes.
Result<void> check_supported(const api::agent_operator::LaunchContainer& launch);

}  // namespace ekiden::agent
