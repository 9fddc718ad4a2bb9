#include "marathon/instance/update.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::instance {

namespace {

using namespace std::chrono_literals;
using model::TaskState;

Now at(Duration time) {
  return {Time(time), WallTime(time)};
}

class UpdateTest : public testing::Test {
 protected:
  UpdateTest() {
    App app;
    app.id = PathId::parse("/web");
    const Instance scheduled =
        schedule(std::make_shared<const App>(app), InstanceId{"web.instance-1"}, at(1h));
    launched_ = provision(scheduled, {{"h1", {"a1"}, {}, {}, {}}, {31000}}, at(2h));
  }

  model::TaskStatus status(TaskState state) const {
    model::TaskStatus one;
    one.task_id = launched_.task->id;
    one.state = state;
    return one;
  }

  Instance after(TaskState state) const { return *update(launched_, status(state), at(3h)); }

  Instance launched_;
};

TEST_F(UpdateTest, ProvisionCountsIncarnations) {
  EXPECT_EQ(launched_.condition, Condition::provisioned);
  EXPECT_EQ(launched_.task->id.value, "web.instance-1._app.1");
  const Instance again = provision(after(TaskState::failed), {}, at(5h));
  EXPECT_EQ(again.id, launched_.id);
  EXPECT_EQ(again.task->id.value, "web.instance-1._app.2");
  EXPECT_FALSE(again.active_since);
}

TEST_F(UpdateTest, RunningSetsStartAndAddresses) {
  model::TaskStatus running = status(TaskState::running);
  running.container_status = model::ContainerStatus{};
  running.container_status->network_infos.resize(1);
  running.container_status->network_infos[0].ip_addresses = {{"IPv4", "10.0.0.7"}};
  const Instance next = *update(launched_, running, at(3h));
  EXPECT_EQ(next.condition, Condition::running);
  EXPECT_EQ(next.active_since, WallTime(3h));
  EXPECT_EQ(next.task->ip_addresses.size(), 1u);
  const Instance ended = *update(next, status(TaskState::finished), at(4h));
  EXPECT_EQ(ended.task->ip_addresses.size(), 1u);
}

TEST_F(UpdateTest, RepeatedStatusSaysNothing) {
  const Instance running = after(TaskState::running);
  EXPECT_FALSE(update(running, status(TaskState::running), at(4h)));
}

TEST_F(UpdateTest, TerminalStaysTerminal) {
  const Instance failed = after(TaskState::failed);
  EXPECT_TRUE(failed.is_scheduled());
  EXPECT_FALSE(update(failed, status(TaskState::running), at(4h)));
  EXPECT_FALSE(update(failed, status(TaskState::lost), at(4h)));
}

TEST_F(UpdateTest, MissingHealthDoesNotClearKnownHealth) {
  model::TaskStatus healthy = status(TaskState::running);
  healthy.healthy = true;
  const Instance next = *update(launched_, healthy, at(3h));
  model::TaskStatus checked = status(TaskState::running);
  checked.check_status = model::CheckStatusInfo{};
  const Instance later = *update(next, checked, at(4h));
  EXPECT_EQ(later.task->status->healthy, true);
}

TEST_F(UpdateTest, LostIsReadByItsReason) {
  model::TaskStatus lost = status(TaskState::lost);
  EXPECT_EQ(condition_of(lost), Condition::gone);
  lost.reason = model::StatusReason::agent_removed;
  EXPECT_EQ(condition_of(lost), Condition::unreachable);
  lost.reason = model::StatusReason::task_unknown;
  EXPECT_EQ(condition_of(lost), Condition::unknown);
  lost.reason = model::StatusReason::none;
  lost.message = "Reconciliation: Task is unknown to the agent";
  EXPECT_EQ(condition_of(lost), Condition::unknown);
}

TEST_F(UpdateTest, LongMessagesAreCutAndDataIsNotKept) {
  model::TaskStatus failed = status(TaskState::failed);
  failed.message = std::string(20000, 'x');
  failed.data = "large";
  failed.uuid = "1";
  const Instance next = *update(launched_, failed, at(3h));
  EXPECT_EQ(next.task->status->message->size(), kMessageLengthMax);
  EXPECT_FALSE(next.task->status->data);
}

TEST_F(UpdateTest, FinishedWhenUnwantedAndEnded) {
  EXPECT_FALSE(is_finished(after(TaskState::failed)));
  EXPECT_TRUE(is_finished(with_goal(after(TaskState::failed), Goal::decommissioned)));
  EXPECT_FALSE(is_finished(with_goal(after(TaskState::running), Goal::decommissioned)));
  EXPECT_FALSE(is_finished(with_goal(after(TaskState::unreachable), Goal::decommissioned)));
}

}  // namespace

}  // namespace ekiden::marathon::instance
