#include "core/store/memory_store.h"
#include "core/store/sqlite_store.h"
#include "core/store/store.h"
#include "tests/unit/core/store/temp_folder.h"

#include <future>

#include <gtest/gtest.h>

namespace ekiden::store {
namespace {

// What every store promises; run against each of them.
class StoreContract : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (GetParam() == std::string("memory")) {
      store_ = std::make_unique<MemoryStore>();
      return;
    }
    auto opened = open_sqlite(folder_.file("a.db"));
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  Result<void> commit(Batch batch) {
    std::promise<Result<void>> answer;
    store_->commit(std::move(batch),
                   [&answer](Result<void> result) { answer.set_value(std::move(result)); });
    return answer.get_future().get();
  }

  std::vector<Entry> load(const std::string& kind) {
    auto entries = store_->load(kind);
    EXPECT_TRUE(entries) << entries.error().message;
    return entries ? *entries : std::vector<Entry>();
  }

  TempFolder folder_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         StoreContract,
                         testing::Values("memory", "sqlite"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(StoreContract, StartsEmpty) {
  EXPECT_TRUE(load("app").empty());
}

TEST_P(StoreContract, LoadsAKindInKeyOrderOfBytes) {
  ASSERT_TRUE(
      commit({{"app", "b", "2"}, {"app", "a", "1"}, {"task", "a", "x"}, {"app", "B", "3"}}));
  const std::vector<Entry> expected{{"B", "3"}, {"a", "1"}, {"b", "2"}};
  EXPECT_EQ(load("app"), expected);
}

TEST_P(StoreContract, KeepsTheLastValueOfAKey) {
  ASSERT_TRUE(commit({{"app", "a", "1"}, {"app", "a", "2"}}));
  ASSERT_TRUE(commit({{"app", "a", "3"}}));
  EXPECT_EQ(load("app"), (std::vector<Entry>{{"a", "3"}}));
}

TEST_P(StoreContract, ErasesARecordWithoutValue) {
  ASSERT_TRUE(commit({{"app", "a", "1"}, {"app", "b", "2"}}));
  ASSERT_TRUE(commit({{"app", "a", std::nullopt}, {"app", "never-there", std::nullopt}}));
  EXPECT_EQ(load("app"), (std::vector<Entry>{{"b", "2"}}));
}

TEST_P(StoreContract, KeepsBytesAsTheyAre) {
  const std::string bytes("\0 \xff'\"\n", 7);
  ASSERT_TRUE(commit({{"app", bytes, bytes}, {"app", "empty", ""}}));
  EXPECT_EQ(load("app"), (std::vector<Entry>{{bytes, bytes}, {"empty", ""}}));
}

TEST_P(StoreContract, AcceptsAnEmptyBatch) {
  EXPECT_TRUE(commit({}));
}

TEST_P(StoreContract, AnswersInTheOrderOfTheCalls) {
  std::vector<int> order;
  std::promise<void> last;
  for (int i = 0; i < 100; ++i) {
    store_->commit({{"app", "key", std::to_string(i)}}, [&order, &last, i](const Result<void>&) {
      order.push_back(i);
      if (i == 99) {
        last.set_value();
      }
    });
  }
  last.get_future().get();
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(load("app"), (std::vector<Entry>{{"key", "99"}}));
}

TEST_P(StoreContract, ScopedViewsShareAStoreWithoutMeeting) {
  const auto first = scoped(*store_, "agent-1/");
  const auto second = scoped(*store_, "agent-2/");
  std::promise<void> done;
  first->commit({{"task", "t", "one"}}, [](const Result<void>&) {});
  second->commit({{"task", "t", "two"}}, [&done](const Result<void>&) { done.set_value(); });
  done.get_future().get();
  EXPECT_EQ(*first->load("task"), (std::vector<Entry>{{"t", "one"}}));
  EXPECT_EQ(*second->load("task"), (std::vector<Entry>{{"t", "two"}}));
  EXPECT_EQ(load("agent-1/task").size(), 1u);
  EXPECT_TRUE(load("task").empty());
}

TEST(MemoryStore, FailsEveryCommitAfterAFaultAndChangesNothing) {
  MemoryStore store;
  store.commit({{"app", "a", "1"}}, [](const Result<void>&) {});
  store.fail_with("disk on fire");
  for (int i = 0; i < 2; ++i) {
    std::string message;
    store.commit({{"app", "a", "2"}},
                 [&message](const Result<void>& result) { message = result.error().message; });
    EXPECT_EQ(message, "disk on fire");
  }
  EXPECT_EQ(*store.load("app"), (std::vector<Entry>{{"a", "1"}}));
  EXPECT_EQ(store.commits(), 1u);
}

}  // namespace
}  // namespace ekiden::store
