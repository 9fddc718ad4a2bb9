#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/net/loop.h"
#include "lb/options.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::lb {

// `ekiden lb`: watches Marathon, renders, and keeps a HAProxy child as wanted. The child outlives
// it and is taken over by the next start. Marathon being away, labels being wrong or HAProxy being
// absent never end it. Loop thread only.
class Daemon {
 public:
  // Fails when the folder cannot be written, or a fixed port is in use by another program.
  static Result<std::unique_ptr<Daemon>> start(net::Loop& loop,
                                               const Clock& clock,
                                               Options options,
                                               std::function<void(Error)> on_failure);
  struct Impl;
  explicit Daemon(std::unique_ptr<Impl> impl);  // for start()
  ~Daemon();                                    // leaves HAProxy running

  std::uint16_t port() const;        // of our own API
  std::uint16_t http_port() const;   // virtual hosts
  std::uint16_t https_port() const;  // 0 without certificates
  std::uint16_t stats_port() const;
  std::uint16_t appid_port() const;
  // What is not available here, as sentences for a person.
  std::vector<std::string> limitations() const;
  // Stops HAProxy with all its connections; `done` comes on the loop thread.
  void destroy(std::function<void()> done);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ekiden::lb
