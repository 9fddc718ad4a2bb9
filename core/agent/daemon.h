#pragma once

#include "core/agent/options.h"
#include "core/api/link.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/net/loop.h"
#include "core/store/store.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::agent {

// The agent's composition root and shell: builds the machine from its records, the launcher, the
// HTTP server; performs the machine's effects. Loop thread only.
class Daemon {
 public:
  static Result<std::unique_ptr<Daemon>> start(net::Loop& loop,
                                               const Clock& clock,
                                               store::Store& store,
                                               Options options,
                                               api::MasterConnect connect,
                                               std::function<void(Error)> on_failure);
  struct Impl;
  explicit Daemon(std::shared_ptr<Impl> impl);  // for start()
  ~Daemon();                                    // stops; tasks go on
  std::uint16_t port() const;
  // What this host cannot give, for people: "no Docker engine at ...: command tasks only".
  std::vector<std::string> limitations() const;
  // Ends every container of this work directory; `done` once all are gone and recorded as killed.
  void destroy_all(std::function<void()> done);
  // The master has shut this agent down and all its executors have ended: the process should end.
  void when_told_to_leave(std::function<void(std::string why)> leave);

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::agent
