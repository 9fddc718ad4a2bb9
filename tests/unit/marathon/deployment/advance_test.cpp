#include "marathon/deployment/advance.h"

#include "core/base/random.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace ekiden::marathon::deployment {

namespace {

// A row of marathon-behaviour.md 2.2: all existing instances are old and wanted; `healthy` of them
// serve, the others run and do not serve.
struct Row {
  std::int32_t n;
  double min;
  double max;
  std::int32_t total;
  std::int32_t healthy;
  bool resident;
  std::int32_t kill;
  std::int32_t start;
};

// The last rows differ from the table on purpose: old instances that do not serve are free capacity
// [RR-3], so nothing stalls.
constexpr Row kRows[] = {
    {1, 1, 1, 1, 1, false, 0, 1},        {2, 1, 1, 2, 2, false, 0, 2},
    {10, 1, 1, 10, 10, false, 0, 10},    {10, 1, 0, 10, 10, false, 0, 1},
    {10, 0.5, 0.2, 10, 10, false, 5, 2}, {10, 0.9, 0.05, 10, 10, false, 1, 0},
    {10, 0.1, 1, 10, 10, false, 9, 10},  {10, 0, 0, 10, 10, false, 10, 0},
    {4, 0.5, 0.25, 4, 4, false, 2, 1},   {3, 0.5, 0, 3, 3, false, 1, 0},
    {3, 0.7, 0.34, 3, 3, false, 0, 1},   {1, 0, 0, 1, 1, false, 1, 0},
    {1, 0, 1, 1, 1, false, 1, 1},        {1, 0.5, 0, 1, 1, false, 0, 1},
    {10, 0.1, 0, 1, 1, false, 0, 9},     {5, 1, 0, 7, 7, false, 2, 0},
    {10, 1, 1, 15, 15, false, 5, 5},     {1, 0.5, 0, 1, 1, true, 1, 0},
    {5, 0.5, 0, 5, 5, true, 2, 0},       {5, 1, 0, 5, 5, true, 1, 0},
    {5, 1, 0, 7, 7, true, 3, 0},         {5, 1, 0, 5, 3, true, 2, 0},
    {10, 0.5, 0.2, 10, 0, false, 8, 2},  {10, 1, 0, 10, 0, false, 10, 0},
    {1, 0, 0, 1, 0, false, 1, 0},
};

Counts old_ones(std::int32_t total, std::int32_t healthy) {
  Counts counts;
  counts.outdated = total;
  counts.outdated_serving = healthy;
  counts.outdated_ailing = total - healthy;
  counts.present = total;
  return counts;
}

TEST(Advance, StartsARollAsTheTableSays) {
  for (const Row& row : kRows) {
    const Decision decision = advance_replace({row.n, {row.min, row.max}, row.resident},
                                              old_ones(row.total, row.healthy));
    SCOPED_TRACE(testing::Message() << row.n << " " << row.min << " " << row.max << " " << row.total
                                    << " " << row.healthy);
    EXPECT_EQ(decision.drop_outdated, row.kill);
    EXPECT_EQ(decision.start, row.start);
    EXPECT_FALSE(decision.done);
  }
}

TEST(Advance, CapacityHasNoFloatingPointLeak) {
  EXPECT_EQ(capacity(100, {0.07, 0.15}), (Capacity{7, 115}));
  EXPECT_EQ(capacity(3, {0.34, 0.34}), (Capacity{2, 4}));
}

TEST(Advance, KeepsAilingOnesWhenTheBrakeIsOn) {
  Replacement replacement{10, {1, 0}, false, Ailing::stay};
  EXPECT_EQ(advance_replace(replacement, old_ones(10, 0)).drop_outdated, 0);
  replacement.ailing = Ailing::may_go;
  EXPECT_EQ(advance_replace(replacement, old_ones(10, 0)).drop_outdated, 10);
}

TEST(Advance, DropsWhatNeverRanAtOnce) {
  Counts counts = old_ones(4, 4);
  counts.outdated = 6;
  counts.outdated_idle = 2;
  EXPECT_EQ(advance_replace({4, {1, 1}}, counts).drop_outdated, 2);
}

TEST(Advance, ScaleDownIsDoneWhenTheDroppedOnesLetGo) {
  Counts counts;
  counts.current = counts.fresh = counts.current_serving = counts.fresh_serving = 5;
  EXPECT_EQ(advance_scale(3, counts).drop_surplus, 2);
  counts.current = counts.fresh = counts.current_serving = counts.fresh_serving = 3;
  counts.leaving = 2;
  EXPECT_FALSE(advance_scale(3, counts).done);
  counts.leaving = 0;
  EXPECT_TRUE(advance_scale(3, counts).done);
}

TEST(Advance, ScaleUpWaitsForTheNewOnesOnly) {
  Counts counts;
  counts.current = 5;  // three old ones that do not serve, two new ones that do
  counts.fresh = counts.fresh_serving = counts.current_serving = 2;
  EXPECT_TRUE(advance_scale(5, counts).done);
  counts.fresh_serving = 1;
  EXPECT_FALSE(advance_scale(5, counts).done);
}

TEST(Advance, StopIsDoneWhenNothingHoldsResources) {
  Counts counts;
  counts.current = 2;
  EXPECT_EQ(advance_stop(counts).drop_surplus, 2);
  counts.current = 0;
  counts.leaving = 1;
  EXPECT_FALSE(advance_stop(counts).done);
  counts.leaving = 0;
  EXPECT_TRUE(advance_stop(counts).done);
}

// ---- a small model of instances, driven at random
struct Model {
  enum class State { waiting, starting, serving, ailing, leaving };

  struct One {
    bool old = true;
    bool wanted = true;
    State state = State::serving;
  };

  std::vector<One> all;

  Counts counts() const {
    Counts c;
    for (const One& one : all) {
      if (!one.wanted) {
        c.leaving += one.state == State::leaving;
        continue;
      }
      if (one.old) {
        ++c.outdated;
        c.outdated_idle += one.state == State::waiting;
        c.outdated_starting += one.state == State::starting;
        c.outdated_serving += one.state == State::serving;
        c.outdated_ailing += one.state == State::ailing;
      } else {
        ++c.current;
        c.current_serving += one.state == State::serving;
      }
    }
    return c;
  }

  void drop(std::int32_t count, bool old) {
    const auto weight = [](const One& one) { return static_cast<int>(one.state); };
    std::vector<One*> victims;
    for (One& one : all) {
      if (one.wanted && one.old == old) {
        victims.push_back(&one);
      }
    }
    // waiting, starting, ailing, serving
    std::stable_sort(victims.begin(), victims.end(), [&](const One* a, const One* b) {
      const auto rank = [&](const One& one) {
        return one.state == State::serving ? 10 : weight(one);
      };
      return rank(*a) < rank(*b);
    });
    for (std::int32_t i = 0; i < count && i < static_cast<std::int32_t>(victims.size()); ++i) {
      victims[static_cast<std::size_t>(i)]->wanted = false;
      victims[static_cast<std::size_t>(i)]->state =
          victims[static_cast<std::size_t>(i)]->state == State::waiting ? State::waiting
                                                                        : State::leaving;
    }
    std::erase_if(all, [](const One& one) { return !one.wanted && one.state == State::waiting; });
  }

  // Something happens to one of them.
  void happen(Random& random) {
    if (all.empty()) {
      return;
    }
    One& one = all[random.below(all.size())];
    switch (one.state) {
      case State::waiting:
        one.state = State::starting;
        break;
      case State::starting:
        one.state = State::serving;
        break;
      case State::leaving:
        all.erase(all.begin() + (&one - all.data()));
        break;
      case State::ailing:
        one.state = State::serving;
        break;
      case State::serving:
        if (random.below(20) == 0) {
          one.state = State::ailing;
        }
        break;
    }
  }
};

TEST(Advance, KeepsItsLimitsAndEndsWhateverHappens) {
  constexpr double kShares[] = {0, 0.05, 0.1, 0.25, 0.34, 0.5, 0.75, 1};
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Replacement roll{1 + static_cast<std::int32_t>(random.below(15)),
                           {kShares[random.below(8)], kShares[random.below(8)]},
                           random.below(4) == 0};
    const Capacity limits = capacity(roll.instances, roll.strategy);
    const bool tight = limits.healthy_min == limits.total_max;
    Model model;
    model.all.resize(static_cast<std::size_t>(roll.instances));
    bool done = false;
    for (int i = 0; i < 5000 && !done; ++i) {
      const Counts before = model.counts();
      const Decision decision = advance_replace(roll, before);
      model.drop(decision.drop_outdated, true);
      model.drop(decision.drop_surplus, false);
      for (std::int32_t k = 0; k < decision.start; ++k) {
        model.all.push_back({false, true, Model::State::waiting});
      }
      // Safety: by our own action never below the minimum, never above the maximum.
      const std::int32_t minimum = limits.healthy_min - (tight && roll.resident ? 1 : 0);
      const std::int32_t maximum = limits.total_max + (tight && !roll.resident ? 1 : 0);
      const std::int32_t serving = model.counts().serving();
      EXPECT_GE(serving, std::min(before.serving(), minimum));
      if (decision.start > 0) {
        const Counts after = model.counts();
        EXPECT_LE(after.current + after.outdated + after.leaving, maximum);
      }
      done = decision.done;
      model.happen(random);
    }
    EXPECT_TRUE(done);  // liveness
  }
}

}  // namespace

}  // namespace ekiden::marathon::deployment
