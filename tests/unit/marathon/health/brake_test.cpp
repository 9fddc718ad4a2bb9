#include "marathon/health/brake.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::health {

namespace {

using namespace std::chrono_literals;
using Change = Brake::Change;

Time at(Duration time) {
  return Time(1h + time);
}

PathId app(std::uint64_t number) {
  return PathId::parse("/app" + std::to_string(number));
}

Brake watching(std::size_t count) {
  Brake brake;
  for (std::size_t i = 0; i < count; ++i) {
    brake.watch();
  }
  return brake;
}

TEST(Brake, EngagesWhenALargePartOfManyAppsTurnsUnhealthy) {
  Brake brake = watching(20);
  for (std::uint64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(brake.unhealthy(i, app(i), at(0s)), Change::none);
  }
  EXPECT_EQ(brake.unhealthy(5, app(5), at(1s)), Change::engaged);  // 6 of 20
  EXPECT_TRUE(brake.engaged());
}

TEST(Brake, FewAppsOrALongTimeAreNoReason) {
  Brake one_app = watching(10);
  for (std::uint64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(one_app.unhealthy(i, app(1), at(0s)), Change::none);
  }
  Brake slow = watching(20);
  for (std::uint64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(slow.unhealthy(i, app(i), at(30s * static_cast<int>(i))), Change::none);
  }
}

TEST(Brake, LetsGoWhenTheyRecover) {
  Brake brake = watching(10);
  for (std::uint64_t i = 0; i < 5; ++i) {
    brake.unhealthy(i, app(i), at(0s));
  }
  ASSERT_TRUE(brake.engaged());
  EXPECT_EQ(brake.recovered(0, at(5s)), Change::released);
  EXPECT_FALSE(brake.engaged());
}

TEST(Brake, LetsGoAfterFiveMinutesAllTheSame) {
  Brake brake = watching(10);
  for (std::uint64_t i = 0; i < 5; ++i) {
    brake.unhealthy(i, app(i), at(0s));
  }
  EXPECT_EQ(brake.next_deadline(), at(0s) + kBrakeHoldMax);
  EXPECT_EQ(brake.tick(at(4min)), Change::none);
  EXPECT_EQ(brake.tick(at(5min)), Change::released);
}

TEST(Brake, ForgetsInstancesThatAreGone) {
  Brake brake = watching(10);
  for (std::uint64_t i = 0; i < 4; ++i) {
    brake.unhealthy(i, app(i), at(0s));
  }
  brake.unwatch(0);
  EXPECT_EQ(brake.unhealthy_count(), 3u);
  EXPECT_EQ(brake.watched(), 9u);
}

}  // namespace

}  // namespace ekiden::marathon::health
