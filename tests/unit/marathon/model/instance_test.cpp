#include "marathon/model/instance.h"

#include <gtest/gtest.h>

namespace ekiden::marathon {
namespace {

constexpr const char* kUuid = "0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01";

TEST(InstanceId, TellsItsAppAndItsTasks) {
  const InstanceId id = make_instance_id(PathId::parse("/prod/web"), kUuid);
  EXPECT_EQ(id.value, std::string("prod_web.instance-") + kUuid);
  EXPECT_EQ(app_of(id), PathId::parse("/prod/web"));
  const TaskId task = make_task_id(id, 3);
  EXPECT_EQ(task.value, id.value + "._app.3");
  EXPECT_EQ(instance_of(task), id);
}

TEST(InstanceId, IsFoundInEveryFormThatEverWas) {
  const std::string plain = std::string("prod_web.instance-") + kUuid;
  const std::string old = std::string("prod_web.marathon-") + kUuid;
  EXPECT_EQ(instance_of(TaskId{plain}), InstanceId{plain});
  EXPECT_EQ(instance_of(TaskId{plain + "._app"}), InstanceId{plain});
  EXPECT_EQ(instance_of(TaskId{plain + ".main.2"}), InstanceId{plain});
  EXPECT_EQ(instance_of(TaskId{old + ".main"}), InstanceId{old});
  EXPECT_EQ(instance_of(TaskId{std::string("prod_web.") + kUuid}), InstanceId{old});
  EXPECT_EQ(instance_of(TaskId{std::string("prod_web_") + kUuid + ".4"}), InstanceId{old});
}

TEST(InstanceId, IsNotReadFromForeignText) {
  for (const char* text : {"",
                           "web",
                           "web.instance-",
                           "web.instance-no-uuid._app.1",
                           ".instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01"}) {
    EXPECT_FALSE(instance_of(TaskId{text})) << text;
  }
  EXPECT_FALSE(app_of(InstanceId{std::string("web.instance-") + kUuid + "._app.1"}));
}

TEST(Condition, FollowsTheTable) {
  EXPECT_TRUE(is_active(Condition::killing));
  EXPECT_FALSE(is_active(Condition::scheduled));
  EXPECT_FALSE(is_active(Condition::unreachable_inactive));
  EXPECT_TRUE(is_terminal(Condition::finished));
  EXPECT_FALSE(is_failure(Condition::finished));
  EXPECT_TRUE(is_lost(Condition::unreachable));
  EXPECT_FALSE(is_lost(Condition::unreachable_inactive));
  EXPECT_TRUE(is_considered_terminal(Condition::unreachable));
  EXPECT_TRUE(is_unkillable(Condition::gone));
  EXPECT_FALSE(counts_for_backoff(Condition::unknown));
  EXPECT_TRUE(counts_for_backoff(Condition::finished));
  EXPECT_FALSE(counts_for_backoff(Condition::killed));
  EXPECT_TRUE(triggers_scale_check(Condition::unreachable_inactive));
  EXPECT_EQ(to_task_state(Condition::provisioned), "TASK_STAGING");
  EXPECT_EQ(to_text(Condition::unreachable_inactive), "UnreachableInactive");
}

}  // namespace
}  // namespace ekiden::marathon
