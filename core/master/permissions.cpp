#include "core/master/permissions.h"

#include "core/base/overloaded.h"

#include <algorithm>
#include <optional>

namespace ekiden::master {
namespace {

namespace actions = wire::actions;
using model::Resource;

using Object = std::optional<std::string>;

Object role_of(const Resource& resource) {
  return resource.reservations.empty() ? Object("*") : Object(resource.reservations.back().role);
}

Object reserver_of(const Resource& resource) {
  return resource.reservations.empty() ? std::nullopt : resource.reservations.back().principal;
}

Object creator_of(const Resource& resource) {
  return resource.disk && resource.disk->persistence ? resource.disk->persistence->principal
                                                     : std::nullopt;
}

// For one caller.
struct Judge {
  const wire::Acls& acls;
  const std::string& principal;

  bool allows(const wire::Action& action, const Object& object = std::nullopt) const {
    return acls.allows(action, principal, object);
  }

  template <class List, class ObjectOf>
  bool allows_all(const wire::Action& action, const List& list, ObjectOf object_of) const {
    return std::all_of(
        list.begin(), list.end(), [&](const auto& one) { return allows(action, object_of(one)); });
  }
};

Object principal_of(const Snapshot& snapshot, const FrameworkId& id) {
  for (const FrameworkView& framework : snapshot.frameworks) {
    if (framework.info.id == id) {
      return framework.info.principal;
    }
  }
  return std::nullopt;
}

}  // namespace

bool may_order(const wire::Acls& acls,
               const std::string& principal,
               const OperatorCommand& command,
               const Snapshot& snapshot) {
  const Judge judge{acls, principal};
  return std::visit(
      Overloaded{[&](const ReserveResources& c) {
                   return judge.allows_all(actions::kReserveResources, c.resources, role_of);
                 },
                 [&](const UnreserveResources& c) {
                   return judge.allows_all(actions::kUnreserveResources, c.resources, reserver_of);
                 },
                 [&](const CreateVolumes& c) {
                   return judge.allows_all(actions::kCreateVolumes, c.volumes, role_of);
                 },
                 [&](const DestroyVolumes& c) {
                   return judge.allows_all(actions::kDestroyVolumes, c.volumes, creator_of);
                 },
                 [&](const GrowVolume& c) {
                   return judge.allows(actions::kResizeVolumes, role_of(c.volume));
                 },
                 [&](const ShrinkVolume& c) {
                   return judge.allows(actions::kResizeVolumes, role_of(c.volume));
                 },
                 [&](const UpdateQuota& c) {
                   return judge.allows_all(
                       actions::kUpdateQuotas, c.configs, [](const model::QuotaConfig& one) {
                         return Object(one.role);
                       });
                 },
                 [&](const SetQuota& c) { return judge.allows(actions::kUpdateQuotas, c.role); },
                 [&](const RemoveQuota& c) { return judge.allows(actions::kUpdateQuotas, c.role); },
                 [&](const UpdateWeights& c) {
                   return judge.allows_all(actions::kUpdateWeights,
                                           c.weights,
                                           [](const model::WeightInfo& one) { return one.role; });
                 },
                 [&](const UpdateMaintenanceSchedule&) {
                   return judge.allows(actions::kUpdateMaintenance);
                 },
                 [&](const StartMaintenance&) { return judge.allows(actions::kStartMaintenances); },
                 [&](const StopMaintenance&) { return judge.allows(actions::kStopMaintenances); },
                 [&](const MarkAgentGone&) { return judge.allows(actions::kMarkAgentsGone); },
                 [&](const DrainAgent&) { return judge.allows(actions::kDrainAgents); },
                 [&](const DeactivateAgent&) { return judge.allows(actions::kDeactivateAgents); },
                 [&](const ReactivateAgent&) { return judge.allows(actions::kReactivateAgents); },
                 [&](const TeardownFramework& c) {
                   return judge.allows(actions::kTeardownFrameworks,
                                       principal_of(snapshot, c.framework_id));
                 }},
      command);
}

bool may_ask(const wire::Acls& acls,
             const std::string& principal,
             const api::master_operator::Call& call) {
  using api::master_operator::Read;
  using api::master_operator::ReadCall;
  const Judge judge{acls, principal};
  return std::visit(
      Overloaded{
          [&](const ReadCall<Read::flags>&) { return judge.allows(actions::kViewFlags); },
          [&](const api::op::SetLoggingLevel&) { return judge.allows(actions::kSetLogLevel); },
          [&](const api::op::ListFiles&) { return judge.allows(actions::kAccessMesosLogs); },
          [&](const api::op::ReadFile&) { return judge.allows(actions::kAccessMesosLogs); },
          [&](const ReadCall<Read::maintenance_schedule>&) {
            return judge.allows(actions::kGetMaintenance);
          },
          [&](const ReadCall<Read::maintenance_status>&) {
            return judge.allows(actions::kGetMaintenanceStatuses);
          },
          [](const auto&) { return true; }},
      call.body);
}

bool may_register(const wire::Acls& acls,
                  const std::string& principal,
                  const model::FrameworkInfo& framework) {
  const std::string who = principal.empty() ? framework.principal.value_or("") : principal;
  return Judge{acls, who}.allows_all(actions::kRegisterFrameworks,
                                     framework.all_roles(),
                                     [](const std::string& role) { return Object(role); });
}

}  // namespace ekiden::master
