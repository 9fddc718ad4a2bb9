#pragma once

#include "core/executor/checks.h"
#include "core/executor/http.h"
#include "core/executor/processes.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace ekiden::executor {

struct ProbeTarget {
  std::string ip4 = "127.0.0.1";
  std::string ip6 = "::1";
  std::optional<User> user;
};

// Performs probes, one per kind at a time. HTTPS and commands run as child processes (`curl`, as
// Mesos does it), the others in this one.
class Probes {
 public:
  using Done = std::function<void(CheckKind, CheckOutcome)>;

  Probes(net::Loop& loop, Processes& processes, Done done);

  void set_target(ProbeTarget target) { target_ = std::move(target); }

  void run(const Probe& probe);
  void stop_all();

 private:
  struct Running {
    std::unique_ptr<HttpConnection> http;
    std::unique_ptr<TcpProbe> tcp;
    std::unique_ptr<net::Timer> timer;
    int pid = 0;
  };

  void run_http(const Probe& probe);
  void run_tcp(const Probe& probe);
  void run_command(const Probe& probe, const ProcessSpec& spec);
  void run_curl(const Probe& probe);
  void finish(CheckKind kind, CheckOutcome outcome);
  std::string url(const Probe& probe) const;

  net::Loop& loop_;
  Processes& processes_;
  Done done_;
  ProbeTarget target_;
  std::map<CheckKind, Running> running_;
};

}  // namespace ekiden::executor
