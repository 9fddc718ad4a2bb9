#include "cli/mini_layout.h"

#include "core/model/resources.h"

#include <gtest/gtest.h>

namespace ekiden::cli {
namespace {

model::Resources offered(const Machine& machine, int number, int count) {
  auto resources = model::parse_resources(agent_resources(machine, number, count));
  EXPECT_TRUE(resources) << resources.error().message;
  return resources.value_or(model::Resources());
}

TEST(MiniLayout, OneAgentOffersTheUsualPorts) {
  const auto ports = offered({2, 8192, 20480}, 1, 1).ranges("ports");
  ASSERT_EQ(ports.size(), 1U);
  EXPECT_EQ(ports[0].begin, 31000U);
  EXPECT_EQ(ports[0].end, 32000U);
}

TEST(MiniLayout, AgentsOfOneMachineNeverOfferTheSamePort) {
  for (const int count : {2, 3, 7, 100}) {
    std::uint64_t last = 20000;  // service ports end here
    for (int number = 1; number <= count; ++number) {
      const auto ports = offered({2, 8192, 20480}, number, count).ranges("ports");
      ASSERT_EQ(ports.size(), 1U);
      EXPECT_GT(ports[0].begin, last);
      EXPECT_GE(ports[0].end - ports[0].begin, 100U);
      last = ports[0].end;
    }
    EXPECT_LT(last, 32768U) << "ephemeral ports of the kernel begin there";
  }
}

TEST(MiniLayout, MemoryIsSharedAndSomeIsKept) {
  const Machine machine{2, 8192, 20480};
  EXPECT_EQ(offered(machine, 1, 1).scalar("mem"), model::Scalar::from_double(7168));
  EXPECT_EQ(offered(machine, 2, 4).scalar("mem"), model::Scalar::from_double(1792));
}

TEST(MiniLayout, EachAgentHasALoopbackAddressOfItsOwn) {
  EXPECT_EQ(agent_ip(1), "127.0.0.1");
  EXPECT_EQ(agent_ip(3), "127.0.0.3");
}

}  // namespace
}  // namespace ekiden::cli
