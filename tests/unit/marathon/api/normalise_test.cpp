#include "marathon/api/convert.h"
#include "marathon/change/definition.h"

#include <gtest/gtest.h>

// The worked examples of marathon-api.md 3.9, before service ports are assigned.
namespace ekiden::marathon::wire {
namespace {

json::Value normalised(const std::string& body, const Settings& settings = {}) {
  auto form = decode_app(std::string_view(body));
  if (!form) {
    ADD_FAILURE() << form.error().message;
    return {};
  }
  const Root root;
  const auto app = change::define(std::move(*form), {root, settings});
  if (!app) {
    ADD_FAILURE() << app.error().message << " "
                  << (app.error().problems.empty() ? "" : app.error().problems[0].reason);
    return {};
  }
  return json::parse(to_json(*app)).value();
}

std::string text(const json::Value& value) {
  return json::to_text(value);
}

TEST(Normalise, GivesAPlainAppOneDefaultPort) {
  const json::Value app = normalised(R"({"id":"a","cmd":"x1"})");
  EXPECT_EQ(app["id"].as_string(), "/a");
  EXPECT_EQ(text(app["networks"]), R"([{"mode":"host"}])");
  EXPECT_EQ(text(app["portDefinitions"]), R"([{"port":0,"name":"default","protocol":"tcp"}])");
  EXPECT_EQ(text(normalised(R"({"id":"a","cmd":"x1","portDefinitions":[]})")["portDefinitions"]),
            "[]");
}

TEST(Normalise, TurnsPortsIntoDefinitions) {
  EXPECT_EQ(text(normalised(R"({"id":"a","cmd":"x1","ports":[0,8000]})")["portDefinitions"]),
            R"([{"port":0,"protocol":"tcp"},{"port":8000,"protocol":"tcp"}])");
}

TEST(Normalise, MovesDockerPortMappings) {
  const json::Value app = normalised(
      R"({"id":"a","container":{"docker":{"image":"i","network":"BRIDGE",
          "portMappings":[{"containerPort":80}]}}})");
  EXPECT_EQ(text(app["networks"]), R"([{"mode":"container/bridge"}])");
  EXPECT_EQ(text(app["container"]["portMappings"]),
            R"([{"containerPort":80,"hostPort":0,"labels":{},"protocol":"tcp","servicePort":0}])");
  EXPECT_EQ(app["container"]["docker"].find("network"), nullptr);
  EXPECT_EQ(app.find("portDefinitions"), nullptr);
}

TEST(Normalise, LeavesAHostContainerWithoutMappings) {
  const json::Value app = normalised(R"({"id":"a","container":{"docker":{"image":"i"}}})");
  EXPECT_EQ(text(app["networks"]), R"([{"mode":"host"}])");
  EXPECT_EQ(app["container"].find("portMappings"), nullptr);
}

TEST(Normalise, MakesAContainerForAContainerNetwork) {
  const json::Value app =
      normalised(R"({"id":"a","cmd":"x1","networks":[{"mode":"container","name":"dcos"}]})");
  EXPECT_EQ(text(app["container"]),
            R"({"type":"MESOS","volumes":[],"portMappings":[{"containerPort":0,"labels":{},)"
            R"("name":"default","protocol":"tcp","servicePort":0}]})");
}

TEST(Normalise, TurnsIpAddressIntoANetwork) {
  const json::Value app = normalised(
      R"({"id":"a","cmd":"x1","ipAddress":{"networkName":"n1","labels":{"l":"v"},
          "discovery":{"ports":[{"number":80,"name":"http"}]}}})");
  EXPECT_EQ(text(app["networks"]), R"([{"name":"n1","mode":"container","labels":{"l":"v"}}])");
  EXPECT_EQ(app["container"]["type"].as_string(), "MESOS");
  const json::Value& mapping = app["container"]["portMappings"].as_array().at(0);
  EXPECT_EQ(mapping["containerPort"].as_int(), 80);
  EXPECT_EQ(mapping.find("hostPort"), nullptr);
  EXPECT_EQ(text(normalised(
                R"({"id":"a","cmd":"x1","ipAddress":{"networkName":"mesos-bridge"}})")["networks"]),
            R"([{"mode":"container/bridge"}])");
}

TEST(Normalise, NamesAnUnnamedNetworkByTheFlag) {
  Settings settings;
  settings.default_network_name = "dcos";
  const json::Value app =
      normalised(R"({"id":"a","cmd":"x1","networks":[{"mode":"container"}]})", settings);
  EXPECT_EQ(app["networks"].as_array().at(0)["name"].as_string(), "dcos");
}

TEST(Normalise, UnpacksWhatLooksLikeAnArchive) {
  const json::Value app = normalised(
      R"({"id":"a","cmd":"x1","uris":["http://h/a.tar.gz?x=y","http://h/a.txt","h/b.zip"]})");
  const json::Array& fetch = app["fetch"].as_array();
  EXPECT_TRUE(fetch.at(0)["extract"].as_bool());
  EXPECT_FALSE(fetch.at(1)["extract"].as_bool());
  EXPECT_TRUE(fetch.at(2)["extract"].as_bool());
}

TEST(Normalise, PointsHealthChecksAtTheFirstNamedPort) {
  const auto check = [](const std::string& members) {
    return normalised(R"({"id":"a","cmd":"x1","healthChecks":[{}])" + members + "}")["healthChecks"]
        .as_array()
        .at(0);
  };
  EXPECT_EQ(check("").find("portIndex"), nullptr);  // the implicit default port is not named
  EXPECT_EQ(check(R"(,"ports":[1])").find("portIndex"), nullptr);
  EXPECT_EQ(check(R"(,"portDefinitions":[{"port":1}])")["portIndex"].as_int(-1), 0);
  EXPECT_EQ(check(R"(,"networks":[{"mode":"container/bridge"}])").find("portIndex"), nullptr);
}

TEST(Normalise, GivesPersistentAppsTheirOwnDefaults) {
  const json::Value app = normalised(
      R"({"id":"g/a","cmd":"x1","role":"g","container":{"type":"MESOS","volumes":[
          {"containerPath":"d","mode":"RW","persistent":{"size":1}}]}})");
  EXPECT_EQ(app["unreachableStrategy"].as_string(), "disabled");
  EXPECT_EQ(app["upgradeStrategy"]["maximumOverCapacity"].as_double(9), 0.0);
  EXPECT_EQ(app["upgradeStrategy"]["minimumHealthCapacity"].as_double(9), 0.5);
  EXPECT_EQ(text(app["residency"]),
            R"({"relaunchEscalationTimeoutSeconds":3600,"taskLostBehavior":"WAIT_FOREVER"})");
}

}  // namespace
}  // namespace ekiden::marathon::wire
