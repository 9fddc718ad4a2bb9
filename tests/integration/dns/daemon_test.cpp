#include "dns/daemon.h"

#include "core/base/clock.h"
#include "dns/saved_records.h"
#include "tests/integration/dns/fake_master.h"

#include <chrono>

#include <gtest/gtest.h>

namespace ekiden::dns {
namespace {

using namespace std::chrono_literals;

class DaemonTest : public testing::Test {
 protected:
  ~DaemonTest() override { stop(); }

  void start(const std::string& master, Options options = {}) {
    options.masters = {master};
    options.port = 0;
    options.http_port = 0;
    options.work_dir = folder.path;
    thread.run([&] {
      auto started = Daemon::start(thread.loop, clock, options, [](const Error&) {});
      ASSERT_TRUE(started) << started.error().message;
      daemon = std::move(*started);
      port = daemon->port();
      http_port = daemon->http_port();
    });
  }

  void stop() {
    thread.run([this] { daemon.reset(); });
  }

  // Asks until the answer holds (or, with `absent`, no longer holds) the text; how long that took.
  Duration wait_for(const std::string& question, const std::string& text, bool absent = false) {
    const Time begin = clock.now().time;
    std::string answer;
    while (clock.now().time - begin < 10s) {
      answer = dig(port, question);
      if (has(answer, text) != absent) {
        return clock.now().time - begin;
      }
    }
    ADD_FAILURE() << question << " does not show " << text << ":\n" << answer;
    return 10s;
  }

  std::string get(const std::string& path) {
    return run_command(fmt::format("curl -s -m 5 http://127.0.0.1:{}{}", http_port, path));
  }

  LoopThread thread;
  TempFolder folder;
  SystemClock clock;
  std::unique_ptr<Daemon> daemon;
  std::uint16_t port = 0;
  std::uint16_t http_port = 0;
};

TEST_F(DaemonTest, AnswersDigOverUdpAndTcp) {
  FakeMaster master(thread);
  for (int i = 0; i < 40; ++i) {
    master.tasks.push_back(task_json("web", i));
  }
  start(master.url());
  wait_for("_web._tcp.marathon.mesos SRV", "status: NOERROR");
  wait_for("+tcp _web._tcp.marathon.mesos SRV", "ANSWER: 40");
  for (const char* transport : {"+tcp ", "+bufsize=4096 "}) {
    const std::string srv = dig(port, transport + std::string("_web._tcp.marathon.mesos SRV"));
    EXPECT_TRUE(has(srv, "ANSWER: 40, AUTHORITY: 0, ADDITIONAL: 41")) << srv;
    EXPECT_TRUE(has(srv, "\tSRV\t0 1 31039 web-")) << srv;
    EXPECT_TRUE(has(srv, "\tA\t127.9.0.1")) << srv;
  }
  const std::string cut = dig(port, "+noedns +ignore _web._tcp.marathon.mesos SRV");
  EXPECT_TRUE(has(cut, "flags: qr aa tc rd ra")) << cut;
  EXPECT_TRUE(has(dig(port, "web.marathon.mesos A"), "\tA\t127.9.0.1"));
  EXPECT_TRUE(has(dig(port, "WEB.marathon.mesos A"), "\tA\t127.9.0.1"));
  EXPECT_TRUE(has(dig(port, "none.marathon.mesos A"), "status: NXDOMAIN"));
  const std::string no_data = dig(port, "web.marathon.mesos AAAA");
  EXPECT_TRUE(has(no_data, "status: NOERROR")) << no_data;
  EXPECT_TRUE(has(no_data, "ANSWER: 0, AUTHORITY: 1")) << no_data;
  wait_for("leader.mesos A", "127.0.0.7");
}

TEST_F(DaemonTest, ShowsAChangeWithinASecond) {
  FakeMaster master(thread);
  master.tasks = {task_json("web", 1)};
  start(master.url());
  wait_for("web.marathon.mesos A", "127.9.0.1");
  master.task_added(task_json("shop", 2));
  EXPECT_LT(wait_for("_shop._tcp.marathon.mesos SRV", "31002"), 1s);
  const auto update = [&](const std::string& state, const std::string& more) {
    master.event(fmt::format(
        R"({{"type":"TASK_UPDATED","task_updated":{{"framework_id":{{"value":"f1"}},)"
        R"("state":"{0}","status":{{"task_id":{{"value":"shop.2"}},"state":"{0}"{1}}}}}}})",
        state,
        more));
  };
  update("TASK_RUNNING", R"(,"timestamp":2.0,"healthy":false)");
  EXPECT_LT(wait_for("shop.marathon.mesos A", "status: NXDOMAIN"), 1s);
  update("TASK_RUNNING", R"(,"timestamp":3.0,"healthy":true)");
  EXPECT_LT(wait_for("shop.marathon.mesos A", "127.9.0.1"), 1s);
  update("TASK_KILLING", R"(,"timestamp":4.0)");
  EXPECT_LT(wait_for("shop.marathon.mesos A", "status: NXDOMAIN"), 1s);
}

TEST_F(DaemonTest, FollowsTheRedirectOfAMasterThatDoesNotLead) {
  FakeMaster leader(thread);
  leader.tasks = {task_json("web", 1)};
  FakeMaster follower(thread);
  follower.redirect = fmt::format("//127.0.0.1:{}", leader.port);
  start(follower.url());
  wait_for("web.marathon.mesos A", "127.9.0.1");
}

TEST_F(DaemonTest, PollsAMasterWithoutAStream) {
  FakeMaster master(thread);
  master.has_stream = false;
  master.legacy_state =
      R"({"leader":"master@127.0.0.1:5050","slaves":[{"id":"c-S1","pid":"slave(1)@127.9.0.1:1"},)"
      R"({"id":"c-S2","pid":""},{"id":"c-S3"}],"frameworks":[{"id":"f1","name":"marathon","pid":)"
      R"("sched@127.9.0.8:99","tasks":[{"id":"web.1","name":"web","framework_id":"f1","slave_id":)"
      R"("c-S1","state":"TASK_RUNNING","resources":{"ports":"[31001-31002]"}}]}]})";
  Options options;
  options.refresh = 1s;
  start(master.url(), options);
  wait_for("_web._udp.marathon.mesos SRV", "31002");
  wait_for("_framework._tcp.marathon.mesos SRV", "99 marathon.mesos.");
  EXPECT_TRUE(has(get("/v1/status"), "\"source\": \"poll\""));
  thread.run([&] {
    master.legacy_state = R"({"leader":"master@127.0.0.1:5050","slaves":[],"frameworks":[]})";
  });
  wait_for("web.marathon.mesos A", "status: NXDOMAIN");
}

TEST_F(DaemonTest, OpensTheStreamAnewToSeeWhatNoEventTells) {
  FakeMaster master(thread);
  master.tasks = {task_json("web", 1)};
  Options options;
  options.refresh = 1s;
  start(master.url(), options);
  wait_for("web.marathon.mesos A", "127.9.0.1");
  thread.run([&] { master.tasks = {task_json("shop", 1)}; });
  wait_for("web.marathon.mesos A", "status: NXDOMAIN");
  wait_for("shop.marathon.mesos A", "127.9.0.1");
}

TEST_F(DaemonTest, ServesTheLastRecordsWithoutAMasterAndAfterARestart) {
  auto master = std::make_unique<FakeMaster>(thread);
  master->tasks = {task_json("web", 1)};
  const std::string url = master->url();
  start(url);
  wait_for("web.marathon.mesos A", "127.9.0.1");
  master.reset();
  EXPECT_TRUE(has(dig(port, "web.marathon.mesos A"), "127.9.0.1"));
  const Time begin = clock.now().time;
  while (!read_saved(folder.path) && clock.now().time - begin < 10s) {
    get("/v1/status");
  }
  stop();
  start(url);
  EXPECT_TRUE(has(dig(port, "web.marathon.mesos A"), "127.9.0.1"));
  EXPECT_TRUE(has(dig(port, "_web._tcp.marathon.mesos SRV"), "31001"));
  const std::string status = get("/v1/status");
  EXPECT_TRUE(has(status, "\"source\": \"none\"")) << status;
  EXPECT_TRUE(has(status, "\"ageSeconds\": ")) << status;
  EXPECT_TRUE(has(get("/metrics"), "dns_record_age_seconds"));
}

TEST_F(DaemonTest, IsNotReadyBeforeTheFirstRecords) {
  start("http://127.0.0.1:1");
  EXPECT_TRUE(has(dig(port, "web.marathon.mesos A"), "status: SERVFAIL"));
  EXPECT_TRUE(has(get("/health"), "no records yet"));
  EXPECT_TRUE(has(get("/v1/version"), "Mesos-DNS"));
}

TEST_F(DaemonTest, SaysWhyItCannotListen) {
  start("http://127.0.0.1:1");
  thread.run([&] {
    Options options;
    options.port = port;
    options.http = Feature::off;
    const auto second = Daemon::start(thread.loop, clock, options, [](const Error&) {});
    ASSERT_FALSE(second);
    EXPECT_TRUE(has(second.error().message, std::to_string(port))) << second.error().message;
  });
}

}  // namespace
}  // namespace ekiden::dns
