#include "marathon/launch/ports.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace ekiden::marathon::launch {

namespace {

App app_with_ports(std::size_t count) {
  App app;
  app.port_definitions.resize(count);
  return app;
}

std::optional<HostPorts> choose_ports(const App& app,
                                      std::vector<model::Range> offered,
                                      Random& random,
                                      PortOrder order = PortOrder::spread) {
  return launch::choose_ports(port_wishes(app), std::move(offered), order, random);
}

TEST(Ports, AreConsecutiveFromARandomStartAndWrapAround) {
  std::set<std::int32_t> firsts;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    const auto ports = choose_ports(app_with_ports(3), {{31000, 31009}}, random);
    ASSERT_TRUE(ports);
    firsts.insert(*ports->front());
    for (std::size_t i = 1; i < 3; ++i) {
      EXPECT_EQ(*(*ports)[i], *(*ports)[i - 1] == 31009 ? 31000 : *(*ports)[i - 1] + 1);
    }
  }
  EXPECT_GT(firsts.size(), 5u);
}

TEST(Ports, AreDistinctOverSeveralRanges) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    const auto ports = choose_ports(app_with_ports(4), {{1, 2}, {5, 5}, {9, 9}}, random);
    ASSERT_TRUE(ports);
    const std::set<std::optional<std::int32_t>> distinct(ports->begin(), ports->end());
    EXPECT_EQ(distinct, (std::set<std::optional<std::int32_t>>{1, 2, 5, 9}));
  }
}

TEST(Ports, FailWhenTheOfferHasTooFew) {
  Random random(1);
  EXPECT_FALSE(choose_ports(app_with_ports(3), {{1, 2}}, random));
  EXPECT_TRUE(choose_ports(app_with_ports(0), {}, random));
}

TEST(Ports, RequirePortsTakesExactlyTheDefined) {
  Random random(1);
  App app = app_with_ports(2);
  app.require_ports = true;
  app.port_definitions[0].port = 8080;
  app.port_definitions[1].port = 8443;
  EXPECT_EQ(choose_ports(app, {{8000, 9000}}, random), (HostPorts{8080, 8443}));
  EXPECT_FALSE(choose_ports(app, {{8000, 8100}}, random));
  app.port_definitions[1].port = 8080;  // twice
  EXPECT_FALSE(choose_ports(app, {{8000, 9000}}, random));
}

TEST(Ports, ReservedOnesComeOutTheSameWayEachTime) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    EXPECT_EQ(
        choose_ports(app_with_ports(3), {{9, 9}, {5, 5}, {1, 1}}, random, PortOrder::ascending),
        (HostPorts{1, 5, 9}));
  }
}

TEST(Ports, MappingsKeepTheirPlaces) {
  Random random(1);
  App app;
  app.container = Container{};
  app.container->port_mappings.resize(3);
  app.container->port_mappings[1].host_port = 31001;
  app.container->port_mappings[2].host_port = 0;
  const auto ports = choose_ports(app, {{31001, 31002}}, random);
  EXPECT_EQ(ports, (HostPorts{std::nullopt, 31001, 31002}));
}

}  // namespace

}  // namespace ekiden::marathon::launch
