#include "marathon/deployment/plan.h"

#include "core/base/strings.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::deployment {

namespace {

struct Spec {
  const char* id;
  int config;
  int version;
  int instances;
  std::vector<const char*> dependencies;
};

void add(Root& root, const Spec& spec) {
  App app;
  app.id = PathId::parse(spec.id);
  app.instances = spec.instances;
  const WallTime version(std::chrono::hours(spec.version));
  app.version_info = {version, version, WallTime(std::chrono::hours(spec.config))};
  for (const char* name : spec.dependencies) {
    app.dependencies.push_back(PathId::parse(name));
  }
  root.apps.set(app.id, std::make_shared<const App>(app));
}

Root root_of(const std::vector<Spec>& specs) {
  Root root;
  for (const Spec& spec : specs) {
    add(root, spec);
  }
  return root;
}

std::vector<PathId> all_ids(const Root& a, const Root& b) {
  std::set<PathId> ids;
  a.apps.for_each([&](const PathId& id, const AppPtr&) { ids.insert(id); });
  b.apps.for_each([&](const PathId& id, const AppPtr&) { ids.insert(id); });
  return {ids.begin(), ids.end()};
}

// "Stop(/a) | Scale(/b) Scale(/c)"
std::string steps(const Root& original,
                  const Root& target,
                  std::function<bool(const PathId&)> outdated = {}) {
  const DeploymentPlan plan =
      make_plan({{"d"}, original, target, all_ids(original, target), {}, std::move(outdated)});
  std::vector<std::string> parts;
  for (const Step& step : plan.steps) {
    std::vector<std::string> actions;
    for (const Action& action : step.actions) {
      std::string name(to_text(action.type));
      name.resize(name.size() - std::string("Application").size());
      actions.push_back(name + "(" + action.app.text() + ")");
    }
    parts.push_back(join(actions, " "));
  }
  return join(parts, " | ");
}

TEST(Plan, CreatesInTwoSteps) {
  EXPECT_EQ(steps({}, root_of({{"/web", 1, 1, 0, {}}})), "Start(/web) | Scale(/web)");
}

TEST(Plan, StopsFirstAndAllAtOnce) {
  EXPECT_EQ(steps(root_of({{"/a", 1, 1, 1, {}}, {"/b", 1, 1, 1, {"/a"}}}),
                  root_of({{"/c", 2, 2, 1, {}}})),
            "Stop(/a) Stop(/b) | Start(/c) | Scale(/c)");
}

TEST(Plan, OrdersByDependencyDepth) {
  EXPECT_EQ(
      steps({},
            root_of({{"/a", 1, 1, 1, {}},
                     {"/b", 1, 1, 1, {"/a"}},
                     {"/c", 1, 1, 1, {"/a"}},
                     {"/d", 1, 1, 1, {"/b"}}})),
      "Start(/a) Start(/b) Start(/c) Start(/d) | Scale(/a) | Scale(/b) Scale(/c) | Scale(/d)");
}

TEST(Plan, ChangedConfigRestartsOtherInstancesScale) {
  const Root before = root_of({{"/a", 1, 1, 1, {}}, {"/b", 1, 1, 1, {}}, {"/c", 1, 1, 1, {}}});
  const Root after = root_of({{"/a", 2, 2, 5, {}}, {"/b", 1, 2, 5, {}}, {"/c", 1, 1, 1, {}}});
  EXPECT_EQ(steps(before, after), "Restart(/a) Scale(/b)");
}

TEST(Plan, ChangedConfigWithNoInstancesIsAScale) {
  EXPECT_EQ(steps(root_of({{"/a", 1, 1, 3, {}}}), root_of({{"/a", 2, 2, 0, {}}})), "Scale(/a)");
}

TEST(Plan, ScaleOverAnUnfinishedRollGoesOnRolling) {
  EXPECT_EQ(steps(root_of({{"/a", 1, 1, 3, {}}}),
                  root_of({{"/a", 1, 2, 4, {}}}),
                  [](const PathId&) { return true; }),
            "Restart(/a)");
}

TEST(Plan, NoChangeHasNoSteps) {
  const Root root = root_of({{"/a", 1, 1, 3, {}}});
  EXPECT_EQ(steps(root, root), "");
}

TEST(Plan, GroupDependenciesCountForEveryAppInside) {
  Root root =
      root_of({{"/db/one", 1, 1, 1, {}}, {"/db/two", 1, 1, 1, {}}, {"/web/x", 1, 1, 1, {}}});
  Group web;
  web.dependencies = {PathId::parse("/db")};
  root.groups.set(PathId::parse("/web"), std::make_shared<const Group>(web));
  const auto depths = dependency_depths(root, {PathId::parse("/web/x"), PathId::parse("/db/one")});
  EXPECT_EQ(depths.at(PathId::parse("/web/x")), 2);
  EXPECT_EQ(depths.at(PathId::parse("/db/one")), 1);
}

TEST(Plan, DiamondsAreCheapAndCyclesEnd) {
  Root root;
  for (int i = 0; i < 60; ++i) {  // 2^60 paths
    const std::string next = std::to_string(i + 1);
    const std::string a = "/a" + next, b = "/b" + next;
    const bool last = i == 59;
    for (const char* side : {"/a", "/b"}) {
      const std::string id = side + std::to_string(i);
      add(root,
          {id.c_str(),
           1,
           1,
           1,
           last ? std::vector<const char*>{} : std::vector{a.c_str(), b.c_str()}});
    }
  }
  EXPECT_EQ(dependency_depths(root, {PathId::parse("/a0")}).at(PathId::parse("/a0")), 60);
  const Root cycle = root_of({{"/x", 1, 1, 1, {"/y"}}, {"/y", 1, 1, 1, {"/x"}}});
  EXPECT_GT(dependency_depths(cycle, {PathId::parse("/x")}).at(PathId::parse("/x")), 0);
}

}  // namespace

}  // namespace ekiden::marathon::deployment
