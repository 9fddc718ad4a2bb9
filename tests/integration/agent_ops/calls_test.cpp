#include "tests/integration/agent_ops/operator_fixture.h"

namespace ekiden::agent {
namespace {

namespace op = api::agent_operator;

TEST_F(OperatorTest, readsAnswerInTheirOwnMember) {
  start();
  EXPECT_EQ(post(R"({"type":"GET_HEALTH"})").body,
            R"({"type":"GET_HEALTH","get_health":{"healthy":true}})");
  EXPECT_EQ(ask(R"({"type":"GET_VERSION"})")["get_version"]["version_info"]["version"].as_string(),
            "1.11.0");
  const json::Value flags = ask(R"({"type":"GET_FLAGS"})");
  bool found = false;
  for (const json::Value& flag : flags["get_flags"]["flags"].as_array()) {
    found = found || (flag["name"].as_string() == "work_dir" &&
                      flag["value"].as_string() == options.work_dir);
  }
  EXPECT_TRUE(found);
  const json::Value metrics = ask(R"({"type":"GET_METRICS","get_metrics":{}})");
  EXPECT_GT(metrics["get_metrics"]["metrics"].as_array().size(), 40U);
  EXPECT_EQ(ask(R"({"type":"GET_AGENT"})")["get_agent"]["agent_info"]["id"]["value"].as_string(),
            "A");
  EXPECT_EQ(
      post(R"({"type":"GET_RESOURCE_PROVIDERS"})").body,
      R"({"type":"GET_RESOURCE_PROVIDERS","get_resource_providers":{"resource_providers":[]}})");
  EXPECT_EQ(post(R"({"type":"GET_OPERATIONS"})").body,
            R"({"type":"GET_OPERATIONS","get_operations":{"operations":[]}})");
}

TEST_F(OperatorTest, emptyListsAreWritten) {
  start();
  EXPECT_EQ(post(R"({"type":"GET_TASKS"})").body,
            R"({"type":"GET_TASKS","get_tasks":{"pending_tasks":[],"queued_tasks":[],)"
            R"("launched_tasks":[],"terminated_tasks":[],"completed_tasks":[]}})");
  EXPECT_EQ(post(R"({"type":"GET_CONTAINERS"})").body,
            R"({"type":"GET_CONTAINERS","get_containers":{"containers":[]}})");
}

TEST_F(OperatorTest, stateNamesTheTaskItsExecutorAndFramework) {
  start();
  const std::string container = run_task("t", "sleep 100");
  const json::Value state = ask(R"({"type":"GET_STATE"})");
  const auto& tasks = state["get_state"]["get_tasks"]["launched_tasks"].as_array();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0]["task_id"]["value"].as_string(), "t");
  EXPECT_EQ(tasks[0]["state"].as_string(), "TASK_RUNNING");
  EXPECT_EQ(state["get_state"]["get_frameworks"]["frameworks"].as_array().size(), 1U);
  EXPECT_EQ(state["get_state"]["get_executors"]["executors"].as_array().size(), 1U);
  const json::Value containers = ask(R"({"type":"GET_CONTAINERS"})");
  const json::Value& shown = containers["get_containers"]["containers"].as_array().at(0);
  EXPECT_EQ(shown["container_id"]["value"].as_string(), container);
  EXPECT_GT(shown["container_status"]["executor_pid"].as_int(), 0);
  EXPECT_GT(shown["resource_statistics"]["timestamp"].as_double(), 0);
  if (Cgroups::detect(options.cgroups_root).available()) {
    EXPECT_GT(shown["resource_statistics"]["processes"].as_int(), 0);
    EXPECT_GT(shown["resource_statistics"]["mem_limit_bytes"].as_int(), 0);
  }
}

TEST_F(OperatorTest, endedTasksAreStillToldOf) {
  start();
  run_task("ends", "exit 0");
  ASSERT_TRUE(wait_for("ends", TaskState::finished));
  const auto completed = [this] {
    return ask(R"({"type":"GET_TASKS"})")["get_tasks"]["completed_tasks"].as_array();
  };
  ASSERT_TRUE(run_until([&] { return completed().size() == 1; }));
  EXPECT_EQ(completed()[0]["state"].as_string(), "TASK_FINISHED");
  const json::Value state = json::parse(get("/state").body).value();
  const auto& frameworks = state["frameworks"].as_array().empty()
                               ? state["completed_frameworks"].as_array()
                               : state["frameworks"].as_array();
  ASSERT_EQ(frameworks.size(), 1U);
  const json::Value& executor = frameworks[0]["completed_executors"].as_array().at(0);
  EXPECT_NE(executor["directory"].as_string().find("/executors/ends/runs/"), std::string::npos);
  EXPECT_EQ(executor["completed_tasks"].as_array().size(), 1U);
}

TEST_F(OperatorTest, protobufBothWays) {
  start();
  op::Call call;
  call.type = op::CallType::get_agent;
  const std::string type = "application/x-protobuf";
  const net::Response response = post(protobuf::to_protobuf(call), type, type);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Type"), type);
  const auto answer = protobuf::from_protobuf<op::Response>(response.body);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->type, op::ResponseType::get_agent);
  EXPECT_EQ(answer->get_agent->agent_info.id, AgentId{"A"});
}

TEST_F(OperatorTest, wrongEnvelopesAreRefused) {
  start();
  const std::string health = R"({"type":"GET_HEALTH"})";
  EXPECT_EQ(post(health, "").status, 400) << "no type at all";
  EXPECT_EQ(post(health, "text/plain").status, 415);
  EXPECT_EQ(post(health, "application/json", "text/html").status, 406);
  EXPECT_EQ(post(health, "application/json", "application/recordio").status, 406);
  EXPECT_EQ(post(health, "application/json; charset=utf-8").status, 200);
  EXPECT_EQ(post("{}").status, 400);
  EXPECT_EQ(post("{").status, 400);
  EXPECT_EQ(post(R"({"type":"NO_SUCH_CALL"})").status, 400);
  EXPECT_EQ(post(R"({"type":"UNKNOWN"})").status, 501);
  EXPECT_EQ(post(R"({"type":"READ_FILE"})").status, 400);
  EXPECT_EQ(post(R"({"type":"READ_FILE","read_file":{"path":"/x"}})").status, 400);
  EXPECT_EQ(post(R"({"type":"GET_METRICS"})").status, 400);
  EXPECT_EQ(post(R"({"type":"ATTACH_CONTAINER_INPUT",
                     "attach_container_input":{"type":"CONTAINER_ID"}})")
                .status,
            415);
  net::Call get;
  get.url = url("/api/v1");
  const net::Response refused = send(std::move(get));
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.get("Allow"), "POST");
}

TEST_F(OperatorTest, loggingLevelFallsBack) {
  start();
  const auto level = [this] {
    return ask(R"({"type":"GET_LOGGING_LEVEL"})")["get_logging_level"]["level"].as_int(-1);
  };
  EXPECT_EQ(level(), 0);
  EXPECT_EQ(post(R"({"type":"SET_LOGGING_LEVEL","set_logging_level":
                     {"level":1,"duration":{"nanoseconds":50000000}}})")
                .status,
            200);
  EXPECT_TRUE(run_until([&] { return level() == 0; }));
  EXPECT_EQ(post(R"({"type":"SET_LOGGING_LEVEL","set_logging_level":
                     {"level":9,"duration":{"nanoseconds":1}}})")
                .status,
            400);
}

TEST_F(OperatorTest, filesOfSandboxesAreListedAndRead) {
  start();
  run_task("t", "echo some output; sleep 100");
  const std::string path = "/frameworks/F/executors/t/runs/latest";
  ASSERT_TRUE(run_until([&] { return file("t", "stdout") == "some output\n"; }));
  const json::Value list = ask(R"({"type":"LIST_FILES","list_files":{"path":")" + path + R"("}})");
  const auto& infos = list["list_files"]["file_infos"].as_array();
  ASSERT_GE(infos.size(), 2U);
  EXPECT_EQ(infos.back()["path"].as_string(), path + "/stdout");
  EXPECT_EQ(infos.back()["size"].as_int(), 12);
  const json::Value part = ask(R"({"type":"READ_FILE","read_file":{"path":")" + path +
                               R"(/stdout","offset":5,"length":6}})");
  EXPECT_EQ(part["read_file"]["size"].as_int(), 12);
  EXPECT_EQ(part["read_file"]["data"].as_string(), base64_encode("output"));
  const auto read = [this](const std::string& name) {
    return post(R"({"type":"READ_FILE","read_file":{"path":")" + name + R"(","offset":0}})").status;
  };
  EXPECT_EQ(read(path + "/none"), 404);
  EXPECT_EQ(read(path + "/../../../../../../../etc/passwd"), 400);
  EXPECT_EQ(read("/etc/passwd"), 400);
}

TEST_F(OperatorTest, whatThisAgentDoesNotHaveIsSaid) {
  start();
  EXPECT_EQ(post(R"({"type":"PRUNE_IMAGES"})").status, 200);
  EXPECT_EQ(post(R"({"type":"ADD_RESOURCE_PROVIDER_CONFIG",
                     "add_resource_provider_config":{"info":{}}})")
                .status,
            400);
  EXPECT_EQ(post(R"({"type":"MARK_RESOURCE_PROVIDER_GONE",
                     "mark_resource_provider_gone":{"resource_provider_id":{"value":"x"}}})")
                .status,
            404);
}

}  // namespace
}  // namespace ekiden::agent
