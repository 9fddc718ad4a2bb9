#include "tests/unit/marathon/machine/world.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* kAgent = "cpus:10;mem:10000;disk:10000;ports:[31000-31999]";
constexpr const char* kWeb = R"({"cmd":"sleep 1000","cpus":0.1,"mem":32,"instances":3})";

TEST(Machine, LaunchesEveryInstanceOfANewApp) {
  World world;
  world.agent("a1", kAgent);
  world.put("/web", kWeb);
  world.run(1s);
  for (const std::string& line : world.take_log()) {
    std::cout << line << "\n";
  }
  EXPECT_EQ(world.tasks_of("/web").size(), 3u);
  EXPECT_TRUE(world.snapshot()->deployments.empty());
}

}  // namespace

}  // namespace ekiden::marathon::test
