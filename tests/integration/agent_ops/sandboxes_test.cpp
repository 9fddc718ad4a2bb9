#include "core/agent/sandbox_gc.h"
#include "core/net/server.h"
#include "tests/integration/agent_ops/operator_fixture.h"

#include <fstream>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

TEST(SandboxGc, shrinksTheAgeAsTheDiskFills) {
  const Duration week = std::chrono::hours(24 * 7);
  EXPECT_EQ(allowed_age(week, 0.0, 0.0), week);
  EXPECT_EQ(allowed_age(week, 0.1, 0.4), week / 2);
  EXPECT_EQ(allowed_age(week, 0.1, 0.95), Duration{});
}

TEST_F(OperatorTest, sandboxesOfEndedExecutorsGoAfterTheDelay) {
  options.gc_delay = 300ms;
  options.gc_disk_headroom = 0;
  options.disk_watch_interval = 50ms;
  start();
  run_task("stays", "sleep 100");
  run_task("ends", "exit 0");
  ASSERT_TRUE(wait_for("ends", TaskState::finished));
  const std::string executors = options.work_dir + "/slaves/A/frameworks/F/executors/";
  EXPECT_TRUE(run_until([&] { return !fs::exists(executors + "ends"); }))
      << "with the executor's folder, when it has no other run";
  EXPECT_TRUE(fs::exists(executors + "stays/runs/latest/stdout"));
  EXPECT_TRUE(run_until([&] {
    return json::parse(get("/metrics/snapshot").body)
               .value()["gc/path_removals_succeeded"]
               .as_double() >= 1;
  }));
}

// The disk is looked through while the first tasks start: what runs keeps its sandbox however soon
// others go.
TEST_F(OperatorTest, sandboxOfATaskThatStartsAtOnceStays) {
  options.gc_delay = 0ms;
  options.disk_watch_interval = 20ms;
  for (int round = 0; round < 5; ++round) {
    start();
    const std::string id = fmt::format("t-{}", round);
    run_task(id, "sleep 100");
    run_for(100ms);
    EXPECT_TRUE(fs::exists(sandbox(id) + "/stdout")) << round;
    daemon.reset();
  }
  start();
}

TEST_F(OperatorTest, sandboxesOfAnEarlierLifeGoToo) {
  start();
  run_task("ends", "exit 0");
  ASSERT_TRUE(wait_for("ends", TaskState::finished));
  run_for(100ms);
  daemon.reset();
  const std::string old = options.work_dir + "/slaves/OLD/frameworks/F/executors/e/runs/c";
  fs::create_directories(old);
  options.gc_delay = 100ms;
  options.gc_disk_headroom = 0;
  options.disk_watch_interval = 50ms;
  start();
  EXPECT_TRUE(run_until([&] { return !fs::exists(options.work_dir + "/slaves/OLD"); }));
}

// ---- what tasks fetch

struct FetchTest : OperatorTest {
  void serve(const net::Handler& handler) {
    auto made = net::Server::listen(loop, {}, handler);
    ASSERT_TRUE(made);
    server = std::move(*made);
  }

  std::string address(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", server->port(), path);
  }

  void run_with(const std::string& id, model::FetchUri uri, const std::string& command) {
    model::TaskInfo task = command_task(id, command);
    task.command->uris = {std::move(uri)};
    master.run(task);
  }

  static model::FetchUri cached(std::string value) {
    model::FetchUri uri;
    uri.value = std::move(value);
    uri.cache = true;
    return uri;
  }

  std::unique_ptr<net::Server> server;
  int requests = 0;
};

TEST_F(FetchTest, tasksThatStartTogetherShareOneDownload) {
  std::vector<net::Responder> waiting;
  serve([&](const net::Request&, net::Responder respond) {
    ++requests;
    waiting.push_back(std::move(respond));
  });
  start();
  for (const char* id : {"a", "b", "c"}) {
    run_with(id, cached(address("/data.txt")), "cat data.txt");
  }
  ASSERT_TRUE(run_until([&] { return !waiting.empty(); }));
  run_for(200ms);
  EXPECT_EQ(requests, 1);
  waiting.front()(net::text_response(200, "shared"));
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_TRUE(wait_for(id, TaskState::finished));
    EXPECT_EQ(file(id, "stdout"), "shared");
  }
  EXPECT_EQ(requests, 1);
}

TEST_F(FetchTest, leastRecentlyUsedLeavesAFullCache) {
  options.fetcher_cache_bytes = 250;
  serve([&](const net::Request&, const net::Responder& respond) {
    ++requests;
    respond(net::text_response(200, std::string(100, 'x')));
  });
  start();
  int number = 0;
  const auto fetch = [&](const std::string& path) {
    const std::string id = fmt::format("task-{}", ++number);
    run_with(id, cached(address(path)), "true");
    ASSERT_TRUE(wait_for(id, TaskState::finished));
  };
  fetch("/1");
  fetch("/2");
  fetch("/1");
  EXPECT_EQ(requests, 2);
  fetch("/3");  // pushes /2 out
  fetch("/1");
  EXPECT_EQ(requests, 3);
  fetch("/2");
  EXPECT_EQ(requests, 4);
  const json::Value metrics = json::parse(get("/metrics/snapshot").body).value();
  EXPECT_EQ(metrics["containerizer/fetcher/cache_size_used_bytes"].as_double(), 200);
  EXPECT_EQ(metrics["containerizer/fetcher/task_fetches_succeeded"].as_double(), 6);
}

TEST_F(FetchTest, failuresNameTheUriAndTheReason) {
  serve([&](const net::Request& request, const net::Responder& respond) {
    net::Response response = net::text_response(404, "nothing here");
    if (request.path == "/moved") {
      response = net::text_response(302, "");
      response.headers.set("Location", "/loop");
    } else if (request.path == "/loop") {
      response = net::text_response(302, "");
      response.headers.set("Location", "/moved");
    }
    respond(std::move(response));
  });
  start();
  const auto message_of = [&](const std::string& id, const std::string& uri) {
    model::FetchUri one;
    one.value = uri;
    run_with(id, one, "true");
    EXPECT_TRUE(wait_for(id, TaskState::failed));
    const model::TaskStatus* failed = status(id, TaskState::failed);
    return failed == nullptr ? "" : failed->message.value_or("");
  };
  const std::string missing = message_of("missing", address("/missing"));
  EXPECT_NE(missing.find("Failed to launch container: "), std::string::npos);
  EXPECT_NE(missing.find(address("/missing")), std::string::npos);
  EXPECT_NE(missing.find("404"), std::string::npos);
  EXPECT_NE(message_of("loop", address("/loop")).find("/loop"), std::string::npos);
  EXPECT_NE(message_of("scheme", "gopher://x/y").find("gopher"), std::string::npos);
  EXPECT_NE(message_of("relative", "a/b").find("frameworks_home"), std::string::npos);
}

TEST_F(FetchTest, relativePathsAreBelowTheFrameworksHome) {
  fs::create_directories(folder.path() + "/home");
  std::ofstream(folder.path() + "/home/tool") << "echo from home";
  options.frameworks_home = folder.path() + "/home";
  start();
  model::FetchUri uri;
  uri.value = "tool";
  uri.executable = true;
  uri.output_file = "bin/tool";
  run_with("t", uri, "./bin/tool");
  ASSERT_TRUE(wait_for("t", TaskState::finished));
  EXPECT_EQ(file("t", "stdout"), "from home\n");
}

TEST_F(FetchTest, downloadThatStandsStillIsGivenUp) {
  options.fetcher_stall_timeout = 1s;
  std::shared_ptr<net::ChunkSource> source;
  serve([&](const net::Request&, const net::Responder& respond) {
    net::Response response;
    source = std::make_shared<net::ChunkSource>();
    source->push("the beginning");
    response.chunks = source;
    respond(std::move(response));
  });
  start();
  model::FetchUri uri;
  uri.value = address("/slow");
  run_with("t", uri, "true");
  EXPECT_TRUE(wait_for("t", TaskState::failed));
}

}  // namespace
}  // namespace ekiden::agent
