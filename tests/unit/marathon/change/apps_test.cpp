#include "tests/unit/marathon/change/changer.h"

namespace ekiden::marathon::change {
namespace {

using Texts = std::vector<std::string>;

TEST(ChangeApps, PutCreatesWhatIsUnknown) {
  Changer changer;
  const auto outcome = changer.put("/prod/web", R"({"cmd":"sleep 1"})");
  ASSERT_TRUE(outcome) << message_of(outcome);
  EXPECT_EQ(texts(outcome->created), Texts{"/prod/web"});
  EXPECT_EQ(texts(outcome->changed), Texts{"/prod/web"});
  EXPECT_TRUE(changer.root.groups.find(PathId::parse("/prod")));
}

TEST(ChangeApps, PutMergesMemberByMember) {
  Changer changer;
  ASSERT_TRUE(changer.put("/web", R"({"cmd":"sleep 1","mem":64,"env":{"A":"1","B":"2"}})"));
  const auto outcome = changer.put("/web", R"({"env":{"A":"3"},"cmd":null})");
  ASSERT_TRUE(outcome) << message_of(outcome);
  EXPECT_TRUE(outcome->created.empty());
  const AppPtr app = changer.app("/web");
  EXPECT_EQ(app->cmd, "sleep 1");
  EXPECT_EQ(app->mem, 64);
  EXPECT_EQ(app->env, (std::map<std::string, EnvValue>{{"A", "3"}}));
}

TEST(ChangeApps, PutOfTheSameChangesNothing) {
  Changer changer;
  ASSERT_TRUE(changer.put("/web", R"({"cmd":"sleep 1"})"));
  const AppPtr before = changer.app("/web");
  const auto outcome = changer.put("/web", R"({"cmd":"sleep 1"})");
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->changed.empty());
  EXPECT_EQ(changer.app("/web"), before);
  EXPECT_EQ(changer.root.version, changer.now());
}

TEST(ChangeApps, ReplacingForgetsWhatIsNotNamed) {
  Changer changer;
  ASSERT_TRUE(changer.put("/web", R"({"cmd":"sleep 1","mem":64})"));
  PutApps wanted;
  wanted.apps.push_back({PathId::parse("/web"), json::parse(R"({"cmd":"sleep 2"})").value()});
  wanted.partial_update = false;
  ASSERT_TRUE(changer.apply(wanted));
  EXPECT_EQ(changer.app("/web")->mem, App{}.mem);
}

TEST(ChangeApps, PatchKnowsOnlyWhatExists) {
  Changer changer;
  PutApps wanted;
  wanted.apps.push_back({PathId::parse("/web"), json::parse(R"({"cmd":"sleep 2"})").value()});
  wanted.allow_creation = false;
  const auto outcome = changer.apply(wanted);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::not_found);
  EXPECT_EQ(outcome.error().message, "App '/web' does not exist");
}

TEST(ChangeApps, OneInvalidElementRejectsTheWholeRequest) {
  Changer changer;
  PutApps wanted;
  wanted.apps.push_back({PathId::parse("/a"), json::parse(R"({"cmd":"sleep 2"})").value()});
  wanted.apps.push_back({PathId::parse("/b"), json::parse(R"({"cmd":7})").value()});
  EXPECT_TRUE(has_problem(changer.apply(wanted), "/cmd", "error.expected.jsstring"));
  EXPECT_FALSE(changer.app("/a"));
}

TEST(ChangeApps, CreatingAnExistingIdConflicts) {
  Changer changer;
  ASSERT_TRUE(changer.put("/web", R"({"cmd":"sleep 1"})"));
  const auto outcome = changer.apply(CreateApp{*changer.app("/web")});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::conflict);
  EXPECT_EQ(outcome.error().message, "An app with id [/web] already exists.");
}

TEST(ChangeApps, AnAppReplacesAnEmptyGroupButNotAFullOne) {
  Changer changer;
  ASSERT_TRUE(changer.post_group(R"({"id":"/empty"})"));
  ASSERT_TRUE(changer.put("/empty", R"({"cmd":"sleep 1"})"));
  EXPECT_FALSE(changer.root.groups.find(PathId::parse("/empty")));
  ASSERT_TRUE(changer.put("/full/web", R"({"cmd":"sleep 1"})"));
  EXPECT_TRUE(has_problem(changer.put("/full", R"({"cmd":"sleep 1"})"),
                          "/",
                          "Groups and Applications may not have the same identifier."));
}

TEST(ChangeApps, DeletingAnUnknownAppIsNotFound) {
  Changer changer;
  EXPECT_EQ(message_of(changer.apply(DeleteApp{PathId::parse("/web")})),
            "App '/web' does not exist");
  EXPECT_EQ(message_of(changer.apply(RestartApp{PathId::parse("/web")})),
            "App '/web' does not exist");
}

TEST(ChangeApps, AVersionBringsBackTheOldDefinition) {
  Changer changer;
  ASSERT_TRUE(changer.put("/web", R"({"cmd":"sleep 1"})"));
  const AppPtr first = changer.app("/web");
  changer.history.app_at = [first](const PathId&, WallTime version) {
    return version == first->version_info.version ? first : nullptr;
  };
  ASSERT_TRUE(changer.put("/web", R"({"cmd":"sleep 2"})"));
  const std::string version = to_iso8601(first->version_info.version);
  EXPECT_TRUE(has_problem(changer.put("/web", R"({"mem":1,"version":")" + version + "\"}"),
                          "/",
                          "may only be combined"));
  ASSERT_TRUE(changer.put("/web", R"({"version":")" + version + "\"}"));
  EXPECT_EQ(changer.app("/web")->cmd, "sleep 1");
  EXPECT_EQ(changer.app("/web")->version_info.version, changer.now());
  EXPECT_EQ(message_of(changer.put("/web", R"({"version":"2001-01-01T00:00:00.000Z"})")),
            "App '/web' does not exist");
}

TEST(ChangeApps, KillingWithScaleLowersTheInstancesByTheActiveOnes) {
  Changer changer;
  ASSERT_TRUE(changer.put("/web", R"({"cmd":"sleep 1","instances":3})"));
  changer.history.instance = [&](const InstanceId& id) -> InstancePtr {
    if (id.value == "gone") {
      return nullptr;
    }
    auto instance = std::make_shared<Instance>();
    instance->id = id;
    instance->app = changer.app("/web");
    instance->condition = id.value == "dying" ? Condition::killing : Condition::running;
    return instance;
  };
  const auto outcome =
      changer.apply(KillAndScale{{InstanceId{"one"}, InstanceId{"dying"}, InstanceId{"gone"}}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(changer.app("/web")->instances, 2);
  EXPECT_EQ(outcome->to_kill.at(PathId::parse("/web")).size(), 2u);
}

TEST(ChangeApps, ADependencyCycleIsRefused) {
  Changer changer;
  ASSERT_TRUE(changer.put("/a", R"({"cmd":"sleep 1","dependencies":["/b"]})"));
  ASSERT_TRUE(changer.put("/c", R"({"cmd":"sleep 1","dependencies":["/a"]})"));
  EXPECT_TRUE(has_problem(changer.put("/b", R"({"cmd":"sleep 1","dependencies":["/c"]})"),
                          "/",
                          "Dependency graph has cyclic dependencies."));
}

TEST(ChangeApps, PersistentVolumesMayNotBeChanged) {
  Changer changer;
  const std::string volume = R"({"containerPath":"data","mode":"RW","persistent":{"size":10}})";
  ASSERT_TRUE(changer.put(
      "/db/one",
      R"({"cmd":"sleep 1","role":"db","container":{"type":"MESOS","volumes":[)" + volume + "]}}"));
  EXPECT_TRUE(has_problem(changer.put("/db/one", R"({"cpus":3})"),
                          "/app(0)/cpus",
                          "may not change resource requirements"));
  EXPECT_TRUE(has_problem(changer.put("/db/one", R"({"container":{"type":"MESOS"}})"),
                          "/app(0)",
                          "Persistent volumes can not be changed!"));
  EXPECT_TRUE(changer.put("/db/one", R"({"instances":2})"));
}

}  // namespace
}  // namespace ekiden::marathon::change
