#pragma once

#include "core/agent/cgroups.h"
#include "core/agent/container_io.h"
#include "core/agent/container_state.h"
#include "core/agent/fetcher.h"
#include "core/net/loop.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::agent {

// Containers that were launched through the operator API: nested ones below executors, below each
// other, and standalone ones [mesos-core 4.3]. What is launched is durable first; containers and
// how they ended survive a restart of the agent, until they are removed or what is above them ends.
// Sessions end with their connection, and so with the agent. Loop thread only.
class OperatorContainers {
 public:
  struct Options {
    std::string work_dir;
    std::string executor_path;
    std::string docker_socket;
    std::string docker_program = "docker";
    Cgroups cgroups;
  };

  // What a container stands on: its parent, or nothing when it stands alone.
  struct Above {
    std::string sandbox;
    std::string user;
    std::vector<std::string> environment;  // sessions have it too
    std::string docker;                    // the parent is this Docker container
  };

  enum class Kind { container, session };
  enum class Launched { now, before };

  struct Info {
    ContainerId id;
    int pid = 0;
    bool own_cgroup = false;
    bool session = false;
  };

  using Termination = api::agent_operator::Termination;

  OperatorContainers(net::Loop& loop, Fetcher& fetcher, Options options);
  ~OperatorContainers();  // containers go on, sessions end

  // Once, before anything else: what an earlier life left. `lives` tells whether an executor's
  // container is still there.
  void recover(const std::function<bool(const ContainerId&)>& lives);

  void launch(const api::agent_operator::LaunchContainer& launch,
              Kind kind,
              const Above& above,
              std::function<void(Result<Launched>)> done);
  // Unknown: not_found. Called back when it ends, at once when it has.
  Result<void> wait(const ContainerId& container, std::function<void(Termination)> done);
  Result<void> kill(const ContainerId& container, int signal);
  Result<void> remove(const ContainerId& container);
  // The folder that ContainerIo needs. Errors: not_found; unsupported when it has no socket.
  Result<std::string> io_folder(const ContainerId& container) const;

  // As a parent.
  std::optional<Above> find(const ContainerId& container) const;
  std::vector<Info> list() const;
  // The sandbox that is not below an executor's.
  std::optional<std::string> sandbox(const ContainerId& container) const;
  // An executor's container has ended: all below it goes.
  void root_ended(const ContainerId& root);
  void destroy_all();  // with the agent's own end

  static constexpr std::size_t kContainersMax = 10'000;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// "root" of "root.child.grandchild"; "" as the parent of a root.
ContainerId root_of(const ContainerId& container);
ContainerId parent_of(const ContainerId& container);
// What is wrong with it as an id and as the name of a folder; nothing when all is well.
std::optional<std::string> container_id_problem(const ContainerId& container);

}  // namespace ekiden::agent
