#include "core/base/backoff.h"
#include "core/base/check.h"
#include "core/base/id.h"
#include "core/base/metrics.h"
#include "core/base/random.h"
#include "core/base/result.h"

#include <set>

#include <gtest/gtest.h>

namespace ekiden {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, GrowsUntilItsMaximum) {
  const Backoff backoff{.first = 1s, .factor = 1.15, .max = 300s};
  EXPECT_EQ(backoff.delay(0), Duration{});
  EXPECT_EQ(backoff.delay(1), 1s);
  EXPECT_EQ(backoff.delay(2), 1150ms);
  EXPECT_EQ(backoff.delay(1'000'000), 300s);
}

TEST(Random, RepeatsItselfForTheSameSeed) {
  Random a(42);
  Random b(42);
  Random other(43);
  for (int i = 0; i < 100; ++i) {
    const auto value = a.next();
    EXPECT_EQ(value, b.next());
    EXPECT_NE(value, other.next());
  }
}

TEST(Random, StaysInItsRange) {
  Random random(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto value = random.below(7);
    ASSERT_LT(value, 7u);
    seen.insert(value);
    const double unit = random.unit();
    ASSERT_TRUE(unit >= 0 && unit < 1);
  }
  EXPECT_EQ(seen.size(), 7u);
}

TEST(Random, MakesUuidsOfVersion4) {
  Random random(9);
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = random.uuid();
    ASSERT_EQ(uuid.size(), 36u);
    ASSERT_EQ(uuid[14], '4');
    ASSERT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    all.insert(uuid);
  }
  EXPECT_EQ(all.size(), 1000u);
}

TEST(Ids, CompareByValueWithinOneKind) {
  EXPECT_EQ(TaskId{"a"}, TaskId{"a"});
  EXPECT_LT(TaskId{"a"}, TaskId{"b"});
  static_assert(!std::is_convertible_v<TaskId, AgentId>);
}

TEST(Errors, HaveTheirHttpStatus) {
  EXPECT_EQ(http_status(ErrorCode::invalid), 422);
  EXPECT_EQ(http_status(ErrorCode::malformed), 400);
  EXPECT_EQ(http_status(ErrorCode::not_found), 404);
  EXPECT_EQ(http_status(ErrorCode::conflict), 409);
  EXPECT_EQ(http_status(ErrorCode::too_large), 413);
  EXPECT_EQ(http_status(ErrorCode::internal), 500);
}

TEST(Metrics, ShowUpInTheText) {
  Registry registry;
  Counter requests = registry.counter("requests_total", "Requests");
  requests.add();
  requests.add(2);
  registry.gauge("open", "Open things").set(5);
  registry.histogram("seconds", "Time", {0.1, 1}).observe(0.5);
  const std::string text = registry.text();
  EXPECT_EQ(requests.value(), 3);
  for (const char* line : {"# HELP requests_total Requests",
                           "requests_total 3",
                           "open 5",
                           "seconds_bucket{le=\"0.1\"} 0",
                           "seconds_bucket{le=\"1\"} 1"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(CheckDeathTest, NamesTheBrokenPromise) {
  const int used = 3;
  EXPECT_DEATH(CHECK(used <= 2, "agent {}: used {}", "a1", used), "agent a1: used 3");
}

}  // namespace
}  // namespace ekiden
