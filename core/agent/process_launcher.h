#pragma once

#include "core/agent/cgroups.h"
#include "core/agent/container_spec.h"
#include "core/agent/fetcher.h"
#include "core/agent/launcher.h"
#include "core/net/client.h"
#include "core/net/loop.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::agent {

struct ProcessLauncherOptions {
  ContainerHost host;
  Cgroups cgroups;
  FetcherOptions fetcher;
};

// Containers as processes of this host: ekiden-executor in its own session and cgroups, its sandbox
// under the work directory. Exits are seen through pidfds, also those of adopted processes, and a
// process is only ever signalled through one, so that a reused pid is never hit.
class ProcessLauncher final : public Launcher {
 public:
  ProcessLauncher(net::Loop& loop,
                  net::Client& client,
                  ProcessLauncherOptions options,
                  Callbacks callbacks);
  ~ProcessLauncher() override;
  void start(const StartContainer& container) override;
  void adopt(const StartContainer& container) override;
  void limit(const ContainerLimits& limits) override;
  void prepare(const PrepareNested& order) override;
  void destroy(const ContainerId& container) override;
  void release(const ContainerId& container) override;
  // Once, on the loop thread, when the processes and Docker containers of everything released so
  // far are gone.
  void when_settled(std::function<void()> done);
  ContainerUsage usage(const ContainerId& container) const;
  Fetcher& fetcher();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::agent
