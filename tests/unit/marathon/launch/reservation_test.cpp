#include "marathon/launch/reservation.h"

#include "marathon/launch/budget.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::launch {

namespace {

using Type = PersistentVolume::Type;

model::Resource disk(double mib, std::optional<model::DiskSource> source = std::nullopt) {
  model::Resource resource = model::scalar_resource("disk", mib);
  if (source) {
    resource.disk.emplace();
    resource.disk->source = std::move(source);
  }
  return resource;
}

model::DiskSource source(model::DiskSource::Type type, const std::string& root) {
  model::DiskSource made;
  made.type = type;
  (type == model::DiskSource::Type::mount ? made.mount : made.path) = model::DiskSource::Root{root};
  return made;
}

VolumeWish wish(Type type, std::int64_t size) {
  VolumeWish made;
  made.name = "data";
  made.volume.type = type;
  made.volume.size = size;
  return made;
}

std::optional<std::vector<model::Resource>> take(std::vector<model::Resource> resources,
                                                 const std::vector<VolumeWish>& wishes) {
  model::Offer offer;
  offer.resources = std::move(resources);
  Budget budget(offer);
  return budget.take_volumes(wishes, {"*"});
}

TEST(Volumes, RootVolumesComeFromTheScratchDisk) {
  const auto taken = take({disk(100)}, {wish(Type::root, 10), wish(Type::root, 90)});
  ASSERT_TRUE(taken);
  EXPECT_EQ((*taken)[0].scalar.to_double(), 10);
  EXPECT_EQ((*taken)[1].scalar.to_double(), 90);
  EXPECT_FALSE(take({disk(100)}, {wish(Type::root, 10), wish(Type::root, 91)}));
}

TEST(Volumes, PathDisksAreSplitTheBiggestFirst) {
  const auto path = [](double mib, const std::string& root) {
    return disk(mib, source(model::DiskSource::Type::path, root));
  };
  const auto taken = take({disk(1000), path(50, "/a"), path(100, "/b")},
                          {wish(Type::path, 20), wish(Type::path, 60)});
  ASSERT_TRUE(taken);
  EXPECT_EQ((*taken)[1].disk->source->path->root, "/b");
  EXPECT_EQ((*taken)[0].disk->source->path->root, "/a");  // 50 are more than the 40 left
  EXPECT_FALSE(take({disk(1000)}, {wish(Type::path, 1)}));
}

TEST(Volumes, MountDisksAreTakenWholeTheSmallestFirst) {
  const auto mount = [](double mib, const std::string& root) {
    return disk(mib, source(model::DiskSource::Type::mount, root));
  };
  VolumeWish wanted = wish(Type::mount, 40);
  const auto taken = take({mount(500, "/big"), mount(50, "/small"), mount(10, "/tiny")}, {wanted});
  ASSERT_TRUE(taken);
  EXPECT_EQ((*taken)[0].disk->source->mount->root, "/small");
  EXPECT_EQ((*taken)[0].scalar.to_double(), 50);
  wanted.volume.max_size = 45;
  EXPECT_FALSE(take({mount(50, "/small")}, {wanted}));
  EXPECT_FALSE(take({mount(50, "/small")}, {wish(Type::mount, 40), wish(Type::mount, 1)}));
}

TEST(Volumes, ProfilesAndPathsMustAgree) {
  model::DiskSource fast = source(model::DiskSource::Type::path, "/ssd/1");
  fast.profile = "fast";
  VolumeWish wanted = wish(Type::path, 1);
  EXPECT_FALSE(take({disk(10, fast)}, {wanted}));
  wanted.volume.profile_name = "fast";
  EXPECT_TRUE(take({disk(10, fast)}, {wanted}));
  wanted.paths = {*Pattern::compile("/ssd/.*")};
  EXPECT_TRUE(take({disk(10, fast)}, {wanted}));
  wanted.paths = {*Pattern::compile("/hdd/.*")};
  EXPECT_FALSE(take({disk(10, fast)}, {wanted}));
  wanted.paths = {std::nullopt};  // anything but LIKE on the path
  EXPECT_FALSE(take({disk(10, fast)}, {wanted}));
}

TEST(Volumes, RawAndBlockDisksAreIgnored) {
  EXPECT_FALSE(take({disk(10, source(model::DiskSource::Type::raw, "/r"))}, {wish(Type::root, 1)}));
}

class ReservationTest : public testing::Test {
 protected:
  Claim claim_{InstanceId{"db.instance-1"}, "dev", FrameworkId{"f"}, "me"};
  std::vector<LocalVolume> ids_ = {{"data", "db#data#u"}};
};

TEST_F(ReservationTest, IsMadeOfEverythingThenTheVolumesAreCreated) {
  const auto operations = reserve_operations(
      claim_, {model::scalar_resource("cpus", 1)}, {wish(Type::root, 10)}, {disk(10)}, ids_);
  ASSERT_EQ(operations.size(), 2u);
  EXPECT_EQ(operations[0].type, model::Operation::Type::reserve);
  ASSERT_EQ(operations[0].resources.size(), 2u);
  const model::Reservation& reservation = operations[0].resources[0].reservations.at(0);
  EXPECT_EQ(reservation.role, "dev");
  EXPECT_EQ(reservation.principal, "me");
  EXPECT_EQ(*reservation.labels->find("marathon_framework_id"), "f");
  EXPECT_EQ(*reservation.labels->find("marathon_task_id"), "db.instance-1");
  EXPECT_EQ(operations[1].type, model::Operation::Type::create);
  const model::DiskInfo& info = *operations[1].resources.at(0).disk;
  EXPECT_EQ(info.persistence->id, "db#data#u");
  EXPECT_EQ(info.persistence->principal, "me");
  EXPECT_EQ(info.volume->container_path, "data");
}

TEST_F(ReservationTest, IsFoundInOffersByItsLabelsAndFreedBackwards) {
  model::Offer offer;
  auto operations = reserve_operations(
      claim_, {model::scalar_resource("cpus", 1)}, {wish(Type::root, 10)}, {disk(10)}, ids_);
  offer.resources = {operations[0].resources[0], operations[1].resources[0], disk(5)};
  EXPECT_TRUE(held_in(offer, FrameworkId{"other"}).empty());
  const auto held = held_in(offer, FrameworkId{"f"});
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held.begin()->first.value, "db.instance-1");
  EXPECT_TRUE(held.begin()->second.has_all(ids_));
  EXPECT_FALSE(held.begin()->second.has_all({{"data", "db#data#other"}}));
  const auto freed = release_operations(held.begin()->second);
  ASSERT_EQ(freed.size(), 2u);
  EXPECT_EQ(freed[0].type, model::Operation::Type::destroy);
  EXPECT_EQ(freed[0].resources, operations[1].resources);
  EXPECT_EQ(freed[1].type, model::Operation::Type::unreserve);
  ASSERT_EQ(freed[1].resources.size(), 2u);
  EXPECT_EQ(freed[1].resources[1], operations[0].resources[1]);  // no volume, reserved still
}

TEST_F(ReservationTest, OfEachResourceProviderIsAnOperationOfItsOwn) {
  model::Resource foreign = disk(10, source(model::DiskSource::Type::mount, "/m"));
  foreign.provider_id = ResourceProviderId{"rp"};
  const auto operations = reserve_operations(
      claim_, {model::scalar_resource("cpus", 1)}, {wish(Type::mount, 10)}, {foreign}, ids_);
  ASSERT_EQ(operations.size(), 3u);
  EXPECT_EQ(operations[0].resources.size(), 1u);
  EXPECT_EQ(operations[1].resources.front().provider_id, foreign.provider_id);
  EXPECT_EQ(operations[2].type, model::Operation::Type::create);
}

TEST(LocalVolumes, CarryTheirUuid) {
  const LocalVolume volume = make_local_volume(PathId::parse("/prod/db"), "data", "abc");
  EXPECT_EQ(volume.persistence_id, "prod_db#data#abc");
  EXPECT_EQ(volume.uuid(), "abc");
}

}  // namespace

}  // namespace ekiden::marathon::launch
