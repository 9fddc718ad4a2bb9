#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace ekiden::runtime {

// Threads for work that blocks (disk, spawn, large JSON). post() is for any thread; results go back
// by loop.post. Destroying it finishes what is running and drops what is queued.
class Worker {
 public:
  explicit Worker(std::string name, std::size_t threads = 1);
  ~Worker();
  // False when the queue is full (limit below).
  bool post(std::function<void()> work);
  static constexpr std::size_t kQueueMax = 100'000;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ekiden::runtime
