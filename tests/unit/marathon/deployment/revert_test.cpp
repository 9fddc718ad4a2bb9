#include "marathon/deployment/revert.h"

#include "marathon/deployment/plan.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::deployment {

namespace {

WallTime at(int hours) {
  return WallTime(std::chrono::hours(hours));
}

void set(Root& root, const char* id, int version, std::int32_t instances) {
  App app;
  app.id = PathId::parse(id);
  app.instances = instances;
  app.version_info = {at(version), at(version), at(version)};
  root.apps.set(app.id, std::make_shared<const App>(app));
}

TEST(Revert, RestoresChangedRemovesAddedLeavesOthers) {
  Root original;
  set(original, "/changed", 1, 1);
  set(original, "/deleted", 1, 1);
  Root target = original;
  set(target, "/changed", 2, 9);
  set(target, "/added", 2, 1);
  target.apps.erase(PathId::parse("/deleted"));
  const std::vector<PathId> ids = {
      PathId::parse("/added"), PathId::parse("/changed"), PathId::parse("/deleted")};
  const DeploymentPlan plan = make_plan({{"d"}, original, target, ids, {}, {}});
  Root current = target;
  set(current, "/later", 3, 1);
  const Root reverted = revert(current, plan, at(4));
  EXPECT_EQ(reverted.find_app(PathId::parse("/changed"))->instances, 1);
  EXPECT_EQ(reverted.find_app(PathId::parse("/added")), nullptr);
  EXPECT_NE(reverted.find_app(PathId::parse("/deleted")), nullptr);
  EXPECT_NE(reverted.find_app(PathId::parse("/later")), nullptr);
}

TEST(Revert, KeepsTheTimeOfTheConfigSoThatOldInstancesStay) {
  Root original;
  set(original, "/web", 1, 1);
  Root target;
  set(target, "/web", 2, 1);
  const DeploymentPlan plan = make_plan({{"d"}, original, target, {PathId::parse("/web")}, {}, {}});
  const AppPtr app = revert(target, plan, at(3)).find_app(PathId::parse("/web"));
  EXPECT_EQ(app->version_info.version, at(3));
  EXPECT_EQ(app->version_info.last_config_change_at, at(1));
}

TEST(Revert, RemovesAnAddedGroupOnlyWhenItIsEmpty) {
  const Root original;
  Root target;
  target.groups.set(PathId::parse("/empty"), std::make_shared<const Group>());
  target.groups.set(PathId::parse("/full"), std::make_shared<const Group>());
  const DeploymentPlan plan = make_plan({{"d"}, original, target, {}, {}, {}});
  ASSERT_EQ(plan.groups.size(), 2u);
  Root current = target;
  set(current, "/full/web", 3, 1);
  const Root reverted = revert(current, plan, at(4));
  EXPECT_FALSE(reverted.groups.contains(PathId::parse("/empty")));
  EXPECT_TRUE(reverted.groups.contains(PathId::parse("/full")));
}

TEST(Revert, UndoesDependenciesAndKeepsThoseOfOthers) {
  const PathId id = PathId::parse("/g");
  const auto group = [](std::vector<PathId> dependencies) {
    Group one;
    one.dependencies = std::move(dependencies);
    return std::make_shared<const Group>(one);
  };
  const PathId a = PathId::parse("/a"), b = PathId::parse("/b"), c = PathId::parse("/c");
  Root original;
  original.groups.set(id, group({a}));
  Root target;
  target.groups.set(id, group({b}));
  const DeploymentPlan plan = make_plan({{"d"}, original, target, {}, {}, {}});
  Root current;
  current.groups.set(id, group({b, c}));
  EXPECT_EQ((*revert(current, plan, at(4)).groups.find(id))->dependencies,
            (std::vector<PathId>{a, c}));
}

}  // namespace

}  // namespace ekiden::marathon::deployment
