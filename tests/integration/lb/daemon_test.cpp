#include "core/base/strings.h"
#include "lb/files.h"
#include "tests/integration/lb/world.h"

#include <gtest/gtest.h>

namespace ekiden::lb {

namespace {

using namespace std::chrono_literals;

TEST(LbDaemon, ServesServicePortVirtualHostAndStatistics) {
  World world;
  world.apps["/web"].labels = R"("HAPROXY_0_VHOST":"a.test")";
  world.add_task("/web", "t1");
  world.start_daemon();
  ASSERT_TRUE(world.until([&] { return world.serves(world.apps["/web"]); }));
  const std::string vhosts = "http://127.0.0.1:" + std::to_string(world.daemon->http_port()) + "/";
  EXPECT_EQ(world.get(vhosts, "a.test").body, "t1");
  EXPECT_EQ(world.get(vhosts, "b.test").status, 503);
  const std::string stats = "http://127.0.0.1:" + std::to_string(world.daemon->stats_port());
  EXPECT_EQ(world.get(stats + "/_haproxy_health_check").status, 200);
  EXPECT_NE(world.get(stats + "/metrics").body.find("haproxy_"), std::string::npos);
  EXPECT_NE(world.get(stats + "/_haproxy_getconfig").body.find("backend web_"), std::string::npos);
  EXPECT_TRUE(world.daemon->limitations().empty());
}

TEST(LbDaemon, ScalesUnderLoadWithoutReloadAndWithoutLoss) {
  World world;
  world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  const double reloads = world.metric("lb_reloads_total");
  Load load(world, world.service_url(app), 4);
  for (int i = 2; i < 12; ++i) {
    World::Task& task = world.add_task("/web", "t" + std::to_string(i));
    world.announce_change();
    ASSERT_TRUE(world.until([&] { return task.requests > 3; }));
    World::Task& leaving = *app.tasks["t" + std::to_string(i - 1)];
    leaving.state = "TASK_KILLING";
    world.announce_change();
    std::size_t seen = 0;
    ASSERT_TRUE(world.until([&] {
      const bool still = leaving.requests == seen;
      seen = leaving.requests;
      return still && world.metric("lb_servers") == 1;
    }));
    app.tasks.erase("t" + std::to_string(i - 1));
  }
  load.finish();
  EXPECT_GT(load.done(), 100u);
  EXPECT_EQ(load.failed(), 0u) << load.last_error();
  EXPECT_EQ(world.metric("lb_reloads_total"), reloads);
  EXPECT_TRUE(world.until([&] { return world.metric("lb_runtime_changes_total") >= 20; }));
}

TEST(LbDaemon, ReloadsUnderLoadWithoutLossWhenAnAppArrives) {
  World world;
  world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  Load load(world, world.service_url(app), 4);
  for (int i = 0; i < 3; ++i) {
    const std::string name = "/other" + std::to_string(i);
    world.add_task(name, "o" + std::to_string(i));
    world.announce_change();
    ASSERT_TRUE(world.until([&] { return world.serves(world.apps[name]); }));
  }
  load.finish();
  EXPECT_EQ(load.failed(), 0u) << load.last_error();
  EXPECT_TRUE(world.until([&] { return world.metric("lb_reloads_total") >= 3; }));
}

TEST(LbDaemon, TakesOnlyHealthyTasksIn) {
  World world;
  world.apps["/web"].health_check = true;
  World::Task& healthy = world.add_task("/web", "t1");
  healthy.alive = "true";
  World::Task& fresh = world.add_task("/web", "t2");
  world.start_daemon();
  ASSERT_TRUE(world.until([&] { return world.serves(world.apps["/web"]); }));
  // HAProxy may serve a moment before its keeper has counted.
  EXPECT_TRUE(world.until([&] { return world.metric("lb_servers") == 1; }));
  fresh.alive = "true";
  world.announce_change();
  EXPECT_TRUE(world.until([&] { return world.metric("lb_servers") == 2; }));
}

TEST(LbDaemon, RestartOfASingleInstanceCostsNoReload) {
  World world;
  world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  app.tasks.clear();
  world.announce_change();
  ASSERT_TRUE(world.until([&] { return world.get(world.service_url(app)).status == 503; }));
  world.add_task("/web", "t2");
  world.announce_change();
  EXPECT_TRUE(world.until([&] { return world.serves(app); }));
  EXPECT_EQ(world.metric("lb_reloads_total"), 0);
}

TEST(LbDaemon, FrontendOfAnEmptyAppGoesAfterAWhile) {
  World world;
  world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  app.tasks.clear();
  world.announce_change();
  EXPECT_TRUE(world.until([&] { return world.get(world.service_url(app)).status == 0; }));
  EXPECT_TRUE(world.until([&] { return world.metric("lb_reloads_total") == 1; }));
}

TEST(LbDaemon, AnnouncesItselfToMarathonAgainAndAgain) {
  World world;
  world.start_daemon();
  EXPECT_TRUE(world.until([&] { return world.announced >= 2; }));
}

TEST(LbDaemon, PollsWhenThereIsNoStream) {
  World world;
  world.start_daemon();
  ASSERT_TRUE(world.until([&] { return world.metric("lb_fetches_total") >= 1; }));
  world.close_streams();
  world.add_task("/web", "t1");  // no event tells of it
  EXPECT_TRUE(world.until([&] { return world.serves(world.apps["/web"]); }));
}

TEST(LbDaemon, RemembersThePortsItChose) {
  World world;
  world.start_daemon();
  const auto http = world.daemon->http_port();
  const auto stats = world.daemon->stats_port();
  const auto admin = world.daemon->port();
  world.stop_daemon();
  world.start_daemon();
  EXPECT_EQ(world.daemon->http_port(), http);
  EXPECT_EQ(world.daemon->stats_port(), stats);
  EXPECT_EQ(world.daemon->port(), admin);
}

}  // namespace

}  // namespace ekiden::lb
