#include "core/api/scheduler.h"

#include "core/api/agent_link.h"
#include "core/json/json.h"

#include <gtest/gtest.h>

namespace ekiden::api {
namespace {

using json::kMesos;

template <class T>
void expect_wire(const T& value, const std::string& text) {
  EXPECT_EQ(json::encode(value, kMesos), text);
  const auto back = json::decode<T>(text, kMesos);
  ASSERT_TRUE(back) << back.error().message << "\n" << text;
  EXPECT_EQ(*back, value) << text;
}

scheduler::Call call(decltype(scheduler::Call::body) body) {
  return {FrameworkId{"F"}, std::move(body)};
}

const std::string kId = R"({"framework_id":{"value":"F"},)";

TEST(SchedulerCalls, HaveTheShapesOfTheV1Api) {
  model::FrameworkInfo info;
  info.user = "u";
  info.name = "n";
  expect_wire(scheduler::Call{std::nullopt, scheduler::Subscribe{info, {"a"}}},
              R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u","name":"n",)"
              R"("failover_timeout":0.0,"checkpoint":false},"suppressed_roles":["a"]}})");
  expect_wire(call(scheduler::Teardown{}), kId + R"("type":"TEARDOWN"})");
  expect_wire(call(scheduler::Decline{{{"O1"}}, model::Filters{2}}),
              kId + R"("type":"DECLINE","decline":{"offer_ids":[{"value":"O1"}],)"
                    R"("filters":{"refuse_seconds":2.0}}})");
  expect_wire(call(scheduler::Revive{{"a"}}), kId + R"("type":"REVIVE","revive":{"roles":["a"]}})");
  expect_wire(call(scheduler::Suppress{}), kId + R"("type":"SUPPRESS","suppress":{}})");
  expect_wire(call(scheduler::Kill{{"t"}, AgentId{"S"}, model::KillPolicy{model::DurationInfo{5}}}),
              kId + R"("type":"KILL","kill":{"task_id":{"value":"t"},"agent_id":{"value":"S"},)"
                    R"("kill_policy":{"grace_period":{"nanoseconds":5}}}})");
  expect_wire(call(scheduler::Acknowledge{{"S"}, {"t"}, std::string(16, '\0')}),
              kId + R"("type":"ACKNOWLEDGE","acknowledge":{"agent_id":{"value":"S"},)"
                    R"("task_id":{"value":"t"},"uuid":"AAAAAAAAAAAAAAAAAAAAAA=="}})");
  expect_wire(call(scheduler::Reconcile{{{{"t"}, std::nullopt}}}),
              kId + R"("type":"RECONCILE","reconcile":{"tasks":[{"task_id":{"value":"t"}}]}})");
  expect_wire(call(scheduler::Shutdown{{"e"}, {"S"}}),
              kId + R"("type":"SHUTDOWN","shutdown":{"executor_id":{"value":"e"},)"
                    R"("agent_id":{"value":"S"}}})");
  expect_wire(call(scheduler::FrameworkMessage{{"S"}, {"e"}, "hi"}),
              kId + R"("type":"MESSAGE","message":{"agent_id":{"value":"S"},)"
                    R"("executor_id":{"value":"e"},"data":"aGk="}})");
  expect_wire(call(scheduler::Request{}), kId + R"("type":"REQUEST","request":{}})");
}

TEST(SchedulerCalls, AcceptLaunchesTasks) {
  model::TaskInfo task;
  task.name = "n";
  task.task_id = {"t"};
  task.agent_id = {"S"};
  model::Operation operation;
  operation.type = model::Operation::Type::launch;
  operation.launch_task_infos = {task};
  expect_wire(call(scheduler::Accept{{{"O1"}}, {operation}, std::nullopt}),
              kId + R"("type":"ACCEPT","accept":{"offer_ids":[{"value":"O1"}],"operations":[)"
                    R"({"type":"LAUNCH","launch":{"task_infos":[{"name":"n",)"
                    R"("task_id":{"value":"t"},"agent_id":{"value":"S"}}]}}]}})");
}

TEST(SchedulerCalls, MissingBodiesAndUnknownTypesAreRefused) {
  for (const char* text : {"{}",
                           R"({"type":"ACCEPT"})",
                           R"({"type":"FLY"})",
                           R"({"type":"KILL","kill":{}})",
                           R"({"type":"RECONCILE"})",
                           R"({"type":7})",
                           "[]",
                           R"({"type":"ACKNOWLEDGE","acknowledge":{"agent_id":{"value":"S"},)"
                           R"("task_id":{"value":"t"},"uuid":"*"}})"}) {
    EXPECT_FALSE(json::decode<scheduler::Call>(text, kMesos)) << text;
  }
  EXPECT_TRUE(json::decode<scheduler::Call>(R"({"type":"REVIVE"})", kMesos));
}

TEST(SchedulerEvents, HaveTheShapesOfTheV1Api) {
  expect_wire(scheduler::Event(scheduler::Subscribed{{"F"}, 15.0, std::nullopt}),
              R"({"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"F"},)"
              R"("heartbeat_interval_seconds":15.0}})");
  expect_wire(scheduler::Event(scheduler::Heartbeat{}), R"({"type":"HEARTBEAT"})");
  expect_wire(scheduler::Event(scheduler::Rescind{{"O1"}}),
              R"({"type":"RESCIND","rescind":{"offer_id":{"value":"O1"}}})");
  expect_wire(scheduler::Event(scheduler::Failure{AgentId{"S"}, std::nullopt, std::nullopt}),
              R"({"type":"FAILURE","failure":{"agent_id":{"value":"S"}}})");
  expect_wire(scheduler::Event(scheduler::ErrorEvent{"no"}),
              R"({"type":"ERROR","error":{"message":"no"}})");
  model::TaskStatus status;
  status.task_id = {"t"};
  status.state = model::TaskState::failed;
  status.reason = model::StatusReason::container_limitation_memory;
  expect_wire(scheduler::Event(scheduler::Update{status}),
              R"({"type":"UPDATE","update":{"status":{"task_id":{"value":"t"},)"
              R"("state":"TASK_FAILED","reason":"REASON_CONTAINER_LIMITATION_MEMORY"}}})");
}

TEST(AgentLink, MessagesRoundTrip) {
  agent_link::Register first;
  first.attempt = 7;
  first.info.hostname = "h";
  model::TaskInfo task;
  task.task_id = {"t"};
  first.tasks = {{{"F"}, task, model::TaskState::running, model::TaskStatus{}, ExecutorId{"e"}}};
  first.frameworks = {model::FrameworkInfo{}};
  first.version = "1";
  const std::string uuid = "0123456789abcdef";
  model::Operation operation;
  operation.type = model::Operation::Type::reserve;
  operation.resources = {model::scalar_resource("cpus", 1)};
  model::OperationStatus finished;
  finished.state = model::OperationState::finished;
  finished.uuid = uuid;
  first.resources = operation.resources;
  first.executors = {{{"F"}, model::ExecutorInfo{}}};
  first.operations = {{FrameworkId{"F"}, operation, finished, uuid}};
  first.draining = true;
  first.ip = "10.0.0.1";
  for (const agent_link::ToMaster& message :
       {agent_link::ToMaster{std::nullopt, first},
        agent_link::ToMaster{AgentId{"S"}, agent_link::StatusUpdate{}},
        agent_link::ToMaster{AgentId{"S"}, agent_link::ExecutorExited{{"F"}, {"e"}, 9}},
        agent_link::ToMaster{AgentId{"S"}, agent_link::ExecutorMessage{{"F"}, {"e"}, "x"}},
        agent_link::ToMaster{AgentId{"S"}, agent_link::Pong{}},
        agent_link::ToMaster{AgentId{"S"}, agent_link::Unregister{}},
        agent_link::ToMaster{AgentId{"S"},
                             agent_link::OperationUpdate{std::nullopt, finished, uuid}}}) {
    const auto back = json::decode<agent_link::ToMaster>(json::encode(message, kMesos), kMesos);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, message);
  }
  for (const agent_link::ToAgent& message :
       std::vector<agent_link::ToAgent>{agent_link::Registered{7, {"S"}, std::chrono::seconds(75)},
                                        agent_link::Refused{"no"},
                                        agent_link::RunTask{{}, task},
                                        agent_link::RunTaskGroup{{}, {}, {task}},
                                        agent_link::KillTask{{"F"}, {"t"}, std::nullopt},
                                        agent_link::AcknowledgeUpdate{{"F"}, {"t"}, "u"},
                                        agent_link::ShutdownFramework{{"F"}},
                                        agent_link::ShutdownExecutor{{"F"}, {"e"}},
                                        agent_link::FrameworkMessage{{"F"}, {"e"}, "d"},
                                        agent_link::Ping{},
                                        agent_link::ApplyOperation{{}, operation, uuid},
                                        agent_link::AcknowledgeOperation{uuid, uuid, {}},
                                        agent_link::DrainAgent{{model::DurationInfo{5}, true}},
                                        agent_link::StopDraining{},
                                        agent_link::UpdateFramework{},
                                        agent_link::ShutdownAgent{"gone"}}) {
    const auto back = json::decode<agent_link::ToAgent>(json::encode(message, kMesos), kMesos);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, message);
  }
}

}  // namespace
}  // namespace ekiden::api
