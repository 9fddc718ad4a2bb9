#include "core/runtime/worker.h"

#include <future>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace ekiden::runtime {
namespace {

TEST(Worker, RunsWorkInOrderOnAThreadOfItsOwn) {
  std::vector<int> order;
  std::promise<std::thread::id> thread;
  {
    Worker worker("test");
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(worker.post([&order, i] { order.push_back(i); }));
    }
    worker.post([&thread] { thread.set_value(std::this_thread::get_id()); });
    EXPECT_NE(thread.get_future().get(), std::this_thread::get_id());
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(Worker, RunsTwoAtOnceWithTwoThreads) {
  Worker worker("test", 2);
  std::promise<void> first;
  std::promise<void> second;
  std::promise<void> done;
  // Each waits for the other: one thread alone would hang here.
  worker.post([&] {
    first.set_value();
    second.get_future().wait();
    done.set_value();
  });
  worker.post([&] {
    first.get_future().wait();
    second.set_value();
  });
  done.get_future().wait();
}

TEST(Worker, FinishesWhatRunsAtItsEnd) {
  std::promise<void> running;
  std::promise<void> release;
  std::atomic<bool> finished{false};
  auto worker = std::make_unique<Worker>("test");
  worker->post([&] {
    running.set_value();
    release.get_future().wait();
    finished = true;
  });
  running.get_future().wait();
  std::thread ending([&worker] { worker.reset(); });
  release.set_value();
  ending.join();
  EXPECT_TRUE(finished);
}

TEST(Worker, RefusesWorkWhenItsQueueIsFull) {
  std::promise<void> running;
  std::promise<void> release;
  Worker worker("test");
  worker.post([&] {
    running.set_value();
    release.get_future().wait();
  });
  running.get_future().wait();
  for (std::size_t i = 0; i < Worker::kQueueMax; ++i) {
    ASSERT_TRUE(worker.post([] {}));
  }
  EXPECT_FALSE(worker.post([] {}));
  release.set_value();
}

}  // namespace
}  // namespace ekiden::runtime
