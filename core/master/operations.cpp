// RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME, SHRINK_VOLUME [mesos-core 2.7, 2.13, 5.6].
// Applied here at once, so that later operations and offers see the result; the agent makes it
// durable and answers. Each is kept until the answer is acknowledged: by the framework when the
// operation has an id, by us otherwise.
#include "core/master/allocated.h"
#include "core/master/master.h"
#include "core/master/operation_validation.h"
#include "core/model/resource_operations.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::master {

using model::OperationState;
using model::Resources;
namespace scheduler = api::scheduler;
namespace link = api::agent_link;

// Without uuid and agent: nobody acknowledges it. Nothing for an operation without id but a line in
// the log.
void Master::operation_error(const Framework& framework,
                             const model::Operation& operation,
                             const std::string& why,
                             Effects& fx) const {
  say(fx,
      LogLine::Level::warn,
      fmt::format("framework {}: operation {} was skipped: {}",
                  framework.info.id->value,
                  model::to_text(operation.type),
                  why));
  if (operation.id) {
    model::OperationStatus status;
    status.operation_id = operation.id;
    status.state = OperationState::error;
    status.message = why;
    send(framework, scheduler::UpdateOperationStatus{std::move(status)}, fx);
  }
}

// One that is in use cannot be destroyed or resized.
bool Master::volume_in_use(const Agent& agent, const model::Resource& volume) const {
  Resources wanted;
  wanted += volume;
  const auto uses = [&](const std::vector<model::Resource>& resources) {
    return bare(resources).contains(wanted);
  };
  return std::any_of(agent.tasks.begin(),
                     agent.tasks.end(),
                     [&](const TaskKey& key) {
                       const Task& task = *frameworks_.at(key.first).tasks.at(key.second);
                       return !model::is_terminal(task.state) && uses(task.info.resources());
                     }) ||
         std::any_of(agent.executors.begin(), agent.executors.end(), [&](const auto& entry) {
           return uses(entry.second.info.resources);
         });
}

// Whoever has been offered the volume must not count on it any more.
void Master::rescind_volume(Agent& agent, const model::Resource& volume, Now now, Effects& fx) {
  Resources wanted;
  wanted += volume;
  std::set<OfferId> holding;
  for (const OfferId& id : agent.offers) {
    if (offers_.at(id).allocation.resources.contains(wanted)) {
      holding.insert(id);
    }
  }
  withdraw_offers(std::move(holding), Tell::rescind, now, fx);
}

std::optional<std::string> Master::convert_problem(const Accepted& accepted,
                                                   const model::Operation& operation) const {
  const Framework& framework = accepted.framework;
  const OperationRules rules{
      .principal = framework.info.principal,
      .allocation_role = accepted.role,
      .roles = framework.info.all_roles(),
      .shared = framework.info.has(model::FrameworkCapability::shared_resources)};
  if (operation.id && framework.operations.contains(*operation.id)) {
    return fmt::format("Operation ID '{}' is in use", operation.id->value);
  }
  if (auto problem = operation_problem(operation, accepted.agent.total, rules)) {
    return problem;
  }
  if (operation.type == model::Operation::Type::destroy) {
    for (const model::Resource& volume : operation.resources) {
      if (volume_in_use(accepted.agent, volume)) {
        return fmt::format("Persistent volume '{}' is in use", volume.disk->persistence->id);
      }
    }
  }
  const auto change = model::conversion(operation);
  if (!change) {
    return change.error().message;
  }
  if (!accepted.remaining.contains(change->consumed)) {
    return fmt::format("Invalid {} operation: {} is not contained in {}",
                       model::to_text(operation.type),
                       to_text(change->consumed),
                       to_text(accepted.remaining));
  }
  return std::nullopt;
}

void Master::convert(Accepted& accepted, model::Operation operation, Now now, Effects& fx) {
  Agent& agent = accepted.agent;
  if (!agent.connection) {
    operation_error(accepted.framework, operation, "Agent is disconnected", fx);
    return;
  }
  for (const auto* list : {&operation.resources, &operation.reserve_source}) {
    for (const model::Resource& resource : *list) {
      if (resource.allocation_role && *resource.allocation_role != accepted.role) {
        operation_error(
            accepted.framework, operation, "The resources are allocated to another role", fx);
        return;
      }
    }
  }
  model::set_allocation(operation, std::nullopt);
  if (const auto problem = convert_problem(accepted, operation)) {
    operation_error(accepted.framework, operation, *problem, fx);
    return;
  }
  const model::Conversion change = *model::conversion(operation);
  const FrameworkId& framework = *accepted.framework.info.id;
  if (operation.type == model::Operation::Type::destroy) {
    for (const model::Resource& volume : operation.resources) {
      rescind_volume(agent, volume, now, fx);
    }
  }
  allocator_.convert({framework, accepted.role, *agent.info.id, change.consumed}, change.produced);
  agent.total = allocator_.total(*agent.info.id);
  accepted.remaining = accepted.remaining - change.consumed + change.produced;
  accepted.converted += change.produced;
  PendingOperation entry;
  entry.framework_id = framework;
  entry.info = std::move(operation);
  start_operation(agent, std::move(entry), now, fx);
}

void Master::start_operation(Agent& agent, PendingOperation operation, Now now, Effects& fx) {
  operation.agent_id = *agent.info.id;
  operation.uuid = random_.uuid_bytes();
  operation.latest_status.operation_id = operation.info.id;
  operation.latest_status.state = OperationState::pending;
  operation.latest_status.agent_id = operation.agent_id;
  operation.statuses.push_back(operation.latest_status);
  agent.operations.push_back(operation.uuid);
  Framework* framework = operation.framework_id ? find_framework(*operation.framework_id) : nullptr;
  if (framework != nullptr && operation.info.id) {
    framework->operations[*operation.info.id] = operation.uuid;
  }
  const std::string uuid = operation.uuid;
  PendingOperation& entry = operations_.emplace(uuid, std::move(operation)).first->second;
  send_operation(agent, entry, now, fx);
}

void Master::send_operation(const Agent& agent, PendingOperation& operation, Now now, Effects& fx) {
  operation.sent = now.time;
  operation.connection = agent.connection.value_or(0);
  send(agent, link::ApplyOperation{operation.framework_id, operation.info, operation.uuid}, fx);
}

void Master::end_operation(const std::string& uuid) {
  const auto found = operations_.find(uuid);
  if (found == operations_.end()) {
    return;
  }
  const PendingOperation& operation = found->second;
  Framework* framework = operation.framework_id ? find_framework(*operation.framework_id) : nullptr;
  if (framework != nullptr && operation.info.id) {
    framework->operations.erase(*operation.info.id);
  }
  if (Agent* agent = find_agent(operation.agent_id); agent != nullptr) {
    std::erase(agent->operations, uuid);
  }
  operations_.erase(found);
}

// The agent has gone, for now or for ever.
void Master::end_operations(Agent& agent, OperationState state, Effects& fx) {
  while (!agent.operations.empty()) {
    const std::string uuid = agent.operations.front();
    const PendingOperation& operation = operations_.at(uuid);
    const Framework* framework =
        operation.framework_id ? find_framework(*operation.framework_id) : nullptr;
    if (framework != nullptr && operation.info.id) {
      model::OperationStatus status;
      status.operation_id = operation.info.id;
      status.state = state;
      status.agent_id = agent.info.id;
      send(*framework, scheduler::UpdateOperationStatus{std::move(status)}, fx);
    }
    end_operation(uuid);
  }
}

void Master::acknowledge(const Agent& agent, const PendingOperation& operation, Effects& fx) const {
  send(agent,
       link::AcknowledgeOperation{
           operation.uuid, operation.latest_status.uuid.value_or(""), operation.info.id},
       fx);
}

void Master::on(Agent& agent, const link::OperationUpdate& message, Now, Effects& fx) {
  const auto found = operations_.find(message.uuid);
  if (found == operations_.end() || found->second.agent_id != *agent.info.id) {
    // Done with already, or of a framework that has gone: the agent must not repeat it for ever.
    send(agent,
         link::AcknowledgeOperation{
             message.uuid, message.status.uuid.value_or(""), message.status.operation_id},
         fx);
    return;
  }
  PendingOperation& operation = found->second;
  operation.answered = true;
  const bool repeated = operation.latest_status == message.status;
  operation.latest_status = message.status;
  operation.latest_status.agent_id = agent.info.id;
  if (!repeated) {
    operation.statuses.push_back(operation.latest_status);
    if (operation.statuses.size() > kOperationStatusesMax) {
      operation.statuses.erase(operation.statuses.begin());
    }
  }
  const Framework* framework =
      operation.framework_id ? find_framework(*operation.framework_id) : nullptr;
  if (framework != nullptr && operation.info.id) {
    model::OperationStatus status = operation.latest_status;
    status.operation_id = operation.info.id;
    const bool refines = framework->info.has(model::FrameworkCapability::reservation_refinement);
    for (model::Resource& resource : status.converted_resources) {
      resource.form.is =
          refines ? model::ReservationForm::Is::refinable : model::ReservationForm::Is::old;
    }
    send(*framework, scheduler::UpdateOperationStatus{std::move(status)}, fx);
    return;  // until the framework acknowledges
  }
  acknowledge(agent, operation, fx);
  if (model::is_terminal(operation.latest_status.state)) {
    end_operation(message.uuid);
  }
}

void Master::on(Framework& framework,
                const scheduler::AcknowledgeOperationStatus& call,
                Now,
                Effects& fx) {
  const auto known = framework.operations.find(call.operation_id);
  if (known == framework.operations.end()) {
    return;
  }
  const PendingOperation& operation = operations_.at(known->second);
  const Agent* agent = find_agent(operation.agent_id);
  if (agent == nullptr || !agent->connection || operation.latest_status.uuid != call.uuid ||
      (call.agent_id && *call.agent_id != operation.agent_id)) {
    return;  // the agent repeats its update, and a new acknowledgement is needed
  }
  acknowledge(*agent, operation, fx);
  if (model::is_terminal(operation.latest_status.state)) {
    const std::string uuid = known->second;
    end_operation(uuid);
  }
}

// What the agent has, and on top what is still on its way to it.
Resources Master::total_of(const Agent& agent, const link::Register& message) const {
  Resources total = bare(message.resources.empty() ? message.info.resources : message.resources);
  for (const std::string& uuid : agent.operations) {
    const bool known =
        std::any_of(message.operations.begin(),
                    message.operations.end(),
                    [&](const link::KnownOperation& operation) { return operation.uuid == uuid; });
    if (!known && !operations_.at(uuid).answered) {
      if (auto applied = model::apply(total, operations_.at(uuid).info)) {
        total = std::move(*applied);
      }
    }
  }
  return total;
}

// On a new link: operations the agent does not know were lost with the old one and are sent again;
// those that this master does not know were another master's.
void Master::adopt_operations(
    Agent& agent, const link::Register& message, ConnectionId connection, Now now, Effects& fx) {
  for (const link::KnownOperation& known : message.operations) {
    if (operations_.contains(known.uuid)) {
      continue;  // its update is on its way
    }
    PendingOperation operation;
    operation.framework_id = known.framework_id;
    operation.agent_id = *agent.info.id;
    operation.info = known.operation;
    operation.latest_status = known.latest_status;
    operation.latest_status.agent_id = agent.info.id;
    operation.statuses.push_back(operation.latest_status);
    operation.uuid = known.uuid;
    operation.answered = true;
    Framework* framework = known.framework_id ? find_framework(*known.framework_id) : nullptr;
    if (framework != nullptr && known.operation.id) {
      framework->operations[*known.operation.id] = known.uuid;
    }
    agent.operations.push_back(known.uuid);
    operations_.emplace(known.uuid, std::move(operation));
  }
  for (const std::string& uuid : agent.operations) {
    PendingOperation& operation = operations_.at(uuid);
    if (!operation.answered && operation.connection != connection) {
      send_operation(agent, operation, now, fx);
    }
  }
}

void Master::resend_operations(Agent& agent, Now now, Effects& fx) {
  for (const std::string& uuid : agent.operations) {
    PendingOperation& operation = operations_.at(uuid);
    if (!operation.answered && now.time - operation.sent >= config_.launch_resend_after) {
      send_operation(agent, operation, now, fx);
    }
  }
}

OperationState Master::state_on(const std::optional<AgentId>& agent) const {
  if (!agent) {
    return OperationState::unknown;
  }
  if (gone_.contains(*agent)) {
    return OperationState::gone_by_operator;
  }
  const auto found = agents_.find(*agent);
  if (found == agents_.end()) {
    return OperationState::unknown;
  }
  switch (found->second.state) {
    case Agent::State::recovered:
      return OperationState::recovering;
    case Agent::State::unreachable:
      return OperationState::unreachable;
    default:
      return OperationState::unknown;
  }
}

std::vector<model::OperationStatus> Master::reconcile_operations(
    const FrameworkId& id, const scheduler::ReconcileOperations& call) const {
  const auto found = frameworks_.find(id);
  std::vector<model::OperationStatus> answers;
  if (found == frameworks_.end()) {
    return answers;
  }
  const auto& known = found->second.operations;
  const auto answer_about = [&](const OperationId& operation, const std::string& uuid) {
    model::OperationStatus& answer = answers.emplace_back(operations_.at(uuid).latest_status);
    answer.operation_id = operation;
    answer.uuid.reset();
  };
  if (call.operations.empty()) {
    for (const auto& [operation, uuid] : known) {
      answer_about(operation, uuid);
    }
    return answers;
  }
  for (const auto& asked : call.operations) {
    if (const auto entry = known.find(asked.operation_id); entry != known.end()) {
      answer_about(entry->first, entry->second);
      continue;
    }
    model::OperationStatus& answer = answers.emplace_back();
    answer.operation_id = asked.operation_id;
    answer.state = state_on(asked.agent_id);
    answer.message = "Reconciliation: Operation is unknown";
    answer.agent_id = asked.agent_id;
    answer.resource_provider_id = asked.resource_provider_id;
  }
  return answers;
}

}  // namespace ekiden::master
