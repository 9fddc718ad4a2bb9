#include "core/net/server.h"
#include "tests/integration/agent/fixture.h"

namespace ekiden::agent {
namespace {

struct Fetch : AgentTest {
  void serve() {
    auto made = net::Server::listen(
        loop, {}, [this](const net::Request& request, const net::Responder& respond) {
          ++requests;
          if (request.path == "/moved") {
            net::Response response = net::text_response(302, "");
            response.headers.set("Location", "/data.txt");
            respond(std::move(response));
          } else if (request.path == "/data.txt") {
            respond(net::text_response(200, "data"));
          } else {
            respond(net::text_response(404, "no"));
          }
        });
    ASSERT_TRUE(made);
    server = std::move(*made);
  }

  std::string url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", server->port(), path);
  }

  std::unique_ptr<net::Server> server;
  int requests = 0;
};

TEST_F(Fetch, UrisAreInTheSandboxBeforeTheTaskStarts) {
  serve();
  start();
  folder.write("tool.sh", "#!/bin/sh\necho tool");
  model::TaskInfo task = command_task("t", "cat data.txt sub/other; ./tool.sh");
  task.command->uris = {{url("/data.txt"), false, true, false, {}},
                        {url("/moved"), false, true, false, "sub/other"},
                        {folder.path() + "/tool.sh", true, true, false, {}}};
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::finished)) << file("t", "stderr");
  EXPECT_EQ(file("t", "stdout"), "datadatatool\n");
}

TEST_F(Fetch, FailureNamesTheUriAndTheStatus) {
  serve();
  start();
  model::TaskInfo task = command_task("t", "true");
  task.command->uris = {{url("/none"), false, true, false, {}}};
  master.run(task);
  ASSERT_TRUE(wait_for("t", TaskState::failed));
  const auto& failed = *status("t", TaskState::failed);
  EXPECT_EQ(failed.reason, StatusReason::container_launch_failed);
  EXPECT_EQ(failed.message,
            fmt::format("Failed to launch container: Failed to fetch '{}': HTTP status 404",
                        url("/none")));
}

TEST_F(Fetch, CachedUriIsFetchedOnce) {
  serve();
  start();
  for (const char* id : {"a", "b", "c"}) {
    model::TaskInfo task = command_task(id, "cat data.txt");
    task.command->uris = {{url("/data.txt"), false, true, true, {}}};
    master.run(task);
  }
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_TRUE(wait_for(id, TaskState::finished));
    EXPECT_EQ(file(id, "stdout"), "data");
  }
  EXPECT_EQ(requests, 1);
}

}  // namespace
}  // namespace ekiden::agent
