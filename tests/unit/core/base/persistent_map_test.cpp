#include "core/base/persistent_map.h"

#include "core/base/random.h"

#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ekiden {
namespace {

using Map = PersistentMap<std::string, int>;
using Model = std::map<std::string, int>;

Model contents(const Map& map) {
  Model all;
  std::string last;
  map.for_each([&](const std::string& key, int value) {
    EXPECT_TRUE(all.empty() || last < key) << "not in order: " << last << ", " << key;
    last = key;
    all.emplace(key, value);
  });
  EXPECT_EQ(all.size(), map.size());
  return all;
}

TEST(PersistentMap, StartsEmpty) {
  const Map map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.find("a"), nullptr);
}

TEST(PersistentMap, ReplacesTheValueOfAKey) {
  Map map;
  map.set("a", 1);
  map.set("a", 2);
  EXPECT_EQ(map.size(), 1u);
  EXPECT_EQ(*map.find(std::string_view("a")), 2);
}

TEST(PersistentMap, ErasesOnlyWhatIsThere) {
  Map map;
  map.set("a", 1);
  EXPECT_FALSE(map.erase("b"));
  EXPECT_TRUE(map.erase("a"));
  EXPECT_FALSE(map.erase("a"));
  EXPECT_TRUE(map.empty());
}

TEST(PersistentMap, VisitsFromAKeyUntilToldToStop) {
  Map map;
  for (const char* key : {"a", "c", "e", "g"}) {
    map.set(key, 1);
  }
  std::string seen;
  map.for_each_from("b", [&seen](const std::string& key, int) {
    seen += key;
    return key != "e";
  });
  EXPECT_EQ(seen, "ce");
}

TEST(PersistentMap, AgreesWithStdMapOverRandomOperations) {
  Random random(7);
  Map map;
  Model model;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = std::to_string(random.below(700));
    if (random.below(5) < 3) {
      map.set(key, i);
      model[key] = i;
    } else {
      EXPECT_EQ(map.erase(key), model.erase(key) == 1);
    }
    ASSERT_EQ(map.size(), model.size());
    const std::string other = std::to_string(random.below(700));
    const int* found = map.find(other);
    ASSERT_EQ(found != nullptr, model.contains(other));
    if (found != nullptr) {
      ASSERT_EQ(*found, model.at(other));
    }
  }
  EXPECT_EQ(contents(map), model);
}

TEST(PersistentMap, NeverChangesASnapshot) {
  Random random(11);
  Map map;
  Model model;
  std::vector<std::pair<Map, Model>> snapshots;
  for (int i = 0; i < 3'000; ++i) {
    const std::string key = std::to_string(random.below(200));
    if (random.below(2) == 0) {
      map.set(key, i);
      model[key] = i;
    } else {
      map.erase(key);
      model.erase(key);
    }
    if (i % 100 == 0) {
      snapshots.emplace_back(map, model);
    }
  }
  for (const auto& [snapshot, expected] : snapshots) {
    EXPECT_EQ(contents(snapshot), expected);
  }
}

// Every comparison of a lookup; ascending inserts would make an unbalanced tree a list.
struct CountedKey {
  int value = 0;
  static inline int comparisons = 0;

  bool operator<(const CountedKey& other) const {
    ++comparisons;
    return value < other.value;
  }
};

TEST(PersistentMap, StaysShallowUnderAscendingKeys) {
  PersistentMap<CountedKey, int> map;
  for (int i = 0; i < 100'000; ++i) {
    map.set({i}, i);
  }
  for (int i = 0; i < 100'000; i += 2) {
    map.erase(CountedKey{i});
  }
  CountedKey::comparisons = 0;
  EXPECT_TRUE(map.contains(CountedKey{99'999}));
  EXPECT_LE(CountedKey::comparisons, 2 * 24);  // 1.44 log2(100,000), two comparisons a node
}

struct CountedValue {
  static inline int copies = 0;
  CountedValue() = default;

  CountedValue(const CountedValue&) { ++copies; }

  CountedValue(CountedValue&&) = default;
  CountedValue& operator=(CountedValue&&) = default;
};

TEST(PersistentMap, CopiesNoValueWhenItCopiesAPath) {
  PersistentMap<int, CountedValue> map;
  for (int i = 0; i < 1'000; ++i) {
    map.set(i, CountedValue());
  }
  CountedValue::copies = 0;
  const auto snapshot = map;
  map.set(500, CountedValue());
  map.erase(3);
  EXPECT_EQ(CountedValue::copies, 0);
  EXPECT_TRUE(snapshot.contains(3));
}

TEST(PersistentMap, LetsOtherThreadsReadAndDropSnapshots) {
  Map map;
  for (int i = 0; i < 500; ++i) {
    map.set(std::to_string(i), i);
  }
  std::vector<std::thread> readers;
  for (int round = 0; round < 20; ++round) {
    readers.emplace_back([snapshot = map, round] {
      EXPECT_EQ(snapshot.size(), 500u);
      int seen = 0;
      snapshot.for_each([&](const std::string&, int value) { seen += value >= round ? 1 : 0; });
      EXPECT_GT(seen, 0);
    });
    for (int i = 0; i < 500; i += 7) {
      map.set(std::to_string(i), 1000 + round);
    }
  }
  for (std::thread& reader : readers) {
    reader.join();
  }
}

}  // namespace
}  // namespace ekiden
