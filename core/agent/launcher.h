#pragma once

#include "core/agent/types.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::agent {

// Makes, watches and ends containers. Loop thread only; callbacks come later, on the loop thread.
// For every start() and every adopt() of a living container: exactly one `failed` or `exited`.
class Launcher {
 public:
  struct Callbacks {
    std::function<void(ContainerStarted)> started;
    std::function<void(ContainerFailed)> failed;
    std::function<void(ContainerExited)> exited;
    std::function<void(ContainerMissing)> missing;  // adopt() found no trace of a process
    std::function<void(NestedPrepared)> prepared;
  };

  virtual ~Launcher() = default;  // containers go on
  virtual void start(const StartContainer& container) = 0;
  // One that an earlier life of the agent started, or that has just shown up again: started or
  // exited or missing follows. Adopting twice is fine.
  virtual void adopt(const StartContainer& container) = 0;
  virtual void limit(const ContainerLimits& limits) = 0;
  virtual void prepare(const PrepareNested& order) = 0;    // `prepared` follows
  virtual void destroy(const ContainerId& container) = 0;  // kill everything in it
  virtual void release(const ContainerId& container) = 0;  // it has ended: clean up after it
};

}  // namespace ekiden::agent
