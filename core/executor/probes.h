#pragma once

#include "core/executor/checks.h"
#include "core/executor/http.h"
#include "core/executor/processes.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::executor {

struct ProbeTarget {
  std::string ip4 = "127.0.0.1";
  std::string ip6 = "::1";
  std::optional<User> user;
  std::vector<std::string> environment;  // of commands; their own go on top
  std::string folder;                    // where commands run; empty: ours
};

// Performs probes, one per kind at a time. HTTPS and commands run as child processes (`curl`, as
// Mesos does it), the others in this one.
class Probes {
 public:
  using Done = std::function<void(CheckKind, CheckOutcome)>;

  Probes(net::Loop& loop, Processes& processes, Done done);

  void set_target(ProbeTarget target) { target_ = std::move(target); }

  const ProbeTarget& target() const { return target_; }

  void run(const Probe& probe);
  void stop_all();

 private:
  struct Running {
    std::unique_ptr<HttpConnection> http;
    std::unique_ptr<TcpProbe> tcp;
    std::unique_ptr<net::Timer> timer;
    int pid = 0;
  };

  void run_http(const Probe& probe, std::string target, int redirects);
  void redirected(const Probe& probe, const std::string& location, int redirects);
  void run_tcp(const Probe& probe);
  void run_command(const Probe& probe, const ProcessSpec& spec);
  void run_curl(const Probe& probe, const std::string& url);
  void finish(CheckKind kind, CheckOutcome outcome);
  void place(ProcessSpec& spec) const;
  std::string origin(const Probe& probe) const;
  std::string url(const Probe& probe) const;

  net::Loop& loop_;
  Processes& processes_;
  Done done_;
  ProbeTarget target_;
  std::map<CheckKind, Running> running_;
};

}  // namespace ekiden::executor
