#include "marathon/launch/environment.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace ekiden::marathon::launch {

namespace {

class EnvironmentTest : public testing::Test {
 protected:
  EnvironmentTest() {
    app_.id = PathId::parse("/prod/web");
    app_.version_info.version = *parse_iso8601("2024-01-31T12:00:00.000Z");
    app_.cpus = 0.1;
  }

  std::map<std::string, std::string> variables(const HostPorts& ports) {
    Random random(1);
    std::map<std::string, std::string> result;
    for (const auto& variable :
         environment({app_, task_, host_, ports, settings_}, random).variables) {
      result[variable.name] = *variable.value;
    }
    return result;
  }

  App app_;
  TaskId task_{"prod_web.instance-1._app.1"};
  std::string host_ = "agent1";
  Settings settings_;
};

TEST_F(EnvironmentTest, TellsTheTaskWhoItIs) {
  auto all = variables({});
  EXPECT_EQ(all["MESOS_TASK_ID"], task_.value);
  EXPECT_EQ(all["MARATHON_APP_ID"], "/prod/web");
  EXPECT_EQ(all["MARATHON_APP_VERSION"], "2024-01-31T12:00:00.000Z");
  EXPECT_EQ(all["MARATHON_APP_RESOURCE_CPUS"], "0.1");
  EXPECT_EQ(all["MARATHON_APP_RESOURCE_MEM"], "128.0");
  EXPECT_EQ(all["MARATHON_APP_RESOURCE_DISK"], "0.0");
  EXPECT_EQ(all["MARATHON_APP_RESOURCE_GPUS"], "0");
  EXPECT_EQ(all["MARATHON_APP_ENFORCE_GROUP_ROLE"], "FALSE");
  EXPECT_EQ(all["MARATHON_APP_LABELS"], "");
  EXPECT_EQ(all["HOST"], "agent1");
  EXPECT_FALSE(all.contains("PORTS"));
  EXPECT_FALSE(all.contains("MARATHON_APP_DOCKER_IMAGE"));
}

// The example of marathon-behaviour.md 5.4.
TEST_F(EnvironmentTest, NamesPortsByPlaceNumberAndName) {
  app_.container = Container{};
  app_.container->port_mappings.resize(2);
  app_.container->port_mappings[0].container_port = 8080;
  app_.container->port_mappings[0].host_port = 0;
  app_.container->port_mappings[0].name = "web";
  app_.container->port_mappings[1].container_port = 9090;
  auto all = variables({31005, std::nullopt});
  EXPECT_EQ(all["PORT0"], "31005");
  EXPECT_EQ(all["PORT1"], "9090");
  EXPECT_EQ(all["PORT_8080"], "31005");
  EXPECT_EQ(all["PORT_9090"], "9090");
  EXPECT_EQ(all["PORT_WEB"], "31005");
  EXPECT_EQ(all["PORT"], "31005");
  EXPECT_EQ(all["PORTS"], "31005");
}

TEST_F(EnvironmentTest, NamedPortHasATwinThatShellsCanRead) {
  app_.port_definitions.resize(1);
  app_.port_definitions[0].port = 10001;
  app_.port_definitions[0].name = "http-api";
  auto all = variables({31000});
  EXPECT_EQ(all["PORT_HTTP-API"], "31000");
  EXPECT_EQ(all["PORT_HTTP_API"], "31000");
  EXPECT_EQ(all["PORT_10001"], "31000");
}

TEST_F(EnvironmentTest, PrefixIsForPortsAndHostOnly) {
  settings_.env_vars_prefix = "X_";
  app_.port_definitions.resize(1);
  auto all = variables({31000});
  EXPECT_EQ(all["X_PORT0"], "31000");
  EXPECT_EQ(all["X_HOST"], "agent1");
  EXPECT_TRUE(all.contains("MARATHON_APP_ID"));
  EXPECT_FALSE(all.contains("PORT0"));
}

TEST_F(EnvironmentTest, UserWinsOverTheContext) {
  app_.env["MARATHON_APP_ID"] = std::string("mine");
  EXPECT_EQ(variables({})["MARATHON_APP_ID"], "mine");
}

TEST_F(EnvironmentTest, SecretsAreReferencesForTheAgent) {
  app_.secrets["pw"] = "db/password";
  app_.env["HOST"] = Secret{"pw"};
  Random random(1);
  const model::Environment made = environment({app_, task_, host_, {}, settings_}, random);
  const model::EnvironmentVariable& last = made.variables.back();
  EXPECT_EQ(last.name, "HOST");
  EXPECT_FALSE(last.value);
  EXPECT_EQ(last.type, model::EnvironmentVariable::Type::secret);
  ASSERT_TRUE(last.secret && last.secret->reference);
  EXPECT_EQ(last.secret->reference->name, "db/password");
  EXPECT_FALSE(last.secret->value);
  const auto named = std::count_if(made.variables.begin(),
                                   made.variables.end(),
                                   [](const auto& one) { return one.name == "HOST"; });
  EXPECT_EQ(named, 1);
}

TEST_F(EnvironmentTest, LabelsWithinTheLimits) {
  app_.labels = {{"a.b", "1"}, {"long", std::string(512, 'x')}};
  auto all = variables({});
  EXPECT_EQ(all["MARATHON_APP_LABELS"], "A_B");
  EXPECT_EQ(all["MARATHON_APP_LABEL_A_B"], "1");
  EXPECT_FALSE(all.contains("MARATHON_APP_LABEL_LONG"));
}

TEST(JavaText, IsWhatJavaPrints) {
  EXPECT_EQ(java_text(1), "1.0");
  EXPECT_EQ(java_text(0.1), "0.1");
  EXPECT_EQ(java_text(128), "128.0");
  EXPECT_EQ(java_text(0), "0.0");
  EXPECT_EQ(java_text(0.001), "0.001");
  EXPECT_EQ(java_text(0.0001), "1.0E-4");
  EXPECT_EQ(java_text(16777216), "1.6777216E7");
  EXPECT_EQ(java_text(1234567.5), "1234567.5");
}

}  // namespace

}  // namespace ekiden::marathon::launch
