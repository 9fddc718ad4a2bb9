#include "core/api/model_tables.h"

namespace ekiden::json {

using namespace model;  // NOLINT: tables of its types

template <>
struct Schema<OperationStatus> {
  static constexpr auto fields = std::tuple{
      field(1, "operation_id", &OperationStatus::operation_id),
      field(2, "state", &OperationStatus::state).required(),
      field(3, "message", &OperationStatus::message),
      field(4, "converted_resources", &OperationStatus::converted_resources),
      field(5, "uuid", &OperationStatus::uuid).as<InsideCoder<"value", std::string, Base64>>(),
      field(6, "agent_id", &OperationStatus::agent_id),
      field(7, "resource_provider_id", &OperationStatus::resource_provider_id)};
};

template <>
struct Names<AttributeConstraint::Pseudo> {
  using Pseudo = AttributeConstraint::Pseudo;
  static constexpr NumberedName<Pseudo> table[] = {{Pseudo::unknown, "UNKNOWN", 0},
                                                   {Pseudo::hostname, "HOSTNAME", 1},
                                                   {Pseudo::region, "REGION", 2},
                                                   {Pseudo::zone, "ZONE", 3}};
};

template <>
struct Schema<AttributeConstraint::Selector> {
  using Selector = AttributeConstraint::Selector;
  static constexpr auto fields =
      std::tuple{field(1, "pseudoattribute_type", &Selector::pseudoattribute_type).omit_default(),
                 field(2, "attribute_name", &Selector::attribute_name)};
};

template <>
struct Schema<AttributeConstraint::Predicate> {
  using Predicate = AttributeConstraint::Predicate;
  static constexpr auto fields =
      std::tuple{field(1, "exists", &Predicate::exists).as<Presence>().omit_default(),
                 field(2, "not_exists", &Predicate::not_exists).as<Presence>().omit_default(),
                 field(3, "text_equals", &Predicate::text_equals).inside<"value">(),
                 field(4, "text_not_equals", &Predicate::text_not_equals).inside<"value">(),
                 field(5, "text_matches", &Predicate::text_matches).inside<"regex">(),
                 field(6, "text_not_matches", &Predicate::text_not_matches).inside<"regex">()};
};

template <>
struct Schema<AttributeConstraint> {
  static constexpr auto fields =
      std::tuple{field(1, "selector", &AttributeConstraint::selector).required(),
                 field(2, "predicate", &AttributeConstraint::predicate).required()};
};

template <>
struct Schema<OfferConstraints::Group> {
  static constexpr auto fields = std::tuple{
      field(1, "attribute_constraints", &OfferConstraints::Group::attribute_constraints)};
};

template <>
struct Schema<OfferConstraints::RoleConstraints> {
  static constexpr auto fields =
      std::tuple{field(1, "groups", &OfferConstraints::RoleConstraints::groups)};
};

template <>
struct Schema<OfferConstraints> {
  static constexpr auto fields =
      std::tuple{field(1, "role_constraints", &OfferConstraints::role_constraints)};
};

template <>
struct Schema<MachineId> {
  static constexpr auto fields =
      std::tuple{field(1, "hostname", &MachineId::hostname), field(2, "ip", &MachineId::ip)};
};

template <>
struct Schema<MaintenanceWindow> {
  static constexpr auto fields =
      std::tuple{field(1, "machine_ids", &MaintenanceWindow::machine_ids).always(),
                 field(2, "unavailability", &MaintenanceWindow::unavailability).required()};
};

template <>
struct Schema<MaintenanceSchedule> {
  static constexpr auto fields =
      std::tuple{field(1, "windows", &MaintenanceSchedule::windows).always()};
};

using Amounts = MapCoder<double, InsideCoder<"value", double>>;

template <>
struct Schema<QuotaConfig> {
  static constexpr auto fields =
      std::tuple{field(1, "role", &QuotaConfig::role).required(),
                 field(2, "guarantees", &QuotaConfig::guarantees).as<Amounts>(),
                 field(3, "limits", &QuotaConfig::limits).as<Amounts>()};
};

template <>
struct Schema<WeightInfo> {
  static constexpr auto fields = std::tuple{field(1, "weight", &WeightInfo::weight).required(),
                                            field(2, "role", &WeightInfo::role)};
};

template <>
struct Schema<DrainConfig> {
  static constexpr auto fields =
      std::tuple{field(1, "max_grace_period", &DrainConfig::max_grace_period),
                 field(2, "mark_gone", &DrainConfig::mark_gone)};
};

template <>
struct Names<DrainState> {
  static constexpr NumberedName<DrainState> table[] = {{DrainState::unknown, "UNKNOWN", 0},
                                                       {DrainState::draining, "DRAINING", 1},
                                                       {DrainState::drained, "DRAINED", 2}};
};

template <>
struct Schema<DrainInfo> {
  static constexpr auto fields = std::tuple{field(1, "state", &DrainInfo::state).required(),
                                            field(2, "config", &DrainInfo::config).required()};
};

}  // namespace ekiden::json

EKIDEN_WIRE_TYPE(ekiden::model::OperationStatus)
EKIDEN_WIRE_TYPE(ekiden::model::OfferConstraints)
EKIDEN_WIRE_TYPE(ekiden::model::MachineId)
EKIDEN_WIRE_TYPE(ekiden::model::MaintenanceWindow)
EKIDEN_WIRE_TYPE(ekiden::model::MaintenanceSchedule)
EKIDEN_WIRE_TYPE(ekiden::model::QuotaConfig)
EKIDEN_WIRE_TYPE(ekiden::model::WeightInfo)
EKIDEN_WIRE_TYPE(ekiden::model::DrainConfig)
EKIDEN_WIRE_TYPE(ekiden::model::DrainInfo)
