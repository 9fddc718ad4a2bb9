#include "core/json/json.h"

#include "core/base/strings.h"
#include "core/master/metric_values.h"
#include "core/master/operator_answers.h"
#include "core/master/records.h"
#include "core/master/state_json.h"
#include "core/wire/media.h"
#include "tests/unit/core/master/script.h"

#include <gtest/gtest.h>

namespace ekiden::master {
namespace {

class Json : public testing::Test {
 protected:
  Json() {
    script.run("agent 1 register host1 cpus:4;mem:1024;ports:[31000-31005]");
    script.run("fw 10 subscribe marathon failover=60");
    script.run("fw 10 accept M-O0 web.1 cpus:1;mem:32;ports:[31000-31001]");
    script.run("agent 1 update M-0000 web.1 RUNNING uuid=u1");
  }

  const Snapshot& snapshot() {
    kept = script.master().snapshot();
    return *kept;
  }

  static json::Value parsed(const std::string& text) {
    auto value = json::parse(text);
    EXPECT_TRUE(value) << text;
    return value.value_or(json::Value());
  }

  Script script;
  SnapshotPtr kept;
};

TEST_F(Json, StateHasWhatMesosDnsReads) {
  const json::Value state = parsed(state_json(snapshot(), std::nullopt));
  EXPECT_EQ(state["leader"].as_string(), "master@127.0.0.1:5050");
  const json::Value& slave = state["slaves"].as_array().at(0);
  EXPECT_EQ(slave["hostname"].as_string(), "host1");
  EXPECT_EQ(slave["pid"].as_string(), "slave(1)@host1:5051");
  EXPECT_EQ(slave["resources"]["ports"].as_string(), "[31000-31005]");
  EXPECT_EQ(slave["used_resources"]["cpus"].as_double(), 1.0);
  const json::Value& framework = state["frameworks"].as_array().at(0);
  EXPECT_EQ(framework["name"].as_string(), "marathon");
  const json::Value& task = framework["tasks"].as_array().at(0);
  EXPECT_EQ(task["id"].as_string(), "web.1");
  EXPECT_EQ(task["slave_id"].as_string(), slave["id"].as_string());
  EXPECT_EQ(task["state"].as_string(), "TASK_RUNNING");
  EXPECT_EQ(task["resources"]["ports"].as_string(), "[31000-31001]");
  EXPECT_EQ(task["statuses"].as_array().at(0)["state"].as_string(), "TASK_RUNNING");
}

TEST_F(Json, EveryLegacyAnswerIsValidJson) {
  EXPECT_EQ(parsed(state_summary_json(snapshot(), ""))["frameworks"]
                .as_array()
                .at(0)["TASK_RUNNING"]
                .as_int(),
            1);
  EXPECT_EQ(parsed(slaves_json(snapshot(), "none"))["slaves"].as_array().size(), 0u);
  EXPECT_EQ(parsed(slaves_json(snapshot(), ""))["slaves"].as_array().size(), 1u);
  EXPECT_EQ(parsed(frameworks_json(snapshot(), ""))["frameworks"].as_array().size(), 1u);
  EXPECT_EQ(parsed(tasks_json(snapshot(), {}))["tasks"].as_array().size(), 1u);
  TaskQuery beyond;
  beyond.offset = 1;
  EXPECT_EQ(parsed(tasks_json(snapshot(), beyond))["tasks"].as_array().size(), 0u);
  EXPECT_EQ(parsed(metrics_json(gauges(snapshot(), FrameworkMetrics::shown)))["master/cpus_used"]
                .as_double(),
            1.0);
  EXPECT_TRUE(parsed(weights_json(snapshot())).is_array());
  EXPECT_TRUE(parsed(registry_json(snapshot()))["slaves"]["slaves"].is_array());
}

TEST_F(Json, RolesSayWhatTheyHoldAndUse) {
  const json::Value roles = parsed(roles_json(snapshot()));
  const json::Value& star = roles["roles"].as_array().at(0);
  EXPECT_EQ(star["name"].as_string(), "*");
  EXPECT_EQ(star["weight"].as_double(), 1.0);
  EXPECT_EQ(star["allocated"]["cpus"].as_double(), 1.0);
  EXPECT_EQ(star["frameworks"].as_array().size(), 1u);
  EXPECT_TRUE(star["quota"]["guarantee"].is_object());
}

TEST_F(Json, SlavesSayTheirResourcesInFull) {
  const json::Value slave = parsed(slaves_json(snapshot(), ""))["slaves"].as_array().at(0);
  EXPECT_EQ(slave["used_resources_full"].as_array().at(0)["name"].as_string(), "cpus");
  EXPECT_TRUE(slave["reserved_resources_full"].is_object());
  EXPECT_TRUE(slave["unreserved_resources_full"].is_array());
}

namespace wire_api = api::master_operator;

wire_api::Call call_of(const std::string& type) {
  return json::decode<wire_api::Call>("{\"type\":\"" + type + "\"}", json::kMesos)
      .value_or(wire_api::Call{});
}

TEST_F(Json, OperatorCallsAnswerInTheirEnvelope) {
  for (const std::string call : {"GET_HEALTH",
                                 "GET_STATE",
                                 "GET_AGENTS",
                                 "GET_FRAMEWORKS",
                                 "GET_TASKS",
                                 "GET_EXECUTORS",
                                 "GET_OPERATIONS",
                                 "GET_ROLES",
                                 "GET_WEIGHTS",
                                 "GET_MASTER",
                                 "GET_MAINTENANCE_STATUS",
                                 "GET_MAINTENANCE_SCHEDULE",
                                 "GET_QUOTA"}) {
    const auto answer = answer_from(call_of(call), snapshot());
    ASSERT_TRUE(answer) << call;
    const json::Value shown = parsed(json::encode(*answer, json::kMesos));
    EXPECT_EQ(shown["type"].as_string(), call);
    EXPECT_TRUE(shown[to_lower(call)].is_object()) << call;
    // The same in protobuf.
    const auto bytes = wire::encode(wire::Media::protobuf, *answer);
    const auto back = wire::decode<wire_api::Response>(wire::Media::protobuf, bytes);
    ASSERT_TRUE(back) << call << ": " << back.error().message;
    EXPECT_EQ(*back, *answer) << call;
  }
}

TEST_F(Json, ListsAreThereEvenWhenEmpty) {
  const json::Value tasks =
      parsed(json::encode(*answer_from(call_of("GET_TASKS"), snapshot()), json::kMesos));
  for (const char* list : {"pending_tasks", "tasks", "unreachable_tasks", "completed_tasks"}) {
    EXPECT_TRUE(tasks["get_tasks"][list].is_array()) << list;
  }
  const json::Value operations =
      parsed(json::encode(*answer_from(call_of("GET_OPERATIONS"), snapshot()), json::kMesos));
  EXPECT_TRUE(operations["get_operations"]["operations"].is_array());
}

TEST_F(Json, EventStreamBeginsWithTheState) {
  const json::Value event =
      parsed(json::encode(subscribed_event(snapshot(), std::chrono::seconds(15)), json::kMesos));
  EXPECT_EQ(event["type"].as_string(), "SUBSCRIBED");
  const json::Value& state = event["subscribed"]["get_state"];
  const json::Value& task = state["get_tasks"]["tasks"].as_array().at(0);
  EXPECT_EQ(task["task_id"]["value"].as_string(), "web.1");
  EXPECT_EQ(task["state"].as_string(), "TASK_RUNNING");
  const json::Value& agent = state["get_agents"]["agents"].as_array().at(0);
  EXPECT_EQ(agent["agent_info"]["hostname"].as_string(), "host1");
  EXPECT_TRUE(agent["active"].as_bool());
}

TEST_F(Json, NoticesBecomeOperatorEvents) {
  const auto shown = [](const Notice& notice) {
    const auto event = operator_event(notice);
    return event ? parsed(json::encode(*event, json::kMesos)) : json::Value();
  };
  const TaskPtr task = snapshot().frameworks.at(0).tasks.at(0);
  const json::Value updated = shown(TaskUpdated{task, task->statuses.latest(task->info)});
  EXPECT_EQ(updated["type"].as_string(), "TASK_UPDATED");
  EXPECT_EQ(updated["task_updated"]["state"].as_string(), "TASK_RUNNING");
  EXPECT_EQ(updated["task_updated"]["status"]["task_id"]["value"].as_string(), "web.1");
  EXPECT_EQ(shown(TaskAdded{task})["task_added"]["task"]["name"].as_string(), "web.1");
  EXPECT_EQ(shown(AgentRemoved{{"S1"}})["agent_removed"]["agent_id"]["value"].as_string(), "S1");
  EXPECT_FALSE(operator_event(OffersSent{1}));
}

TEST(MasterRecords, RoundTrip) {
  AgentRecord agent;
  agent.info.hostname = "h";
  agent.info.id = AgentId{"S1"};
  agent.registered = WallTime(std::chrono::seconds(5));
  agent.unreachable = WallTime(std::chrono::seconds(9));
  const Record stored = record(agent);
  EXPECT_EQ(stored.key, "S1");
  const auto back = read_agent(*stored.value);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->info, agent.info);
  EXPECT_EQ(back->unreachable, agent.unreachable);
  FrameworkRecord framework;
  framework.info.id = FrameworkId{"F"};
  framework.info.name = "n";
  EXPECT_EQ(read_framework(*record(framework).value)->info, framework.info);
  EXPECT_FALSE(read_agent("{}"));
  EXPECT_FALSE(read_framework("nonsense"));
}

}  // namespace
}  // namespace ekiden::master
