#include "marathon/daemon/mesos_metrics.h"

#include "core/base/overloaded.h"
#include "core/base/strings.h"

#include <variant>

namespace ekiden::marathon {

namespace {

// A task that may use more than it asked for is ended when its node has no more to give: then it
// was the limit that could not be fulfilled [defect 37].
bool may_burst(const model::TaskStatus& status, const Snapshot& snapshot) {
  const auto instance = instance_of(status.task_id);
  const auto id = instance ? app_of(*instance) : std::nullopt;
  const AppPtr app = id ? snapshot.root.find_app(*id) : nullptr;
  return app && app->resource_limits && app->resource_limits->mem.value_or(0) > app->mem;
}

}  // namespace

MesosMetrics::MesosMetrics(Registry& r)
    : registry_(r),
      launched_(r.counter("marathon_tasks_launched_counter", "Launches in accepted offers")),
      revives_(r.counter("marathon_mesos_calls_revive_counter", "Roles revived")),
      suppresses_(r.counter("marathon_mesos_calls_suppress_counter", "Roles suppressed")),
      incoming_(r.counter("marathon_mesos_offers_incoming_counter", "Offers received")),
      used_(r.counter("marathon_mesos_offers_used_counter", "Offers accepted")),
      declined_(r.counter("marathon_mesos_offers_declined_counter", "Offers declined")),
      launch_(r.counter("marathon_mesos_offer_operations_launch_counter", "Tasks launched")),
      launch_group_(r.counter("marathon_mesos_offer_operations_launch_group_counter",
                              "Task groups launched")),
      reserve_(r.counter("marathon_mesos_offer_operations_reserve_counter", "Reservations asked")),
      memory_exceeded_(r.counter("marathon_mesos_task_oom_memory_limit_exceeded_counter",
                                 "Tasks that were ended for using more than their memory limit")),
      memory_unfulfillable_(r.counter("marathon_mesos_task_oom_memory_limit_unfulfillable_counter",
                                      "Tasks that were ended for memory below their limit")) {}

void MesosMetrics::sent(const api::scheduler::Call& call) {
  std::visit(Overloaded{[&](const api::scheduler::Accept& one) { accepted(one); },
                        [&](const api::scheduler::Decline& one) {
                          declined_.add(static_cast<double>(one.offer_ids.size()));
                        },
                        [&](const api::scheduler::Revive& one) {
                          revives_.add(static_cast<double>(one.roles.size()));
                        },
                        [&](const api::scheduler::Suppress& one) {
                          suppresses_.add(static_cast<double>(one.roles.size()));
                        },
                        [](const auto&) {}},
             call.body);
}

void MesosMetrics::received(const api::scheduler::Event& event, const Snapshot& snapshot) {
  std::visit(Overloaded{[&](const api::scheduler::Offers& one) {
                          incoming_.add(static_cast<double>(one.offers.size()));
                        },
                        [&](const api::scheduler::Update& one) { updated(one.status, snapshot); },
                        [](const auto&) {}},
             event);
}

void MesosMetrics::accepted(const api::scheduler::Accept& accept) {
  using Type = model::Operation::Type;
  used_.add(static_cast<double>(accept.offer_ids.size()));
  for (const model::Operation& operation : accept.operations) {
    if (operation.type == Type::launch) {
      const auto tasks = static_cast<double>(operation.launch_task_infos.size());
      launch_.add(tasks);
      launched_.add(tasks);
    } else if (operation.type == Type::launch_group) {
      launch_group_.add();
      launched_.add();
    } else if (operation.type == Type::reserve) {
      reserve_.add();
    }
  }
}

void MesosMetrics::updated(const model::TaskStatus& status, const Snapshot& snapshot) {
  const std::string state = to_lower(to_text(status.state));
  auto series = updates_.find(state);
  if (series == updates_.end()) {
    series = updates_
                 .emplace(state,
                          registry_.counter("marathon_mesos_task_updates_" + state + "_counter",
                                            "Status updates of this state"))
                 .first;
  }
  series->second.add();
  if (status.reason == model::StatusReason::container_limitation_memory) {
    (may_burst(status, snapshot) ? memory_unfulfillable_ : memory_exceeded_).add();
  }
}

}  // namespace ekiden::marathon
