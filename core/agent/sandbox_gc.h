#pragma once

#include "core/base/clock.h"
#include "core/net/loop.h"
#include "core/runtime/worker.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace ekiden::agent {

// Removes the sandboxes of executors that ended, after a delay that shrinks as the disk fills
// [mesos-core 6.11]. Loop thread only; disk work is done by a helper thread.
class SandboxGc {
 public:
  struct Options {
    std::string work_dir;
    Duration delay = std::chrono::hours(24 * 7);
    double headroom = 0.1;  // part of the disk to keep free
    Duration interval = std::chrono::minutes(1);
  };

  struct Stats {
    std::uint64_t removed = 0;
    std::uint64_t failed = 0;
    std::size_t pending = 0;
    double allowed_age_seconds = 0;
  };

  SandboxGc(net::Loop& loop, const Clock& clock, Options options);
  ~SandboxGc();
  // What is there already and does not belong to one of these containers is as old as it looks.
  void start(std::set<std::string> live_containers);
  void schedule(const std::string& sandbox);  // its executor has ended now
  Stats stats() const;

  static constexpr std::size_t kFoundMax = 100'000;  // sandboxes looked at when starting

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// How old a sandbox may be when `used` (0 to 1) of the disk is.
Duration allowed_age(Duration delay, double headroom, double used);

}  // namespace ekiden::agent
