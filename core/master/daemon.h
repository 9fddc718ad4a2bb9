#pragma once

#include "core/api/link.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/master/options.h"
#include "core/net/loop.h"
#include "core/store/store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ekiden::master {

// The master as a process part: store, loop, server, driver around the machine. Loop thread only.
class Daemon {
 public:
  // `on_failure` comes when the daemon cannot go on (a failed commit).
  static Result<std::unique_ptr<Daemon>> start(net::Loop& loop,
                                               const Clock& clock,
                                               store::Store& store,
                                               Options options,
                                               std::function<void(Error)> on_failure);
  struct Impl;
  explicit Daemon(std::unique_ptr<Impl> impl);  // for start
  ~Daemon();                                    // agents and frameworks see their links close
  std::uint16_t port() const;
  const std::string& id() const;

  // Links within this process. They may outlive the daemon and are dead then.
  api::SchedulerConnect scheduler_connect();
  api::MasterConnect agent_connect();

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ekiden::master
