#include "core/api/agent_link.h"

#include "core/api/model_tables.h"

namespace ekiden::json {

namespace api = ekiden::api::agent_link;

// Duration in memory, {"nanoseconds": n} on the wire.
struct DurationCoder {
  static bool read(const Node& node, Reader& reader, Duration& out) {
    model::DurationInfo info;
    if (!Coder<model::DurationInfo>::read(node, reader, info)) {
      return false;
    }
    out = Duration(info.nanoseconds);
    return true;
  }

  static void write(Writer& writer, const Duration& value, const Dialect& dialect) {
    Coder<model::DurationInfo>::write(writer, {value.count()}, dialect);
  }
};

template <>
struct Schema<api::RunningTask> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::RunningTask::framework_id).required(),
                 field("task", &api::RunningTask::task).required(),
                 field("state", &api::RunningTask::state).required(),
                 field("latest_status", &api::RunningTask::latest_status),
                 field("executor_id", &api::RunningTask::executor_id)};
};

template <>
struct Schema<api::RunningExecutor> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::RunningExecutor::framework_id).required(),
                 field("info", &api::RunningExecutor::info).required()};
};

template <>
struct Schema<api::KnownOperation> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::KnownOperation::framework_id),
                 field("operation", &api::KnownOperation::operation).required(),
                 field("latest_status", &api::KnownOperation::latest_status).required(),
                 field("uuid", &api::KnownOperation::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::OperationUpdate> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::OperationUpdate::framework_id),
                 field("status", &api::OperationUpdate::status).required(),
                 field("uuid", &api::OperationUpdate::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::Register> {
  static constexpr auto fields = std::tuple{field("attempt", &api::Register::attempt).required(),
                                            field("info", &api::Register::info).required(),
                                            field("resources", &api::Register::resources),
                                            field("executors", &api::Register::executors),
                                            field("operations", &api::Register::operations),
                                            field("draining", &api::Register::draining),
                                            field("tasks", &api::Register::tasks),
                                            field("frameworks", &api::Register::frameworks),
                                            field("version", &api::Register::version)};
};

template <>
struct Schema<api::StatusUpdate> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::StatusUpdate::framework_id).required(),
                 field("status", &api::StatusUpdate::status).required(),
                 field("latest_state", &api::StatusUpdate::latest_state).required()};
};

template <>
struct Schema<api::ExecutorExited> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::ExecutorExited::framework_id).required(),
                 field("executor_id", &api::ExecutorExited::executor_id).required(),
                 field("status", &api::ExecutorExited::status)};
};

template <>
struct Schema<api::ExecutorMessage> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::ExecutorMessage::framework_id).required(),
                 field("executor_id", &api::ExecutorMessage::executor_id).required(),
                 field("data", &api::ExecutorMessage::data).required().as<Base64>()};
};

template <>
struct Schema<api::Pong> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::Unregister> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::Registered> {
  static constexpr auto fields =
      std::tuple{field("attempt", &api::Registered::attempt).required(),
                 field("agent_id", &api::Registered::agent_id).required(),
                 field("ping_timeout", &api::Registered::ping_timeout).as<DurationCoder>()};
};

template <>
struct Schema<api::Refused> {
  static constexpr auto fields = std::tuple{field("message", &api::Refused::message).required()};
};

template <>
struct Schema<api::RunTask> {
  static constexpr auto fields = std::tuple{field("framework", &api::RunTask::framework).required(),
                                            field("task", &api::RunTask::task).required()};
};

template <>
struct Schema<api::RunTaskGroup> {
  static constexpr auto fields =
      std::tuple{field("framework", &api::RunTaskGroup::framework).required(),
                 field("executor", &api::RunTaskGroup::executor).required(),
                 field("tasks", &api::RunTaskGroup::tasks)};
};

template <>
struct Schema<api::KillTask> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::KillTask::framework_id).required(),
                 field("task_id", &api::KillTask::task_id).required(),
                 field("kill_policy", &api::KillTask::kill_policy)};
};

template <>
struct Schema<api::AcknowledgeUpdate> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::AcknowledgeUpdate::framework_id).required(),
                 field("task_id", &api::AcknowledgeUpdate::task_id).required(),
                 field("uuid", &api::AcknowledgeUpdate::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::ShutdownFramework> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::ShutdownFramework::framework_id).required()};
};

template <>
struct Schema<api::ShutdownExecutor> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::ShutdownExecutor::framework_id).required(),
                 field("executor_id", &api::ShutdownExecutor::executor_id).required()};
};

template <>
struct Schema<api::FrameworkMessage> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::FrameworkMessage::framework_id).required(),
                 field("executor_id", &api::FrameworkMessage::executor_id).required(),
                 field("data", &api::FrameworkMessage::data).required().as<Base64>()};
};

template <>
struct Schema<api::Ping> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::ApplyOperation> {
  static constexpr auto fields =
      std::tuple{field("framework_id", &api::ApplyOperation::framework_id),
                 field("operation", &api::ApplyOperation::operation).required(),
                 field("uuid", &api::ApplyOperation::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::AcknowledgeOperation> {
  using Type = api::AcknowledgeOperation;
  static constexpr auto fields =
      std::tuple{field("uuid", &Type::uuid).required().as<Base64>(),
                 field("status_uuid", &Type::status_uuid).required().as<Base64>(),
                 field("operation_id", &Type::operation_id)};
};

template <>
struct Schema<api::DrainAgent> {
  static constexpr auto fields = std::tuple{field("config", &api::DrainAgent::config).required()};
};

template <>
struct Schema<api::StopDraining> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::UpdateFramework> {
  static constexpr auto fields =
      std::tuple{field("framework", &api::UpdateFramework::framework).required()};
};

template <>
struct Schema<api::ShutdownAgent> {
  static constexpr auto fields =
      std::tuple{field("message", &api::ShutdownAgent::message).required()};
};

namespace {

constexpr Alternative kToMaster[] = {{"REGISTER", "register"},
                                     {"STATUS_UPDATE", "status_update"},
                                     {"EXECUTOR_EXITED", "executor_exited"},
                                     {"EXECUTOR_MESSAGE", "executor_message"},
                                     {"PONG", "pong", Body::none},
                                     {"UNREGISTER", "unregister", Body::none},
                                     {"OPERATION_UPDATE", "operation_update"}};

constexpr Alternative kToAgent[] = {{"REGISTERED", "registered"},
                                    {"REFUSED", "refused"},
                                    {"RUN_TASK", "run_task"},
                                    {"RUN_TASK_GROUP", "run_task_group"},
                                    {"KILL_TASK", "kill_task"},
                                    {"ACKNOWLEDGE_UPDATE", "acknowledge_update"},
                                    {"SHUTDOWN_FRAMEWORK", "shutdown_framework"},
                                    {"SHUTDOWN_EXECUTOR", "shutdown_executor"},
                                    {"FRAMEWORK_MESSAGE", "framework_message"},
                                    {"PING", "ping", Body::none},
                                    {"APPLY_OPERATION", "apply_operation"},
                                    {"ACKNOWLEDGE_OPERATION", "acknowledge_operation"},
                                    {"DRAIN_AGENT", "drain_agent"},
                                    {"STOP_DRAINING", "stop_draining", Body::none},
                                    {"UPDATE_FRAMEWORK", "update_framework"},
                                    {"SHUTDOWN_AGENT", "shutdown_agent"}};

}  // namespace

template <>
struct Custom<api::ToMaster> {
  static bool read(const Node& node, Reader& reader, api::ToMaster& out) {
    if (!reader.expect_object(node)) {
      return false;
    }
    if (const Node* id = find_member(node, "agent_id"); id != nullptr) {
      const Reader::In in(reader, "agent_id");
      if (!Coder<AgentId>::read(*id, reader, out.agent_id.emplace())) {
        return false;
      }
    }
    return read_union(node, reader, kToMaster, out.body);
  }

  static void write(Writer& writer, const api::ToMaster& message, const Dialect& dialect) {
    writer.begin_object();
    if (message.agent_id) {
      writer.key("agent_id");
      Coder<AgentId>::write(writer, *message.agent_id, dialect);
    }
    write_union(writer, message.body, kToMaster, dialect);
    writer.end_object();
  }
};

template <>
struct Custom<api::ToAgent> {
  static bool read(const Node& node, Reader& reader, api::ToAgent& out) {
    return read_union(node, reader, kToAgent, out);
  }

  static void write(Writer& writer, const api::ToAgent& message, const Dialect& dialect) {
    writer.begin_object();
    write_union(writer, message, kToAgent, dialect);
    writer.end_object();
  }
};

}  // namespace ekiden::json

EKIDEN_JSON_TYPE(ekiden::api::agent_link::RunningTask)
EKIDEN_JSON_TYPE(ekiden::api::agent_link::ToMaster)
EKIDEN_JSON_TYPE(ekiden::api::agent_link::ToAgent)
