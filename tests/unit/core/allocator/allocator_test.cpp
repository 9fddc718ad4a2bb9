#include "core/allocator/allocator.h"

#include <gtest/gtest.h>

namespace ekiden::allocator {
namespace {

using namespace std::chrono_literals;
using model::Resources;

Resources some(std::string_view text) {
  return *model::parse_resources(text);
}

class AllocatorTest : public testing::Test {
 protected:
  Time at(Duration after) const { return Time(1h) + after; }

  void framework(const std::string& id, std::set<std::string> roles = {"*"}) {
    allocator.add_framework({id}, {.roles = std::move(roles), .suppressed = {}}, Activity::active);
  }

  Allocator allocator{Options{}, Random(1)};
};

TEST_F(AllocatorTest, OneFrameworkGetsEverythingOfAnAgent) {
  allocator.add_agent({"S0"}, some("cpus:4;mem:1024;ports:[1-5]"));
  framework("F");
  EXPECT_LE(allocator.next_deadline(), at(0s));
  const auto result = allocator.allocate(at(0s));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result[0].resources, some("cpus:4;mem:1024;ports:[1-5]"));
  EXPECT_TRUE(allocator.allocate(at(1s)).empty());
  EXPECT_EQ(allocator.next_deadline(), kNever);
}

TEST_F(AllocatorTest, TheLowestDominantShareIsServedFirst) {
  framework("A");
  framework("B");
  allocator.add_agent({"S0"}, some("cpus:10;mem:1000"));
  allocator.use({{"A"}, "*", {"S0"}, some("cpus:1;mem:500")});
  allocator.use({{"B"}, "*", {"S0"}, some("cpus:4;mem:100")});
  const auto result = allocator.allocate(at(0s));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result[0].framework.value, "B");  // 40 % of cpus against 50 % of mem
  EXPECT_EQ(result[0].resources, some("cpus:5;mem:400"));
}

TEST_F(AllocatorTest, RolesAreOrderedBeforeFrameworks) {
  framework("A", {"big"});
  framework("B", {"small"});
  allocator.add_agent({"S0"}, some("cpus:10;mem:1000"));
  allocator.add_agent({"S1"}, some("cpus:2;mem:100"));
  allocator.use({{"A"}, "big", {"S0"}, some("cpus:10;mem:1000")});
  const auto result = allocator.allocate(at(0s));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result[0].framework.value, "B");
}

TEST_F(AllocatorTest, RefusedResourcesWaitForTheFilterUnlessThereIsMore) {
  allocator.add_agent({"S0"}, some("cpus:4;mem:100"));
  framework("F");
  auto offer = allocator.allocate(at(0s));
  ASSERT_EQ(offer.size(), 1u);
  allocator.recover(offer[0], 5s, at(0s));
  EXPECT_EQ(allocator.next_deadline(), at(1s));
  EXPECT_TRUE(allocator.allocate(at(1s)).empty());
  EXPECT_EQ(allocator.next_deadline(), at(5s));
  allocator.update_agent({"S0"}, some("cpus:5;mem:100"));
  EXPECT_EQ(allocator.allocate(at(2s)).size(), 1u);
}

TEST_F(AllocatorTest, FiltersRunOutAndAreClearedByRevive) {
  allocator.add_agent({"S0"}, some("cpus:4;mem:100"));
  framework("F");
  auto offer = allocator.allocate(at(0s));
  allocator.recover(offer[0], 5s, at(0s));
  EXPECT_EQ(allocator.allocate(at(5s)).size(), 1u);
  allocator.recover(offer[0], 1h, at(5s));
  EXPECT_TRUE(allocator.allocate(at(6s)).empty());
  allocator.revive({"F"}, {});
  EXPECT_EQ(allocator.filter_count(), 0u);
  EXPECT_LE(allocator.next_deadline(), at(6s));
  EXPECT_EQ(allocator.allocate(at(6s)).size(), 1u);
}

TEST_F(AllocatorTest, AnotherFrameworkGetsWhatOneRefused) {
  allocator.add_agent({"S0"}, some("cpus:4;mem:100"));
  framework("A");
  framework("B");
  auto first = allocator.allocate(at(0s));
  ASSERT_EQ(first.size(), 1u);
  allocator.recover(first[0], 60s, at(0s));
  const auto second = allocator.allocate(at(1s));
  ASSERT_EQ(second.size(), 1u);
  EXPECT_NE(second[0].framework, first[0].framework);
}

TEST_F(AllocatorTest, SuppressedRolesAndInactiveOnesGetNothing) {
  allocator.add_agent({"S0"}, some("cpus:4;mem:100"));
  framework("F", {"a", "b"});
  allocator.suppress({"F"}, {});
  EXPECT_TRUE(allocator.allocate(at(0s)).empty());
  allocator.revive({"F"}, {"b"});
  auto offer = allocator.allocate(at(0s));
  ASSERT_EQ(offer.size(), 1u);
  EXPECT_EQ(offer[0].role, "b");
  allocator.recover(offer[0], std::nullopt, at(0s));
  allocator.set_agent({"S0"}, Activity::inactive);
  EXPECT_TRUE(allocator.allocate(at(1s)).empty());
  allocator.set_framework({"F"}, Activity::inactive);
  allocator.set_agent({"S0"}, Activity::active);
  EXPECT_TRUE(allocator.allocate(at(2s)).empty());
  allocator.set_framework({"F"}, Activity::active);
  EXPECT_EQ(allocator.allocate(at(3s)).size(), 1u);
}

TEST_F(AllocatorTest, ReservationsAreOnlyForTheirRoleAndItsChildren) {
  allocator.add_agent({"S0"}, some("cpus(web):4;mem(web):100;cpus:1"));
  framework("A", {"db"});
  const auto db = allocator.allocate(at(0s));
  ASSERT_EQ(db.size(), 1u);
  EXPECT_EQ(db[0].resources, some("cpus:1"));
  framework("B", {"web/x"});
  const auto web = allocator.allocate(at(0s));
  ASSERT_EQ(web.size(), 1u);
  EXPECT_EQ(web[0].resources, some("cpus(web):4;mem(web):100"));
}

TEST_F(AllocatorTest, TooLittleIsNotOffered) {
  allocator.add_agent({"S0"}, some("cpus:0.005;mem:31;disk:1000"));
  framework("F");
  EXPECT_TRUE(allocator.allocate(at(0s)).empty());
}

TEST_F(AllocatorTest, GpuAgentsAreKeptForThoseWhoAsk) {
  allocator.add_agent({"S0"}, some("cpus:4;gpus:1"));
  framework("F");
  EXPECT_TRUE(allocator.allocate(at(0s)).empty());
  allocator.add_framework(
      {"G"}, {.roles = {"*"}, .suppressed = {}, .gpus = true}, Activity::active);
  EXPECT_EQ(allocator.allocate(at(0s)).size(), 1u);
}

TEST_F(AllocatorTest, EverythingBalancesAfterRandomWork) {
  Random random(7);
  for (int i = 0; i < 5; ++i) {
    allocator.add_agent({"S" + std::to_string(i)}, some("cpus:4;mem:1000;ports:[1-9]"));
    framework("F" + std::to_string(i), {i % 2 == 0 ? "a" : "b"});
  }
  std::vector<Allocation> held;
  for (int i = 0; i < 2000; ++i) {
    for (Allocation& allocation : allocator.allocate(at(i * 1s))) {
      held.push_back(std::move(allocation));
    }
    while (!held.empty() && random.below(3) > 0) {
      const std::size_t k = random.below(held.size());
      const auto refuse = random.below(2) == 0 ? std::nullopt : std::optional<Duration>(3s);
      allocator.recover(held[k], refuse, at(i * 1s));
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(k));
    }
    for (int a = 0; a < 5; ++a) {
      const AgentId id{"S" + std::to_string(a)};
      Resources sum;
      for (const Allocation& allocation : held) {
        if (allocation.agent == id) {
          sum += allocation.resources;
        }
      }
      ASSERT_EQ(sum, allocator.allocated(id));
      ASSERT_TRUE(allocator.total(id).contains(sum));
    }
  }
}

}  // namespace
}  // namespace ekiden::allocator
