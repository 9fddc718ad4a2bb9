#include "core/runtime/driver.h"
#include "core/store/memory_store.h"

#include <thread>

#include <gtest/gtest.h>

namespace ekiden::runtime {
namespace {

// Keeps every commit until the test answers it.
class HeldStore final : public store::Store {
 public:
  Result<std::vector<store::Entry>> load(const std::string&) override {
    return std::vector<store::Entry>();
  }

  void commit(Batch, std::function<void(Result<void>)> done) override {
    held.push_back(std::move(done));
  }

  void answer(std::size_t index) { held[index](Result<void>()); }

  std::vector<std::function<void(Result<void>)>> held;
};

class CommitQueueTest : public testing::Test {
 protected:
  std::function<void()> note(const std::string& text) {
    return [this, text] { dispatched_ += text; };
  }

  Batch record() { return {{"kind", "key", "value"}}; }

  net::Loop loop_;
  HeldStore store_;
  std::string dispatched_;
  std::vector<std::string> failures_;
  CommitQueue queue_{
      loop_, store_, [this](const Error& error) { failures_.push_back(error.message); }};
};

TEST_F(CommitQueueTest, DispatchesAtOnceWhenNothingIsToBeWritten) {
  queue_.submit({}, note("a"));
  EXPECT_EQ(dispatched_, "a");
}

TEST_F(CommitQueueTest, DispatchesNothingBeforeItsCommitIsDone) {
  queue_.submit(record(), note("a"));
  EXPECT_EQ(dispatched_, "");
  EXPECT_EQ(queue_.in_flight(), 1u);
  store_.answer(0);
  EXPECT_EQ(dispatched_, "a");
  EXPECT_EQ(queue_.in_flight(), 0u);
}

TEST_F(CommitQueueTest, HoldsAnEmptyBatchBehindEarlierCommits) {
  queue_.submit(record(), note("a"));
  queue_.submit({}, note("b"));
  queue_.submit(record(), note("c"));
  EXPECT_EQ(dispatched_, "");
  store_.answer(0);
  EXPECT_EQ(dispatched_, "ab");
  store_.answer(1);
  EXPECT_EQ(dispatched_, "abc");
}

TEST_F(CommitQueueTest, KeepsTheOrderWhenAStoreAnswersOutOfOrder) {
  queue_.submit(record(), note("a"));
  queue_.submit(record(), note("b"));
  store_.answer(1);
  EXPECT_EQ(dispatched_, "");
  store_.answer(0);
  EXPECT_EQ(dispatched_, "ab");
}

TEST_F(CommitQueueTest, LetsADispatchFinishBeforeWhatItSubmits) {
  queue_.submit({}, [this] {
    dispatched_ += "a";
    queue_.submit({}, note("c"));
    dispatched_ += "b";
  });
  EXPECT_EQ(dispatched_, "abc");
}

TEST_F(CommitQueueTest, ReportsAFailureOnceAndDispatchesNothingAfterIt) {
  queue_.submit(record(), note("a"));
  queue_.submit(record(), note("b"));
  store_.held[0](fail(ErrorCode::internal, "disk full"));
  store_.held[1](fail(ErrorCode::internal, "disk full"));
  queue_.submit({}, note("c"));
  EXPECT_EQ(dispatched_, "");
  EXPECT_EQ(failures_, std::vector<std::string>{"disk full"});
}

TEST_F(CommitQueueTest, DispatchesOnTheLoopThreadWhenTheStoreHasItsOwn) {
  bool on_loop = false;
  loop_.post([&] {
    queue_.submit(record(), [&] {
      on_loop = loop_.on_loop_thread();
      loop_.stop();
    });
    std::thread([this] { store_.answer(0); }).join();
  });
  loop_.run();
  EXPECT_TRUE(on_loop);
}

TEST_F(CommitQueueTest, IgnoresAnswersAfterItsEnd) {
  auto queue = std::make_unique<CommitQueue>(loop_, store_, [](const Error&) { FAIL(); });
  queue->submit(record(), note("a"));
  queue.reset();
  std::thread([this] { store_.answer(0); }).join();
  store_.answer(0);
  EXPECT_EQ(dispatched_, "");
}

TEST(CommitQueue, WorksInlineWithTheMemoryStore) {
  net::Loop loop;
  store::MemoryStore store;
  CommitQueue queue(loop, store, [](const Error&) { FAIL(); });
  int dispatched = 0;
  queue.submit({{"kind", "key", "value"}}, [&dispatched] { ++dispatched; });
  EXPECT_EQ(dispatched, 1);
  EXPECT_EQ(store.commits(), 1u);
}

}  // namespace
}  // namespace ekiden::runtime
