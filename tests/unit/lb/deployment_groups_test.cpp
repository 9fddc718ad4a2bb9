#include "lb/deployment_groups.h"

#include "tests/unit/lb/support.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

// Blue with 4 tasks, green with 2; both serve 10900 and belong to group "shop" [discovery 1.9].
json::Array shop(const std::string& alive, const std::string& more_labels) {
  const auto app = [&](const std::string& id, const std::string& started, int first, int count) {
    std::string tasks;
    for (int i = 0; i < count; ++i) {
      const std::string n = std::to_string(first + i);
      tasks += (i == 0 ? "" : ",") +
               (R"({"id":")" + id.substr(1) + n + R"(","host":"127.9.0.1","ports":[)" + n +
                R"(],"state":"TASK_RUNNING","healthCheckResults":[{"alive":)" + alive + "}]}");
    }
    return R"({"id":")" + id + R"(","instances":)" + std::to_string(count) +
           R"(,"labels":{"HAPROXY_DEPLOYMENT_GROUP":"shop","HAPROXY_0_PORT":"10900",)" +
           R"("HAPROXY_DEPLOYMENT_STARTED_AT":")" + started +
           R"(","HAPROXY_DEPLOYMENT_TARGET_INSTANCES":"4")" + more_labels +
           R"(},"versionInfo":{"lastScalingAt":")" + started +
           R"("},"healthChecks":[{"protocol":"TCP","portIndex":0,"timeoutSeconds":1,)"
           R"("intervalSeconds":1,"gracePeriodSeconds":1,"maxConsecutiveFailures":1}],)"
           R"("portDefinitions":[{"port":10901}],"tasks":[)" +
           tasks + "]}";
  };
  return parse_apps({app("/blue", "2020-01-01T00:00:00Z", 31000, 4),
                     app("/green", "2021-01-01T00:00:00Z", 31100, 2)});
}

int draining(const Rendered& result) {
  int count = 0;
  for (const ServerLine& line : result.servers.at("shop_10900")) {
    count += line.draining == Draining::yes ? 1 : 0;
  }
  return count;
}

constexpr const char* kNew = R"(,"HAPROXY_DEPLOYMENT_NEW_INSTANCES":"2")";

TEST(DeploymentGroups, HealthyNewTasksDrainAsManyOldOnes) {
  const Rendered result = rendered(shop("true", kNew));
  const auto& servers = result.servers.at("shop_10900");
  ASSERT_EQ(servers.size(), 6u);
  EXPECT_EQ(servers[0].draining, Draining::yes);
  EXPECT_EQ(servers[1].draining, Draining::yes);
  EXPECT_EQ(draining(result), 2);
  EXPECT_NE(result.text.find("id 16588 check inter 1s fall 2 disabled\n"), std::string::npos);
}

TEST(DeploymentGroups, UnhealthyNewTasksDrainNone) {
  EXPECT_EQ(draining(rendered(shop("false", kNew))), 0);
}

TEST(DeploymentGroups, AnOldAppThatWasScaledLastIsTheNewOne) {
  json::Array apps = shop("true", kNew);
  apps[0].find("versionInfo")->set("lastScalingAt", "2022-01-01T00:00:00Z");
  const auto result = rendered(apps);
  for (const ServerLine& line : result.servers.at("shop_10900")) {
    EXPECT_EQ(line.draining == Draining::yes, line.name.find("_311") != std::string::npos);
  }
}

TEST(DeploymentGroups, OneMemberIsJustRenamed) {
  json::Array apps = shop("true", "");
  apps.pop_back();
  EXPECT_EQ(draining(rendered(apps)), 0);
}

}  // namespace

}  // namespace ekiden::lb
