#include "core/agent/status_updates.h"

#include <gtest/gtest.h>

namespace ekiden::agent {
namespace {

using namespace std::chrono_literals;

model::TaskStatus status(char uuid, model::TaskState state = model::TaskState::running) {
  model::TaskStatus one;
  one.task_id = TaskId{"t"};
  one.state = state;
  one.uuid = std::string(16, uuid);
  return one;
}

const FrameworkId kFramework{"F"};
const TaskKey kKey{FrameworkId{"F"}, TaskId{"t"}};

TEST(StatusUpdates, ResendWithDoublingDelaysUpToTenMinutes) {
  StatusUpdates updates;
  Now now;
  EXPECT_TRUE(updates.add(kFramework, status('a'), 0, now));
  Duration expected = 10s;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(updates.next_deadline() - now.time, expected);
    now.time = updates.next_deadline();
    EXPECT_EQ(updates.due(now).size(), 1U);
    expected = std::min<Duration>(expected * 2, 10min);
  }
}

TEST(StatusUpdates, OnlyTheOneInFlightIsAcknowledged) {
  StatusUpdates updates;
  const Now now;
  updates.add(kFramework, status('a'), 0, now);
  EXPECT_FALSE(updates.add(kFramework, status('b'), 1, now));
  EXPECT_EQ(updates.acknowledge(kKey, std::string(16, 'b'), now), std::nullopt);
  EXPECT_EQ(updates.acknowledge(kKey, std::string(16, 'a'), now), 0U);
  EXPECT_EQ(updates.front(kKey)->status.uuid, std::string(16, 'b'));
  EXPECT_EQ(updates.acknowledge(kKey, std::string(16, 'b'), now), 1U);
  EXPECT_EQ(updates.next_deadline(), kNever);
  EXPECT_EQ(updates.tasks(), 0U);
}

TEST(StatusUpdates, RegistrationStartsTheBackoffAnew) {
  StatusUpdates updates;
  Now now;
  updates.add(kFramework, status('a'), 0, now);
  now.time += 10s;
  updates.due(now);
  EXPECT_EQ(updates.resend_all(now).size(), 1U);
  EXPECT_EQ(updates.next_deadline() - now.time, 10s);
}

}  // namespace
}  // namespace ekiden::agent
