#include "core/allocator/drf_sorter.h"
#include "core/allocator/random_sorter.h"

#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>

namespace ekiden::allocator {
namespace {

Quantities cpus(std::int64_t milli) {
  Quantities quantities;
  quantities.add(0, milli);
  return quantities;
}

// Names in place of tags.
class Sorted {
 public:
  explicit Sorted(Sorter& sorter) : sorter_(sorter) {}

  void add(const std::string& path, std::int64_t milli) {
    const auto tag = static_cast<Sorter::Tag>(names_.size());
    names_.push_back(path);
    nodes_[path] = sorter_.add(path, tag);
    sorter_.set_active(nodes_[path], true);
    allocate(path, milli);
  }

  void allocate(const std::string& path, std::int64_t milli) {
    sorter_.allocated(nodes_.at(path), cpus(milli), Sorter::Count::nothing);
  }

  Sorter::Node node(const std::string& path) const { return nodes_.at(path); }

  std::string order() {
    std::string text;
    sorter_.visit([&](Sorter::Tag tag) {
      text += (text.empty() ? "" : " ") + names_[tag];
      return true;
    });
    return text;
  }

 private:
  Sorter& sorter_;
  std::vector<std::string> names_;
  std::map<std::string, Sorter::Node> nodes_;
};

class SorterTest : public testing::Test {
 protected:
  SorterTest() { pool.total = cpus(100'000); }

  Pool pool;
};

TEST_F(SorterTest, ASubtreeIsServedAsAWhole) {
  DrfSorter sorter(pool);
  Sorted sorted(sorter);
  sorted.add("a", 1'000);
  sorted.add("a/x", 2'000);
  sorted.add("a/y", 500);
  sorted.add("b", 3'000);
  EXPECT_EQ(sorted.order(), "b a/y a a/x");  // a as a whole has 3.5
  sorted.allocate("b", 1'000);
  EXPECT_EQ(sorted.order(), "a/y a a/x b");
}

TEST_F(SorterTest, AParentWithoutFrameworksIsNoClient) {
  DrfSorter sorter(pool);
  Sorted sorted(sorter);
  sorted.add("a/x/deep", 2'000);
  sorted.add("b", 1'000);
  EXPECT_EQ(sorted.order(), "b a/x/deep");
  sorter.unallocated(sorted.node("a/x/deep"), cpus(2'000));
  sorter.remove(sorted.node("a/x/deep"));
  EXPECT_EQ(sorted.order(), "b");
}

TEST_F(SorterTest, WeightsCountForWholeSubtrees) {
  DrfSorter sorter(pool);
  Sorted sorted(sorter);
  sorter.set_weight("a", 4);
  sorted.add("a/x", 3'000);
  sorted.add("b", 1'000);
  EXPECT_EQ(sorted.order(), "a/x b");
  sorter.set_weight("a", 1);
  EXPECT_EQ(sorted.order(), "b a/x");
}

TEST_F(SorterTest, ClientsThatAreNotActiveKeepTheirShare) {
  DrfSorter sorter(pool);
  Sorted sorted(sorter);
  sorted.add("a", 1'000);
  sorted.add("b", 2'000);
  sorter.set_active(sorted.node("a"), false);
  EXPECT_EQ(sorted.order(), "b");
  EXPECT_DOUBLE_EQ(sorter.share(sorted.node("a")), 0.01);
  sorter.set_active(sorted.node("a"), true);
  EXPECT_EQ(sorted.order(), "a b");
}

TEST_F(SorterTest, SmallChangesKeepTheOrderThatSortingAnewGives) {
  DrfSorter sorter(pool);
  Sorted sorted(sorter);
  Random random(3);
  std::vector<std::string> paths;
  for (int i = 0; i < 60; ++i) {
    paths.push_back((i % 3 == 0 ? "t/" : "") + std::to_string(i));
    sorted.add(paths.back(), static_cast<std::int64_t>(random.below(5)) * 100);
  }
  for (int i = 0; i < 500; ++i) {
    sorted.allocate(paths[random.below(paths.size())],
                    static_cast<std::int64_t>(random.below(4)) * 100);
    const std::string kept = sorted.order();
    ++pool.version;
    ASSERT_EQ(kept, sorted.order());
  }
}

TEST_F(SorterTest, ExcludedNamesDoNotCount) {
  pool.excluded = {true};
  DrfSorter sorter(pool);
  Sorted sorted(sorter);
  sorted.add("b", 1'000);
  sorted.add("a", 5'000);
  EXPECT_EQ(sorted.order(), "a b");
}

TEST_F(SorterTest, RandomOrderFollowsTheWeights) {
  RandomSorter sorter(pool, Random(5));
  Sorted sorted(sorter);
  sorted.add("heavy", 0);
  sorted.add("light", 0);
  sorter.set_weight("heavy", 3);
  int first = 0;
  for (int i = 0; i < 4'000; ++i) {
    first += sorted.order() == "heavy light" ? 1 : 0;
  }
  EXPECT_NEAR(first, 3'000, 150);  // more than five standard deviations
}

TEST_F(SorterTest, RandomOrderNamesEverybodyOnce) {
  RandomSorter sorter(pool, Random(5));
  Sorted sorted(sorter);
  for (const char* path : {"a", "a/x", "a/y", "b"}) {
    sorted.add(path, 0);
  }
  std::map<std::string, int> seen;
  for (int i = 0; i < 300; ++i) {
    std::string order = sorted.order();
    ++seen[order];
    ASSERT_EQ(order.size(), std::string("a a/x a/y b").size()) << order;
  }
  EXPECT_EQ(seen.size(), 12u);  // b before or after the six orders of a's three
}

}  // namespace
}  // namespace ekiden::allocator
