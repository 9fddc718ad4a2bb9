#include "marathon/api/convert.h"

#include "marathon/change/definition.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::wire {
namespace {

// One app that has everything.
constexpr std::string_view kEverything = R"({
  "id":"/g/all","cmd":"run me","user":"nobody","env":{"A":"1","S":{"secret":"s"}},"instances":3,
  "cpus":0.5,"mem":64.5,"disk":1,"gpus":1,"executor":"/bin/e","executorResources":{"cpus":0.2},
  "constraints":[["hostname","UNIQUE"],["rack","GROUP_BY","2"]],
  "fetch":[{"uri":"http://h/f","extract":false,"executable":true,"cache":true,"destPath":"x"}],
  "networks":[{"mode":"container","name":"n","labels":{"l":"v"}}],
  "container":{"type":"MESOS","docker":{"image":"i","forcePullImage":true,"pullConfig":{"secret":"s"}},
    "volumes":[{"containerPath":"/h","hostPath":"/x","mode":"RO"},
               {"containerPath":"d","mode":"RW","persistent":{"size":5,"type":"mount","maxSize":9}},
               {"containerPath":"/e","mode":"RW","external":{"name":"v","provider":"csi","options":
                 {"pluginName":"p","capability":{"accessMode":"MULTI_NODE_MULTI_WRITER","accessType":"block"}}}},
               {"containerPath":"/s","secret":"s"}],
    "portMappings":[{"containerPort":80,"hostPort":0,"servicePort":10001,"name":"http","protocol":"udp,tcp",
      "labels":{"VIP_0":"/a:80"},"networkNames":["n"]}],
    "linuxInfo":{"seccomp":{"profileName":"p"},"ipcInfo":{"mode":"PRIVATE","shmSize":8}}},
  "healthChecks":[{"protocol":"HTTP","path":"/","portIndex":0,"ignoreHttp1xx":true},
    {"protocol":"COMMAND","command":{"value":"true"}},{"protocol":"MESOS_TCP","port":7,"delaySeconds":3}],
  "check":{"exec":{"command":{"shell":"true"}}},
  "readinessChecks":[{"portName":"http","protocol":"HTTPS","preserveLastResponse":true}],
  "backoffSeconds":2,"backoffFactor":2.5,"maxLaunchDelaySeconds":30,"taskKillGracePeriodSeconds":4,
  "dependencies":["/db"],"upgradeStrategy":{"maximumOverCapacity":0,"minimumHealthCapacity":0.25},
  "labels":{"a":"b"},"acceptedResourceRoles":["*"],"killSelection":"oldest_first",
  "secrets":{"s":{"source":"/path"}},"tty":true,"role":"g",
  "resourceLimits":{"cpus":"unlimited","mem":128}})";

App everything() {
  Settings settings;
  settings.features = {"secrets", "external_volumes", "gpu_resources"};
  const Root root;
  auto form = decode_app(kEverything);
  EXPECT_TRUE(form) << form.error().message << form.error().problems.at(0).path;
  auto app = change::define(form.value_or(AppForm{}), {root, settings});
  EXPECT_TRUE(app) << app.error().message << app.error().problems.at(0).path
                   << app.error().problems.at(0).reason;
  return app.value_or(App{});
}

TEST(Convert, BringsBackTheSameApp) {
  App app = everything();
  app.version_info = {WallTime(std::chrono::seconds(3)),
                      WallTime(std::chrono::seconds(2)),
                      WallTime(std::chrono::seconds(1))};
  const std::string text = to_json(app);
  const auto again = app_from_json(text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, app) << text;
  EXPECT_EQ(to_json(*again), text);
}

TEST(Convert, KeepsDefaultsToo) {
  App app;
  app.id = PathId::parse("/a");
  app.cmd = "x1";
  const auto again = app_from_json(to_json(app));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, app);
}

TEST(Convert, WritesWhatClientsRead) {
  const json::Value app = json::parse(to_json(everything())).value();
  EXPECT_EQ(app["killSelection"].as_string(), "OLDEST_FIRST");
  EXPECT_EQ(json::to_text(app["mem"]), "64.5");
  EXPECT_EQ(json::to_text(app["disk"]), "1.0");
  EXPECT_EQ(json::to_text(app["gpus"]), "1");
  EXPECT_EQ(app.find("versionInfo"), nullptr);
  EXPECT_EQ(app.find("args"), nullptr);
  EXPECT_EQ(app.find("portDefinitions"), nullptr);
  const json::Array& checks = app["healthChecks"].as_array();
  EXPECT_TRUE(checks.at(0)["ignoreHttp1xx"].as_bool());
  EXPECT_EQ(checks.at(0)["delaySeconds"].as_int(), 15);
  EXPECT_EQ(checks.at(1).find("ignoreHttp1xx"), nullptr);
  EXPECT_EQ(checks.at(1)["command"]["value"].as_string(), "true");
  EXPECT_EQ(checks.at(2)["delaySeconds"].as_int(), 3);
  EXPECT_EQ(app["container"]["volumes"].as_array().at(3).find("mode"), nullptr);
  EXPECT_EQ(app["resourceLimits"]["cpus"].as_string(), "unlimited");
}

TEST(Convert, MergesByWholeMembers) {
  AppForm base;
  base.cmd = "a";
  base.mem = 1;
  AppForm update;
  update.mem = 2;
  const AppForm merged = merge(base, update);
  EXPECT_EQ(merged.cmd, "a");
  EXPECT_EQ(merged.mem, 2);
}

}  // namespace
}  // namespace ekiden::marathon::wire
