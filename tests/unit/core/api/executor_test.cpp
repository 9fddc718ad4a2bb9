#include "core/api/executor.h"

#include "core/json/json.h"

#include <gtest/gtest.h>

namespace ekiden::api::executor {
namespace {

using json::kMesos;

const std::string kIds = R"({"framework_id":{"value":"F"},"executor_id":{"value":"E"},)";

TEST(ExecutorCalls, HaveTheShapesOfTheV1Api) {
  Subscribe subscribe;
  model::TaskStatus status;
  status.task_id = {"t"};
  status.state = model::TaskState::running;
  subscribe.unacknowledged_updates = {status};
  const std::string status_text = R"({"task_id":{"value":"t"},"state":"TASK_RUNNING"})";
  const std::pair<Call, std::string> cases[] = {
      {{{"F"}, {"E"}, subscribe},
       kIds + R"("type":"SUBSCRIBE","subscribe":{"unacknowledged_updates":[{"status":)" +
           status_text + "}]}}"},
      {{{"F"}, {"E"}, Update{status}},
       kIds + R"("type":"UPDATE","update":{"status":)" + status_text + "}}"},
      {{{"F"}, {"E"}, MessageCall{"hi"}}, kIds + R"("type":"MESSAGE","message":{"data":"aGk="}})"},
      {{{"F"}, {"E"}, HeartbeatCall{}}, kIds + R"("type":"HEARTBEAT"})"}};
  for (const auto& [call, text] : cases) {
    EXPECT_EQ(json::encode(call, kMesos), text);
    const auto back = json::decode<Call>(text, kMesos);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, call);
  }
}

TEST(ExecutorCalls, BothIdsAreRequired) {
  const auto call = json::decode<Call>(R"({"type":"HEARTBEAT","executor_id":{}})", kMesos);
  ASSERT_FALSE(call);
  EXPECT_EQ(call.error().problems.size(), 2u);
}

TEST(ExecutorEvents, RoundTrip) {
  model::TaskInfo task;
  task.task_id = {"t"};
  for (const Event& event : std::vector<Event>{Subscribed{{}, {}, {}, ContainerId{"c"}},
                                               Launch{task},
                                               LaunchGroup{{task, task}},
                                               Kill{{"t"}, model::KillPolicy{}},
                                               Acknowledged{{"t"}, std::string(16, 'u')},
                                               Message{"m"},
                                               Shutdown{},
                                               ErrorEvent{"e"},
                                               Heartbeat{}}) {
    const std::string text = json::encode(event, kMesos);
    const auto back = json::decode<Event>(text, kMesos);
    ASSERT_TRUE(back) << back.error().message << text;
    EXPECT_EQ(*back, event) << text;
  }
  EXPECT_EQ(json::encode(Event(LaunchGroup{{task}}), kMesos)
                .find(R"({"type":"LAUNCH_GROUP","launch_group":{"task_group":{"tasks":[{)"),
            0u);
}

}  // namespace
}  // namespace ekiden::api::executor
