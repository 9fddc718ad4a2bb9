#include "core/model/resource_operations.h"

#include <gtest/gtest.h>

namespace ekiden::model {
namespace {

using Type = Operation::Type;

Resource disk(double mb) {
  return scalar_resource("disk", mb);
}

Resource reserved(double mb) {
  Resource resource = disk(mb);
  resource.reservations.push_back({Reservation::Type::dynamic, "web", std::nullopt, std::nullopt});
  return resource;
}

Resource volume(double mb) {
  Resource resource = reserved(mb);
  resource.disk.emplace().persistence = Persistence{"v1", std::nullopt};
  resource.disk->volume = VolumeRef{};
  return resource;
}

Resources sum(const std::vector<Resource>& list) {
  return Resources(list);
}

Operation operation(Type type, std::vector<Resource> resources) {
  Operation result;
  result.type = type;
  result.resources = std::move(resources);
  return result;
}

TEST(ResourceOperations, ReserveAndUnreserveAreEachOthersReverse) {
  const auto reserve = apply(sum({disk(100)}), operation(Type::reserve, {reserved(64)}));
  ASSERT_TRUE(reserve);
  EXPECT_EQ(*reserve, sum({disk(36), reserved(64)}));
  const auto back = apply(*reserve, operation(Type::unreserve, {reserved(64)}));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, sum({disk(100)}));
}

TEST(ResourceOperations, ARefinementTakesFromTheOuterReservation) {
  Resource inner = reserved(10);
  inner.reservations.push_back({Reservation::Type::dynamic, "web/db", std::nullopt, std::nullopt});
  const auto refined = apply(sum({reserved(64)}), operation(Type::reserve, {inner}));
  ASSERT_TRUE(refined);
  EXPECT_EQ(*refined, sum({reserved(54), inner}));
}

TEST(ResourceOperations, VolumesAreMadeOfReservedDiskAndGiveItBack) {
  const auto made = apply(sum({reserved(100)}), operation(Type::create, {volume(64)}));
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, sum({reserved(36), volume(64)}));
  EXPECT_FALSE(apply(sum({disk(100)}), operation(Type::create, {volume(64)})));
  const auto gone = apply(*made, operation(Type::destroy, {volume(64)}));
  ASSERT_TRUE(gone);
  EXPECT_EQ(*gone, sum({reserved(100)}));
}

TEST(ResourceOperations, AVolumeOnADiskOfItsOwnKeepsTheSource) {
  Resource plain = reserved(64);
  plain.disk.emplace().source = DiskSource{};
  plain.disk->source->type = DiskSource::Type::path;
  Resource whole = volume(64);
  whole.disk->source = plain.disk->source;
  EXPECT_EQ(without_volume(whole), plain);
  const auto made = apply(sum({plain}), operation(Type::create, {whole}));
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, sum({whole}));
}

TEST(ResourceOperations, VolumesGrowAndShrinkByWhatIsTakenAndGiven) {
  Operation grow;
  grow.type = Type::grow_volume;
  grow.volume = volume(64);
  grow.addition = reserved(16);
  const auto grown = apply(sum({volume(64), reserved(20)}), grow);
  ASSERT_TRUE(grown);
  EXPECT_EQ(*grown, sum({volume(80), reserved(4)}));
  Operation shrink;
  shrink.type = Type::shrink_volume;
  shrink.volume = volume(80);
  shrink.subtract = Scalar::from_double(30);
  const auto shrunk = apply(*grown, shrink);
  ASSERT_TRUE(shrunk);
  EXPECT_EQ(*shrunk, sum({volume(50), reserved(34)}));
}

TEST(ResourceOperations, QuantitiesStayTheSame) {
  const Resources before = sum({disk(100), scalar_resource("cpus", 2)});
  Resource cpus = scalar_resource("cpus", 1);
  cpus.reservations = reserved(1).reservations;
  const auto after = apply(before, operation(Type::reserve, {reserved(30), cpus}));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->quantities(), before.quantities());
}

TEST(ResourceOperations, WhatIsNotThereCannotBeConverted) {
  EXPECT_FALSE(apply(sum({disk(10)}), operation(Type::reserve, {reserved(64)})));
  EXPECT_FALSE(apply(sum({disk(10)}), operation(Type::reserve, {disk(1)})));
  EXPECT_FALSE(apply(sum({disk(10)}), operation(Type::unreserve, {disk(1)})));
  EXPECT_FALSE(apply(sum({disk(10)}), operation(Type::launch, {})));
  EXPECT_FALSE(apply(sum({disk(10)}), operation(Type::grow_volume, {})));
}

TEST(ResourceOperations, AllocationRolesDoNotMatter) {
  Resource allocated = reserved(64);
  allocated.allocation_role = "web";
  const auto reserve = apply(sum({disk(100)}), operation(Type::reserve, {allocated}));
  ASSERT_TRUE(reserve);
  EXPECT_EQ(*reserve, sum({disk(36), reserved(64)}));
}

TEST(Scalars, AreBoundedAndNeverAbsurd) {
  EXPECT_GT(Scalar::from_double(1e300).milli, 0);
  EXPECT_LT(Scalar::from_double(-1e300).milli, 0);
  EXPECT_EQ(Scalar::from_double(0.0 / 0.0).milli, 0);
  EXPECT_GT((Scalar::from_double(1e300) + Scalar::from_double(1e300)).milli, 0);
}

}  // namespace
}  // namespace ekiden::model
