#include "marathon/health/tracker.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::health {

namespace {

using namespace std::chrono_literals;
using Change = Transition::Change;

Now at(Duration time) {
  return {Time(1h + time), WallTime(1h + time)};
}

class TrackerTest : public testing::Test {
 protected:
  TrackerTest() {
    check_.interval_seconds = 10;
    check_.grace_period_seconds = 30;
    check_.max_consecutive_failures = 3;
    check_.timeout_seconds = 5;
  }

  Tracker start(std::vector<HealthCheck> checks) {
    App app;
    app.health_checks = std::move(checks);
    return Tracker(std::make_shared<const App>(app), {"t"}, {at(0s).wall, 0}, at(0s));
  }

  HealthCheck check_;
};

TEST_F(TrackerTest, ProbesAtOnceAndOftenUntilTheTaskAnswers) {
  Tracker tracker = start({check_});
  EXPECT_EQ(tracker.due(0), at(0s).time);
  tracker.ordered(0, at(0s));
  EXPECT_EQ(tracker.due(0), at(1s).time);
  tracker.record(0, true, "", at(500ms));
  EXPECT_EQ(tracker.due(0), at(500ms + 10s).time);
  tracker.ordered(0, at(500ms + 10s));
  EXPECT_EQ(tracker.due(0), at(500ms + 20s).time);
}

TEST_F(TrackerTest, FailuresInTheGracePeriodSayNothing) {
  Tracker tracker = start({check_});
  const Transition transition = tracker.record(0, false, "refused", at(29s));
  EXPECT_EQ(transition.change, Change::none);
  EXPECT_FALSE(transition.counted_failure);
  EXPECT_EQ(tracker.healthy(), std::nullopt);
}

TEST_F(TrackerTest, TheGracePeriodEndsWithTheFirstSuccess) {
  Tracker tracker = start({check_});
  EXPECT_EQ(tracker.record(0, true, "", at(1s)).change, Change::became_healthy);
  EXPECT_EQ(tracker.healthy(), true);
  const Transition transition = tracker.record(0, false, "500", at(2s));
  EXPECT_EQ(transition.change, Change::became_unhealthy);
  EXPECT_TRUE(transition.counted_failure);
  EXPECT_EQ(tracker.healthy(), false);
}

TEST_F(TrackerTest, KillsAtTheLimitOfFailuresInARow) {
  Tracker tracker = start({check_});
  EXPECT_FALSE(tracker.record(0, false, "1", at(31s)).kill);
  EXPECT_FALSE(tracker.record(0, false, "2", at(41s)).kill);
  tracker.record(0, true, "", at(51s));
  EXPECT_FALSE(tracker.record(0, false, "1", at(61s)).kill);
  EXPECT_FALSE(tracker.record(0, false, "2", at(71s)).kill);
  const Transition last = tracker.record(0, false, "3", at(81s));
  EXPECT_TRUE(last.kill);
  EXPECT_EQ(last.cause, "3");
}

TEST_F(TrackerTest, ZeroMeansNeverKill) {
  check_.max_consecutive_failures = 0;
  Tracker tracker = start({check_});
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(tracker.record(0, false, "x", at(40s)).kill);
  }
}

TEST_F(TrackerTest, HealthyNeedsEveryCheck) {
  HealthCheck mesos = check_;
  mesos.protocol = HealthProtocol::mesos_http;
  Tracker tracker = start({check_, mesos});
  EXPECT_EQ(tracker.due(1), kNever);
  tracker.record(0, true, "", at(1s));
  EXPECT_EQ(tracker.healthy(), std::nullopt);
  EXPECT_EQ(tracker.record_mesos(true, at(2s)).change, Change::became_healthy);
  EXPECT_EQ(tracker.healthy(), true);
  const Transition transition = tracker.record_mesos(false, at(3s));
  EXPECT_EQ(transition.change, Change::became_unhealthy);
  EXPECT_FALSE(transition.kill);
  EXPECT_EQ(tracker.healthy(), false);
}

TEST_F(TrackerTest, WaitsForAnAnswerButNotForEver) {
  Tracker tracker = start({check_});
  EXPECT_FALSE(tracker.is_waiting(0, at(0s)));
  tracker.ordered(0, at(0s));
  EXPECT_TRUE(tracker.is_waiting(0, at(5s)));
  EXPECT_FALSE(tracker.is_waiting(0, at(7s)));
  tracker.record(0, true, "", at(7s));
  EXPECT_FALSE(tracker.is_waiting(0, at(7s)));
}

}  // namespace

}  // namespace ekiden::marathon::health
