#pragma once

#include "core/model/agent.h"
#include "core/model/framework.h"
#include "core/model/offer.h"
#include "core/model/offer_constraints.h"
#include "core/model/operation.h"
#include "core/model/status.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

// The v1 scheduler API (mesos-core.md section 2) as values: what a framework and a master say to
// each other. Wire tables in scheduler.cpp.
namespace ekiden::api::scheduler {

// The messages are made of these.
using model::Address;
using model::Filters;
using model::FrameworkInfo;
using model::KillPolicy;
using model::Offer;
using model::Operation;
using model::TaskStatus;

// ---- calls: framework -> master
struct Subscribe {
  FrameworkInfo framework_info;
  std::vector<std::string> suppressed_roles;
  std::optional<model::OfferConstraints> offer_constraints;
  bool operator==(const Subscribe&) const = default;
};

struct Teardown {
  bool operator==(const Teardown&) const = default;
};

struct Accept {
  std::vector<OfferId> offer_ids;
  std::vector<Operation> operations;
  std::optional<Filters> filters;
  bool operator==(const Accept&) const = default;
};

struct Decline {
  std::vector<OfferId> offer_ids;
  std::optional<Filters> filters;
  bool operator==(const Decline&) const = default;
};

struct Revive {
  std::vector<std::string> roles;  // empty: all
  bool operator==(const Revive&) const = default;
};

struct Suppress {
  std::vector<std::string> roles;  // empty: all
  bool operator==(const Suppress&) const = default;
};

struct Kill {
  TaskId task_id;
  std::optional<AgentId> agent_id;
  std::optional<KillPolicy> kill_policy;
  bool operator==(const Kill&) const = default;
};

struct Shutdown {
  ExecutorId executor_id;
  AgentId agent_id;
  bool operator==(const Shutdown&) const = default;
};

struct Acknowledge {
  AgentId agent_id;
  TaskId task_id;
  std::string uuid;  // 16 raw bytes; base64 on the wire
  bool operator==(const Acknowledge&) const = default;
};

struct Reconcile {
  struct Task {
    TaskId task_id;
    std::optional<AgentId> agent_id;
    bool operator==(const Task&) const = default;
  };

  std::vector<Task> tasks;  // empty: implicit, everything the master knows
  bool operator==(const Reconcile&) const = default;
};

struct FrameworkMessage {
  AgentId agent_id;
  ExecutorId executor_id;
  std::string data;  // base64 on the wire
  bool operator==(const FrameworkMessage&) const = default;
};

// Accepted and without effect, as with Mesos' own allocator.
struct Request {
  struct Wish {
    std::optional<AgentId> agent_id;
    std::vector<model::Resource> resources;
    bool operator==(const Wish&) const = default;
  };

  std::vector<Wish> requests;
  bool operator==(const Request&) const = default;
};

// Recorded, not enforced [mesos-core 2.14].
struct AcceptInverseOffers {
  std::vector<OfferId> inverse_offer_ids;
  std::optional<Filters> filters;
  bool operator==(const AcceptInverseOffers&) const = default;
};

struct DeclineInverseOffers {
  std::vector<OfferId> inverse_offer_ids;
  std::optional<Filters> filters;
  bool operator==(const DeclineInverseOffers&) const = default;
};

struct AcknowledgeOperationStatus {
  std::optional<AgentId> agent_id;
  std::optional<ResourceProviderId> resource_provider_id;
  std::string uuid;  // 16 raw bytes; base64 on the wire
  OperationId operation_id;
  bool operator==(const AcknowledgeOperationStatus&) const = default;
};

struct ReconcileOperations {
  struct Operation {
    OperationId operation_id;
    std::optional<AgentId> agent_id;
    std::optional<ResourceProviderId> resource_provider_id;
    bool operator==(const Operation&) const = default;
  };

  std::vector<Operation> operations;
  bool operator==(const ReconcileOperations&) const = default;
};

struct UpdateFramework {
  FrameworkInfo framework_info;
  std::vector<std::string> suppressed_roles;
  std::optional<model::OfferConstraints> offer_constraints;
  bool operator==(const UpdateFramework&) const = default;
};

struct UnknownCall {  // "UNKNOWN" said in so many words: 501
  bool operator==(const UnknownCall&) const = default;
};

struct Call {
  std::optional<FrameworkId> framework_id;  // absent only on a first SUBSCRIBE
  std::variant<Subscribe,
               Teardown,
               Accept,
               Decline,
               Revive,
               Suppress,
               Kill,
               Shutdown,
               Acknowledge,
               Reconcile,
               FrameworkMessage,
               Request,
               AcceptInverseOffers,
               DeclineInverseOffers,
               AcknowledgeOperationStatus,
               ReconcileOperations,
               UpdateFramework,
               UnknownCall>
      body;
  bool operator==(const Call&) const = default;
};

// ---- the body of the answer to RECONCILE_OPERATIONS [mesos-core 2.13]
struct ReconcileOperationsResponse {
  std::vector<model::OperationStatus> operation_statuses;
  bool operator==(const ReconcileOperationsResponse&) const = default;
};

using Response = std::variant<ReconcileOperationsResponse>;

// ---- events: master -> framework
struct MasterCapability {
  enum class Type { unknown, agent_update, agent_draining, quota_v2 };
  Type type = Type::unknown;
  bool operator==(const MasterCapability&) const = default;
};

struct MasterInfo {
  std::string id;
  std::uint32_t ip = 0;  // network byte order as stored on a little-endian host
  std::uint32_t port = 5050;
  std::optional<std::string> pid;
  std::optional<std::string> hostname;
  std::optional<std::string> version;
  std::optional<Address> address;
  std::optional<model::DomainInfo> domain;
  std::vector<MasterCapability> capabilities;
  bool operator==(const MasterInfo&) const = default;
};

struct Subscribed {
  FrameworkId framework_id;
  std::optional<double> heartbeat_interval_seconds;
  std::optional<MasterInfo> master_info;
  bool operator==(const Subscribed&) const = default;
};

struct Offers {
  std::vector<Offer> offers;
  bool operator==(const Offers&) const = default;
};

struct Rescind {
  OfferId offer_id;
  bool operator==(const Rescind&) const = default;
};

struct InverseOffers {
  std::vector<model::InverseOffer> inverse_offers;
  bool operator==(const InverseOffers&) const = default;
};

struct RescindInverseOffer {
  OfferId inverse_offer_id;
  bool operator==(const RescindInverseOffer&) const = default;
};

struct UpdateOperationStatus {
  model::OperationStatus status;
  bool operator==(const UpdateOperationStatus&) const = default;
};

struct Update {
  TaskStatus status;
  bool operator==(const Update&) const = default;
};

struct Message {
  AgentId agent_id;
  ExecutorId executor_id;
  std::string data;
  bool operator==(const Message&) const = default;
};

struct Failure {
  std::optional<AgentId> agent_id;
  std::optional<ExecutorId> executor_id;
  std::optional<std::int32_t> status;
  bool operator==(const Failure&) const = default;
};

struct ErrorEvent {
  std::string message;
  bool operator==(const ErrorEvent&) const = default;
};

struct Heartbeat {
  bool operator==(const Heartbeat&) const = default;
};

using Event = std::variant<Subscribed,
                           Offers,
                           Rescind,
                           Update,
                           Message,
                           Failure,
                           ErrorEvent,
                           Heartbeat,
                           InverseOffers,
                           RescindInverseOffer,
                           UpdateOperationStatus>;

}  // namespace ekiden::api::scheduler
