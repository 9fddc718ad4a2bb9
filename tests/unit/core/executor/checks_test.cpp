#include "core/executor/checks.h"

#include <gtest/gtest.h>

namespace ekiden::executor {
namespace {

using namespace std::chrono_literals;
using Result = CheckOutcome::Result;

model::HealthCheck a_check() {
  model::HealthCheck check;
  check.type = model::HealthCheck::Type::tcp;
  check.tcp.emplace().port = 80;
  check.delay_seconds = 1;
  check.interval_seconds = 2;
  check.grace_period_seconds = 10;
  check.consecutive_failures = 2;
  return check;
}

CheckOutcome outcome(Result result) {
  CheckOutcome one;
  one.result = result;
  one.text = result == Result::passed ? "" : "refused";
  return one;
}

TEST(HealthChecker, RunsAfterTheDelayThenTheIntervalAfterEachEnd) {
  Now now;
  HealthChecker checker(a_check(), now);
  EXPECT_FALSE(checker.due(now));
  now.time += 1s;
  EXPECT_TRUE(checker.due(now));
  EXPECT_FALSE(checker.due(now));  // one at a time
  now.time += 5s;
  checker.record(outcome(Result::passed), now);
  EXPECT_EQ(checker.next_deadline(), now.time + 2s);
}

TEST(HealthChecker, FailuresInTheGracePeriodAreIgnoredUntilTheFirstSuccess) {
  Now now;
  HealthChecker checker(a_check(), now);
  now.time += 5s;
  EXPECT_FALSE(checker.record(outcome(Result::failed), now));
  EXPECT_TRUE(checker.record(outcome(Result::passed), now)->healthy);
  EXPECT_FALSE(checker.record(outcome(Result::failed), now)->healthy);
}

TEST(HealthChecker, RepeatedSuccessIsSilentAndConsecutiveFailuresKill) {
  Now now;
  HealthChecker checker(a_check(), now);
  now.time += 20s;
  EXPECT_TRUE(checker.record(outcome(Result::passed), now)->healthy);
  EXPECT_FALSE(checker.record(outcome(Result::passed), now));
  EXPECT_FALSE(checker.record(outcome(Result::failed), now)->kill);
  EXPECT_TRUE(checker.record(outcome(Result::passed), now)->healthy);
  EXPECT_FALSE(checker.record(outcome(Result::failed), now)->kill);
  EXPECT_TRUE(checker.record(outcome(Result::failed), now)->kill);
  EXPECT_EQ(checker.next_deadline(), kNever);
}

TEST(StatusChecker, TellsOnlyChanges) {
  const Now now;
  model::CheckInfo check;
  check.type = model::CheckInfo::Type::command;
  StatusChecker checker(check, now);
  CheckOutcome zero;
  zero.status.exit_code = 0;
  EXPECT_TRUE(checker.record(zero, now));
  EXPECT_FALSE(checker.record(zero, now));
  CheckOutcome nothing;
  EXPECT_TRUE(checker.record(nothing, now));
}

TEST(Probe, NeedsWhatItsTypeNeeds) {
  model::HealthCheck check = a_check();
  EXPECT_EQ(probe_of(check)->port, 80U);
  check.tcp.reset();
  EXPECT_FALSE(probe_of(check));
  check.type = model::HealthCheck::Type::http;
  check.http.emplace().port = 8080;
  check.http->path = "health";
  EXPECT_EQ(probe_of(check)->path, "/health");
}

}  // namespace
}  // namespace ekiden::executor
