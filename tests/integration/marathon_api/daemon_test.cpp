#include "marathon/daemon/daemon.h"

#include "core/json/json.h"
#include "core/net/client.h"
#include "core/net/server.h"
#include "core/store/memory_store.h"
#include "tests/integration/marathon_api/fake_master.h"

#include <gtest/gtest.h>

namespace ekiden::marathon {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 20s;  // a test that waits longer has failed

class DaemonTest : public testing::Test {
 protected:
  DaemonTest() : client_(loop_), master_(loop_), patience_(loop_, [this] { give_up(); }) {}

  void start() {
    Options options;
    options.port = 0;
    options.settings.hostname = "127.0.0.1";
    auto daemon = Daemon::start(
        loop_, clock_, store_, options, master_.connect(), [](Error e) { FAIL() << e.message; });
    ASSERT_TRUE(daemon) << daemon.error().message;
    daemon_ = std::move(*daemon);
  }

  void give_up() {
    ADD_FAILURE() << "nothing came in time";
    loop_.stop();
  }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(daemon_->port()) + path;
  }

  net::Response call(const std::string& method, const std::string& path, std::string body = {}) {
    net::Call call;
    call.method = method;
    call.url = url(path);
    call.body = std::move(body);
    call.headers.set("Content-Type", "application/json");
    net::Response answer;
    answer.status = 0;
    client_.send(std::move(call), [&](Result<net::Response> result) {
      if (result) {
        answer = std::move(*result);
      } else {
        ADD_FAILURE() << result.error().message;
      }
      loop_.stop();
    });
    run();
    return answer;
  }

  json::Value get(const std::string& path) {
    return json::parse(call("GET", path).body).value_or(json::Value());
  }

  void run() {
    patience_.set_after(kPatience);
    loop_.run();
    patience_.cancel();
  }

  // Asks again until the answer is as wanted; each round is a request, not a sleep.
  template <class Wanted>
  json::Value wait_for(const std::string& path, Wanted wanted) {
    const auto until = SystemClock().now().time + kPatience;
    json::Value answer = get(path);
    while (!wanted(answer)) {
      if (SystemClock().now().time > until || HasFailure()) {
        ADD_FAILURE() << "never as wanted: " << json::to_text(answer);
        break;
      }
      net::Timer pause(loop_, [this] { loop_.stop(); });
      pause.set_after(20ms);
      run();
      answer = get(path);
    }
    return answer;
  }

  SystemClock clock_;
  net::Loop loop_;
  store::MemoryStore store_;
  net::Client client_;
  FakeMaster master_;
  net::Timer patience_;
  std::unique_ptr<Daemon> daemon_;
};

bool runs(const json::Value& answer, int count) {
  return answer["app"]["tasksRunning"].as_int() == count &&
         answer["app"]["deployments"].as_array().empty();
}

TEST_F(DaemonTest, RunsAnAppAndShowsItsTask) {
  start();
  const net::Response created = call("POST", "/v2/apps", R"({"id":"/web","cmd":"sleep 600"})");
  EXPECT_EQ(created.status, 201) << created.body;
  const json::Value app =
      wait_for("/v2/apps/web", [](const json::Value& answer) { return runs(answer, 1); });
  const json::Array& tasks = app["app"]["tasks"].as_array();
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0]["state"].as_string(), "TASK_RUNNING");
  EXPECT_EQ(tasks[0]["host"].as_string(), "127.0.0.1");
  EXPECT_EQ(tasks[0]["id"].as_string(), master_.launched.at(0));
  EXPECT_EQ(tasks[0]["ports"].as_array().size(), 1u);
}

TEST_F(DaemonTest, KeepsAppsAndTasksOverARestart) {
  start();
  call("POST", "/v2/apps", R"({"id":"/web","cmd":"sleep 600"})");
  wait_for("/v2/apps/web", [](const json::Value& answer) { return runs(answer, 1); });
  daemon_.reset();
  start();
  const json::Value app = get("/v2/apps/web");
  EXPECT_EQ(app["app"]["cmd"].as_string(), "sleep 600");
  EXPECT_EQ(app["app"]["tasks"].as_array().size(), 1u);
  EXPECT_TRUE(master_.killed.empty());
}

TEST_F(DaemonTest, ConnectsAgainWhenTheMasterGoesAway) {
  start();
  call("GET", "/ping");
  master_.break_link();
  const auto until = SystemClock().now().time + kPatience;
  while (master_.connections < 2 && SystemClock().now().time < until) {
    call("GET", "/ping");
  }
  EXPECT_GE(master_.connections, 2);
}

TEST_F(DaemonTest, StreamsEventsOfADeployment) {
  start();
  std::string stream;
  net::Call reader;
  reader.url = url("/v2/events");
  reader.headers.set("Accept", "text/event-stream");
  reader.timeout = Duration::zero();
  reader.on_chunk = [&](std::string_view chunk) {
    stream += chunk;
    if (stream.find("event: deployment_success\r\ndata: {") != std::string::npos) {
      loop_.stop();
    }
  };
  const net::CallId id = client_.send(std::move(reader), [](const Result<net::Response>&) {});
  net::Call post;
  post.method = "POST";
  post.url = url("/v2/apps");
  post.body = R"({"id":"/web","cmd":"sleep 600"})";
  client_.send(std::move(post), [](const Result<net::Response>&) {});
  run();
  client_.cancel(id);
  for (const char* type : {"event_stream_attached",
                           "group_change_success",
                           "api_post_event",
                           "deployment_info",
                           "deployment_step_success",
                           "instance_changed_event",
                           "status_update_event"}) {
    EXPECT_NE(stream.find(std::string("event: ") + type + "\r\ndata: {"), std::string::npos)
        << type << "\n"
        << stream;
  }
}

TEST_F(DaemonTest, ProbesTasksByHttpAndTcp) {
  auto task = net::Server::listen(loop_, {}, [](const net::Request& request, auto respond) {
    respond(net::text_response(request.path == "/health" ? 200 : 500, "ok"));
  });
  ASSERT_TRUE(task);
  start();
  const std::string port = std::to_string((*task)->port());
  const std::string body = R"({"id":"/web","cmd":"sleep 600","healthChecks":[
    {"protocol":"HTTP","path":"/health","port":)" +
                           port + R"(,"gracePeriodSeconds":1,"intervalSeconds":1},
    {"protocol":"TCP","port":)" +
                           port + R"(,"gracePeriodSeconds":1,"intervalSeconds":1}]})";
  EXPECT_EQ(call("POST", "/v2/apps", body).status, 201);
  const json::Value app = wait_for("/v2/apps/web", [](const json::Value& answer) {
    return answer["app"]["tasksHealthy"].as_int() == 1;
  });
  EXPECT_EQ(app["app"]["tasks"].as_array().at(0)["healthCheckResults"].as_array().size(), 2u);
}

TEST_F(DaemonTest, DrainsAtTheLoadBalancerBeforeItKills) {
  bool killed_before_drain = false;
  json::Value drained;
  auto lb = net::Server::listen(loop_, {}, [&](const net::Request& request, auto respond) {
    killed_before_drain = !master_.killed.empty();
    drained = json::parse(request.body).value_or(json::Value());
    respond(net::json_response(200, "{}"));
  });
  ASSERT_TRUE(lb);
  start();
  const std::string lb_url = "http://127.0.0.1:" + std::to_string((*lb)->port());
  EXPECT_EQ(call("POST", "/v2/ekiden/lbs", "{\"url\":\"" + lb_url + "\"}").status, 200);
  call("POST", "/v2/apps", R"({"id":"/web","cmd":"sleep 600"})");
  wait_for("/v2/apps/web", [](const json::Value& answer) { return runs(answer, 1); });
  EXPECT_EQ(call("DELETE", "/v2/apps/web").status, 200);
  wait_for("/v2/deployments", [](const json::Value& all) { return all.as_array().empty(); });
  EXPECT_FALSE(killed_before_drain);
  EXPECT_EQ(drained["appId"].as_string(), "/web");
  EXPECT_EQ(drained["taskId"].as_string(), master_.launched.at(0));
  EXPECT_EQ(master_.killed, master_.launched);
}

TEST_F(DaemonTest, RefusesABodyThatIsTooLarge) {
  start();
  const net::Response answer = call("POST", "/v2/apps", std::string(17 * 1024 * 1024, ' '));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, R"({"message":"Request Entity Too Large"})");
}

}  // namespace
}  // namespace ekiden::marathon
