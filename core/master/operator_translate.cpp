// What the calls of the operator API order.
#include "core/base/overloaded.h"
#include "core/master/operator_answers.h"

#include <algorithm>
#include <utility>

namespace ekiden::master {
namespace {

namespace wire = api::master_operator;

using Translated = std::optional<Result<OperatorCommand>>;

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsMax = 9'223'372'035;  // what 64-bit nanoseconds hold

template <class Command>
Translated order(Command command) {
  return Result<OperatorCommand>(std::move(command));
}

Translated refuse(std::string text) {
  return Result<OperatorCommand>(fail(ErrorCode::invalid, std::move(text)));
}

Force force_of(const std::optional<bool>& force) {
  return force.value_or(false) ? Force::yes : Force::no;
}

Translated drain(const wire::DrainAgent& call) {
  DrainAgent made{call.agent_id, {}};
  made.config.mark_gone = call.mark_gone.value_or(false);
  if (call.max_grace_period) {
    if (call.max_grace_period->seconds < 0 || call.max_grace_period->nanos < 0) {
      return refuse("'drain_agent.max_grace_period' must not be negative");
    }
    const std::int64_t seconds = std::min(call.max_grace_period->seconds, kSecondsMax);
    made.config.max_grace_period =
        model::DurationInfo{seconds * kNanosPerSecond + call.max_grace_period->nanos};
  }
  return order(std::move(made));
}

}  // namespace

Translated command_from(const wire::Call& call) {
  return std::visit(
      Overloaded{
          [](const wire::ReserveResources& c) {
            return order(ReserveResources{c.agent_id, c.source, c.resources});
          },
          [](const wire::UnreserveResources& c) {
            return order(UnreserveResources{c.agent_id, c.resources});
          },
          [](const wire::CreateVolumes& c) {
            return order(CreateVolumes{c.agent_id, c.volumes});
          },
          [](const wire::DestroyVolumes& c) {
            return order(DestroyVolumes{c.agent_id, c.volumes});
          },
          [](const wire::GrowVolume& c) {
            return c.agent_id ? order(GrowVolume{*c.agent_id, c.volume, c.addition})
                              : refuse("Expecting 'grow_volume.agent_id' to be present");
          },
          [](const wire::ShrinkVolume& c) {
            return c.agent_id ? order(ShrinkVolume{*c.agent_id, c.volume, c.subtract})
                              : refuse("Expecting 'shrink_volume.agent_id' to be present");
          },
          [](const wire::UpdateQuota& c) {
            return order(UpdateQuota{force_of(c.force), c.quota_configs});
          },
          [](const wire::SetQuota& c) {
            return order(SetQuota{force_of(c.quota_request.force),
                                  c.quota_request.role.value_or(""),
                                  c.quota_request.guarantee});
          },
          [](const wire::RemoveQuota& c) { return order(RemoveQuota{c.role}); },
          [](const wire::UpdateWeights& c) { return order(UpdateWeights{c.weight_infos}); },
          [](const wire::UpdateMaintenanceSchedule& c) {
            return order(UpdateMaintenanceSchedule{c.schedule});
          },
          [](const wire::StartMaintenance& c) { return order(StartMaintenance{c.machines}); },
          [](const wire::StopMaintenance& c) { return order(StopMaintenance{c.machines}); },
          [](const wire::MarkAgentGone& c) { return order(MarkAgentGone{c.agent_id}); },
          [](const wire::DrainAgent& c) { return drain(c); },
          [](const wire::DeactivateAgent& c) { return order(DeactivateAgent{c.agent_id}); },
          [](const wire::ReactivateAgent& c) { return order(ReactivateAgent{c.agent_id}); },
          [](const wire::Teardown& c) { return order(TeardownFramework{c.framework_id}); },
          [](const auto&) { return Translated(); }},
      call.body);
}

}  // namespace ekiden::master
