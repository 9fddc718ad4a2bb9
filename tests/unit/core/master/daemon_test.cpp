// The master's shell over a real socket and links of this process.
#include "core/master/daemon.h"

#include "core/api/recordio.h"
#include "core/json/json.h"
#include "core/net/client.h"
#include "core/store/memory_store.h"

#include <functional>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace ekiden::master {
namespace {

using namespace std::chrono_literals;
namespace scheduler = api::scheduler;
namespace link = api::agent_link;

class DaemonTest : public testing::Test {
 protected:
  DaemonTest()
      : give_up_(loop, [this] {
          ADD_FAILURE() << "nothing happened within 10 s";
          loop.stop();
        }) {
    start();
  }

  void start() {
    Options options;
    options.port = 0;
    auto started = Daemon::start(
        loop, clock, store, options, [](const Error& error) { ADD_FAILURE() << error.message; });
    ASSERT_TRUE(started) << started.error().message;
    daemon = std::move(*started);
  }

  // Runs the loop until the condition holds; looked at after each event.
  void until(std::function<bool()> condition) {
    done_ = std::move(condition);
    give_up_.set_after(10s);
    look();
    loop.run();
    give_up_.cancel();
  }

  void look() {
    if (done_ && done_()) {
      done_ = nullptr;
      loop.post([this] { loop.stop(); });
    }
  }

  net::Response get(const std::string& path) { return call("GET", path, ""); }

  net::Response call(const std::string& method, const std::string& path, const std::string& body) {
    net::Call request;
    request.method = method;
    request.url = fmt::format("http://127.0.0.1:{}{}", daemon->port(), path);
    request.body = body;
    if (!body.empty()) {
      request.headers.set("Content-Type", "application/json");
    }
    std::optional<net::Response> response;
    client.send(std::move(request), [&](Result<net::Response> result) {
      EXPECT_TRUE(result) << path;
      response = result.value_or(net::Response{});
      look();
    });
    until([&] { return response.has_value(); });
    return *response;
  }

  json::Value get_json(const std::string& path) {
    const net::Response response = get(path);
    EXPECT_EQ(response.status, 200) << path;
    auto value = json::parse(response.body);
    EXPECT_TRUE(value) << path << ": " << response.body;
    return value.value_or(json::Value());
  }

  // An agent with one subscription of a framework; both kept in members.
  void open_links() {
    agent = daemon->agent_connect()(
        [this](link::ToAgent message) {
          to_agent.push_back(std::move(message));
          look();
        },
        [this] {
          agent_closed = true;
          look();
        });
    link::Register body;
    body.info.hostname = "127.0.0.1";
    body.info.resources = model::parse_resources("cpus:4;mem:1024")->list();
    agent->send({std::nullopt, body});
    framework = daemon->scheduler_connect()(
        [this](scheduler::Event event) {
          to_framework.push_back(std::move(event));
          look();
        },
        [] {});
    scheduler::Subscribe subscribe;
    subscribe.framework_info.name = "marathon";
    subscribe.framework_info.failover_timeout = 100;
    framework->send({std::nullopt, subscribe});
    until([this] { return offers() != nullptr; });
  }

  const scheduler::Offers* offers() const {
    for (const auto& event : to_framework) {
      if (const auto* found = std::get_if<scheduler::Offers>(&event)) {
        return found;
      }
    }
    return nullptr;
  }

  void launch() {
    const model::Offer offer = offers()->offers.at(0);
    model::TaskInfo task;
    task.name = "web";
    task.task_id = {"web.1"};
    task.agent_id = offer.agent_id;
    task.resources = model::parse_resources("cpus:1;mem:32")->list();
    task.command = model::CommandInfo{};
    model::Operation operation;
    operation.type = model::Operation::Type::launch;
    operation.launch_task_infos = {task};
    framework->send({offer.framework_id, scheduler::Accept{{offer.id}, {operation}, std::nullopt}});
    until([this] {
      return std::any_of(to_agent.begin(), to_agent.end(), [](const link::ToAgent& message) {
        return std::holds_alternative<link::RunTask>(message);
      });
    });
  }

  net::Loop loop;
  SystemClock clock;
  store::MemoryStore store;
  net::Client client{loop};
  std::unique_ptr<Daemon> daemon;
  std::vector<link::ToAgent> to_agent;
  std::vector<scheduler::Event> to_framework;
  std::unique_ptr<api::MasterLink> agent;
  std::unique_ptr<api::SchedulerLink> framework;
  bool agent_closed = false;

 private:
  std::function<bool()> done_;
  net::Timer give_up_;
};

TEST_F(DaemonTest, ServesReadsOfWhatHappenedOnItsLinks) {
  EXPECT_EQ(get("/health").status, 200);
  open_links();
  launch();
  for (const char* path : {"/state", "/master/state", "/state.json", "/master/state.json"}) {
    const json::Value state = get_json(path);
    EXPECT_EQ(state["slaves"].as_array().size(), 1u) << path;
    EXPECT_EQ(state["frameworks"].as_array().at(0)["tasks"].as_array().size(), 1u) << path;
  }
  EXPECT_EQ(get_json("/tasks")["tasks"].as_array().at(0)["id"].as_string(), "web.1");
  EXPECT_EQ(get_json("/slaves")["slaves"].as_array().size(), 1u);
  EXPECT_EQ(get_json("/frameworks")["frameworks"].as_array().size(), 1u);
  EXPECT_EQ(get_json("/state-summary")["slaves"].as_array().size(), 1u);
  EXPECT_EQ(get_json("/metrics/snapshot")["master/tasks_staging"].as_double(), 1.0);
  EXPECT_FALSE(get_json("/version")["version"].as_string().empty());
  EXPECT_NE(get("/metrics").body.find("master_agents_active 1"), std::string::npos);
  EXPECT_EQ(get("/state?jsonp=back").body.rfind("back({", 0), 0u);
  EXPECT_EQ(get("/nowhere").status, 404);
}

TEST_F(DaemonTest, OperatorCallsAnswerOrSayWhy) {
  EXPECT_EQ(call("POST", "/api/v1", R"({"type":"GET_HEALTH"})").body,
            R"({"type":"GET_HEALTH","get_health":{"healthy":true}})");
  EXPECT_EQ(call("POST", "/api/v1", "{").status, 400);
  EXPECT_EQ(call("POST", "/api/v1", R"({"type":"FLY"})").status, 400);
}

TEST_F(DaemonTest, EventStreamTellsTheStateThenTheChanges) {
  open_links();
  api::RecordIoDecoder decoder;
  std::vector<std::string> types;
  net::Call request;
  request.method = "POST";
  request.url = fmt::format("http://127.0.0.1:{}/api/v1", daemon->port());
  request.body = R"({"type":"SUBSCRIBE"})";
  request.headers.set("Content-Type", "application/json");
  request.timeout = {};
  request.on_chunk = [&](std::string_view bytes) {
    const auto records = decoder.feed(bytes);
    ASSERT_TRUE(records);
    for (const std::string& record : *records) {
      types.emplace_back((*json::parse(record))["type"].as_string());
    }
    look();
  };
  const net::CallId id = client.send(std::move(request), [](const Result<net::Response>&) {});
  until([&] { return types.size() >= 2; });
  launch();
  until([&] { return types.size() >= 3; });
  client.cancel(id);
  EXPECT_EQ(types.at(0), "SUBSCRIBED");
  EXPECT_EQ(types.at(1), "HEARTBEAT");
  EXPECT_EQ(types.at(2), "TASK_ADDED");
}

TEST_F(DaemonTest, ANewOneRemembersAgentsAndFrameworks) {
  open_links();
  daemon.reset();  // the links are dead now and may still be used
  agent->send({std::nullopt, link::Pong{}});
  start();
  const json::Value state = get_json("/state");
  EXPECT_EQ(state["recovered_slaves"].as_array().size(), 1u);
  EXPECT_EQ(state["frameworks"].as_array().at(0)["name"].as_string(), "marathon");
  EXPECT_TRUE(state["frameworks"].as_array().at(0)["recovered"].as_bool());
}

TEST_F(DaemonTest, AReplacedLinkIsClosed) {
  open_links();
  const auto* registered = std::get_if<link::Registered>(&to_agent.front());
  ASSERT_NE(registered, nullptr);
  auto second = daemon->agent_connect()([](const link::ToAgent&) {}, [] {});
  link::Register body;
  body.info.hostname = "127.0.0.1";
  body.info.id = registered->agent_id;
  second->send({registered->agent_id, body});
  until([this] { return agent_closed; });
}

}  // namespace
}  // namespace ekiden::master
