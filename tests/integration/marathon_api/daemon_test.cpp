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
    options_.port = 0;
    options_.settings.hostname = "127.0.0.1";
    auto daemon = Daemon::start(
        loop_, clock_, store_, options_, master_.connect(), [](Error e) { FAIL() << e.message; });
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
    call.headers = headers_;
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

  Options options_;
  net::Headers headers_;  // of every request
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

TEST_F(DaemonTest, AsksForThePasswordAndRemembersWhoDeployed) {
  options_.front.credentials = "ann:secret";
  start();
  const net::Response refused = call("GET", "/v2/apps");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.headers.get("WWW-Authenticate"), "Basic realm=\"Mesosphere\"");
  headers_.set("Authorization", "Basic YW5uOndyb25n");
  EXPECT_EQ(call("GET", "/v2/apps").status, 401);
  headers_.set("Authorization", "Basic YW5uOnNlY3JldA==");
  EXPECT_EQ(call("POST", "/v2/apps", R"({"id":"/web","cmd":"sleep 600"})").status, 201);
  const json::Value history = wait_for(
      "/v2/deployments/history", [](const json::Value& all) { return all.as_array().size() == 1; });
  const json::Value& deployment = history.as_array().at(0);
  EXPECT_EQ(deployment["actor"].as_string(), "ann");
  EXPECT_EQ(deployment["outcome"].as_string(), "succeeded");
  EXPECT_EQ(deployment["changes"].as_array().at(0)["change"].as_string(), "created");
}

TEST_F(DaemonTest, RefusesToStartWithCredentialsOfAnotherForm) {
  options_.front.credentials = "secret";
  const auto daemon =
      Daemon::start(loop_, clock_, store_, options_, master_.connect(), [](const Error&) {});
  ASSERT_FALSE(daemon);
  EXPECT_EQ(daemon.error().message,
            "cannot use --http_credentials: it is not of the form user:password");
}

TEST_F(DaemonTest, AllowsTheOriginsThatWereNamed) {
  options_.front.allow_origins = {"http://a", "http://b"};
  start();
  headers_.set("Access-Control-Request-Headers", "X-Mine");
  const net::Response answer = call("GET", "/ping");
  EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin"), "http://b");
  EXPECT_EQ(answer.headers.get("Access-Control-Allow-Headers"), "X-Mine");
  EXPECT_EQ(answer.headers.get("Access-Control-Max-Age"), "86400");
}

TEST_F(DaemonTest, PacksLargeAnswersForThoseWhoTakeThem) {
  start();
  headers_.set("Accept-Encoding", "gzip");
  EXPECT_EQ(call("GET", "/v2/info").headers.get("Content-Encoding"), "gzip");
  daemon_.reset();
  options_.front.compression = false;
  start();
  EXPECT_EQ(call("GET", "/v2/info").headers.get("Content-Encoding"), std::nullopt);
}

TEST_F(DaemonTest, StepsDownAndComesBackFromTheStore) {
  start();
  call("POST", "/v2/apps", R"({"id":"/web","cmd":"sleep 600"})");
  wait_for("/v2/apps/web", [](const json::Value& answer) { return runs(answer, 1); });
  const int connections = master_.connections;
  const net::Response answer = call("DELETE", "/v2/leader");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"message":"Leadership abdicated","details":[]})");
  const auto until = SystemClock().now().time + kPatience;
  while (master_.connections == connections && SystemClock().now().time < until) {
    call("GET", "/ping");
  }
  EXPECT_EQ(master_.connections, connections + 1);
  wait_for("/v2/apps/web", [](const json::Value& one) { return runs(one, 1); });
  EXPECT_TRUE(master_.killed.empty());
  EXPECT_EQ(master_.launched.size(), 1u);
}

TEST_F(DaemonTest, PausesAndResumesADeployment) {
  start();
  call("POST", "/v2/apps", R"({"id":"/web","cmd":"sleep 600","cpus":100000})");
  const json::Value running = get("/v2/deployments");
  const std::string id(running.as_array().at(0)["id"].as_string());
  EXPECT_EQ(call("POST", "/v2/deployments/" + id + "/pause").status, 204);
  json::Value paused = get("/v2/deployments");
  EXPECT_EQ(paused.as_array().at(0)["paused"]["reason"].as_string(), "paused by 127.0.0.1");
  EXPECT_EQ(call("POST", "/v2/deployments/" + id + "/resume").status, 204);
  EXPECT_EQ(get("/v2/deployments").as_array().at(0).find("paused"), nullptr);
  EXPECT_EQ(call("POST", "/v2/deployments/nope/pause").status, 404);
}

TEST_F(DaemonTest, RefusesABodyThatIsTooLarge) {
  start();
  const net::Response answer = call("POST", "/v2/apps", std::string(17 * 1024 * 1024, ' '));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, R"({"message":"Request Entity Too Large"})");
}

}  // namespace
}  // namespace ekiden::marathon
