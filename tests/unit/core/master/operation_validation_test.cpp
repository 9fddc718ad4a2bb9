#include "core/master/operation_validation.h"

#include "core/master/validation.h"

#include <gtest/gtest.h>

// The main checks of [mesos-core 2.7] and the resource rules of [mesos-core 5.4].
namespace ekiden::master {
namespace {

using model::DiskSource;
using model::Operation;
using model::Reservation;
using model::Resource;
using model::Resources;
using Type = model::Operation::Type;

Resource reserved(double mb, Reservation::Type type = Reservation::Type::dynamic) {
  Resource resource = model::scalar_resource("disk", mb);
  resource.reservations.push_back({type, "web", "me", std::nullopt});
  return resource;
}

Resource volume(double mb, const std::string& id = "v1") {
  Resource resource = reserved(mb);
  resource.disk.emplace().persistence = model::Persistence{id, "me"};
  resource.disk->volume = model::VolumeRef{};
  resource.disk->volume->container_path = "data";
  return resource;
}

Operation operation(Type type, std::vector<Resource> resources) {
  Operation result;
  result.type = type;
  result.resources = std::move(resources);
  return result;
}

const OperationRules kRules{"me", "web", {"web"}, true};

bool is_good(const Operation& wanted,
             const Resources& total = {},
             const OperationRules& rules = kRules) {
  return !operation_problem(wanted, total, rules);
}

TEST(OperationValidation, ReservationsAreDynamicAndOfTheOffersRole) {
  EXPECT_TRUE(is_good(operation(Type::reserve, {reserved(64)})));
  EXPECT_FALSE(is_good(operation(Type::reserve, {})));
  EXPECT_FALSE(is_good(operation(Type::reserve, {reserved(64, Reservation::Type::static_)})));
  EXPECT_FALSE(is_good(operation(Type::reserve, {model::scalar_resource("cpus", 1)})));
  Resource revocable = reserved(64);
  revocable.revocable = true;
  EXPECT_FALSE(is_good(operation(Type::reserve, {revocable})));
  EXPECT_FALSE(is_good(operation(Type::reserve, {volume(64)})));
  OperationRules other = kRules;
  other.allocation_role = "db";
  EXPECT_FALSE(is_good(operation(Type::reserve, {reserved(64)}), {}, other));
  other = kRules;
  other.roles = {"db"};
  EXPECT_FALSE(is_good(operation(Type::reserve, {reserved(64)}), {}, other));
}

TEST(OperationValidation, PrincipalsMustAgreeWhenThereIsOne) {
  OperationRules rules = kRules;
  rules.principal = "you";
  EXPECT_FALSE(is_good(operation(Type::reserve, {reserved(64)}), {}, rules));
  EXPECT_FALSE(is_good(operation(Type::create, {volume(64)}), {}, rules));
  rules.principal.reset();
  EXPECT_TRUE(is_good(operation(Type::reserve, {reserved(64)}), {}, rules));
  EXPECT_TRUE(is_good(operation(Type::create, {volume(64)}), {}, rules));
}

TEST(OperationValidation, SchedulersGiveNoSource) {
  Operation wanted = operation(Type::reserve, {reserved(64)});
  wanted.reserve_source = {model::scalar_resource("disk", 64)};
  EXPECT_FALSE(is_good(wanted));
  EXPECT_TRUE(is_good(wanted, {}, {.principal = "me"}));
}

TEST(OperationValidation, UnreserveTakesNoVolumesAndNothingStatic) {
  EXPECT_TRUE(is_good(operation(Type::unreserve, {reserved(64)})));
  EXPECT_FALSE(is_good(operation(Type::unreserve, {volume(64)})));
  EXPECT_FALSE(is_good(operation(Type::unreserve, {reserved(64, Reservation::Type::static_)})));
}

TEST(OperationValidation, VolumesHaveAnIdOfTheirOwnAndAPlace) {
  EXPECT_TRUE(is_good(operation(Type::create, {volume(64)})));
  EXPECT_FALSE(is_good(operation(Type::create, {reserved(64)})));
  EXPECT_FALSE(is_good(operation(Type::create, {volume(64, "a/b")})));
  EXPECT_FALSE(is_good(operation(Type::create, {volume(64), volume(32)})));
  EXPECT_FALSE(is_good(operation(Type::create, {volume(64)}), Resources({volume(32)})));
  Resource bad = volume(64);
  bad.disk->volume.reset();
  EXPECT_FALSE(is_good(operation(Type::create, {bad})));
  bad = volume(64);
  bad.disk->volume->mode = model::VolumeRef::Mode::ro;
  EXPECT_FALSE(is_good(operation(Type::create, {bad})));
  bad = volume(64);
  bad.disk->volume->host_path = "/data";
  EXPECT_FALSE(is_good(operation(Type::create, {bad})));
  bad = volume(64);
  bad.reservations.clear();
  EXPECT_FALSE(is_good(operation(Type::create, {bad})));
  Resource shared = volume(64);
  shared.shared = true;
  EXPECT_TRUE(is_good(operation(Type::create, {shared})));
  OperationRules rules = kRules;
  rules.shared = false;
  EXPECT_FALSE(is_good(operation(Type::create, {shared}), {}, rules));
}

TEST(OperationValidation, OnlyVolumesThatExistAreDestroyed) {
  EXPECT_TRUE(is_good(operation(Type::destroy, {volume(64)}), Resources({volume(64)})));
  EXPECT_FALSE(is_good(operation(Type::destroy, {volume(64)}), Resources({volume(32)})));
  EXPECT_FALSE(is_good(operation(Type::destroy, {reserved(64)}), Resources({reserved(64)})));
}

TEST(OperationValidation, VolumesGrowOnTheirOwnDiskOnly) {
  Operation grow;
  grow.type = Type::grow_volume;
  grow.volume = volume(64);
  grow.addition = reserved(16);
  EXPECT_TRUE(is_good(grow));
  grow.addition = model::scalar_resource("disk", 16);
  EXPECT_FALSE(is_good(grow));
  grow.addition = reserved(0);
  EXPECT_FALSE(is_good(grow));
  grow.addition = reserved(16);
  grow.volume->shared = true;
  EXPECT_FALSE(is_good(grow));
  grow.volume.reset();
  EXPECT_FALSE(is_good(grow));
}

TEST(OperationValidation, VolumesShrinkToSomething) {
  Operation shrink;
  shrink.type = Type::shrink_volume;
  shrink.volume = volume(64);
  for (const auto& [amount, good] : {std::pair{63.0, true}, {64.0, false}, {0.0, false}}) {
    shrink.subtract = model::Scalar::from_double(amount);
    EXPECT_EQ(is_good(shrink), good) << amount;
  }
  shrink.subtract = model::Scalar::from_double(1);
  shrink.volume->disk->source = DiskSource{};
  shrink.volume->disk->source->type = DiskSource::Type::mount;
  EXPECT_FALSE(is_good(shrink));
}

TEST(OperationValidation, DisksOfProvidersAndUnknownTypesAreRefused) {
  EXPECT_FALSE(is_good(operation(Type::create_disk, {})));
  EXPECT_FALSE(is_good(operation(Type::destroy_disk, {})));
  EXPECT_FALSE(is_good(operation(Type::unknown, {})));
}

TEST(ResourceValidation, ReservationStacksGetNarrower) {
  Resource resource = reserved(64);
  resource.reservations.push_back({Reservation::Type::dynamic, "web/db", {}, {}});
  EXPECT_FALSE(resources_problem({resource}));
  resource.reservations.back().role = "other";
  EXPECT_TRUE(resources_problem({resource}));
  resource.reservations.back().role = "webdb";
  EXPECT_TRUE(resources_problem({resource}));
  resource.reservations.back() = {Reservation::Type::static_, "web/db", {}, {}};
  EXPECT_TRUE(resources_problem({resource}));
  resource.reservations = {{Reservation::Type::dynamic, "*", {}, {}}};
  EXPECT_TRUE(resources_problem({resource}));
  resource.reservations = {{Reservation::Type::dynamic, "", {}, {}}};
  EXPECT_TRUE(resources_problem({resource}));
}

TEST(ResourceValidation, ValuesAreOfOneKindAndDoNotOverlap) {
  Resource ports = model::ranges_resource("ports", {{1, 5}});
  EXPECT_FALSE(resources_problem({ports}));
  ports.ranges = {{1, 5}, {5, 9}};
  EXPECT_TRUE(resources_problem({ports}));
  ports.ranges = {{9, 5}};
  EXPECT_TRUE(resources_problem({ports}));
  ports.ranges = {{1, 5}};
  ports.scalar = model::Scalar::from_double(1);
  EXPECT_TRUE(resources_problem({ports}));
  Resource items;
  items.name = "items";
  items.type = model::ValueType::set;
  items.set = {"a", "a"};
  EXPECT_TRUE(resources_problem({items}));
}

TEST(ResourceValidation, DisksAreConsistent) {
  Resource cpus = model::scalar_resource("cpus", 1);
  cpus.disk.emplace();
  EXPECT_TRUE(resources_problem({cpus}));
  Resource raw = reserved(64);
  raw.disk.emplace().source = DiskSource{};
  EXPECT_TRUE(resources_problem({raw}));
  raw.disk->source->type = DiskSource::Type::raw;
  EXPECT_FALSE(resources_problem({raw}));
  raw.disk->source->mount = DiskSource::Root{};
  EXPECT_TRUE(resources_problem({raw}));
  Resource shared = reserved(64);
  shared.shared = true;
  EXPECT_TRUE(resources_problem({shared}));
}

TEST(ResourceValidation, OneNameIsRevocableOrNot) {
  Resource revocable = model::scalar_resource("cpus", 1);
  revocable.revocable = true;
  EXPECT_FALSE(resources_problem({revocable}));
  EXPECT_TRUE(resources_problem({revocable, model::scalar_resource("cpus", 1)}));
  EXPECT_FALSE(resources_problem({revocable, model::scalar_resource("mem", 1)}));
}

}  // namespace
}  // namespace ekiden::master
