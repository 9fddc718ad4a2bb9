#include "lb/apps.h"

#include "tests/unit/lb/support.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

std::vector<std::string> backends(const Rendered& result) {
  std::vector<std::string> names;
  for (const auto& [name, servers] : result.servers) {
    names.push_back(name);
  }
  return names;
}

json::Array golden(const std::string& name) {
  return json::parse(read_file(EKIDEN_SOURCE_DIR "/tests/golden/haproxy/" + name + ".apps.json"))
      .value()["apps"]
      .as_array();
}

TEST(Apps, GroupsTakeTheServicesTheOriginalTook) {
  AppsOptions options;
  options.groups = {"external"};
  EXPECT_EQ(backends(rendered(golden("groups"), options)),
            (std::vector<std::string>{"gr_ext_10002",
                                      "gr_mixed_10004",
                                      "gr_off_10009",
                                      "gr_on_10010",
                                      "gr_on_10011",
                                      "gr_perport_10007",
                                      "gr_two_10003"}));
  options.groups = {"internal"};
  EXPECT_EQ(backends(rendered(golden("groups"), options)),
            (std::vector<std::string>{"gr_mixed_10005", "gr_two_10003"}));
  options.groups = {"none"};
  EXPECT_TRUE(rendered(golden("groups"), options).servers.empty());
}

TEST(Apps, StrictModeTakesOnlyWhatIsEnabledByLabel) {
  AppsOptions options;
  options.enabled = Enabled::by_label;
  EXPECT_EQ(backends(rendered(golden("groups"), options)),
            (std::vector<std::string>{"gr_on_10011"}));
}

TEST(Apps, RequiredHealthMeansAnyAliveResult) {
  AppsOptions options;
  options.health = HealthRule::require;
  const Rendered result = rendered(golden("states"), options);
  const auto& servers = result.servers.at("s_health_10002");
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[0].task_id, "s_health.t1");
  EXPECT_EQ(servers[1].task_id, "s_health.t4");
}

TEST(Apps, HealthIsRememberedWhenAnAnswerLeavesItOut) {
  const std::string check =
      R"(,"healthChecks":[{"protocol":"TCP","portIndex":0,"timeoutSeconds":1,)"
      R"("intervalSeconds":1,"gracePeriodSeconds":1,"maxConsecutiveFailures":1}])";
  const json::Array silent = parse_apps({app_json({.more = check})});
  json::Array alive = silent;
  alive[0].find("tasks")->array()[0].set("healthCheckResults",
                                         json::parse(R"([{"alive":true}])").value());
  AppsOptions options;
  options.health = HealthRule::require;
  HealthMemory memory;
  EXPECT_EQ(services_of(silent, options, fake_resolve, memory).services.size(), 0u);
  EXPECT_EQ(services_of(alive, options, fake_resolve, memory).services.size(), 1u);
  EXPECT_EQ(services_of(silent, options, fake_resolve, memory).services.size(), 1u);
}

TEST(Apps, HealthMemoryForgetsTheLeastRecentlyUsed) {
  HealthMemory memory(2);
  memory.remember("a", true);
  memory.remember("b", true);
  EXPECT_TRUE(memory.recall("a"));
  memory.remember("c", true);
  EXPECT_FALSE(memory.recall("b"));
  EXPECT_TRUE(memory.recall("a"));
}

TEST(Apps, AssignedPortsAreStable) {
  const Rendered once = rendered(golden("nets"));
  EXPECT_TRUE(once.servers.contains("n_cont-nomap_10058"));
  AppsOptions none;
  none.assigned_port_min = none.assigned_port_max = 0;
  EXPECT_FALSE(rendered(golden("nets"), none).servers.contains("n_cont-nomap_10058"));
}

TEST(Apps, TasksOnTheirWayOutAreNoServers) {
  AppsOptions options;
  options.tasks_out = {"t0"};
  const Rendered result = rendered(parse_apps({app_json({.tasks = 2})}), options);
  ASSERT_EQ(result.servers.at("g_web_10000").size(), 1u);
  EXPECT_EQ(result.servers.at("g_web_10000")[0].task_id, "t1");
}

TEST(Apps, AServiceWithoutServersVanishesUnlessKept) {
  AppsOptions options;
  const json::Array apps = parse_apps({app_json({.tasks = 0})});
  EXPECT_TRUE(rendered(apps, options).servers.empty());
  options.kept_empty = {"g_web_10000"};
  EXPECT_TRUE(rendered(apps, options).servers.contains("g_web_10000"));
}

TEST(Apps, TwoTasksAtOneAddressAreOneServer) {
  json::Array apps = parse_apps({app_json({})});
  json::Array& tasks = apps[0].find("tasks")->array();
  tasks.push_back(tasks[0]);
  EXPECT_EQ(rendered(apps).servers.at("g_web_10000").size(), 1u);
}

TEST(Apps, StrangeDocumentsHurtNobody) {
  const Rendered result = rendered(parse_apps(
      {R"({})",
       R"(null)",
       R"([])",
       R"({"id":7,"tasks":"x","labels":[]})",
       R"({"id":"/x\nfrontend y","tasks":[],"portDefinitions":[{"port":1}]})",
       R"({"id":"/n","labels":null,"tasks":null,"portDefinitions":[{"port":-1},{"port":1e9}]})",
       R"({"id":"/h","portDefinitions":[{"port":10009}],"tasks":[{"id":"a","host":"x y",)"
       R"("ports":[1],"state":"TASK_RUNNING"},{"host":{},"ports":[[]]}]})",
       app_json({})}));
  EXPECT_EQ(backends(result), std::vector<std::string>{"g_web_10000"});
  EXPECT_EQ(result.text.find("frontend y"), std::string::npos);
}

}  // namespace

}  // namespace ekiden::lb
