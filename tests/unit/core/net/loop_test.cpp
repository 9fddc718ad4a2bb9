#include "core/net/loop.h"

#include "core/base/clock.h"

#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ekiden::net {
namespace {

using std::chrono::milliseconds;

TEST(Loop, RunsPostedWorkInOrderOnItsThread) {
  Loop loop;
  std::string order;
  std::thread other([&] {
    loop.post([&] { order += loop.on_loop_thread() ? "a" : "?"; });
    loop.post([&] { order += "b"; });
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  other.join();
  EXPECT_EQ(order, "ab");
  EXPECT_FALSE(loop.on_loop_thread());
}

TEST(Loop, RunsAgainAfterAStop) {
  Loop loop;
  int runs = 0;
  for (int i = 0; i < 2; ++i) {
    loop.post([&] {
      ++runs;
      loop.stop();
    });
    loop.run();
  }
  EXPECT_EQ(runs, 2);
}

TEST(Loop, ReturnsAtOnceWhenItWasStoppedBefore) {
  Loop loop;
  loop.stop();
  loop.run();
}

TEST(Loop, CallsBackOnEachSignal) {
  Loop loop;
  std::vector<int> numbers;
  loop.on_signals([&](int number) {
    numbers.push_back(number);
    if (numbers.size() == 2) {
      loop.stop();
    } else {
      ::raise(SIGINT);
    }
  });
  ::raise(SIGTERM);
  loop.run();
  EXPECT_EQ(numbers, (std::vector<int>{SIGTERM, SIGINT}));
}

class TimerTest : public testing::Test {
 protected:
  Time soon(int millis) { return SystemClock().now().time + milliseconds(millis); }

  // Runs the loop for that long.
  void run_for(int millis) {
    Timer stop(loop_, [this] { loop_.stop(); });
    stop.set_after(milliseconds(millis));
    loop_.run();
  }

  Loop loop_;
  int fired_ = 0;
  Timer timer_{loop_, [this] {
                 ++fired_;
                 loop_.stop();
               }};
};

TEST_F(TimerTest, FiresOnceAtItsDeadlineAndNotBefore) {
  const Time deadline = soon(20);
  timer_.set(deadline);
  loop_.run();
  EXPECT_GE(SystemClock().now().time, deadline);
  run_for(10);
  EXPECT_EQ(fired_, 1);
}

TEST_F(TimerTest, FiresForADeadlineThatHasPassed) {
  timer_.set(soon(-1000));
  loop_.run();
  EXPECT_EQ(fired_, 1);
}

TEST_F(TimerTest, MovesToALaterDeadline) {
  timer_.set(soon(5));
  const Time later = soon(50);
  timer_.set(later);
  loop_.run();
  EXPECT_EQ(fired_, 1);
  EXPECT_GE(SystemClock().now().time, later);
}

TEST_F(TimerTest, MovesToAnEarlierDeadline) {
  timer_.set(soon(60'000));
  timer_.set(soon(5));
  loop_.run();
  EXPECT_EQ(fired_, 1);
}

TEST_F(TimerTest, IsSilentWhenCancelledOrSetToNever) {
  timer_.set(soon(5));
  timer_.cancel();
  run_for(20);
  timer_.set(soon(5));
  timer_.set(kNever);
  run_for(20);
  EXPECT_EQ(fired_, 0);
  timer_.set(soon(5));
  loop_.run();
  EXPECT_EQ(fired_, 1);
}

TEST_F(TimerTest, IsSilentAfterItsEndEvenWhenItHadExpired) {
  int fired = 0;
  auto timer = std::make_unique<Timer>(loop_, [&fired] { ++fired; });
  loop_.post([&] {
    timer->set(soon(-1));
    // By the next turn of the loop the wait is over and its callback is queued behind this one.
    loop_.post([&timer] { timer.reset(); });
  });
  run_for(20);
  EXPECT_EQ(fired, 0);
}

TEST_F(TimerTest, MayBeDestroyedByItsOwnCallback) {
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop_, [&] {
    timer.reset();
    loop_.stop();
  });
  timer->set(soon(1));
  loop_.run();
  EXPECT_EQ(timer, nullptr);
}

TEST_F(TimerTest, MayBeSetAgainByItsOwnCallback) {
  int times = 0;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop_, [&] {
    if (++times == 3) {
      loop_.stop();
    } else {
      timer->set_after(milliseconds(1));
    }
  });
  timer->set_after(milliseconds(1));
  loop_.run();
  EXPECT_EQ(times, 3);
}

}  // namespace
}  // namespace ekiden::net
