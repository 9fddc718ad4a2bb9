#include "tests/unit/marathon/change/changer.h"

// The table of marathon-behaviour.md 1.2.
namespace ekiden::marathon::change {
namespace {

VersionInfo info(const Changer& changer) {
  return changer.app("/web")->version_info;
}

class Versions : public testing::Test {
 protected:
  Versions() {
    EXPECT_TRUE(changer_.put("/web", R"({"cmd":"sleep 1"})"));
    created_ = changer_.now();
  }

  Changer changer_;
  WallTime created_;
};

TEST_F(Versions, OfANewAppAreTheTimeOfTheRequest) {
  EXPECT_EQ(info(changer_), (VersionInfo{created_, created_, created_}));
}

TEST_F(Versions, MoveAllWithTheConfiguration) {
  ASSERT_TRUE(changer_.put("/web", R"({"labels":{"a":"b"}})"));
  EXPECT_EQ(info(changer_), (VersionInfo{changer_.now(), changer_.now(), changer_.now()}));
}

TEST_F(Versions, KeepTheConfigurationChangeWhenScaled) {
  ASSERT_TRUE(changer_.put("/web", R"({"instances":4})"));
  EXPECT_EQ(info(changer_), (VersionInfo{changer_.now(), changer_.now(), created_}));
}

TEST_F(Versions, KeepTheScalingWhenRestarted) {
  const auto outcome = changer_.apply(RestartApp{PathId::parse("/web")});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->changed.size(), 1u);
  EXPECT_EQ(info(changer_), (VersionInfo{changer_.now(), created_, changer_.now()}));
}

TEST_F(Versions, StayWhenNothingChanges) {
  ASSERT_TRUE(changer_.put("/web", "{}"));
  EXPECT_EQ(info(changer_), (VersionInfo{created_, created_, created_}));
}

TEST_F(Versions, CannotBeSetByTheClient) {
  ASSERT_TRUE(changer_.put("/new", R"({"cmd":"sleep 1","version":"2001-01-01T00:00:00.000Z",
                           "versionInfo":{"lastScalingAt":"2001-01-01T00:00:00.000Z"}})"));
  EXPECT_EQ(changer_.app("/new")->version_info.last_scaling_at, changer_.now());
}

TEST_F(Versions, AreNotStampedByADryRun) {
  PutApps wanted;
  wanted.apps.push_back({PathId::parse("/web"), json::parse(R"({"mem":7})").value()});
  const auto outcome = changer_.apply(wanted, Purpose::dry_run);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->root.version, created_);
  EXPECT_EQ(outcome->root.find_app(PathId::parse("/web"))->mem, 7);
}

}  // namespace
}  // namespace ekiden::marathon::change
