#include "core/base/strings.h"
#include "lb/child.h"
#include "lb/files.h"
#include "tests/integration/lb/world.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ekiden::lb {

namespace {

using namespace std::chrono_literals;

std::string identity(const World& world) {
  return read_text(world.folder + "/lb/haproxy.identity");
}

pid_t master_of(const World& world) {
  return static_cast<pid_t>(parse_int(split(identity(world), ' ')[0]).value_or(0));
}

TEST(LbFailure, OneBadAppIsLeftOutAndComesBackWhenMended) {
  World world;
  world.add_task("/good", "t1");
  world.apps["/bad"].labels = R"("HAPROXY_0_BALANCE":"nonsense")";
  world.add_task("/bad", "t2");
  world.apps["/ugly"].labels = R"("HAPROXY_0_BALANCE":"roundrobin\n  bind *:1")";
  world.add_task("/ugly", "t3");
  world.start_daemon();
  ASSERT_TRUE(world.until([&] { return world.serves(world.apps["/good"]); }));
  ASSERT_TRUE(world.until([&] { return world.metric("lb_apps_rejected") == 2; }));
  const std::string rejected = world.get(world.api("/_ekiden/rejected")).body;
  EXPECT_NE(rejected.find("/bad"), std::string::npos) << rejected;
  EXPECT_NE(rejected.find("balance only supports"), std::string::npos) << rejected;
  EXPECT_NE(rejected.find("line break"), std::string::npos) << rejected;
  world.apps["/bad"].labels = R"("HAPROXY_0_BALANCE":"leastconn")";
  world.announce_change();
  EXPECT_TRUE(world.until([&] { return world.serves(world.apps["/bad"]); }));
  EXPECT_TRUE(world.until([&] { return world.metric("lb_apps_rejected") == 1; }));
}

TEST(LbFailure, AnAppWhosePortIsInUseIsLeftOut) {
  World world;
  world.add_task("/good", "t1");
  world.start_daemon();
  ASSERT_TRUE(world.until([&] { return world.serves(world.apps["/good"]); }));
  world.apps["/taken"].port = world.marathon->port();
  world.add_task("/taken", "t2");
  world.add_task("/late", "t3");
  world.announce_change();
  EXPECT_TRUE(world.until([&] { return world.serves(world.apps["/late"]); }));
  EXPECT_TRUE(world.until([&] {
    return world.get(world.api("/_ekiden/rejected")).body.find("/taken") != std::string::npos;
  }));
  EXPECT_TRUE(world.serves(world.apps["/good"]));
}

TEST(LbFailure, MarathonAwayLeavesTheLastGoodConfigurationEvenOverARestart) {
  World world;
  world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  world.marathon_up = false;
  world.close_streams();
  ASSERT_TRUE(world.until([&] { return world.metric("lb_fetch_failures_total") >= 1; }));
  EXPECT_TRUE(world.serves(app));
  const pid_t master = master_of(world);
  world.stop_daemon();
  kill(master, SIGKILL);
  waitpid(master, nullptr, 0);
  world.start_daemon();  // from disk
  EXPECT_TRUE(world.until([&] { return world.serves(app); }));
}

TEST(LbFailure, HaproxyThatDiedIsStartedAgain) {
  World world;
  world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  const std::string before = identity(world);
  kill(master_of(world), SIGKILL);
  EXPECT_TRUE(world.until([&] { return identity(world) != before && world.serves(app); }));
}

TEST(LbFailure, HaproxyOutlivesKillAndIsTakenOver) {
  World world;
  world.add_task("/web", "t1");
  World::App& app = world.apps["/web"];
  const Options options = world.options();
  const auto daemon = spawn({{"/proc/self/exe", options.work_dir, options.marathon_url},
                             world.folder,
                             world.folder + "/daemon.log"});
  ASSERT_TRUE(daemon);
  const auto pending = std::filesystem::path(options.work_dir) / "reload.pending";
  // Killed while HAProxy starts, the successor would rightly load the file once more.
  ASSERT_TRUE(
      world.until([&] { return world.serves(app) && !std::filesystem::exists(pending); }));
  kill(*daemon, SIGKILL);
  waitpid(*daemon, nullptr, 0);
  EXPECT_TRUE(world.serves(app));
  const std::string before = identity(world);
  world.start_daemon();
  ASSERT_TRUE(world.until([&] { return world.metric("lb_servers") == 1; }));
  EXPECT_EQ(identity(world), before);
  EXPECT_EQ(world.metric("lb_reloads_total"), 0);
  EXPECT_TRUE(world.serves(app));
  world.add_task("/web", "t2");
  world.announce_change();
  EXPECT_TRUE(world.until([&] { return world.metric("lb_servers") == 2; }));
  EXPECT_EQ(world.metric("lb_reloads_total"), 0);
}

TEST(LbFailure, AProcessThatMerelyHasThePidIsNotTouched) {
  World world;
  mkdir((world.folder + "/lb").c_str(), 0755);
  const auto stranger = spawn({{"sleep", "60"}, world.folder, "/dev/null"});
  ASSERT_TRUE(stranger);
  std::ofstream(world.folder + "/lb/haproxy.identity")
      << *stranger << " " << start_time_of(*stranger);
  world.add_task("/web", "t1");
  world.start_daemon();
  ASSERT_TRUE(world.until([&] { return world.serves(world.apps["/web"]); }));
  EXPECT_NE(master_of(world), *stranger);
  EXPECT_FALSE(start_time_of(*stranger).empty());
  kill(*stranger, SIGKILL);
  waitpid(*stranger, nullptr, 0);
}

TEST(LbFailure, WithoutHaproxyItSaysSo) {
  World world;
  Options options = world.options();
  options.haproxy_path = "no-such-haproxy";
  auto daemon = Daemon::start(world.loop, world.clock, options, [](Error) {});
  ASSERT_TRUE(daemon);
  ASSERT_EQ((*daemon)->limitations().size(), 1u);
  EXPECT_NE((*daemon)->limitations()[0].find("no-such-haproxy"), std::string::npos);
}

TEST(LbFailure, AUsedPortIsNamed) {
  World world;
  Options options = world.options();
  options.http_port = world.marathon->port();
  const auto daemon = Daemon::start(world.loop, world.clock, options, [](Error) {});
  ASSERT_FALSE(daemon);
  EXPECT_NE(daemon.error().message.find(std::to_string(options.http_port)), std::string::npos);
}

TEST(LbFailure, DestroyStopsHaproxy) {
  World world;
  world.add_task("/web", "t1");
  world.start_daemon();
  World::App& app = world.apps["/web"];
  ASSERT_TRUE(world.until([&] { return world.serves(app); }));
  bool done = false;
  world.daemon->destroy([&] { done = true; });
  ASSERT_TRUE(world.until([&] { return done; }));
  EXPECT_EQ(world.get(world.service_url(app)).status, 0);
  EXPECT_TRUE(identity(world).empty());
}

}  // namespace

}  // namespace ekiden::lb
