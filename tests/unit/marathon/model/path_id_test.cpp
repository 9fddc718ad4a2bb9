#include "marathon/model/path_id.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace ekiden::marathon {
namespace {

TEST(PathId, DropsEmptyAndDotSegmentsAndResolvesParents) {
  EXPECT_EQ(PathId::parse("/prod//web/").text(), "/prod/web");
  EXPECT_EQ(PathId::parse("/a/./b/../c").text(), "/a/c");
  EXPECT_EQ(PathId::parse("../../x").text(), "/x");
  EXPECT_EQ(PathId::parse("").text(), "/");
}

TEST(PathId, MakesRelativeTextAbsoluteAgainstItsBase) {
  const PathId base = PathId::parse("/prod");
  EXPECT_EQ(PathId::parse("web", base).text(), "/prod/web");
  EXPECT_EQ(PathId::parse("../infra", base).text(), "/infra");
  EXPECT_EQ(PathId::parse("/other", base).text(), "/other");
}

TEST(PathId, KnowsItsPlaceInTheTree) {
  const PathId id = PathId::parse("/prod/shop/web");
  EXPECT_EQ(id.parent().text(), "/prod/shop");
  EXPECT_EQ(id.last(), "web");
  EXPECT_TRUE(id.is_below(PathId::parse("/prod")));
  EXPECT_TRUE(id.is_below(PathId()));
  EXPECT_FALSE(id.is_below(id));
  EXPECT_FALSE(PathId::parse("/production").is_below(PathId::parse("/prod")));
  EXPECT_TRUE(PathId().parent().is_root());
  EXPECT_EQ(PathId().child("a").child("b").text(), "/a/b");
}

TEST(PathId, OrdersEverythingBelowAGroupDirectlyAfterIt) {
  std::vector<PathId> ids;
  for (const char* text : {"/a-b", "/a/b", "/a.c", "/a", "/", "/a/b/c", "/b"}) {
    ids.push_back(PathId::parse(text));
  }
  std::sort(ids.begin(), ids.end());
  std::vector<std::string> texts;
  for (const PathId& id : ids) {
    texts.push_back(id.text());
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"/", "/a", "/a/b", "/a/b/c", "/a-b", "/a.c", "/b"}));
}

TEST(PathId, SurvivesTheSafePath) {
  const PathId id = PathId::parse("/prod/shop/web");
  EXPECT_EQ(id.safe_path(), "prod_shop_web");
  EXPECT_EQ(PathId::from_safe_path("prod_shop_web"), id);
}

}  // namespace
}  // namespace ekiden::marathon
