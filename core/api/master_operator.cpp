// The calls of the master's operator API; the answers are in master_operator_answers.cpp.
#include "core/api/master_operator.h"

#include "core/api/model_tables.h"
#include "core/api/operator_tables.h"

namespace ekiden::json {

namespace api = ekiden::api::master_operator;

template <api::Read kKind>
struct Schema<api::ReadCall<kKind>> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::UnknownCall> {
  static constexpr auto fields = std::tuple<>{};
};

template <>
struct Schema<api::UpdateWeights> {
  static constexpr auto fields =
      std::tuple{field(1, "weight_infos", &api::UpdateWeights::weight_infos)};
};

template <>
struct Schema<api::ReserveResources> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::ReserveResources::agent_id).required(),
                 field(3, "source", &api::ReserveResources::source),
                 field(2, "resources", &api::ReserveResources::resources)};
};

template <>
struct Schema<api::UnreserveResources> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::UnreserveResources::agent_id).required(),
                 field(2, "resources", &api::UnreserveResources::resources)};
};

template <>
struct Schema<api::CreateVolumes> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::CreateVolumes::agent_id).required(),
                 field(2, "volumes", &api::CreateVolumes::volumes)};
};

template <>
struct Schema<api::DestroyVolumes> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::DestroyVolumes::agent_id).required(),
                 field(2, "volumes", &api::DestroyVolumes::volumes)};
};

template <>
struct Schema<api::GrowVolume> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::GrowVolume::agent_id),
                 field(2, "volume", &api::GrowVolume::volume).required(),
                 field(3, "addition", &api::GrowVolume::addition).required()};
};

template <>
struct Schema<api::ShrinkVolume> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::ShrinkVolume::agent_id),
                 field(2, "volume", &api::ShrinkVolume::volume).required(),
                 field(3, "subtract", &api::ShrinkVolume::subtract).required()};
};

template <>
struct Schema<api::UpdateMaintenanceSchedule> {
  static constexpr auto fields =
      std::tuple{field(1, "schedule", &api::UpdateMaintenanceSchedule::schedule).required()};
};

template <>
struct Schema<api::StartMaintenance> {
  static constexpr auto fields = std::tuple{field(1, "machines", &api::StartMaintenance::machines)};
};

template <>
struct Schema<api::StopMaintenance> {
  static constexpr auto fields = std::tuple{field(1, "machines", &api::StopMaintenance::machines)};
};

template <>
struct Schema<api::UpdateQuota> {
  static constexpr auto fields =
      std::tuple{field(1, "force", &api::UpdateQuota::force),
                 field(2, "quota_configs", &api::UpdateQuota::quota_configs)};
};

template <>
struct Schema<api::QuotaRequest> {
  static constexpr auto fields = std::tuple{field(1, "force", &api::QuotaRequest::force),
                                            field(2, "role", &api::QuotaRequest::role),
                                            field(3, "guarantee", &api::QuotaRequest::guarantee)};
};

template <>
struct Schema<api::SetQuota> {
  static constexpr auto fields =
      std::tuple{field(1, "quota_request", &api::SetQuota::quota_request).required()};
};

template <>
struct Schema<api::RemoveQuota> {
  static constexpr auto fields = std::tuple{field(1, "role", &api::RemoveQuota::role).required()};
};

template <>
struct Schema<api::Teardown> {
  static constexpr auto fields =
      std::tuple{field(1, "framework_id", &api::Teardown::framework_id).required()};
};

template <>
struct Schema<api::MarkAgentGone> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::MarkAgentGone::agent_id).required()};
};

template <>
struct Schema<api::ProtobufDuration> {
  static constexpr auto fields = std::tuple{field(1, "seconds", &api::ProtobufDuration::seconds),
                                            field(2, "nanos", &api::ProtobufDuration::nanos)};
};

template <>
struct Schema<api::DrainAgent> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::DrainAgent::agent_id).required(),
                 field(2, "max_grace_period", &api::DrainAgent::max_grace_period),
                 field(3, "mark_gone", &api::DrainAgent::mark_gone)};
};

template <>
struct Schema<api::DeactivateAgent> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::DeactivateAgent::agent_id).required()};
};

template <>
struct Schema<api::ReactivateAgent> {
  static constexpr auto fields =
      std::tuple{field(1, "agent_id", &api::ReactivateAgent::agent_id).required()};
};

namespace {

constexpr Alternative kCalls[] = {
    {"GET_HEALTH", "get_health", Body::none, 1, 0},
    {"GET_FLAGS", "get_flags", Body::none, 2, 0},
    {"GET_VERSION", "get_version", Body::none, 3, 0},
    {"GET_METRICS", "get_metrics", Body::required, 4, 2},
    {"GET_LOGGING_LEVEL", "get_logging_level", Body::none, 5, 0},
    {"SET_LOGGING_LEVEL", "set_logging_level", Body::required, 6, 3},
    {"LIST_FILES", "list_files", Body::required, 7, 4},
    {"READ_FILE", "read_file", Body::required, 8, 5},
    {"GET_STATE", "get_state", Body::none, 9, 0},
    {"GET_AGENTS", "get_agents", Body::none, 10, 0},
    {"GET_FRAMEWORKS", "get_frameworks", Body::none, 11, 0},
    {"GET_EXECUTORS", "get_executors", Body::none, 12, 0},
    {"GET_OPERATIONS", "get_operations", Body::none, 33, 0},
    {"GET_TASKS", "get_tasks", Body::none, 13, 0},
    {"GET_ROLES", "get_roles", Body::none, 14, 0},
    {"GET_WEIGHTS", "get_weights", Body::none, 15, 0},
    {"UPDATE_WEIGHTS", "update_weights", Body::required, 16, 6},
    {"GET_MASTER", "get_master", Body::none, 17, 0},
    {"SUBSCRIBE", "subscribe", Body::none, 18, 0},
    {"RESERVE_RESOURCES", "reserve_resources", Body::required, 19, 7},
    {"UNRESERVE_RESOURCES", "unreserve_resources", Body::required, 20, 8},
    {"CREATE_VOLUMES", "create_volumes", Body::required, 21, 9},
    {"DESTROY_VOLUMES", "destroy_volumes", Body::required, 22, 10},
    {"GROW_VOLUME", "grow_volume", Body::required, 34, 18},
    {"SHRINK_VOLUME", "shrink_volume", Body::required, 35, 19},
    {"GET_MAINTENANCE_STATUS", "get_maintenance_status", Body::none, 23, 0},
    {"GET_MAINTENANCE_SCHEDULE", "get_maintenance_schedule", Body::none, 24, 0},
    {"UPDATE_MAINTENANCE_SCHEDULE", "update_maintenance_schedule", Body::required, 25, 11},
    {"START_MAINTENANCE", "start_maintenance", Body::required, 26, 12},
    {"STOP_MAINTENANCE", "stop_maintenance", Body::required, 27, 13},
    {"GET_QUOTA", "get_quota", Body::none, 28, 0},
    {"UPDATE_QUOTA", "update_quota", Body::required, 36, 20},
    {"SET_QUOTA", "set_quota", Body::required, 29, 14},
    {"REMOVE_QUOTA", "remove_quota", Body::required, 30, 15},
    {"TEARDOWN", "teardown", Body::required, 31, 16},
    {"MARK_AGENT_GONE", "mark_agent_gone", Body::required, 32, 17},
    {"DRAIN_AGENT", "drain_agent", Body::required, 37, 21},
    {"DEACTIVATE_AGENT", "deactivate_agent", Body::required, 38, 22},
    {"REACTIVATE_AGENT", "reactivate_agent", Body::required, 39, 23},
    {"UNKNOWN", "unknown", Body::none, 0, 0}};

}  // namespace

template <>
struct Envelope<api::Call> {
  static constexpr auto fields = std::tuple<>{};
  static constexpr int kTypeNumber = 1;
  static constexpr const auto& alternatives = kCalls;

  static auto& body(auto& call) { return call.body; }
};

}  // namespace ekiden::json

EKIDEN_WIRE_TYPE(ekiden::api::master_operator::QuotaRequest)
EKIDEN_WIRE_TYPE(ekiden::api::master_operator::Call)
