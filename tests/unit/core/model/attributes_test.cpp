#include "core/model/attributes.h"

#include "core/model/framework.h"
#include "core/model/task_state.h"

#include <gtest/gtest.h>

namespace ekiden::model {
namespace {

TEST(Attributes, KindFollowsTheTextAndOnlyTheFirstColonSeparates) {
  const auto list = parse_attributes("rack:r1;score:1.5;ports:[1-2,4-5];url:http://x:80;rack:r2");
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 5u);
  EXPECT_EQ((*list)[0].text, "r1");
  EXPECT_EQ((*list)[1].type, Attribute::Type::scalar);
  EXPECT_EQ((*list)[1].scalar.milli, 1500);
  EXPECT_EQ((*list)[2].ranges, (std::vector<Range>{{1, 2}, {4, 5}}));
  EXPECT_EQ((*list)[3].text, "http://x:80");
  EXPECT_EQ((*list)[4].name, "rack");
}

TEST(Attributes, SetsAndNamelessPiecesAreRefused) {
  EXPECT_FALSE(parse_attributes("a:{x,y}"));
  EXPECT_FALSE(parse_attributes(":x"));
  EXPECT_FALSE(parse_attributes("plain"));
  EXPECT_TRUE(parse_attributes("")->empty());
}

TEST(TaskState, TextIsTheWireName) {
  EXPECT_EQ(to_text(TaskState::gone_by_operator), "TASK_GONE_BY_OPERATOR");
  EXPECT_EQ(to_text(StatusReason::container_limitation_memory),
            "REASON_CONTAINER_LIMITATION_MEMORY");
  EXPECT_EQ(to_text(StatusReason::none), "");
  EXPECT_TRUE(is_terminal(TaskState::lost));
  EXPECT_FALSE(is_terminal(TaskState::unreachable));
}

TEST(FrameworkInfo, RolesComeFromRoleUnlessMultiRole) {
  FrameworkInfo info;
  EXPECT_EQ(info.all_roles(), (std::vector<std::string>{"*"}));
  info.role = "web";
  EXPECT_EQ(info.all_roles(), (std::vector<std::string>{"web"}));
  info.capabilities = {FrameworkCapability::multi_role};
  info.roles = {"a", "b"};
  EXPECT_EQ(info.all_roles(), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace ekiden::model
