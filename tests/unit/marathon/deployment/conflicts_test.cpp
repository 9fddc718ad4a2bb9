#include "marathon/deployment/conflicts.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::deployment {

namespace {

const PathId kWeb = PathId::parse("/web");
const PathId kApi = PathId::parse("/api");

TEST(Locks, NameEachConflictingDeploymentOnce) {
  Locks locks;
  locks.take({"d1"}, {kApi, kWeb});
  EXPECT_EQ(locks.conflicts({kApi, kWeb}), (std::vector<DeploymentId>{{"d1"}}));
  EXPECT_TRUE(locks.conflicts({PathId::parse("/other")}).empty());
}

TEST(Locks, OnlyTheHolderReleases) {
  Locks locks;
  locks.take({"d1"}, {kWeb});
  locks.take({"d2"}, {kWeb});
  locks.release({"d1"}, {kWeb});
  ASSERT_NE(locks.holder(kWeb), nullptr);
  EXPECT_EQ(*locks.holder(kWeb), DeploymentId{"d2"});
  locks.release({"d2"}, {kWeb});
  EXPECT_EQ(locks.holder(kWeb), nullptr);
}

}  // namespace

}  // namespace ekiden::marathon::deployment
