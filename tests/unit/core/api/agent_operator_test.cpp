#include "core/api/agent_operator.h"

#include "core/json/json.h"
#include "core/protobuf/protobuf.h"

#include <gtest/gtest.h>

namespace ekiden::api::agent_operator {
namespace {

const ContainerId kGrandchild{"root.child.grandchild"};
constexpr const char* kWire =
    R"({"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":"grandchild","parent":)"
    R"({"value":"child","parent":{"value":"root"}}}}})";

TEST(AgentOperator, containerIdsCarryTheirParents) {
  const auto call = json::decode<Call>(std::string_view(kWire), json::kMesos);
  ASSERT_TRUE(call) << call.error().message;
  EXPECT_EQ(call->type, CallType::wait_container);
  EXPECT_EQ(call->wait_container->container_id, kGrandchild);
  EXPECT_EQ(json::encode(*call, json::kMesos), kWire);
}

TEST(AgentOperator, containerIdsCarryTheirParentsInProtobuf) {
  Call call;
  call.type = CallType::wait_container;
  call.wait_container.emplace().container_id = kGrandchild;
  const std::string bytes = protobuf::to_protobuf(call);
  EXPECT_EQ(protobuf::from_protobuf<Call>(bytes).value(), call);
}

TEST(AgentOperator, noPartOfAContainerIdHasADot) {
  EXPECT_FALSE(json::decode<Call>(
      std::string_view(
          R"({"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":"a.b"}}})"),
      json::kMesos));
}

TEST(AgentOperator, recordsWriteTheWholeChainAsOneText) {
  LaunchContainer launch;
  launch.container_id = kGrandchild;
  const std::string text = json::encode(launch, json::kRecord);
  EXPECT_NE(text.find(R"("container_id":"root.child.grandchild")"), std::string::npos) << text;
  EXPECT_EQ(json::decode<LaunchContainer>(std::string_view(text), json::kRecord).value(), launch);
}

TEST(AgentOperator, listsOfAnswersAreWrittenEvenWhenEmpty) {
  Response response;
  response.type = ResponseType::get_executors;
  response.get_executors.emplace();
  EXPECT_EQ(
      json::encode(response, json::kMesos),
      R"({"type":"GET_EXECUTORS","get_executors":{"executors":[],"completed_executors":[]}})");
  EXPECT_EQ(protobuf::from_protobuf<Response>(protobuf::to_protobuf(response)).value(), response);
}

TEST(AgentOperator, processIoRoundTrip) {
  ProcessIo message;
  message.type = ProcessIo::Type::data;
  message.data = ProcessIo::Data{ProcessIo::Data::Type::in, std::string("a\0b", 3)};
  EXPECT_EQ(json::encode(message, json::kMesos),
            R"({"type":"DATA","data":{"type":"STDIN","data":"YQBi"}})");
  EXPECT_EQ(protobuf::from_protobuf<ProcessIo>(protobuf::to_protobuf(message)).value(), message);
  ProcessIo heartbeat;
  heartbeat.type = ProcessIo::Type::control;
  heartbeat.control = ProcessIo::Control{
      ProcessIo::Control::Type::heartbeat, {}, model::DurationInfo{30'000'000'000}};
  const std::string text = json::encode(heartbeat, json::kMesos);
  EXPECT_EQ(text,
            R"({"type":"CONTROL","control":{"type":"HEARTBEAT","heartbeat":{"interval":)"
            R"({"nanoseconds":30000000000}}}})");
  EXPECT_EQ(json::decode<ProcessIo>(std::string_view(text), json::kMesos).value(), heartbeat);
}

}  // namespace
}  // namespace ekiden::api::agent_operator
