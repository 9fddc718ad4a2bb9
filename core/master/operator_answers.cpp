#include "core/master/operator_answers.h"

#include "core/base/overloaded.h"
#include "core/master/role_views.h"

#include <utility>

namespace ekiden::master {

namespace wire = api::master_operator;
namespace op = api::op;

namespace {

using Capability = wire::AgentCapability;

constexpr std::pair<Capability, std::string_view> kCapabilities[] = {
    {Capability::multi_role, "MULTI_ROLE"},
    {Capability::hierarchical_role, "HIERARCHICAL_ROLE"},
    {Capability::reservation_refinement, "RESERVATION_REFINEMENT"},
    {Capability::resize_volume, "RESIZE_VOLUME"},
    {Capability::agent_operation_feedback, "AGENT_OPERATION_FEEDBACK"},
    {Capability::agent_draining, "AGENT_DRAINING"},
    {Capability::task_resource_limits, "TASK_RESOURCE_LIMITS"}};

model::TimeInfo time_info(WallTime time) {
  return {time.time_since_epoch().count()};
}

std::optional<model::TimeInfo> time_info(const std::optional<WallTime>& time) {
  return time ? std::optional(time_info(*time)) : std::nullopt;
}

std::optional<std::string> user_of(const model::TaskInfo& info) {
  if (info.command && info.command->user) {
    return info.command->user;
  }
  return info.executor && info.executor->command ? info.executor->command->user : std::nullopt;
}

op::Task task_of(const Task& task) {
  const model::TaskInfo& info = task.info;
  op::Task made;
  made.name = info.name;
  made.task_id = info.task_id;
  made.framework_id = task.framework_id;
  made.executor_id = task.executor_id;
  made.agent_id = info.agent_id;
  made.state = task.state;
  made.resources = info.resources;
  made.statuses = task.statuses.unpack(task.info);
  made.status_update_state = task.status_state;
  if (!task.status_uuid.empty()) {
    made.status_update_uuid = task.status_uuid;
  }
  made.labels = info.labels;
  made.discovery = info.discovery;
  made.container = info.container;
  made.health_check = info.health_check;
  made.kill_policy = info.kill_policy;
  made.user = user_of(info);
  made.limits = info.limits;
  return made;
}

wire::Agent agent_of(const AgentView& agent) {
  wire::Agent made;
  made.agent_info = agent.info;
  made.active = agent.active;
  made.deactivated = agent.deactivated;
  made.version = agent.version;
  made.pid = agent.pid;
  made.registered_time = time_info(agent.registered);
  made.reregistered_time = time_info(agent.reregistered);
  made.total_resources = agent.total.list();
  made.allocated_resources = agent.used.list();
  made.offered_resources = agent.offered.list();
  for (const auto& [capability, name] : kCapabilities) {
    made.capabilities.push_back({capability});
  }
  made.drain_info = agent.drain;
  made.estimated_drain_start_time = time_info(agent.drain_started);
  return made;
}

wire::Framework framework_of(const FrameworkView& framework) {
  wire::Framework made;
  made.framework_info = framework.info;
  made.active = framework.active;
  made.connected = framework.connected;
  made.recovered = framework.recovered;
  made.registered_time = time_info(framework.registered);
  made.reregistered_time = time_info(framework.reregistered);
  made.unregistered_time = time_info(framework.unregistered);
  made.offers = framework.offers;
  made.inverse_offers = framework.inverse_offers;
  made.allocated_resources = framework.used.list();
  made.offered_resources = framework.offered.list();
  made.offer_constraints = framework.offer_constraints;
  return made;
}

using TaskList = std::vector<TaskPtr> FrameworkView::*;

std::vector<op::Task> task_list(const Snapshot& snapshot, TaskList list) {
  std::vector<op::Task> tasks;
  for (const auto* frameworks : {&snapshot.frameworks, &snapshot.completed_frameworks}) {
    for (const FrameworkView& framework : *frameworks) {
      for (const TaskPtr& task : framework.*list) {
        tasks.push_back(task_of(*task));
      }
    }
  }
  return tasks;
}

wire::Tasks tasks_of(const Snapshot& snapshot) {
  return {{},
          task_list(snapshot, &FrameworkView::tasks),
          task_list(snapshot, &FrameworkView::unreachable),
          task_list(snapshot, &FrameworkView::completed)};
}

wire::Agents agents_of(const Snapshot& snapshot) {
  wire::Agents made;
  for (const AgentView& agent : snapshot.agents) {
    made.agents.push_back(agent_of(agent));
  }
  for (const AgentView& agent : snapshot.recovered_agents) {
    made.recovered_agents.push_back(agent.info);
  }
  return made;
}

wire::Frameworks frameworks_of(const Snapshot& snapshot) {
  wire::Frameworks made;
  for (const FrameworkView& framework : snapshot.frameworks) {
    made.frameworks.push_back(framework_of(framework));
  }
  for (const FrameworkView& framework : snapshot.completed_frameworks) {
    made.completed_frameworks.push_back(framework_of(framework));
  }
  return made;
}

wire::Executors executors_of(const Snapshot& snapshot) {
  wire::Executors made;
  for (const FrameworkView& framework : snapshot.frameworks) {
    for (const ExecutorView& executor : framework.executors) {
      made.executors.push_back({executor.info, executor.agent_id});
    }
  }
  return made;
}

wire::State state_of(const Snapshot& snapshot) {
  return {tasks_of(snapshot), executors_of(snapshot), frameworks_of(snapshot), agents_of(snapshot)};
}

wire::Operations operations_of(const Snapshot& snapshot) {
  wire::Operations made;
  for (const OperationView& one : snapshot.operations) {
    made.operations.push_back(
        {one.framework_id, one.agent_id, one.info, one.latest_status, one.statuses, one.uuid});
  }
  return made;
}

wire::Roles roles_of(const Snapshot& snapshot) {
  wire::Roles made;
  for (const RoleView& role : role_views(snapshot)) {
    const model::Resources held = role.allocated + role.offered;
    made.roles.push_back({role.name, role.weight, role.frameworks, held.list()});
  }
  return made;
}

wire::Master master_of(const Snapshot& snapshot) {
  const double started = to_epoch_seconds(snapshot.facts.started);
  return {snapshot.facts.info(), started, started};
}

}  // namespace

std::vector<std::string_view> agent_capability_names() {
  std::vector<std::string_view> names;
  for (const auto& [capability, name] : kCapabilities) {
    names.push_back(name);
  }
  return names;
}

wire::ClusterStatus maintenance_status(const Snapshot& snapshot) {
  wire::ClusterStatus made;
  for (const DrainingMachine& machine : snapshot.draining_machines) {
    wire::DrainingMachine& added = made.draining_machines.emplace_back();
    added.id = machine.id;
    for (const InverseOfferStatus& status : machine.statuses) {
      added.statuses.push_back({static_cast<wire::InverseOfferAnswer>(status.status),
                                status.framework_id,
                                time_info(status.timestamp)});
    }
  }
  made.down_machines = snapshot.down_machines;
  return made;
}

wire::QuotaStatus quota_status(const Snapshot& snapshot) {
  wire::QuotaStatus made;
  for (const model::QuotaConfig& config : snapshot.quotas) {
    wire::QuotaInfo info;
    info.role = config.role;
    for (const auto& [name, amount] : config.guarantees) {
      info.guarantee.push_back(model::scalar_resource(name, amount));
    }
    made.infos.push_back(std::move(info));
    made.configs.push_back(config);
  }
  return made;
}

std::optional<wire::Response> answer_from(const wire::Call& call, const Snapshot& snapshot) {
  using wire::Read;
  using wire::ReadCall;
  using Answer = std::optional<wire::Response>;
  const auto answer = [](auto body) { return Answer(wire::Response{std::move(body)}); };
  return std::visit(
      Overloaded{
          [&](const ReadCall<Read::health>&) { return answer(op::Health{true}); },
          [&](const ReadCall<Read::state>&) { return answer(state_of(snapshot)); },
          [&](const ReadCall<Read::agents>&) { return answer(agents_of(snapshot)); },
          [&](const ReadCall<Read::frameworks>&) { return answer(frameworks_of(snapshot)); },
          [&](const ReadCall<Read::executors>&) { return answer(executors_of(snapshot)); },
          [&](const ReadCall<Read::operations>&) { return answer(operations_of(snapshot)); },
          [&](const ReadCall<Read::tasks>&) { return answer(tasks_of(snapshot)); },
          [&](const ReadCall<Read::roles>&) { return answer(roles_of(snapshot)); },
          [&](const ReadCall<Read::weights>&) { return answer(wire::Weights{snapshot.weights}); },
          [&](const ReadCall<Read::master>&) { return answer(master_of(snapshot)); },
          [&](const ReadCall<Read::maintenance_status>&) {
            return answer(wire::MaintenanceStatus{maintenance_status(snapshot)});
          },
          [&](const ReadCall<Read::maintenance_schedule>&) {
            return answer(wire::MaintenanceScheduleAnswer{snapshot.maintenance});
          },
          [&](const ReadCall<Read::quota>&) { return answer(wire::Quota{quota_status(snapshot)}); },
          [](const auto&) { return Answer(); }},
      call.body);
}

wire::Event subscribed_event(const Snapshot& snapshot, Duration heartbeat) {
  return {wire::Subscribed{state_of(snapshot), to_seconds(heartbeat)}};
}

std::optional<wire::Event> operator_event(const Notice& notice) {
  using Made = std::optional<wire::Event>;
  const auto event = [](auto body) { return Made(wire::Event{std::move(body)}); };
  return std::visit(
      Overloaded{
          [&](const TaskAdded& added) { return event(wire::TaskAdded{task_of(*added.task)}); },
          [&](const TaskUpdated& updated) {
            return event(
                wire::TaskUpdated{updated.task->framework_id, updated.status, updated.task->state});
          },
          [&](const AgentAdded& added) { return event(wire::AgentAdded{agent_of(added.agent)}); },
          [&](const AgentRemoved& removed) { return event(wire::AgentRemoved{removed.id}); },
          [&](const FrameworkAdded& added) {
            return event(wire::FrameworkAdded{framework_of(added.framework)});
          },
          [&](const FrameworkUpdated& updated) {
            return event(wire::FrameworkUpdated{framework_of(updated.framework)});
          },
          [&](const FrameworkRemoved& removed) {
            return event(wire::FrameworkRemoved{removed.info});
          },
          [](const auto&) { return Made(); }},
      notice);
}

}  // namespace ekiden::master
