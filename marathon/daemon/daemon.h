#pragma once

#include "core/api/link.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/net/loop.h"
#include "core/store/store.h"
#include "marathon/daemon/options.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace ekiden::marathon {

// The shell around the machine: store, link to the master, HTTP server, probes, drains, events.
class Daemon {
 public:
  static Result<std::unique_ptr<Daemon>> start(net::Loop& loop,
                                               const Clock& clock,
                                               store::Store& store,
                                               Options options,
                                               api::SchedulerConnect connect,
                                               std::function<void(Error)> on_failure);
  struct Parts;
  explicit Daemon(std::unique_ptr<Parts> parts);  // for start()
  ~Daemon();                                      // tasks go on
  std::uint16_t port() const;

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace ekiden::marathon
