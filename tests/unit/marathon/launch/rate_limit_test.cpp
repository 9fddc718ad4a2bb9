#include "marathon/launch/rate_limit.h"

#include "marathon/model/pod.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::launch {

namespace {

using namespace std::chrono_literals;

class RateLimitTest : public testing::Test {
 protected:
  RateLimitTest() {
    app_.backoff_seconds = 1;
    app_.backoff_factor = 2;
    app_.max_launch_delay_seconds = 10;
  }

  Now now(Duration after) const { return {Time(1h + after), WallTime(1h + after)}; }

  std::optional<Time> until(Duration after) const {
    return limit_.delayed_until(app_.version_info.last_config_change_at, now(after).time);
  }

  App app_;
  RateLimit limit_;
};

TEST_F(RateLimitTest, GrowsWithEachFailureUpToTheMaximum) {
  limit_.record(app_, Condition::failed, now(0s));
  EXPECT_EQ(until(0s), Time(1h + 1s));
  limit_.record(app_, Condition::failed, now(1s));
  EXPECT_EQ(until(1s), Time(1h + 3s));
  for (int i = 0; i < 10; ++i) {
    limit_.record(app_, Condition::failed, now(1s));
  }
  EXPECT_EQ(until(1s), Time(1h + 11s));
}

TEST_F(RateLimitTest, FractionsOfSecondsCountForPods) {
  auto pod = std::make_shared<Pod>();
  pod->backoff = {0.25, 2, 0.75};
  static_cast<std::shared_ptr<const Pod>&>(app_.pod) = pod;
  limit_.record(app_, Condition::failed, now(0s));
  EXPECT_EQ(until(0s), Time(1h + 250ms));
  limit_.record(app_, Condition::failed, now(100ms));
  EXPECT_EQ(until(100ms), Time(1h + 600ms));
}

TEST_F(RateLimitTest, FinishedCountsKilledDoesNot) {
  limit_.record(app_, Condition::killed, now(0s));
  EXPECT_EQ(until(0s), std::nullopt);
  limit_.record(app_, Condition::finished, now(0s));
  EXPECT_NE(until(0s), std::nullopt);
}

TEST_F(RateLimitTest, EachStartPushesTheNextByOneDelay) {
  limit_.record(app_, Condition::failed, now(0s));
  limit_.record(app_, Condition::running, now(2s));
  EXPECT_EQ(until(2s), Time(1h + 3s));
}

TEST_F(RateLimitTest, IsForgottenAfterAQuietTimeAndByReset) {
  limit_.record(app_, Condition::failed, now(0s));
  limit_.record(app_, Condition::failed, now(0s));
  limit_.record(app_, Condition::failed, now(11s));
  EXPECT_EQ(until(11s), Time(1h + 12s));
  limit_.reset(app_.version_info.last_config_change_at);
  EXPECT_EQ(until(11s), std::nullopt);
}

TEST_F(RateLimitTest, AnotherConfigHasADelayOfItsOwn) {
  limit_.record(app_, Condition::failed, now(0s));
  EXPECT_EQ(limit_.delayed_until(WallTime(5h), now(0s).time), std::nullopt);
}

}  // namespace

}  // namespace ekiden::marathon::launch
