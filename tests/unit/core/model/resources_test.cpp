#include "core/model/resources.h"

#include <limits>

#include <gtest/gtest.h>

namespace ekiden::model {
namespace {

Resources some(std::string_view text) {
  auto parsed = parse_resources(text);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : Resources();
}

Resource volume(const std::string& id, double mb) {
  Resource r = scalar_resource("disk", mb);
  r.disk = DiskInfo{.persistence = Persistence{id, {}}, .volume = {}, .source = {}};
  return r;
}

TEST(Scalar, IsFixedPointWithThreeDecimals) {
  EXPECT_EQ(Scalar::from_double(0.1) + Scalar::from_double(0.2), Scalar::from_double(0.3));
  EXPECT_EQ(Scalar::from_double(0.0004).milli, 0);
  EXPECT_EQ(Scalar::from_double(1.0005).milli, 1001);
  EXPECT_EQ(Scalar::from_double(-1.0005).milli, -1001);
}

TEST(Resources, TextRoundTrips) {
  EXPECT_EQ(to_text(some("cpus:4; mem:8192;ports:[31000-32000];x:{b,a}")),
            "cpus:4; mem:8192; ports:[31000-32000]; x:{a, b}");
  EXPECT_EQ(to_text(some("cpus(web):2;cpus:1.5")), "cpus:1.5; cpus(web):2");
}

TEST(Resources, BadTextIsRefusedWithTheName) {
  for (const char* text : {"cpus",
                           "cpus:x",
                           "cpus:-1",
                           ":1",
                           "cpus(:1",
                           "cpus():1",
                           "p:[1-]",
                           "p:[5-2]",
                           "cpus:1;cpus:[1-2]"}) {
    EXPECT_FALSE(parse_resources(text)) << text;
  }
}

TEST(Resources, DefaultRoleReservesWhatHasNone) {
  const auto r = parse_resources("cpus:1;mem(*):2", "web");
  ASSERT_TRUE(r);
  EXPECT_EQ(r->reserved("web").scalar("cpus").milli, 1000);
  EXPECT_EQ(r->unreserved().scalar("mem").milli, 2000);
}

TEST(Resources, SumDoesNotDependOnOrder) {
  EXPECT_EQ(some("cpus:1;mem:2;cpus(a):3") + some("mem:5"),
            some("cpus(a):3;mem:7") + some("cpus:1"));
}

TEST(Resources, AddThenSubtractGivesTheStart) {
  const Resources a = some("cpus:4;mem:100;ports:[1-10];s:{a,b}");
  const Resources b = some("cpus:0.1;ports:[11-12,20-21];s:{c};disk:5");
  EXPECT_EQ(a + b - b, a);
}

TEST(Resources, RangesMergeWhenAdjacentAndSplitWhenCut) {
  EXPECT_EQ(some("ports:[1-5,6-8]").ranges("ports"), (std::vector<Range>{{1, 8}}));
  EXPECT_EQ((some("ports:[1-10]") - some("ports:[3-4]")).ranges("ports"),
            (std::vector<Range>{{1, 2}, {5, 10}}));
  EXPECT_EQ((some("ports:[1-10]") - some("ports:[1-10]")), Resources());
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(normalised({{0, kMax}, {5, 6}}), (std::vector<Range>{{0, kMax}}));
}

TEST(Resources, ContainsComparesQuantitiesOfTheSameIdentity) {
  const Resources total = some("cpus:4;mem:100;ports:[1-10];cpus(web):1");
  EXPECT_TRUE(total.contains(some("cpus:4;ports:[2-3,10-10]")));
  EXPECT_FALSE(total.contains(some("cpus:4.5")));
  EXPECT_FALSE(total.contains(some("cpus(db):1")));
  EXPECT_FALSE(total.contains(some("ports:[10-11]")));
  EXPECT_TRUE(total.contains(Resources()));
}

TEST(Resources, NegativeResultsAreDropped) {
  EXPECT_EQ(some("cpus:1") - some("cpus:2"), Resources());
}

TEST(Resources, PersistentVolumesNeverMergeAndGoOnlyAsAWhole) {
  Resources r;
  r += volume("v1", 10);
  r += volume("v2", 10);
  r += scalar_resource("disk", 5);
  EXPECT_EQ(r.list().size(), 3u);
  EXPECT_FALSE(r.contains(Resources({volume("v1", 5)})));
  r -= Resources({volume("v1", 10)});
  EXPECT_EQ(r.list().size(), 2u);
  EXPECT_EQ(r.scalar("disk").milli, 15000);
}

TEST(Resources, SharedOnesAreCountedPerUse) {
  Resource shared = volume("v", 10);
  shared.shared = true;
  Resources r({shared, shared});
  EXPECT_EQ(r.list().size(), 2u);
  EXPECT_TRUE(r.contains(Resources({shared, shared})));
  EXPECT_FALSE(r.contains(Resources({shared, shared, shared})));
  EXPECT_EQ(r.quantities().scalar("disk").milli, 10000);
  r -= Resources({shared});
  EXPECT_EQ(r.list().size(), 1u);
}

TEST(Resources, ARoleMayUseItsOwnAndItsAncestorsReservations) {
  const Resources r = some("cpus:1;cpus(eng):2;cpus(eng/web):4;cpus(engine):8");
  EXPECT_EQ(r.allocatable_to("eng/web").scalar("cpus").milli, 7000);
  EXPECT_EQ(r.allocatable_to("eng").scalar("cpus").milli, 3000);
  EXPECT_EQ(r.allocatable_to("*").scalar("cpus").milli, 1000);
}

TEST(Resources, AllocationIsPartOfTheIdentityUntilCleared) {
  const Resources free = some("cpus:2");
  const Resources allocated = free.with_allocation("web");
  EXPECT_FALSE(free.contains(allocated));
  EXPECT_EQ(allocated.with_allocation(std::nullopt), free);
}

}  // namespace
}  // namespace ekiden::model
