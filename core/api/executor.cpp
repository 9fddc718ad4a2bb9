#include "core/api/executor.h"

#include "core/api/model_tables.h"

namespace ekiden::json {

namespace api = ekiden::api::executor;

template <>
struct Schema<api::Subscribe> {
  static constexpr auto fields =
      std::tuple{field(1, "unacknowledged_tasks", &api::Subscribe::unacknowledged_tasks),
                 field(2, "unacknowledged_updates", &api::Subscribe::unacknowledged_updates)
                     .as<ListCoder<model::TaskStatus, InsideCoder<"status", model::TaskStatus>>>()};
};

template <>
struct Schema<api::Update> {
  static constexpr auto fields = std::tuple{field(1, "status", &api::Update::status).required()};
};

template <>
struct Schema<api::MessageCall> {
  static constexpr auto fields =
      std::tuple{field(2, "data", &api::MessageCall::data).required().as<Base64>()};
};

template <>
struct Schema<api::HeartbeatCall> {
  static constexpr auto fields = std::tuple<>{};
};

namespace {

constexpr Alternative kCalls[] = {{"SUBSCRIBE", "subscribe", Body::required, 1, 4},
                                  {"UPDATE", "update", Body::required, 2, 5},
                                  {"MESSAGE", "message", Body::required, 3, 6},
                                  {"HEARTBEAT", "heartbeat", Body::none, 4, 0}};

constexpr Alternative kEvents[] = {{"SUBSCRIBED", "subscribed", Body::required, 1, 2},
                                   {"LAUNCH", "launch", Body::required, 2, 4},
                                   {"LAUNCH_GROUP", "launch_group", Body::required, 8, 8},
                                   {"KILL", "kill", Body::required, 3, 5},
                                   {"ACKNOWLEDGED", "acknowledged", Body::required, 4, 3},
                                   {"MESSAGE", "message", Body::required, 5, 6},
                                   {"SHUTDOWN", "shutdown", Body::none, 7, 0},
                                   {"ERROR", "error", Body::required, 6, 7},
                                   {"HEARTBEAT", "heartbeat", Body::none, 9, 0}};

}  // namespace

template <>
struct Envelope<api::Call> {
  static constexpr auto fields =
      std::tuple{field(2, "framework_id", &api::Call::framework_id).required(),
                 field(1, "executor_id", &api::Call::executor_id).required()};
  static constexpr int kTypeNumber = 3;
  static constexpr const auto& alternatives = kCalls;

  static auto& body(auto& call) { return call.body; }
};

template <>
struct Schema<api::Subscribed> {
  static constexpr auto fields =
      std::tuple{field(1, "executor_info", &api::Subscribed::executor_info).required(),
                 field(2, "framework_info", &api::Subscribed::framework_info).required(),
                 field(3, "agent_info", &api::Subscribed::agent_info).required(),
                 field(4, "container_id", &api::Subscribed::container_id)};
};

template <>
struct Schema<api::Launch> {
  static constexpr auto fields = std::tuple{field(1, "task", &api::Launch::task).required()};
};

template <>
struct Schema<api::LaunchGroup> {
  static constexpr auto fields =
      std::tuple{field(1, "task_group", &api::LaunchGroup::tasks).required().inside<"tasks">()};
};

template <>
struct Schema<api::Kill> {
  static constexpr auto fields = std::tuple{field(1, "task_id", &api::Kill::task_id).required(),
                                            field(2, "kill_policy", &api::Kill::kill_policy)};
};

template <>
struct Schema<api::Acknowledged> {
  static constexpr auto fields =
      std::tuple{field(1, "task_id", &api::Acknowledged::task_id).required(),
                 field(2, "uuid", &api::Acknowledged::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::Message> {
  static constexpr auto fields =
      std::tuple{field(1, "data", &api::Message::data).required().as<Base64>()};
};

template <>
struct Schema<api::Shutdown> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::ErrorEvent> {
  static constexpr auto fields =
      std::tuple{field(1, "message", &api::ErrorEvent::message).required()};
};

template <>
struct Schema<api::Heartbeat> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Envelope<api::Event> {
  static constexpr auto fields = std::tuple<>{};
  static constexpr int kTypeNumber = 1;
  static constexpr const auto& alternatives = kEvents;

  static auto& body(auto& event) { return event; }
};

}  // namespace ekiden::json

EKIDEN_WIRE_TYPE(ekiden::api::executor::Call)
EKIDEN_WIRE_TYPE(ekiden::api::executor::Event)
