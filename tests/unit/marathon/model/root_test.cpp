#include "marathon/model/root.h"

#include <gtest/gtest.h>

namespace ekiden::marathon {
namespace {

Root root_with(std::initializer_list<const char*> apps) {
  Root root;
  for (const char* text : apps) {
    App app;
    app.id = PathId::parse(text);
    root.apps.set(app.id, std::make_shared<const App>(app));
  }
  return root;
}

std::vector<std::string> ids(const std::vector<AppPtr>& apps) {
  std::vector<std::string> texts;
  for (const AppPtr& app : apps) {
    texts.push_back(app->id.text());
  }
  return texts;
}

TEST(Root, FindsTheMembersOfAGroup) {
  const Root root = root_with({"/a", "/prod/web", "/prod/db/one", "/prod-2/x", "/z"});
  EXPECT_EQ(ids(root.apps_below(PathId::parse("/prod"))),
            (std::vector<std::string>{"/prod/db/one", "/prod/web"}));
  EXPECT_EQ(ids(root.direct_apps(PathId::parse("/prod"))), std::vector<std::string>{"/prod/web"});
  EXPECT_EQ(root.apps_below(PathId()).size(), 5u);
}

TEST(Root, HasExplicitAndImpliedGroups) {
  Root root = root_with({"/prod/db/one"});
  root.groups.set(PathId::parse("/empty"), std::make_shared<const Group>());
  EXPECT_TRUE(root.has_group(PathId()));
  EXPECT_TRUE(root.has_group(PathId::parse("/prod/db")));
  EXPECT_TRUE(root.has_group(PathId::parse("/empty")));
  EXPECT_FALSE(root.has_group(PathId::parse("/prod/db/one")));
  EXPECT_FALSE(root.has_group(PathId::parse("/pro")));
  EXPECT_EQ(root.direct_groups(PathId()),
            (std::vector<PathId>{PathId::parse("/empty"), PathId::parse("/prod")}));
}

}  // namespace
}  // namespace ekiden::marathon
