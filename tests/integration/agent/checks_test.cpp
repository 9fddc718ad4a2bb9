#include "core/net/server.h"
#include "tests/integration/agent/fixture.h"

namespace ekiden::agent {
namespace {

struct Checks : AgentTest {
  model::TaskInfo checked_task(const std::string& id, model::HealthCheck::Type type) {
    model::TaskInfo task = command_task(id, "sleep 1000");
    model::HealthCheck& check = task.health_check.emplace();
    check.type = type;
    check.delay_seconds = 0;
    check.interval_seconds = 0.05;
    check.timeout_seconds = 2;
    check.grace_period_seconds = 0;
    check.consecutive_failures = 3;
    return task;
  }

  bool wait_for_health(const std::string& task, bool healthy) {
    return run_until([&] {
      return std::any_of(master.updates.begin(), master.updates.end(), [&](const auto& one) {
        return one.task_id.value == task && one.healthy == healthy;
      });
    });
  }
};

TEST_F(Checks, CommandChecksFollowTheFile) {
  start();
  model::TaskInfo task = checked_task("t", model::HealthCheck::Type::command);
  task.health_check->command.emplace().value = "test -e " + folder.path() + "/well";
  folder.write("well", "");
  master.run(task);
  ASSERT_TRUE(wait_for_health("t", true));
  std::filesystem::remove(folder.path() + "/well");
  ASSERT_TRUE(wait_for_health("t", false));
  ASSERT_TRUE(wait_for("t", TaskState::killed));
  EXPECT_EQ(status("t", TaskState::killed)->healthy, false);
}

TEST_F(Checks, HttpAndTcpChecksProbeThePort) {
  auto server =
      net::Server::listen(loop, {}, [](const net::Request& request, const net::Responder& respond) {
        respond(net::text_response(request.path == "/health" ? 200 : 500, "x"));
      });
  ASSERT_TRUE(server);
  start();
  const std::uint32_t port = (*server)->port();
  model::TaskInfo http = checked_task("http", model::HealthCheck::Type::http);
  http.health_check->http.emplace().port = port;
  http.health_check->http->path = "/health";
  model::TaskInfo sick = checked_task("sick", model::HealthCheck::Type::http);
  sick.health_check->http.emplace().port = port;
  model::TaskInfo tcp = checked_task("tcp", model::HealthCheck::Type::tcp);
  tcp.health_check->tcp.emplace().port = port;
  master.run(http);
  master.run(sick);
  master.run(tcp);
  EXPECT_TRUE(wait_for_health("http", true));
  EXPECT_TRUE(wait_for_health("tcp", true));
  EXPECT_TRUE(wait_for_health("sick", false));
  EXPECT_TRUE(wait_for("sick", TaskState::killed));
}

// [mesos-core 3.8]: the last answer counts.
TEST_F(Checks, HttpChecksFollowRedirects) {
  int loops = 0;
  auto server = net::Server::listen(
      loop, {}, [&](const net::Request& request, const net::Responder& respond) {
        net::Response answer = net::text_response(302, "");
        if (request.path == "/good") {
          answer.headers.set("Location", "/well");
        } else if (request.path == "/bad") {
          answer.headers.set("Location",
                             "http://" + std::string(*request.headers.get("Host")) + "/broken");
        } else if (request.path == "/loop") {
          ++loops;
          answer.headers.set("Location", "/loop");
        } else {
          answer = net::text_response(request.path == "/well" ? 200 : 500, "x");
        }
        respond(std::move(answer));
      });
  ASSERT_TRUE(server);
  start();
  for (const std::string& id : {std::string("good"), std::string("bad"), std::string("loop")}) {
    model::TaskInfo task = checked_task(id, model::HealthCheck::Type::http);
    task.health_check->http.emplace().port = (*server)->port();
    task.health_check->http->path = "/" + id;
    task.health_check->consecutive_failures = 1;
    master.run(task);
  }
  EXPECT_TRUE(wait_for_health("good", true));
  EXPECT_TRUE(wait_for_health("bad", false));
  EXPECT_TRUE(wait_for_health("loop", false));
  EXPECT_LE(loops, 40);  // it gives up
}

TEST_F(Checks, CheckThatHangsTimesOut) {
  start();
  model::TaskInfo task = checked_task("t", model::HealthCheck::Type::command);
  task.health_check->command.emplace().value = "sleep 1000";
  task.health_check->timeout_seconds = 0.1;
  task.health_check->consecutive_failures = 1;
  master.run(task);
  ASSERT_TRUE(wait_for_health("t", false));
  EXPECT_TRUE(wait_for("t", TaskState::killed));
}

}  // namespace
}  // namespace ekiden::agent
