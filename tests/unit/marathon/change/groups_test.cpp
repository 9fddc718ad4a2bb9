#include "tests/unit/marathon/change/changer.h"

namespace ekiden::marathon::change {
namespace {

using Texts = std::vector<std::string>;

Texts apps_of(const Changer& changer) {
  Texts all;
  changer.root.apps.for_each([&](const PathId& id, const AppPtr&) { all.push_back(id.text()); });
  return all;
}

TEST(ChangeGroups, ResolvesRelativeIdsAgainstTheirGroup) {
  Changer changer;
  const auto outcome = changer.post_group(R"({"id":"/prod",
      "apps":[{"id":"web","cmd":"sleep 1","dependencies":["db/one"]}],
      "groups":[{"id":"db","apps":[{"id":"one","cmd":"sleep 1"}]},{"id":"jobs"}],
      "dependencies":["/infra","../base"]})");
  ASSERT_TRUE(outcome) << message_of(outcome);
  EXPECT_EQ(apps_of(changer), (Texts{"/prod/db/one", "/prod/web"}));
  EXPECT_EQ(texts(changer.app("/prod/web")->dependencies), Texts{"/prod/db/one"});
  EXPECT_EQ(texts((*changer.root.groups.find(PathId::parse("/prod")))->dependencies),
            (Texts{"/base", "/infra"}));
  EXPECT_TRUE(changer.root.has_group(PathId::parse("/prod/jobs")));
}

TEST(ChangeGroups, PutMakesTheNamedSetsExact) {
  Changer changer;
  ASSERT_TRUE(
      changer.put_group("/g", R"({"apps":[{"id":"a","cmd":"sleep 1"},{"id":"b","cmd":"sleep 1"}],
      "groups":[{"id":"x","apps":[{"id":"c","cmd":"sleep 1"}]},{"id":"y"}]})"));
  ASSERT_TRUE(changer.put_group("/g", R"({"apps":[{"id":"b","cmd":"sleep 2"}]})"));
  EXPECT_EQ(apps_of(changer), (Texts{"/g/b", "/g/x/c"}));
  ASSERT_TRUE(changer.put_group("/g", R"({"groups":[{"id":"y"}]})"));
  EXPECT_EQ(apps_of(changer), Texts{"/g/b"});
  EXPECT_FALSE(changer.root.has_group(PathId::parse("/g/x")));
}

TEST(ChangeGroups, PostConflictsWithWhatIsThere) {
  Changer changer;
  ASSERT_TRUE(changer.put("/a/app", R"({"cmd":"sleep 1"})"));
  EXPECT_EQ(message_of(changer.post_group(R"({"id":"/a"})")),
            "Group /a is already created. Use PUT to change this group.");
  EXPECT_EQ(message_of(changer.post_group(R"({"id":"/a/app"})")),
            "An app with the path /a/app already exists.");
  EXPECT_EQ(message_of(changer.post_group("{}")),
            "Group / is already created. Use PUT to change this group.");
}

TEST(ChangeGroups, AppsMustBeDirectlyInTheirGroup) {
  Changer changer;
  EXPECT_TRUE(
      has_problem(changer.post_group(R"({"id":"/g","apps":[{"id":"/other/app","cmd":"sleep 1"}]})"),
                  "/apps(0)/id",
                  "Identifier is not child of '/g'"));
  EXPECT_TRUE(has_problem(
      changer.post_group(R"({"id":"/g","groups":[{"apps":[]}]})"), "/groups(0)/id", "not defined"));
}

TEST(ChangeGroups, AppsWithoutAnIdAreBadJsonWhereverTheyAre) {
  Changer changer;
  const auto answer =
      changer.post_group(R"({"id":"/g","groups":[{"id":"h","apps":[{"cmd":"xx"}]}]})");
  EXPECT_EQ(message_of(answer), "Invalid JSON");
  EXPECT_TRUE(has_problem(
      answer, "/groups(0)/apps(0)/id", "'id' is undefined on object: {\"cmd\":\"xx\"}"));
}

TEST(ChangeGroups, ScaleByRoundsUpTransitively) {
  Changer changer;
  ASSERT_TRUE(changer.put("/g/a", R"({"cmd":"sleep 1","instances":3})"));
  ASSERT_TRUE(changer.put("/g/h/b", R"({"cmd":"sleep 1","instances":1})"));
  ASSERT_TRUE(changer.put_group("/g", R"({"scaleBy":1.5})"));
  EXPECT_EQ(changer.app("/g/a")->instances, 5);
  EXPECT_EQ(changer.app("/g/h/b")->instances, 2);
  EXPECT_TRUE(has_problem(changer.put_group("/g", R"({"scaleBy":2,"id":"/g"})"),
                          "/scaleBy",
                          "not allowed in conjunction with other properties."));
}

TEST(ChangeGroups, AVersionBringsBackTheWholeSubtree) {
  Changer changer;
  ASSERT_TRUE(changer.put("/g/a", R"({"cmd":"sleep 1"})"));
  const Root old = changer.root;
  changer.history.root_at = [old](WallTime version) {
    return version == old.version ? std::optional(old) : std::nullopt;
  };
  ASSERT_TRUE(changer.put_group("/g", R"({"apps":[{"id":"b","cmd":"sleep 1"}]})"));
  ASSERT_TRUE(changer.put_group("/g", R"({"version":")" + to_iso8601(old.version) + "\"}"));
  EXPECT_EQ(apps_of(changer), Texts{"/g/a"});
  EXPECT_EQ(message_of(changer.put_group("/g", R"({"version":"2001-01-01T00:00:00.000Z"})")),
            "Group /g not available in version 2001-01-01T00:00:00.000Z");
}

TEST(ChangeGroups, DeletingOneTakesEverythingBelow) {
  Changer changer;
  ASSERT_TRUE(changer.put("/g/a", R"({"cmd":"sleep 1"})"));
  ASSERT_TRUE(changer.put("/g-2/a", R"({"cmd":"sleep 1"})"));
  const auto outcome = changer.apply(DeleteGroup{PathId::parse("/g")});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(texts(outcome->changed), Texts{"/g/a"});
  EXPECT_EQ(apps_of(changer), Texts{"/g-2/a"});
  EXPECT_EQ(message_of(changer.apply(DeleteGroup{PathId::parse("/g")})),
            "Group '/g' does not exist");
}

TEST(ChangeGroups, EnforceRoleIsForTopLevelGroupsAndComesAlone) {
  Changer changer;
  ASSERT_TRUE(changer.post_group(R"({"id":"/dev"})"));
  EXPECT_TRUE(has_problem(
      changer.put_group("/dev", R"({"enforceRole":true,"apps":[{"id":"a","cmd":"sleep 1"}]})"),
      "/enforceRole",
      "please make these changes in separate requests."));
  EXPECT_TRUE(has_problem(changer.put_group("/dev/sub", R"({"enforceRole":true})"),
                          "/enforceRole",
                          "/dev/sub is not top-level"));
  ASSERT_TRUE(changer.apply(PatchGroup{PathId::parse("/dev"), true}));
  ASSERT_TRUE(changer.put("/dev/web", R"({"cmd":"sleep 1"})"));
  EXPECT_EQ(changer.app("/dev/web")->role, "dev");
  EXPECT_EQ(message_of(changer.apply(PatchGroup{PathId::parse("/none"), true})),
            "Group '/none' does not exist");
}

TEST(ChangeGroups, AGroupThatNeedsItselfIsACycle) {
  Changer changer;
  ASSERT_TRUE(changer.put("/a/x", R"({"cmd":"sleep 1"})"));
  ASSERT_TRUE(changer.put("/b/y", R"({"cmd":"sleep 1","dependencies":["/a"]})"));
  EXPECT_TRUE(has_problem(changer.put_group("/a", R"({"dependencies":["/b"]})"),
                          "/",
                          "Dependency graph has cyclic dependencies."));
}

}  // namespace
}  // namespace ekiden::marathon::change
