#include "core/api/scheduler.h"

#include "core/api/model_tables.h"

namespace ekiden::json {

namespace api = ekiden::api::scheduler;

template <>
struct Schema<api::Subscribe> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_info", &api::Subscribe::framework_info).required(),
                 field(2, "suppressed_roles", &api::Subscribe::suppressed_roles),
                 field(3, "offer_constraints", &api::Subscribe::offer_constraints)};
};

template <>
struct Schema<api::Teardown> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::Accept> {
  static constexpr auto fields = std::tuple{field(1, "offer_ids", &api::Accept::offer_ids),
                                            field(2, "operations", &api::Accept::operations),
                                            field(3, "filters", &api::Accept::filters)};
};

template <>
struct Schema<api::Decline> {
  static constexpr auto fields = std::tuple{field(1, "offer_ids", &api::Decline::offer_ids),
                                            field(2, "filters", &api::Decline::filters)};
};

template <>
struct Schema<api::Revive> {
  static constexpr auto fields = std::tuple{field(1, "roles", &api::Revive::roles)};
};

template <>
struct Schema<api::Suppress> {
  static constexpr auto fields = std::tuple{field(1, "roles", &api::Suppress::roles)};
};

template <>
struct Schema<api::Kill> {
  static constexpr auto fields = std::tuple{field(1, "task_id", &api::Kill::task_id).required(),
                                            field(2, "agent_id", &api::Kill::agent_id),
                                            field(3, "kill_policy", &api::Kill::kill_policy)};
};

template <>
struct Schema<api::Shutdown> {
  static constexpr auto fields =
      std::tuple{field(1, "executor_id", &api::Shutdown::executor_id).required(),
                 field(2, "agent_id", &api::Shutdown::agent_id).required()};
};

template <>
struct Schema<api::Acknowledge> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::Acknowledge::agent_id).required(),
                 field(2, "task_id", &api::Acknowledge::task_id).required(),
                 field(3, "uuid", &api::Acknowledge::uuid).required().as<Base64>()};
};

template <>
struct Schema<api::Reconcile::Task> {
  static constexpr auto fields =
      std::tuple{field(1, "task_id", &api::Reconcile::Task::task_id).required(),
                 field(2, "agent_id", &api::Reconcile::Task::agent_id)};
};

template <>
struct Schema<api::Reconcile> {
  static constexpr auto fields = std::tuple{field(1, "tasks", &api::Reconcile::tasks)};
};

template <>
struct Schema<api::FrameworkMessage> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::FrameworkMessage::agent_id).required(),
                 field(2, "executor_id", &api::FrameworkMessage::executor_id).required(),
                 field(3, "data", &api::FrameworkMessage::data).required().as<Base64>()};
};

template <>
struct Schema<api::Request::Wish> {
  static constexpr auto fields = std::tuple{field(1, "agent_id", &api::Request::Wish::agent_id),
                                            field(2, "resources", &api::Request::Wish::resources)};
};

template <>
struct Schema<api::Request> {
  static constexpr auto fields = std::tuple{field(1, "requests", &api::Request::requests)};
};

template <>
struct Schema<api::AcceptInverseOffers> {
  static constexpr auto fields =
      std::tuple{field(1, "inverse_offer_ids", &api::AcceptInverseOffers::inverse_offer_ids),
                 field(2, "filters", &api::AcceptInverseOffers::filters)};
};

template <>
struct Schema<api::DeclineInverseOffers> {
  static constexpr auto fields =
      std::tuple{field(1, "inverse_offer_ids", &api::DeclineInverseOffers::inverse_offer_ids),
                 field(2, "filters", &api::DeclineInverseOffers::filters)};
};

template <>
struct Schema<api::AcknowledgeOperationStatus> {
  using Type = api::AcknowledgeOperationStatus;
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &Type::agent_id),
                 field(2, "resource_provider_id", &Type::resource_provider_id),
                 field(3, "uuid", &Type::uuid).required().as<Base64>(),
                 field(4, "operation_id", &Type::operation_id).required()};
};

template <>
struct Schema<api::ReconcileOperations::Operation> {
  using Type = api::ReconcileOperations::Operation;
  static constexpr auto fields =
      std::tuple{field(1, "operation_id", &Type::operation_id).required(),
                 field(2, "agent_id", &Type::agent_id),
                 field(3, "resource_provider_id", &Type::resource_provider_id)};
};

template <>
struct Schema<api::ReconcileOperations> {
  static constexpr auto fields =
      std::tuple{field(1, "operations", &api::ReconcileOperations::operations)};
};

template <>
struct Schema<api::UpdateFramework> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_info", &api::UpdateFramework::framework_info).required(),
                 field(2, "suppressed_roles", &api::UpdateFramework::suppressed_roles),
                 field(3, "offer_constraints", &api::UpdateFramework::offer_constraints)};
};

template <>
struct Schema<api::UnknownCall> {
  static constexpr auto fields = std::tuple<>{};
};

namespace {

constexpr Alternative kCalls[] = {
    {"SUBSCRIBE", "subscribe", Body::required, 1, 3},
    {"TEARDOWN", "teardown", Body::none, 2, 0},
    {"ACCEPT", "accept", Body::required, 3, 4},
    {"DECLINE", "decline", Body::required, 4, 5},
    {"REVIVE", "revive", Body::optional, 5, 15},
    {"SUPPRESS", "suppress", Body::optional, 12, 16},
    {"KILL", "kill", Body::required, 6, 6},
    {"SHUTDOWN", "shutdown", Body::required, 7, 7},
    {"ACKNOWLEDGE", "acknowledge", Body::required, 8, 8},
    {"RECONCILE", "reconcile", Body::required, 9, 9},
    {"MESSAGE", "message", Body::required, 10, 10},
    {"REQUEST", "request", Body::required, 11, 11},
    {"ACCEPT_INVERSE_OFFERS", "accept_inverse_offers", Body::required, 13, 13},
    {"DECLINE_INVERSE_OFFERS", "decline_inverse_offers", Body::required, 14, 14},
    {"ACKNOWLEDGE_OPERATION_STATUS", "acknowledge_operation_status", Body::required, 15, 17},
    {"RECONCILE_OPERATIONS", "reconcile_operations", Body::required, 16, 18},
    {"UPDATE_FRAMEWORK", "update_framework", Body::required, 17, 19},
    {"UNKNOWN", "unknown", Body::none, 0, 0}};

constexpr Alternative kEvents[] = {
    {"SUBSCRIBED", "subscribed", Body::required, 1, 2},
    {"OFFERS", "offers", Body::required, 2, 3},
    {"RESCIND", "rescind", Body::required, 3, 4},
    {"UPDATE", "update", Body::required, 4, 5},
    {"MESSAGE", "message", Body::required, 5, 6},
    {"FAILURE", "failure", Body::required, 6, 7},
    {"ERROR", "error", Body::required, 7, 8},
    {"HEARTBEAT", "heartbeat", Body::none, 8, 0},
    {"INVERSE_OFFERS", "inverse_offers", Body::required, 9, 9},
    {"RESCIND_INVERSE_OFFER", "rescind_inverse_offer", Body::required, 10, 10},
    {"UPDATE_OPERATION_STATUS", "update_operation_status", Body::required, 11, 11}};

constexpr Alternative kResponses[] = {
    {"RECONCILE_OPERATIONS", "reconcile_operations", Body::required, 1, 2}};

}  // namespace

template <>
struct Envelope<api::Call> {
  static constexpr auto fields = std::tuple{field(1, "framework_id", &api::Call::framework_id)};
  static constexpr int kTypeNumber = 2;
  static constexpr const auto& alternatives = kCalls;

  static auto& body(auto& call) { return call.body; }
};

template <>
struct Names<api::MasterCapability::Type> {
  using Type = api::MasterCapability::Type;
  static constexpr model::NumberedName<Type> table[] = {{Type::unknown, "UNKNOWN", 0},
                                                        {Type::agent_update, "AGENT_UPDATE", 1},
                                                        {Type::agent_draining, "AGENT_DRAINING", 2},
                                                        {Type::quota_v2, "QUOTA_V2", 3}};
};

template <>
struct Schema<api::MasterCapability> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &api::MasterCapability::type).omit_default()};
};

template <>
struct Schema<api::MasterInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "id", &api::MasterInfo::id).required(),
                 field(2, "ip", &api::MasterInfo::ip).required(),
                 field(3, "port", &api::MasterInfo::port).required(),
                 field(4, "pid", &api::MasterInfo::pid),
                 field(5, "hostname", &api::MasterInfo::hostname),
                 field(6, "version", &api::MasterInfo::version),
                 field(7, "address", &api::MasterInfo::address),
                 field(8, "domain", &api::MasterInfo::domain),
                 field(9, "capabilities", &api::MasterInfo::capabilities)};
};

template <>
struct Schema<api::Subscribed> {
  static constexpr auto fields = std::tuple{
      field(1, "framework_id", &api::Subscribed::framework_id).required(),
      field(2, "heartbeat_interval_seconds", &api::Subscribed::heartbeat_interval_seconds),
      field(3, "master_info", &api::Subscribed::master_info)};
};

template <>
struct Schema<api::Offers> {
  static constexpr auto fields = std::tuple{field(1, "offers", &api::Offers::offers)};
};

template <>
struct Schema<api::Rescind> {
  static constexpr auto fields =
      std::tuple{field(1, "offer_id", &api::Rescind::offer_id).required()};
};

template <>
struct Schema<api::InverseOffers> {
  static constexpr auto fields =
      std::tuple{field(1, "inverse_offers", &api::InverseOffers::inverse_offers)};
};

template <>
struct Schema<api::RescindInverseOffer> {
  static constexpr auto fields = std::tuple{
      field(1, "inverse_offer_id", &api::RescindInverseOffer::inverse_offer_id).required()};
};

template <>
struct Schema<api::UpdateOperationStatus> {
  static constexpr auto fields =
      std::tuple{field(1, "status", &api::UpdateOperationStatus::status).required()};
};

template <>
struct Schema<api::ReconcileOperationsResponse> {
  static constexpr auto fields = std::tuple{
      field(1, "operation_statuses", &api::ReconcileOperationsResponse::operation_statuses)};
};

template <>
struct Envelope<api::Response> {
  static constexpr auto fields = std::tuple<>{};
  static constexpr int kTypeNumber = 1;
  static constexpr const auto& alternatives = kResponses;

  static auto& body(auto& response) { return response; }
};

template <>
struct Schema<api::Update> {
  static constexpr auto fields = std::tuple{field(1, "status", &api::Update::status).required()};
};

template <>
struct Schema<api::Message> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::Message::agent_id).required(),
                 field(2, "executor_id", &api::Message::executor_id).required(),
                 field(3, "data", &api::Message::data).required().as<Base64>()};
};

template <>
struct Schema<api::Failure> {
  static constexpr auto fields = std::tuple{field(1, "agent_id", &api::Failure::agent_id),
                                            field(2, "executor_id", &api::Failure::executor_id),
                                            field(3, "status", &api::Failure::status)};
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

EKIDEN_WIRE_TYPE(ekiden::api::scheduler::MasterInfo)
EKIDEN_WIRE_TYPE(ekiden::api::scheduler::Call)
EKIDEN_WIRE_TYPE(ekiden::api::scheduler::Event)
EKIDEN_WIRE_TYPE(ekiden::api::scheduler::Response)
