// POST /api/v1 of the master: every call, every refusal, both media types, the event stream
// [mesos-core 4.1, 4.2].
#include "tests/integration/mesos_v1/operator.h"

namespace ekiden::mesos_v1 {
namespace {

namespace wire_api = api::master_operator;

struct Operator : OperatorCluster {
  Operator() { start_master(); }
};

TEST_F(Operator, RefusesWhatIsNoCall) {
  const std::string url = master + "/api/v1";
  const Answer method = call("GET", url);
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.headers.get("Allow"), "POST");
  EXPECT_EQ(call("PUT", url, "{}").status, 405);
  EXPECT_EQ(call("POST", url, R"({"type":"GET_HEALTH"})").status, 400);  // no Content-Type
  EXPECT_EQ(call("POST", url, R"({"type":"GET_HEALTH"})", {{"Content-Type", "text/plain"}}).status,
            415);
  EXPECT_EQ(ask("").status, 400);
  EXPECT_EQ(ask("{").status, 400);
  EXPECT_EQ(ask("[]").status, 400);
  EXPECT_EQ(ask("{}").status, 400);
  EXPECT_EQ(ask(R"({"type":"FLY"})").status, 400);
  EXPECT_EQ(ask(R"({"type":5})").status, 400);
  EXPECT_EQ(call("POST", url, "\x08\x7f\xff", {{"Content-Type", "application/x-protobuf"}}).status,
            400);
  HeaderList picky = kJson;
  picky.emplace_back("Accept", "text/html");
  EXPECT_EQ(call("POST", url, R"({"type":"GET_HEALTH"})", picky).status, 406);
  picky.back().second = "application/json;q=0, application/x-protobuf;q=0";
  EXPECT_EQ(call("POST", url, R"({"type":"GET_HEALTH"})", picky).status, 406);
}

TEST_F(Operator, AsksForTheBodiesThatCallsNeed) {
  for (const char* type :
       {"GET_METRICS",         "SET_LOGGING_LEVEL", "LIST_FILES",
        "READ_FILE",           "UPDATE_WEIGHTS",    "RESERVE_RESOURCES",
        "UNRESERVE_RESOURCES", "CREATE_VOLUMES",    "DESTROY_VOLUMES",
        "GROW_VOLUME",         "SHRINK_VOLUME",     "UPDATE_MAINTENANCE_SCHEDULE",
        "START_MAINTENANCE",   "STOP_MAINTENANCE",  "DRAIN_AGENT",
        "DEACTIVATE_AGENT",    "REACTIVATE_AGENT",  "UPDATE_QUOTA",
        "SET_QUOTA",           "REMOVE_QUOTA",      "TEARDOWN",
        "MARK_AGENT_GONE"}) {
    EXPECT_EQ(order(type).status, 400) << type;
  }
  for (const char* type : {"DRAIN_AGENT", "DEACTIVATE_AGENT", "TEARDOWN", "READ_FILE"}) {
    EXPECT_EQ(order(type, "{}").status, 400) << type;  // required members
  }
  const std::string disk = R"({"name":"disk","type":"SCALAR","scalar":{"value":1}})";
  EXPECT_EQ(order("GROW_VOLUME", fmt::format(R"({{"volume":{0},"addition":{0}}})", disk)).status,
            400);
  EXPECT_EQ(order("SHRINK_VOLUME", fmt::format(R"({{"volume":{},"subtract":{{"value":1}}}})", disk))
                .status,
            400);
}

TEST_F(Operator, AnswersReadsInItsEnvelope) {
  EXPECT_TRUE(get("GET_HEALTH")["healthy"].as_bool());
  EXPECT_FALSE(get("GET_VERSION")["version_info"]["version"].as_string().empty());
  EXPECT_TRUE(get("GET_LOGGING_LEVEL")["level"].is_int());
  EXPECT_EQ(get("GET_MASTER")["master_info"]["port"].as_int(),
            parse_int(master.substr(master.rfind(':') + 1)));
  bool found = false;
  const json::Value flags = get("GET_FLAGS");
  for (const json::Value& flag : flags["flags"].as_array()) {
    found = found || (flag["name"].as_string() == "port" && flag["value"].as_string() == "0");
  }
  EXPECT_TRUE(found);
  for (const auto& [type, list] :
       std::vector<std::pair<std::string, std::string>>{{"GET_AGENTS", "agents"},
                                                        {"GET_AGENTS", "recovered_agents"},
                                                        {"GET_FRAMEWORKS", "frameworks"},
                                                        {"GET_FRAMEWORKS", "completed_frameworks"},
                                                        {"GET_EXECUTORS", "executors"},
                                                        {"GET_OPERATIONS", "operations"},
                                                        {"GET_TASKS", "pending_tasks"},
                                                        {"GET_TASKS", "completed_tasks"},
                                                        {"GET_ROLES", "roles"},
                                                        {"GET_WEIGHTS", "weight_infos"}}) {
    EXPECT_TRUE(get(type)[list].is_array()) << type << "." << list;
  }
  const json::Value state = get("GET_STATE");
  for (const char* part : {"get_tasks", "get_executors", "get_frameworks", "get_agents"}) {
    EXPECT_TRUE(state[part].is_object()) << part;
  }
  EXPECT_TRUE(get("GET_QUOTA")["status"]["configs"].is_array());
  EXPECT_TRUE(get("GET_MAINTENANCE_SCHEDULE")["schedule"].is_object());
  EXPECT_TRUE(get("GET_MAINTENANCE_STATUS")["status"]["draining_machines"].is_array());
}

TEST_F(Operator, AnswersMetrics) {
  const Answer answer = order("GET_METRICS", R"({"timeout":{"nanoseconds":5000000000}})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json::Value shown = json::parse(answer.body).value_or(json::Value());
  bool elected = false;
  for (const json::Value& metric : shown["get_metrics"]["metrics"].as_array()) {
    elected = elected ||
              (metric["name"].as_string() == "master/elected" && metric["value"].as_double() == 1);
  }
  EXPECT_TRUE(elected);
}

TEST_F(Operator, SpeaksProtobufBothWays) {
  for (const std::string type : {"GET_HEALTH",
                                 "GET_VERSION",
                                 "GET_STATE",
                                 "GET_ROLES",
                                 "GET_FLAGS",
                                 "GET_QUOTA",
                                 "GET_MASTER",
                                 "GET_MAINTENANCE_SCHEDULE"}) {
    const auto call_value =
        json::decode<wire_api::Call>(fmt::format(R"({{"type":"{}"}})", type), json::kMesos);
    ASSERT_TRUE(call_value);
    const Answer answer =
        call("POST",
             master + "/api/v1",
             wire::encode(wire::Media::protobuf, *call_value),
             {{"Content-Type", "application/x-protobuf"}, {"Accept", "application/x-protobuf"}});
    ASSERT_EQ(answer.status, 200) << type;
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/x-protobuf");
    const auto decoded = wire::decode<wire_api::Response>(wire::Media::protobuf, answer.body);
    ASSERT_TRUE(decoded) << type << ": " << decoded.error().message;
    const json::Value shown =
        json::parse(json::encode(*decoded, json::kMesos)).value_or(json::Value());
    EXPECT_EQ(shown["type"].as_string(), type);
  }
  // Protobuf in, JSON out.
  const Answer mixed = call("POST",
                            master + "/api/v1",
                            std::string("\x08\x01", 2),
                            {{"Content-Type", "application/x-protobuf"}});
  EXPECT_EQ(mixed.body, R"({"type":"GET_HEALTH","get_health":{"healthy":true}})");
}

TEST_F(Operator, RaisesTheLogForAWhile) {
  EXPECT_EQ(order("SET_LOGGING_LEVEL", R"({"level":9,"duration":{"nanoseconds":1}})").status, 400);
  EXPECT_EQ(
      order("SET_LOGGING_LEVEL", R"({"level":2,"duration":{"nanoseconds":60000000000}})").status,
      200);
  EXPECT_EQ(get("GET_LOGGING_LEVEL")["level"].as_int(), 2);
  EXPECT_EQ(order("SET_LOGGING_LEVEL", R"({"level":1,"duration":{"nanoseconds":1000000}})").status,
            200);
  EXPECT_TRUE(until([&] { return get("GET_LOGGING_LEVEL")["level"].as_int() == 0; }));
}

TEST_F(Operator, ShowsNoFilesButItsLog) {
  EXPECT_EQ(order("LIST_FILES", R"({"path":"/etc"})").status, 404);
  EXPECT_EQ(order("READ_FILE", R"({"path":"/etc/passwd","offset":0})").status, 404);
  EXPECT_EQ(order("READ_FILE", R"({"path":"/master/log/../../etc/passwd","offset":0})").status,
            400);
}

TEST_F(Operator, CountsUnknownAgentsAndFrameworksAsBadRequests) {
  const std::string nobody = R"({"agent_id":{"value":"nobody"}})";
  EXPECT_EQ(order("MARK_AGENT_GONE", nobody).status, 404);
  EXPECT_EQ(order("DRAIN_AGENT", nobody).status, 400);
  EXPECT_EQ(order("DEACTIVATE_AGENT", nobody).status, 400);
  EXPECT_EQ(order("REACTIVATE_AGENT", nobody).status, 400);
  EXPECT_EQ(order("TEARDOWN", R"({"framework_id":{"value":"nobody"}})").status, 400);
  EXPECT_EQ(order("RESERVE_RESOURCES", R"({"agent_id":{"value":"nobody"},"resources":[]})").status,
            400);
}

TEST_F(Operator, KeepsWeightsAndQuotasOverARestart) {
  EXPECT_EQ(order("UPDATE_WEIGHTS", R"({"weight_infos":[{"role":"web","weight":0}]})").status, 400);
  EXPECT_EQ(order("UPDATE_WEIGHTS", R"({"weight_infos":[{"role":"web","weight":2.5}]})").status,
            200);
  EXPECT_EQ(
      order("UPDATE_QUOTA",
            R"({"force":true,"quota_configs":[{"role":"web","limits":{"cpus":{"value":3}}}]})")
          .status,
      200);
  processes["master"]->end(SIGKILL);
  start_master();
  const json::Value weight = get("GET_WEIGHTS")["weight_infos"].as_array().at(0);
  EXPECT_EQ(weight["role"].as_string(), "web");
  EXPECT_EQ(weight["weight"].as_double(), 2.5);
  const json::Value quota = get("GET_QUOTA")["status"]["configs"].as_array().at(0);
  EXPECT_EQ(quota["role"].as_string(), "web");
  EXPECT_EQ(quota["limits"]["cpus"]["value"].as_double(), 3.0);
}

TEST_F(Operator, ReservesAndFreesWhatNobodyUses) {
  start_agent(1);
  const std::string agent = agent_id();
  const auto cpus = [&](double amount) {
    return fmt::format(
        R"({{"agent_id":{{"value":"{}"}},"resources":[{{"name":"cpus","type":"SCALAR",)"
        R"("scalar":{{"value":{}}},"reservations":[{{"type":"DYNAMIC","role":"web"}}]}}]}})",
        agent,
        amount);
  };
  EXPECT_EQ(order("RESERVE_RESOURCES", cpus(1000)).status, 409);
  const Answer reserved = order("RESERVE_RESOURCES", cpus(2));
  EXPECT_EQ(reserved.status, 202) << reserved.body;
  const auto reserved_cpus = [&] {
    return get_json(master + "/slaves")["slaves"]
        .as_array()
        .at(0)["reserved_resources"]["web"]["cpus"]
        .as_double();
  };
  EXPECT_EQ(reserved_cpus(), 2.0);
  EXPECT_EQ(order("UNRESERVE_RESOURCES", cpus(2)).status, 202);
  EXPECT_EQ(reserved_cpus(), 0.0);
}

TEST_F(Operator, DeactivatesAndDrainsAgents) {
  start_agent(1);
  const std::string agent = fmt::format(R"({{"agent_id":{{"value":"{}"}}}})", agent_id());
  const auto shown = [&] { return get("GET_AGENTS")["agents"].as_array().at(0); };
  EXPECT_EQ(order("REACTIVATE_AGENT", agent).status, 400);
  EXPECT_EQ(order("DEACTIVATE_AGENT", agent).status, 200);
  EXPECT_TRUE(shown()["deactivated"].as_bool());
  EXPECT_EQ(order("REACTIVATE_AGENT", agent).status, 200);
  EXPECT_FALSE(shown()["deactivated"].as_bool());
  const std::string drain = fmt::format(
      R"({{"agent_id":{{"value":"{}"}},"max_grace_period":{{"seconds":5}}}})", agent_id());
  EXPECT_EQ(order("DRAIN_AGENT", drain).status, 200);
  EXPECT_TRUE(until([&] { return shown()["drain_info"]["state"].as_string() == "DRAINED"; }));
  EXPECT_EQ(order("REACTIVATE_AGENT", agent).status, 200);
  EXPECT_FALSE(shown()["drain_info"].is_object());
}

TEST_F(Operator, StreamsTheStateThenWhatChanges) {
  const auto stream = listen();
  EXPECT_EQ(stream->status, 200);
  EXPECT_EQ(stream->headers.get("Content-Type"), "application/json");
  EXPECT_EQ(stream->headers.get("Transfer-Encoding"), "chunked");
  EXPECT_EQ(stream->event(0)["type"].as_string(), "SUBSCRIBED");
  EXPECT_EQ(stream->event(0)["subscribed"]["heartbeat_interval_seconds"].as_double(), 15.0);
  EXPECT_TRUE(stream->event(0)["subscribed"]["get_state"]["get_tasks"]["tasks"].is_array());
  EXPECT_EQ(stream->event(1)["type"].as_string(), "HEARTBEAT");
  start_agent(1);
  EXPECT_TRUE(until([&] { return stream->find("AGENT_ADDED").is_object(); }));
  const json::Value agent = stream->find("AGENT_ADDED")["agent_added"]["agent"];
  EXPECT_TRUE(agent["agent_info"]["id"]["value"].is_string());
  EXPECT_TRUE(agent["total_resources"].is_array());
  client.cancel(stream->id);
}

TEST_F(Operator, StreamsProtobufToThoseWhoAskForIt) {
  const auto stream = listen({{"Accept", "application/x-protobuf"}});
  EXPECT_EQ(stream->headers.get("Content-Type"), "application/x-protobuf");
  const auto first = wire::decode<wire_api::Event>(wire::Media::protobuf, stream->records.at(0));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(std::holds_alternative<wire_api::Subscribed>(first->body));
  const auto second = wire::decode<wire_api::Event>(wire::Media::protobuf, stream->records.at(1));
  ASSERT_TRUE(second);
  EXPECT_TRUE(std::holds_alternative<wire_api::Heartbeat>(second->body));
  client.cancel(stream->id);
}

TEST_F(Operator, TellsTheStreamOfFrameworksAndTheirTasks) {
  start_agent(1);
  const std::string agent = agent_id();
  const auto stream = listen();
  Process framework({FRAMEWORK, master, "1"}, folder.path() + "/fw.log");
  EXPECT_TRUE(until([&] { return stream->find("TASK_ADDED").is_object(); }));
  std::size_t framework_at = 0;
  std::size_t task_at = 0;
  for (std::size_t i = 0; i < stream->records.size(); ++i) {
    const json::Value event = stream->event(i);
    framework_at = event["type"].as_string() == "FRAMEWORK_ADDED" ? i : framework_at;
    task_at = task_at == 0 && event["type"].as_string() == "TASK_ADDED" ? i : task_at;
  }
  EXPECT_GT(framework_at, 0U);
  EXPECT_LT(framework_at, task_at);
  EXPECT_EQ(stream->find("TASK_ADDED")["task_added"]["task"]["agent_id"]["value"].as_string(),
            agent);
  EXPECT_TRUE(until([&] { return stream->find("TASK_UPDATED").is_object(); }));
  const json::Value updated = stream->find("TASK_UPDATED")["task_updated"];
  EXPECT_TRUE(updated["status"]["task_id"]["value"].is_string());
  EXPECT_TRUE(updated["state"].is_string());
  client.cancel(stream->id);
}

TEST_F(Operator, ClosesTheOldestStreamWhenThereAreTooMany) {
  processes.clear();
  master.clear();
  master = start("master",
                 {"--port=0",
                  "--work_dir=" + folder.path() + "/m2",
                  "--max_operator_event_stream_subscribers=2"});
  const auto first = listen();
  const auto second = listen();
  const auto third = listen();
  EXPECT_TRUE(until([&] { return first->ended; }));
  EXPECT_FALSE(second->ended);
  EXPECT_FALSE(third->ended);
  client.cancel(second->id);
  client.cancel(third->id);
}

}  // namespace
}  // namespace ekiden::mesos_v1
