#include "dns/config.h"

#include <gtest/gtest.h>

namespace ekiden::dns {
namespace {

std::string problems_of(std::string_view text) {
  const auto options = parse_config(text);
  return options ? std::string() : options.error().message;
}

TEST(Config, HasTheDefaultsOfMesosDns) {
  const auto options = parse_config(R"({"masters": ["10.0.0.1:5050"]})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->port, 53);
  EXPECT_EQ(options->http_port, 8123);
  EXPECT_EQ(options->ip, "0.0.0.0");
  EXPECT_EQ(options->resolvers, (std::vector<std::string>{"8.8.8.8"}));
  EXPECT_EQ(options->ttl.count(), 60);
}

TEST(Config, ReadsKeysInAnyCaseAndIgnoresUnknownOnes) {
  const auto options = parse_config(
      R"({"MASTERS": ["10.0.0.1:5050"], "Domain": "Example.COM", "ttl": 7, "recurseOn": false,
          "IPSources": ["host", "auto"], "SOARname": "me@example.com.", "resolvers": [],
          "zoneResolvers": {".Corp.": ["10.0.0.2:5353"]}, "timeout": 0, "what": {}})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->domain, "example.com");
  EXPECT_EQ(options->ttl.count(), 7);
  EXPECT_EQ(options->recursion, Feature::off);
  EXPECT_EQ(options->ip_sources, (std::vector<IpSource>{IpSource::host, IpSource::automatic}));
  EXPECT_EQ(options->soa_rname, "me.example.com");
  EXPECT_TRUE(options->resolvers.empty());
  EXPECT_EQ(options->zone_resolvers.at(0).first, "corp");
  EXPECT_EQ(options->timeout.count(), 5);
}

TEST(Config, TellsAllProblemsAtOnce) {
  const std::string text = problems_of(
      R"({"masters": ["10.0.0.1"], "ttl": "x", "domain": "a_b", "IPSources": ["rkt"],
          "resolvers": ["one.example"], "stateTimeoutSeconds": 0})");
  for (const char* part : {"'10.0.0.1' must be ip:port",
                           "ttl must be",
                           "domain must be labels",
                           "'rkt' must be one of",
                           "'one.example' must be an IP",
                           "stateTimeoutSeconds must be",
                           "must name at least one master"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
}

TEST(Config, RefusesOverlappingZones) {
  const std::string head = R"({"masters": ["10.0.0.1:5050"], "zoneResolvers": )";
  EXPECT_NE(problems_of(head + R"({"mesos": ["10.0.0.2"]}})"), "");
  EXPECT_NE(problems_of(head + R"({"a.corp": ["10.0.0.2"], "corp": ["10.0.0.2"]}})"), "");
  EXPECT_NE(problems_of(head + R"({"corp": []}})"), "");
  EXPECT_EQ(problems_of(head + R"({"acorp": ["10.0.0.2"], "corp": ["10.0.0.2"]}})"), "");
}

TEST(Config, RefusesWhatIsNoObject) {
  EXPECT_NE(problems_of("[]"), "");
  EXPECT_NE(problems_of("{"), "");
}

}  // namespace
}  // namespace ekiden::dns
