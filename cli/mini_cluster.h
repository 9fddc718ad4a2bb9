#pragma once

#include "cli/mini_options.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/net/loop.h"
#include "core/store/store.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::agent {
class Daemon;
}

namespace ekiden::dns {
class Daemon;
}

namespace ekiden::lb {
class Daemon;
}

namespace ekiden::marathon {
class Daemon;
}

namespace ekiden::master {
class Daemon;
}

namespace ekiden::cli {

// Where everything of a running mini cluster listens.
struct Addresses {
  std::string marathon;  // http://127.0.0.1:8080
  std::string master;
  std::vector<std::string> agents;
  std::string dns;  // 127.0.0.1:8053; empty: none
  std::string dns_http;
  std::string lb_http;   // HAProxy's virtual hosts; empty: none
  std::string lb_stats;  // HAProxy's statistics
  std::string lb_api;    // our own API of the load balancer
};

// The composition root of `ekiden mini`: builds every daemon top to bottom on one loop and one
// store, owns them all, and takes them down in reverse order.
class MiniCluster {
 public:
  using OnFailure = std::function<void(Error)>;

  static Result<std::unique_ptr<MiniCluster>> start(net::Loop& loop,
                                                    const MiniOptions& options,
                                                    OnFailure on_failure);
  // Only what knows of running tasks: agents that recover them, for destroy().
  static Result<std::unique_ptr<MiniCluster>> start_for_destroy(net::Loop& loop,
                                                                const MiniOptions& options,
                                                                OnFailure on_failure);
  MiniCluster() = default;  // for start()
  ~MiniCluster();           // tasks and HAProxy go on

  const Addresses& addresses() const { return addresses_; }

  // What is not available on this machine, a sentence each.
  std::vector<std::string> limitations() const;
  // Ends every task and HAProxy; `done` comes once, on the loop thread.
  void destroy(std::function<void()> done);

 private:
  Result<void> start_master(net::Loop& loop,
                            const MiniOptions& options,
                            const OnFailure& on_failure);
  Result<void> start_agents(net::Loop& loop,
                            const MiniOptions& options,
                            const OnFailure& on_failure);
  Result<void> start_marathon(net::Loop& loop,
                              const MiniOptions& options,
                              const OnFailure& on_failure);
  Result<void> start_lb(net::Loop& loop, const MiniOptions& options, const OnFailure& on_failure);
  Result<void> start_dns(net::Loop& loop, const MiniOptions& options, const OnFailure& on_failure);
  store::Store& view(const std::string& prefix);  // of the one database

  SystemClock clock_;
  Addresses addresses_;
  std::vector<std::string> limitations_;
  std::unique_ptr<store::Store> store_;
  std::vector<std::unique_ptr<store::Store>> views_;
  std::unique_ptr<master::Daemon> master_;
  std::vector<std::unique_ptr<agent::Daemon>> agents_;
  std::unique_ptr<marathon::Daemon> marathon_;
  std::unique_ptr<lb::Daemon> lb_;
  std::unique_ptr<dns::Daemon> dns_;
};

}  // namespace ekiden::cli
