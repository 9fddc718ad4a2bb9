#include "marathon/model/app.h"

#include <functional>

#include <gtest/gtest.h>

namespace ekiden::marathon {
namespace {

TEST(IsUpgrade, IsTrueForEveryComparedField) {
  const std::vector<std::function<void(App&)>> changes = {
      [](App& a) { a.cmd = "other"; },
      [](App& a) { a.env["A"] = "1"; },
      [](App& a) { a.mem = 1; },
      [](App& a) { a.labels["a"] = "b"; },
      [](App& a) { a.dependencies = {PathId::parse("/db")}; },
      [](App& a) { a.kill_selection = KillSelection::oldest_first; },
      [](App& a) { a.unreachable_strategy.disabled = true; },
      [](App& a) { a.health_checks.emplace_back(); },
      [](App& a) { a.role = "dev"; },
      [](App& a) { a.backoff_seconds = 9; },
      [](App& a) { a.upgrade_strategy.maximum_over_capacity = 0; },
      [](App& a) { a.port_definitions.emplace_back(); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    App changed;
    changes[i](changed);
    EXPECT_TRUE(is_upgrade(App{}, changed)) << i;
  }
}

TEST(IsUpgrade, IsFalseForInstancesExecutorResourcesAndVersions) {
  App changed;
  changed.instances = 7;
  changed.executor_resources = ExecutorResources{};
  changed.version_info.version = WallTime(std::chrono::seconds(1));
  EXPECT_FALSE(is_upgrade(App{}, changed));
}

TEST(IsUpgrade, DoesNotSeeTheOrderOfHealthChecks) {
  HealthCheck one;
  HealthCheck two;
  two.protocol = HealthProtocol::tcp;
  App a;
  App b;
  a.health_checks = {one, two};
  b.health_checks = {two, one};
  EXPECT_FALSE(is_upgrade(a, b));
}

TEST(App, HasServicePortsOfItsKindOfNetwork) {
  App host;
  host.port_definitions = {PortDefinition{10000, "tcp", {}, {}}};
  EXPECT_EQ(host.service_ports(), std::vector<std::int32_t>{10000});
  App bridge;
  bridge.networks = {Network{NetworkMode::bridge, {}, {}}};
  bridge.container.emplace().port_mappings.emplace_back().service_port = 10001;
  EXPECT_EQ(bridge.service_ports(), std::vector<std::int32_t>{10001});
  EXPECT_EQ(bridge.port_count(), 1u);
}

}  // namespace
}  // namespace ekiden::marathon
