#pragma once

#include "core/base/clock.h"
#include "core/base/id.h"
#include "core/net/loop.h"
#include "core/runtime/worker.h"

#include <cstdint>
#include <functional>
#include <memory>
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

  // Whether this container's executor goes on: its sandbox is never touched. Asked on the loop
  // thread, when the disk has been looked through and again before something is removed: a task may
  // have started in between.
  using Lives = std::function<bool(const ContainerId&)>;

  SandboxGc(net::Loop& loop, const Clock& clock, Options options, Lives lives);
  ~SandboxGc();
  void start();                               // what is there already is as old as it looks
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
