#include "marathon/deployment/census.h"

#include <gtest/gtest.h>

namespace ekiden::marathon::deployment {

namespace {

using namespace std::chrono_literals;

AppPtr app_of_version(int config, int version) {
  App app;
  app.id = PathId::parse("/web");
  app.version_info = {WallTime(std::chrono::hours(version)),
                      WallTime(std::chrono::hours(version)),
                      WallTime(std::chrono::hours(config))};
  return std::make_shared<const App>(std::move(app));
}

Instance running(const AppPtr& app, WallTime since) {
  Instance instance;
  instance.app = app;
  instance.condition = Condition::running;
  instance.active_since = since;
  return instance;
}

std::vector<InstanceNumber> order(const std::vector<Instance>& instances, KillSelection selection) {
  Target target = target_of(*instances.front().app);
  target.selection = selection;
  Census census;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    census.add(stand(instances[i], i + 1, target, Readiness::unknown));
  }
  return census.first_surplus(static_cast<std::int32_t>(instances.size()));
}

TEST(Census, DropsNeverLaunchedThenStartingThenUnhealthyThenServing) {
  const AppPtr app = app_of_version(1, 1);
  std::vector<Instance> all(5, running(app, WallTime(1h)));
  all[0].healthy = true;
  all[1].healthy = false;
  all[2].condition = Condition::starting;
  all[3].condition = Condition::staging;
  all[4].condition = Condition::scheduled;
  EXPECT_EQ(order(all, KillSelection::youngest_first),
            (std::vector<InstanceNumber>{5, 4, 3, 2, 1}));
}

TEST(Census, KillSelectionDecidesByAgeAmongEquals) {
  const AppPtr app = app_of_version(1, 1);
  const std::vector<Instance> all = {running(app, WallTime(2h)),
                                     running(app, WallTime(1h)),
                                     running(app, WallTime(3h)),
                                     running(app, WallTime(3h))};
  EXPECT_EQ(order(all, KillSelection::youngest_first), (std::vector<InstanceNumber>{4, 3, 1, 2}));
  EXPECT_EQ(order(all, KillSelection::oldest_first), (std::vector<InstanceNumber>{2, 1, 3, 4}));
}

TEST(Census, CountsByConfigAndByVersion) {
  const AppPtr old_config = app_of_version(1, 1);
  const AppPtr new_config = app_of_version(2, 2);
  const AppPtr scaled = app_of_version(2, 3);
  const Target target = target_of(*scaled);
  Census census;
  Instance gone = running(new_config, WallTime(1h));
  gone.goal = Goal::decommissioned;
  const Standing leaving = stand(gone, 4, target, Readiness::unknown);
  census.add(stand(running(old_config, WallTime(1h)), 1, target, Readiness::unknown));
  census.add(stand(running(new_config, WallTime(1h)), 2, target, Readiness::unknown));
  census.add(stand(running(scaled, WallTime(1h)), 3, target, Readiness::unknown));
  census.add(leaving);
  EXPECT_EQ(census.counts().outdated_serving, 1);
  EXPECT_EQ(census.counts().current_serving, 2);
  EXPECT_EQ(census.counts().fresh_serving, 1);
  EXPECT_EQ(census.counts().leaving, 1);
  EXPECT_EQ(census.first_outdated(9), (std::vector<InstanceNumber>{1}));
  census.remove(leaving);
  EXPECT_EQ(census.counts().leaving, 0);
  EXPECT_EQ(census.counts().present, 3);
}

TEST(Census, ServesOnlyWhenHealthyAndReady) {
  App app = *app_of_version(1, 1);
  app.health_checks.emplace_back();
  app.readiness_checks.emplace_back();
  const AppPtr shared = std::make_shared<const App>(app);
  const Target target = target_of(*shared);
  Instance instance = running(shared, WallTime(1h));
  const auto presence = [&](Readiness readiness) {
    return stand(instance, 1, target, readiness).presence;
  };
  EXPECT_EQ(presence(Readiness::ready), Standing::Presence::ailing);
  instance.healthy = true;
  EXPECT_EQ(presence(Readiness::unknown), Standing::Presence::ailing);
  EXPECT_EQ(presence(Readiness::ready), Standing::Presence::serving);
}

TEST(Census, WrittenOffIsNotCounted) {
  const AppPtr app = app_of_version(1, 1);
  Instance instance = running(app, WallTime(1h));
  instance.condition = Condition::unreachable_inactive;
  Census census;
  census.add(stand(instance, 1, target_of(*app), Readiness::unknown));
  EXPECT_EQ(census.counts().wanted(), 0);
}

}  // namespace

}  // namespace ekiden::marathon::deployment
