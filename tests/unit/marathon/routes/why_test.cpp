#include "tests/unit/marathon/routes/fake_marathon.h"

#include <gtest/gtest.h>

// GET .../why and POST /v2/plan as requests (docs/why.md).
namespace ekiden::marathon::routes {
namespace {

class WhyRoutes : public testing::Test {
 protected:
  WhyRoutes() {
    marathon_.call("POST", "/v2/apps", R"({"id":"/g/web","cmd":"xx"})");
    marathon_.state().connected = true;
    marathon_.publish();
  }

  // What the machine was asked about, with the plan it answers.
  const ChangeRoot* plan(const std::string& target, const std::string& body, int status = 200) {
    DeploymentPlan made;
    made.id = DeploymentId{"d"};
    made.steps = {Step{{Action{Action::Type::scale, PathId::parse("/g/web"), 3, {}}}}};
    marathon_.next_reply = Reply{0, Applied{WallTime{}, made.id, {}, made}};
    marathon_.last_command.reset();
    const net::Response answer = marathon_.call("POST", target, body);
    EXPECT_EQ(answer.status, status) << answer.body;
    marathon_.next_reply.reset();
    if (!marathon_.last_command) {
      return nullptr;
    }
    const auto* change = std::get_if<ChangeRoot>(&*marathon_.last_command);
    EXPECT_TRUE(change && change->what_if && !change->dry_run);
    return change;
  }

  FakeMarathon marathon_;
};

TEST_F(WhyRoutes, AnswerForAppsGroupsAndTheRoot) {
  EXPECT_EQ(marathon_.json("GET", "/v2/apps/g/web/why")["id"].as_string(), "/g/web");
  EXPECT_EQ(marathon_.json("GET", "/v2/groups/g/why")["type"].as_string(), "group");
  EXPECT_EQ(marathon_.json("GET", "/v2/groups/why")["id"].as_string(), "/");
}

TEST_F(WhyRoutes, UnknownThingsAreNotFound) {
  for (const char* target : {"/v2/apps/none/why",
                             "/v2/pods/g/web/why",
                             "/v2/groups/none/why",
                             "/v2/deployments/none/why",
                             "/v2/apps/g/web/tasks/none/why",
                             "/v2/apps/g/web/why?instance=none"}) {
    EXPECT_EQ(marathon_.call("GET", target).status, 404) << target;
  }
}

TEST_F(WhyRoutes, AnAppMayBeCalledWhy) {
  marathon_.call("POST", "/v2/apps", R"({"id":"/g/why","cmd":"xx"})");
  EXPECT_EQ(marathon_.json("GET", "/v2/apps/g/why")["app"]["id"].as_string(), "/g/why");
}

TEST_F(WhyRoutes, PlansShowStepsAndChangeNothing) {
  const Root before = marathon_.state().root;
  marathon_.next_reply.reset();
  const ChangeRoot* asked = plan("/v2/plan", R"({"id":"/g/web","instances":3})");
  ASSERT_TRUE(asked);
  EXPECT_TRUE(std::holds_alternative<PutApps>(asked->change));
  EXPECT_EQ(marathon_.state().root.find_app(PathId::parse("/g/web"))->instances, 1);
}

TEST_F(WhyRoutes, TheKindOfThingIsSeenFromIdAndBody) {
  EXPECT_TRUE(
      std::holds_alternative<PutGroup>(plan("/v2/plan", R"({"id":"/g","scaleBy":2})")->change));
  EXPECT_TRUE(
      std::holds_alternative<PutGroup>(plan("/v2/plan?id=/g", R"({"version":"x"})")->change));
  EXPECT_TRUE(
      std::holds_alternative<PutPod>(plan("/v2/plan", R"({"id":"/p","containers":[]})")->change));
  EXPECT_TRUE(std::holds_alternative<PutApps>(
      plan("/v2/plan", R"([{"id":"/a","cmd":"xx"},{"id":"/b","cmd":"xx"}])")->change));
  EXPECT_TRUE(
      std::holds_alternative<DeleteApp>(plan("/v2/plan?id=/g/web&delete=true", "")->change));
  EXPECT_TRUE(std::holds_alternative<DeleteGroup>(plan("/v2/plan?id=/g&delete=true", "")->change));
  EXPECT_TRUE(
      std::holds_alternative<RestartApp>(plan("/v2/plan?id=/g/web&restart=true", "")->change));
}

TEST_F(WhyRoutes, BadPlansAreRefusedAsUsual) {
  EXPECT_EQ(plan("/v2/plan", "", 400), nullptr);
  EXPECT_EQ(plan("/v2/plan", "{", 400), nullptr);
  EXPECT_EQ(plan("/v2/plan?delete=true", "", 400), nullptr);
  EXPECT_EQ(marathon_.call("POST", "/v2/plan", R"({"id":"/x","cmd":"xx","instances":-1})").status,
            422);
}

}  // namespace
}  // namespace ekiden::marathon::routes
