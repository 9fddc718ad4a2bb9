#include "marathon/instance/unreachable.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::instance {

namespace {

using namespace std::chrono_literals;

Instance away(const UnreachableStrategy& strategy) {
  App app;
  app.unreachable_strategy = strategy;
  Instance instance;
  instance.app = std::make_shared<const App>(app);
  instance.condition = Condition::unreachable;
  instance.since = WallTime(9h);
  instance.task = Task{};
  instance.task->status = model::TaskStatus{};
  instance.task->status->unreachable_time = model::TimeInfo{Duration(1h).count()};
  return instance;
}

TEST(Unreachable, BothThresholdsCountFromTheAgentsLoss) {
  const UnreachableTimes times = unreachable_times(away({false, 300, 600}), WallTime(2h));
  EXPECT_EQ(times.inactive_at, WallTime(1h + 300s));
  EXPECT_EQ(times.expunge_at, WallTime(1h + 600s));
}

TEST(Unreachable, WhatWasLostInTheFutureWasLostJustNow) {
  const UnreachableTimes times = unreachable_times(away({false, 0, 600}), WallTime(10min));
  EXPECT_EQ(times.inactive_at, WallTime(10min));
  EXPECT_EQ(times.expunge_at, WallTime(20min));
}

TEST(Unreachable, DisabledWaitsForEver) {
  const UnreachableTimes times = unreachable_times(away({true, 0, 0}), WallTime(2h));
  EXPECT_FALSE(times.inactive_at);
  EXPECT_FALSE(times.expunge_at);
}

TEST(Unreachable, ReachableHasNoThresholds) {
  Instance instance = away({false, 0, 0});
  instance.condition = Condition::running;
  EXPECT_FALSE(unreachable_times(instance, WallTime(2h)).expunge_at);
}

}  // namespace

}  // namespace ekiden::marathon::instance
