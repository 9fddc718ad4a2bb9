#pragma once

#include "core/api/formats.h"
#include "core/model/agent.h"
#include "core/model/attributes.h"
#include "core/model/cluster.h"
#include "core/model/common.h"
#include "core/model/framework.h"
#include "core/model/offer.h"
#include "core/model/offer_constraints.h"
#include "core/model/operation.h"
#include "core/model/operation_names.h"
#include "core/model/resources.h"
#include "core/model/state_names.h"
#include "core/model/status.h"
#include "core/model/task.h"

// The tables of core/model for other tables that nest them. Included by table .cpp files only. The
// tables themselves are in *_tables.cpp; the numbers are protobuf's (mesos-core.md Appendix A).
#define EKIDEN_MODEL_TYPES(EACH)              \
  EACH(ekiden::model::Label)                  \
  EACH(ekiden::model::Labels)                 \
  EACH(ekiden::model::Parameter)              \
  EACH(ekiden::model::Secret)                 \
  EACH(ekiden::model::Environment)            \
  EACH(ekiden::model::DurationInfo)           \
  EACH(ekiden::model::TimeInfo)               \
  EACH(ekiden::model::KillPolicy)             \
  EACH(ekiden::model::Address)                \
  EACH(ekiden::model::DomainInfo)             \
  EACH(ekiden::model::Scalar)                 \
  EACH(ekiden::model::Range)                  \
  EACH(ekiden::model::VolumeSource)           \
  EACH(ekiden::model::VolumeRef)              \
  EACH(ekiden::model::Resource)               \
  EACH(ekiden::model::Attribute)              \
  EACH(ekiden::model::CommandInfo)            \
  EACH(ekiden::model::TtyInfo)                \
  EACH(ekiden::model::ContainerInfo)          \
  EACH(ekiden::model::NetworkInfo)            \
  EACH(ekiden::model::HealthCheck)            \
  EACH(ekiden::model::CheckInfo)              \
  EACH(ekiden::model::DiscoveryInfo)          \
  EACH(ekiden::model::ExecutorInfo)           \
  EACH(ekiden::model::TaskInfo)               \
  EACH(ekiden::model::ContainerStatus)        \
  EACH(ekiden::model::TaskResourceLimitation) \
  EACH(ekiden::model::TaskStatus)             \
  EACH(ekiden::model::AgentInfo)              \
  EACH(ekiden::model::FrameworkInfo)          \
  EACH(ekiden::model::Unavailability)         \
  EACH(ekiden::model::Offer)                  \
  EACH(ekiden::model::Filters)                \
  EACH(ekiden::model::InverseOffer)           \
  EACH(ekiden::model::Operation)              \
  EACH(ekiden::model::OperationStatus)        \
  EACH(ekiden::model::OfferConstraints)       \
  EACH(ekiden::model::MachineId)              \
  EACH(ekiden::model::MaintenanceWindow)      \
  EACH(ekiden::model::MaintenanceSchedule)    \
  EACH(ekiden::model::QuotaConfig)            \
  EACH(ekiden::model::WeightInfo)             \
  EACH(ekiden::model::DrainConfig)            \
  EACH(ekiden::model::DrainInfo)

EKIDEN_MODEL_TYPES(EKIDEN_WIRE_EXTERN)

namespace ekiden::json {

template <>
struct Names<model::TaskState> {
  static constexpr const auto& table = model::kTaskStateNames;
};

template <>
struct Names<model::StatusReason> {
  static constexpr const auto& table = model::kStatusReasonNames;
};

template <>
struct Names<model::OperationState> {
  static constexpr const auto& table = model::kOperationStateNames;
};

template <>
struct Names<model::Operation::Type> {
  static constexpr const auto& table = model::kOperationTypeNames;
};

template <>
struct Names<model::DiskSource::Type> {
  using Type = model::DiskSource::Type;
  static constexpr model::NumberedName<Type> table[] = {{Type::unknown, "UNKNOWN", 0},
                                                        {Type::path, "PATH", 1},
                                                        {Type::mount, "MOUNT", 2},
                                                        {Type::block, "BLOCK", 3},
                                                        {Type::raw, "RAW", 4}};
};

}  // namespace ekiden::json
