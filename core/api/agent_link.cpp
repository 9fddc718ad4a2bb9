#include "core/api/agent_link.h"

#include "core/api/model_tables.h"

namespace ekiden::json {

// The numbers are those of our own protobuf form: add at the end, never reuse one.
namespace api = ekiden::api::agent_link;

template <>
struct Schema<api::RunningTask> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::RunningTask::framework_id).required(),
                 field(2, "task", &api::RunningTask::task).required(),
                 field(3, "state", &api::RunningTask::state).required(),
                 field(4, "latest_status", &api::RunningTask::latest_status),
                 field(5, "executor_id", &api::RunningTask::executor_id)};
};

template <>
struct Schema<api::RunningExecutor> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::RunningExecutor::framework_id).required(),
                 field(2, "info", &api::RunningExecutor::info).required()};
};

template <>
struct Schema<api::KnownOperation> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::KnownOperation::framework_id),
                 field(2, "operation", &api::KnownOperation::operation).required(),
                 field(3, "latest_status", &api::KnownOperation::latest_status).required(),
                 field(4, "uuid", &api::KnownOperation::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::OperationUpdate> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::OperationUpdate::framework_id),
                 field(2, "status", &api::OperationUpdate::status).required(),
                 field(3, "uuid", &api::OperationUpdate::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::Register> {
  static constexpr auto fields = std::tuple{field(1, "attempt", &api::Register::attempt).required(),
                                            field(2, "info", &api::Register::info).required(),
                                            field(3, "resources", &api::Register::resources),
                                            field(4, "executors", &api::Register::executors),
                                            field(5, "operations", &api::Register::operations),
                                            field(6, "draining", &api::Register::draining),
                                            field(7, "tasks", &api::Register::tasks),
                                            field(8, "frameworks", &api::Register::frameworks),
                                            field(9, "version", &api::Register::version),
                                            field(10, "ip", &api::Register::ip)};
};

template <>
struct Schema<api::StatusUpdate> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::StatusUpdate::framework_id).required(),
                 field(2, "status", &api::StatusUpdate::status).required(),
                 field(3, "latest_state", &api::StatusUpdate::latest_state).required()};
};

template <>
struct Schema<api::ExecutorExited> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::ExecutorExited::framework_id).required(),
                 field(2, "executor_id", &api::ExecutorExited::executor_id).required(),
                 field(3, "status", &api::ExecutorExited::status)};
};

template <>
struct Schema<api::ExecutorMessage> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::ExecutorMessage::framework_id).required(),
                 field(2, "executor_id", &api::ExecutorMessage::executor_id).required(),
                 field(3, "data", &api::ExecutorMessage::data).required().as<Base64>()};
};

template <>
struct Schema<api::Pong> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::Unregister> {
  static constexpr auto fields = std::tuple<>{};
};

// Duration in memory, {"nanoseconds": n} on the wire.
constexpr Via<api::Registered, model::DurationInfo> kPingTimeout{
    .name = "ping_timeout",
    .present = [](const api::Registered& message) { return message.ping_timeout != Duration{}; },
    .get =
        [](const api::Registered& message) {
          return model::DurationInfo{message.ping_timeout.count()};
        },
    .set = [](api::Registered& message,
              model::DurationInfo&& info) { message.ping_timeout = Duration(info.nanoseconds); },
    .number = 3};

template <>
struct Schema<api::Registered> {
  static constexpr auto fields =
      std::tuple{field(1, "attempt", &api::Registered::attempt).required(),
                 field(2, "agent_id", &api::Registered::agent_id).required(),
                 kPingTimeout};
};

template <>
struct Schema<api::Refused> {
  static constexpr auto fields = std::tuple{field(1, "message", &api::Refused::message).required()};
};

template <>
struct Schema<api::RunTask> {
  static constexpr auto fields =
      std::tuple{field(1, "framework", &api::RunTask::framework).required(),
                 field(2, "task", &api::RunTask::task).required()};
};

template <>
struct Schema<api::RunTaskGroup> {
  static constexpr auto fields =
      std::tuple{field(1, "framework", &api::RunTaskGroup::framework).required(),
                 field(2, "executor", &api::RunTaskGroup::executor).required(),
                 field(3, "tasks", &api::RunTaskGroup::tasks)};
};

template <>
struct Schema<api::KillTask> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::KillTask::framework_id).required(),
                 field(2, "task_id", &api::KillTask::task_id).required(),
                 field(3, "kill_policy", &api::KillTask::kill_policy)};
};

template <>
struct Schema<api::AcknowledgeUpdate> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::AcknowledgeUpdate::framework_id).required(),
                 field(2, "task_id", &api::AcknowledgeUpdate::task_id).required(),
                 field(3, "uuid", &api::AcknowledgeUpdate::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::ShutdownFramework> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::ShutdownFramework::framework_id).required()};
};

template <>
struct Schema<api::ShutdownExecutor> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::ShutdownExecutor::framework_id).required(),
                 field(2, "executor_id", &api::ShutdownExecutor::executor_id).required()};
};

template <>
struct Schema<api::FrameworkMessage> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::FrameworkMessage::framework_id).required(),
                 field(2, "executor_id", &api::FrameworkMessage::executor_id).required(),
                 field(3, "data", &api::FrameworkMessage::data).required().as<Base64>()};
};

template <>
struct Schema<api::Ping> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::ApplyOperation> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::ApplyOperation::framework_id),
                 field(2, "operation", &api::ApplyOperation::operation).required(),
                 field(3, "uuid", &api::ApplyOperation::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::AcknowledgeOperation> {
  using Type = api::AcknowledgeOperation;
  static constexpr auto fields =
      std::tuple{field(1, "uuid", &Type::uuid).required().as<Base64>(),
                 field(2, "status_uuid", &Type::status_uuid).required().as<Base64>(),
                 field(3, "operation_id", &Type::operation_id)};
};

template <>
struct Schema<api::DrainAgent> {
  static constexpr auto fields =
      std::tuple{field(1, "config", &api::DrainAgent::config).required()};
};

template <>
struct Schema<api::StopDraining> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::UpdateFramework> {
  static constexpr auto fields =
      std::tuple{field(1, "framework", &api::UpdateFramework::framework).required()};
};

template <>
struct Schema<api::ShutdownAgent> {
  static constexpr auto fields =
      std::tuple{field(1, "message", &api::ShutdownAgent::message).required()};
};

namespace {

constexpr Alternative kToMaster[] = {
    {"REGISTER", "register", Body::required, 1, 3},
    {"STATUS_UPDATE", "status_update", Body::required, 2, 4},
    {"EXECUTOR_EXITED", "executor_exited", Body::required, 3, 5},
    {"EXECUTOR_MESSAGE", "executor_message", Body::required, 4, 6},
    {"PONG", "pong", Body::none, 5, 0},
    {"UNREGISTER", "unregister", Body::none, 6, 0},
    {"OPERATION_UPDATE", "operation_update", Body::required, 7, 9}};

constexpr Alternative kToAgent[] = {
    {"REGISTERED", "registered", Body::required, 1, 2},
    {"REFUSED", "refused", Body::required, 2, 3},
    {"RUN_TASK", "run_task", Body::required, 3, 4},
    {"RUN_TASK_GROUP", "run_task_group", Body::required, 4, 5},
    {"KILL_TASK", "kill_task", Body::required, 5, 6},
    {"ACKNOWLEDGE_UPDATE", "acknowledge_update", Body::required, 6, 7},
    {"SHUTDOWN_FRAMEWORK", "shutdown_framework", Body::required, 7, 8},
    {"SHUTDOWN_EXECUTOR", "shutdown_executor", Body::required, 8, 9},
    {"FRAMEWORK_MESSAGE", "framework_message", Body::required, 9, 10},
    {"PING", "ping", Body::none, 10, 0},
    {"APPLY_OPERATION", "apply_operation", Body::required, 11, 12},
    {"ACKNOWLEDGE_OPERATION", "acknowledge_operation", Body::required, 12, 13},
    {"DRAIN_AGENT", "drain_agent", Body::required, 13, 14},
    {"STOP_DRAINING", "stop_draining", Body::none, 14, 0},
    {"UPDATE_FRAMEWORK", "update_framework", Body::required, 15, 16},
    {"SHUTDOWN_AGENT", "shutdown_agent", Body::required, 16, 17}};

}  // namespace

template <>
struct Envelope<api::ToMaster> {
  static constexpr auto fields = std::tuple{field(1, "agent_id", &api::ToMaster::agent_id)};
  static constexpr int kTypeNumber = 2;
  static constexpr const auto& alternatives = kToMaster;

  static auto& body(auto& message) { return message.body; }
};

template <>
struct Envelope<api::ToAgent> {
  static constexpr auto fields = std::tuple<>{};
  static constexpr int kTypeNumber = 1;
  static constexpr const auto& alternatives = kToAgent;

  static auto& body(auto& message) { return message; }
};

}  // namespace ekiden::json

EKIDEN_WIRE_TYPE(ekiden::api::agent_link::RunningTask)
EKIDEN_WIRE_TYPE(ekiden::api::agent_link::ToMaster)
EKIDEN_WIRE_TYPE(ekiden::api::agent_link::ToAgent)
