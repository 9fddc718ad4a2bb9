#include "core/base/strings.h"
#include "core/json/json.h"
#include "tests/integration/agent/fixture.h"

namespace ekiden::agent {
namespace {

struct Http : AgentTest {
  net::Response post(const std::string& body, const std::string& type = "application/json") {
    net::Call call;
    call.method = "POST";
    call.url = fmt::format("http://127.0.0.1:{}/slave(1)/api/v1/executor", daemon->port());
    call.body = body;
    if (!type.empty()) {
      call.headers.set("Content-Type", type);
    }
    return send(std::move(call));
  }
};

TEST_F(Http, StateTellsTasksUnderAllItsNames) {
  start();
  master.run(command_task("t", "sleep 1000"));
  ASSERT_TRUE(wait_for("t", TaskState::running));
  for (const char* path : {"/state", "/state.json", "/slave(1)/state", "/slave(1)/state.json"}) {
    const auto response = get(path);
    ASSERT_EQ(response.status, 200) << path;
    const auto state = *json::parse(response.body);
    const auto& executor = state["frameworks"].as_array().at(0)["executors"].as_array().at(0);
    EXPECT_EQ(executor["id"].as_string(), "t");
    EXPECT_EQ(executor["tasks"].as_array().at(0)["state"].as_string(), "TASK_RUNNING");
    EXPECT_EQ(executor["directory"].as_string(), std::filesystem::canonical(sandbox("t")).string());
  }
}

TEST_F(Http, SmallPagesAnswer) {
  start();
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_EQ((*json::parse(get("/version").body))["version"].as_string(), "1.11.0");
  const auto snapshot = *json::parse(get("/metrics/snapshot").body);
  EXPECT_EQ(snapshot["slave/registered"].as_double(), 1);
  EXPECT_EQ(snapshot["slave/cpus_total"].as_double(), 8);
  EXPECT_NE(get("/metrics").body.find("slave_registered 1"), std::string::npos);
  EXPECT_EQ(get("/monitor/statistics").body, "[]");
  EXPECT_EQ(get("/nothing").status, 404);
}

TEST_F(Http, StatisticsAndContainersTellWhatRuns) {
  start();
  master.run(command_task("t", "sleep 1000"));
  ASSERT_TRUE(wait_for("t", TaskState::running));
  const auto containers = *json::parse(get("/containers").body);
  ASSERT_EQ(containers.as_array().size(), 1U);
  EXPECT_EQ(containers.as_array()[0]["executor_id"].as_string(), "t");
  const auto statistics = *json::parse(get("/monitor/statistics").body);
  ASSERT_EQ(statistics.as_array().size(), 1U);
  EXPECT_EQ(statistics.as_array()[0]["source"].as_string(), "t");
}

TEST_F(Http, SandboxFilesAreServed) {
  start();
  master.run(command_task("t", "echo hello"));
  ASSERT_TRUE(wait_for("t", TaskState::finished));
  const std::string path = percent_encode("/frameworks/F/executors/t/runs/latest/stdout");
  EXPECT_EQ(get("/files/read?offset=0&path=" + path).body, R"({"offset":0,"data":"hello\n"})");
  EXPECT_EQ(get("/files/download?path=" + path).body, "hello\n");
}

TEST_F(Http, ExecutorCallsAreRefusedAsMesosDoes) {
  start();
  EXPECT_EQ(post("{", "application/json").status, 400);
  EXPECT_EQ(post("{}", "text/plain").status, 415);
  const std::string ids = R"("framework_id":{"value":"x"},"executor_id":{"value":"y"})";
  EXPECT_EQ(post(R"({"type":"SUBSCRIBE","subscribe":{},)" + ids + "}").status, 400);
  EXPECT_EQ(post(R"({"type":"HEARTBEAT",)" + ids + "}").status, 202);
  EXPECT_EQ(get("/api/v1/executor").status, 405);
}

}  // namespace
}  // namespace ekiden::agent
