#include "core/net/loop.h"

#include "core/base/clock.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace ekiden::net {

namespace asio = boost::asio;

struct Loop::Impl {
  Impl() : context(1), work(asio::make_work_guard(context)), signals(context) {}

  void wait_for_signal() {
    signals.async_wait([this](const boost::system::error_code& failed, int number) {
      if (failed) {
        return;
      }
      on_signal(number);
      wait_for_signal();
    });
  }

  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::signal_set signals;
  std::function<void(int)> on_signal;
  std::atomic<std::thread::id> thread{};
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {}

Loop::~Loop() = default;

void Loop::run() {
  impl_->thread = std::this_thread::get_id();
  impl_->context.run();
  impl_->context.restart();  // after and not before: a stop() that came too early must count
  impl_->thread = std::thread::id();
}

void Loop::stop() {
  impl_->context.stop();
}

void Loop::post(std::function<void()> work) {
  asio::post(impl_->context, std::move(work));
}

bool Loop::on_loop_thread() const {
  return impl_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void Loop::on_signals(std::function<void(int)> callback) {
  const bool first = impl_->on_signal == nullptr;
  impl_->on_signal = std::move(callback);
  if (first) {
    impl_->signals.add(SIGINT);
    impl_->signals.add(SIGTERM);
    impl_->wait_for_signal();
  }
}

asio::io_context& Loop::context() {
  return impl_->context;
}

// A machine moves its deadline on every step, mostly to a later instant. So a wait that is armed
// for an earlier instant stays armed and re-arms itself when it fires: set() then costs a store.
struct Timer::Impl : std::enable_shared_from_this<Timer::Impl> {
  Impl(asio::io_context& context, std::function<void()> call)
      : timer(context), fire(std::move(call)) {}

  void arm() {
    armed = deadline;
    timer.expires_at(std::chrono::steady_clock::time_point(deadline.time_since_epoch()));
    timer.async_wait(
        [self = shared_from_this(), mine = ++generation](const auto&) { self->expired(mine); });
  }

  // Also called for a cancelled wait and for one that had fired before it was replaced: only the
  // newest generation counts.
  void expired(std::uint64_t of) {
    if (of != generation) {
      return;
    }
    armed = kNever;
    if (deadline == kNever) {
      return;
    }
    if (timer.expiry().time_since_epoch() < deadline.time_since_epoch()) {
      arm();
      return;
    }
    deadline = kNever;
    fire();
  }

  asio::steady_timer timer;
  std::function<void()> fire;
  Time deadline = kNever;
  Time armed = kNever;  // what the pending wait waits for
  std::uint64_t generation = 0;
};

Timer::Timer(Loop& loop, std::function<void()> fire)
    : impl_(std::make_shared<Impl>(loop.context(), std::move(fire))) {}

Timer::~Timer() {
  impl_->deadline = kNever;
  ++impl_->generation;
  impl_->timer.cancel();
}

void Timer::set(Time when) {
  impl_->deadline = when;
  if (when < impl_->armed) {
    impl_->arm();
  }
}

void Timer::set_after(Duration delay) {
  const auto now = SystemClock().now().time;
  set(delay > kNever - now ? kNever : now + delay);
}

void Timer::cancel() {
  set(kNever);
}

}  // namespace ekiden::net
