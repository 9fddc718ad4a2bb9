#include "core/api/executor.h"
#include "core/api/scheduler.h"
#include "core/json/json.h"
#include "core/model/state_names.h"
#include "core/protobuf/protobuf.h"
#include "tests/unit/core/api/protoc.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

// What protoc writes, as read by us, and what we write, as read by protoc.
namespace ekiden::api {
namespace {

using protobuf::from_protobuf;
using protobuf::to_protobuf;

template <class T>
std::string error_of(const std::string& bytes) {
  const auto value = from_protobuf<T>(bytes);
  return value ? "" : value.error().message;
}

TEST(ProtobufWire, TextOfProtocIsTheValue) {
  const std::string bytes = protoc_encode("SchedulerCall", R"(
      framework_id { value: "F" }
      type: ACCEPT
      decline { offer_ids { value: "not ours" } }
      accept {
        offer_ids { value: "O1" } offer_ids { value: "O2" }
        operations {
          type: LAUNCH
          launch { task_infos {
            name: "n" task_id { value: "t" } agent_id { value: "S" }
            resources { name: "cpus" type: SCALAR scalar { value: 0.1 } role: "web" }
            resources { name: "mem" type: SCALAR scalar { value: 32 }
                        reservations { type: DYNAMIC role: "a" }
                        reservations { type: DYNAMIC role: "a/b" } }
            command { value: "sleep 1" }
            health_check { type: HTTP http { port: 80 statuses: 200 } }
            limits { key: "cpus" value { value: inf } } limits { key: "cpus" value { value: 2 } }
          } }
        }
      })");
  const auto call = from_protobuf<scheduler::Call>(bytes);
  ASSERT_TRUE(call) << call.error().message;
  EXPECT_EQ(call->framework_id, FrameworkId{"F"});
  const auto& accept = std::get<scheduler::Accept>(call->body);
  EXPECT_EQ(accept.offer_ids, (std::vector<OfferId>{{"O1"}, {"O2"}}));
  ASSERT_EQ(accept.operations.size(), 1u);
  const model::TaskInfo& task = accept.operations[0].launch_task_infos.at(0);
  EXPECT_EQ(task.resources[0].scalar, model::Scalar::from_double(0.1));
  ASSERT_EQ(task.resources[0].reservations.size(), 1u);
  EXPECT_EQ(task.resources[0].reservations[0].type, model::Reservation::Type::static_);
  EXPECT_EQ(task.resources[0].reservations[0].role, "web");
  ASSERT_EQ(task.resources[1].reservations.size(), 2u);
  EXPECT_EQ(task.resources[1].reservations[1].role, "a/b");
  EXPECT_TRUE(task.command->shell) << "the default of the schema";
  EXPECT_EQ(task.health_check->consecutive_failures, 3u);
  EXPECT_EQ(task.limits, (std::map<std::string, double>{{"cpus", 2.0}}));
}

TEST(ProtobufWire, ProtocReadsTheTextItIsMeantToRead) {
  model::TaskStatus status;
  status.task_id = {"t"};
  status.state = model::TaskState::starting;
  status.reason = model::StatusReason::container_limitation_memory;
  status.uuid = std::string("\x00\xff", 2);
  EXPECT_EQ(
      protoc_decode("SchedulerEvent", to_protobuf(scheduler::Event(scheduler::Update{status}))),
      "type: UPDATE\n"
      "update {\n"
      "  status {\n"
      "    task_id {\n"
      "      value: \"t\"\n"
      "    }\n"
      "    state: TASK_STARTING\n"
      "    reason: REASON_CONTAINER_LIMITATION_MEMORY\n"
      "    uuid: \"\\000\\377\"\n"
      "  }\n"
      "}\n");
  EXPECT_EQ(to_protobuf(scheduler::Event(scheduler::Heartbeat{})), "\x08\x08");
  EXPECT_EQ(to_protobuf(executor::Call{{"F"}, {"e"}, executor::HeartbeatCall{}}),
            "\x0a\x03\x0a\x01"
            "e\x12\x03\x0a\x01"
            "F\x18\x04");
}

TEST(ProtobufWire, EveryStateAndReasonHasItsNumber) {
  for (const auto& row : model::kTaskStateNames) {
    model::TaskStatus status;
    status.state = row.value;
    EXPECT_EQ(protoc_decode("TaskStatus", to_protobuf(status)),
              "task_id {\n  value: \"\"\n}\nstate: " + std::string(row.name) + "\n");
  }
  for (const auto& row : model::kStatusReasonNames) {
    model::TaskStatus status;
    status.reason = row.value;
    const std::string text = protoc_decode("TaskStatus", to_protobuf(status));
    EXPECT_NE(text.find("reason: " + std::string(row.name) + "\n"), std::string::npos) << text;
  }
}

TEST(ProtobufWire, NumbersWeDoNotKnowAreAsAbsent) {
  const std::string bytes = protoc_encode("TaskStatus", R"(
      task_id { value: "t" } state: TASK_LOST reason: REASON_FUTURE)");
  const auto status = from_protobuf<model::TaskStatus>(bytes);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->reason, model::StatusReason::none);

  const auto framework = from_protobuf<model::FrameworkInfo>(protoc_encode("FrameworkInfo", R"(
      user: "" name: "" capabilities { type: FUTURE } capabilities { type: MULTI_ROLE }
      capabilities { })"));
  ASSERT_TRUE(framework);
  using enum model::FrameworkCapability;
  EXPECT_EQ(framework->capabilities, (std::vector{unknown, multi_role, unknown}));

  EXPECT_EQ(error_of<scheduler::Call>(protoc_encode("SchedulerCall", "type: FUTURE")),
            "cannot read the message: type: unknown type 77");
  // A required enumeration whose number is unknown is missing.
  EXPECT_EQ(error_of<model::TaskStatus>(std::string("\x0a\x02\x0a\x00\x10\x63", 6)),
            "cannot read the message: state: required field is missing");
}

TEST(ProtobufWire, OldReservationsAreUnderstoodInAnyOrder) {
  const std::string head = protoc_encode("Attribute", R"(name: "c" type: SCALAR)");
  const std::string role = std::string("\x32\x03web", 5);
  const std::string old = std::string("\x42\x03\x0a\x01p", 5);
  const std::string fresh = std::string("\x6a\x0a\x0a\x01p\x1a\x03web\x20\x02", 12);
  const model::Reservation wanted{model::Reservation::Type::dynamic, "web", "p", std::nullopt};
  for (const std::string& bytes : {head + role + old,
                                   old + role + head,
                                   head + fresh,
                                   head + role + old + fresh,
                                   fresh + old + role + head}) {
    const auto resource = from_protobuf<model::Resource>(bytes);
    ASSERT_TRUE(resource) << resource.error().message;
    EXPECT_EQ(resource->reservations, std::vector{wanted});
  }
}

TEST(ProtobufWire, MissingFieldsAreAllNamed) {
  EXPECT_EQ(error_of<scheduler::Call>(""),
            "cannot read the message: type: required field is missing");
  EXPECT_EQ(error_of<scheduler::Call>("\x10\x01"),
            "cannot read the message: subscribe: required field is missing");
  EXPECT_EQ(error_of<executor::Call>("\x18\x04"),
            "cannot read the message: executor_id: required field is missing; "
            "framework_id: required field is missing");
  // reconcile { tasks { } tasks { task_id { } } }
  EXPECT_EQ(error_of<scheduler::Call>(std::string("\x10\x09\x4a\x06\x0a\x00\x0a\x02\x0a\x00", 10)),
            "cannot read the message: reconcile.tasks[0].task_id: required field is missing; "
            "reconcile.tasks[1].task_id.value: required field is missing");
}

TEST(ProtobufWire, TheTypeMayStandBehindItsBody) {
  scheduler::Call call{FrameworkId{"F"}, scheduler::Revive{{"a"}}};
  const std::string bytes = to_protobuf(call);
  const std::string id = bytes.substr(0, 5);
  const std::string type = bytes.substr(5, 2);
  const std::string body = bytes.substr(7);
  EXPECT_EQ(from_protobuf<scheduler::Call>(body + type + id).value(), call);
}

TEST(ProtobufWire, TextMustBeUtf8AndBytesNeedNot) {
  EXPECT_EQ(error_of<scheduler::Call>("\x10\x0c\x82\x01\x03\x0a\x01\xff"),
            "cannot read the message: suppress.roles[0]: not valid UTF-8");
  executor::Event event(executor::Message{"\xff"});
  EXPECT_EQ(from_protobuf<executor::Event>(to_protobuf(event)).value(), event);
}

}  // namespace
}  // namespace ekiden::api
