#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/net/loop.h"
#include "dns/options.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::dns {

// The DNS server of a cluster: follows the master, serves its names over DNS and HTTP. Without a
// master it serves the last records it had, from disk after a restart.
class Daemon {
  struct Impl;

 public:
  // Listens at once; before any record is known DNS answers SERVFAIL and /health is 503.
  // `on_failure` is called when the server cannot go on.
  static Result<std::unique_ptr<Daemon>> start(net::Loop& loop,
                                               const Clock& clock,
                                               Options options,
                                               std::function<void(Error)> on_failure);
  explicit Daemon(std::unique_ptr<Impl> impl);  // for start()
  ~Daemon();
  std::uint16_t port() const;       // UDP and TCP
  std::uint16_t http_port() const;  // 0 when HTTP is off
  // What is not available here, a sentence each.
  std::vector<std::string> limitations() const;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ekiden::dns
