#include "marathon/instance/balance.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::instance {

namespace {

InstancePtr on(const std::string& host) {
  Instance instance;
  instance.place = AgentPlace{host, {}, {}, {}, {}};
  return std::make_shared<const Instance>(std::move(instance));
}

App grouped() {
  App app;
  app.constraints = {{"hostname", ConstraintOperator::group_by, {}}};
  return app;
}

std::string hosts(const std::vector<InstancePtr>& instances) {
  std::string text;
  for (const InstancePtr& instance : instances) {
    text += instance->place->host;
  }
  return text;
}

TEST(Balance, TakesFromTheLargestGroups) {
  EXPECT_EQ(
      hosts(balanced_victims(grouped(), {on("a"), on("b"), on("b"), on("b"), on("c"), on("c")}, 2)),
      "bb");
}

TEST(Balance, TakesOneOfEach) {
  std::string victims =
      hosts(balanced_victims(grouped(), {on("a"), on("a"), on("b"), on("b"), on("c"), on("c")}, 3));
  std::sort(victims.begin(), victims.end());
  EXPECT_EQ(victims, "abc");
}

TEST(Balance, TakesAllWhenAllGo) {
  EXPECT_EQ(balanced_victims(grouped(), {on("a"), on("b")}, 2).size(), 2u);
}

}  // namespace

}  // namespace ekiden::marathon::instance
