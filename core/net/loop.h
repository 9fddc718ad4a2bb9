#pragma once

#include "core/base/time.h"

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace ekiden::net {

// One thread that runs callbacks in order. post() is for any thread; everything else is for the
// loop's own thread (or before run()).
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();   // until stop(); the calling thread becomes the loop thread
  void stop();  // any thread; before run() it makes that return at once
  void post(std::function<void()> work);
  bool on_loop_thread() const;
  // Calls back on each SIGINT/SIGTERM (number given) instead of dying.
  void on_signals(std::function<void(int)> callback);
  boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One-shot, re-armed by set(); destroying it cancels. Loop thread only.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> fire);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  void set(Time when);  // replaces the earlier deadline; kNever cancels
  void set_after(Duration delay);
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::net
