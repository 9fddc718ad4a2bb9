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
struct Custom<api::Call> {
  template <class Id>
  static bool read_id_member(const Node& node, Reader& reader, std::string_view name, Id& out) {
    const Node* id = find_member(node, name);
    if (id == nullptr) {
      return reader.missing(name, node, Missing::undefined_on_object);
    }
    const Reader::In in(reader, name);
    return Coder<Id>::read(*id, reader, out);
  }

  static bool read(const Node& node, Reader& reader, api::Call& out) {
    if (!reader.expect_object(node)) {
      return false;
    }
    bool ok = read_id_member(node, reader, "framework_id", out.framework_id);
    ok = read_id_member(node, reader, "executor_id", out.executor_id) && ok;
    return read_union(node, reader, kCalls, out.body) && ok;
  }

  static void write(Writer& writer, const api::Call& call, const Dialect& dialect) {
    writer.begin_object().key("framework_id");
    Coder<FrameworkId>::write(writer, call.framework_id, dialect);
    writer.key("executor_id");
    Coder<ExecutorId>::write(writer, call.executor_id, dialect);
    write_union(writer, call.body, kCalls, dialect);
    writer.end_object();
  }
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
struct Custom<api::Event> {
  static bool read(const Node& node, Reader& reader, api::Event& out) {
    return read_union(node, reader, kEvents, out);
  }

  static void write(Writer& writer, const api::Event& event, const Dialect& dialect) {
    writer.begin_object();
    write_union(writer, event, kEvents, dialect);
    writer.end_object();
  }
};

}  // namespace ekiden::json

EKIDEN_JSON_TYPE(ekiden::api::executor::Call)
EKIDEN_JSON_TYPE(ekiden::api::executor::Event)
