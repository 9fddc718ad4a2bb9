// What frameworks and operators do to the agent's resources: applied and durable before it is
// answered, told until the master acknowledges [mesos-core 2.13, 5.6, 6.10].
#include "core/agent/agent.h"
#include "core/agent/volumes.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::agent {

using model::OperationState;
namespace link = api::agent_link;

// The agent's flags say what there is; the records say what has been made of it.
Result<void> Agent::load_resources(const std::vector<model::Resource>& checkpointed) {
  for (const model::Resource& resource : checkpointed) {
    const model::Resources plain({as_configured(resource)});
    if (!total_.contains(plain)) {
      return fail(ErrorCode::conflict,
                  fmt::format("cannot recover the agent: {} was reserved or made a volume of, and "
                              "the configured resources hold it no more; give them back, or start "
                              "as a new agent with an empty work directory",
                              model::to_text(model::Resources({resource}))));
    }
    total_ -= plain;
    total_ += resource;
  }
  return {};
}

std::vector<VolumeOrder> Agent::volume_orders() const {
  std::vector<VolumeOrder> orders;
  for (const auto& [path, removal] : removals_) {
    orders.push_back({VolumeOrder::Kind::remove, path, removal.whole_disk});
  }
  for (const model::Resource& resource : total_.list()) {
    if (auto path = volume_path(resource)) {
      orders.push_back({VolumeOrder::Kind::make, std::move(*path), on_whole_disk(resource)});
    }
  }
  return orders;
}

void Agent::on_master(const link::ApplyOperation& message, Now now, Effects& fx) {
  if (!welcomed_) {
    return;  // read late, of an old link: the Register on the new one does not count it
  }
  const auto known = operations_.find(message.uuid);
  if (known != operations_.end()) {
    send_operation(known->second, now, fx);
    return;
  }
  const bool recent =
      std::find(recent_operations_.begin(), recent_operations_.end(), message.uuid) !=
      recent_operations_.end();
  if (recent || operations_.size() >= kOperationsMax) {
    return;  // a repeat; or the master resends when it has acknowledged some
  }
  Operation operation;
  operation.number = next_number_++;
  operation.record.framework_id = message.framework_id;
  operation.record.operation = message.operation;
  operation.record.uuid = message.uuid;
  model::OperationStatus& status = operation.record.status;
  status.operation_id = message.operation.id;
  status.agent_id = id_;
  status.uuid = random_.uuid_bytes();
  apply(message.operation, status, fx);
  fx.persist.push_back(operation_record(operation.number, operation.record));
  operation_order_[operation.number] = message.uuid;
  Operation& added = operations_.emplace(message.uuid, std::move(operation)).first->second;
  send_operation(added, now, fx);
  if (added.record.status.state != OperationState::finished && registered()) {
    // The master has counted on it: it must hear what the agent has.
    registration_ = Registration::waiting;
    registration_deadline_ = now.time;
  }
}

void Agent::apply(const model::Operation& operation, model::OperationStatus& status, Effects& fx) {
  auto after = model::apply(total_, operation);
  if (!after) {
    status.state = OperationState::dropped;
    status.message = after.error().message;
    notice(fx, Notice::Level::warn, "an operation was dropped: " + after.error().message);
    return;
  }
  total_ = std::move(*after);
  status.state = OperationState::finished;
  status.converted_resources = model::conversion(operation)->produced.list();
  std::vector<model::Resource> checkpointed;
  for (const model::Resource& resource : total_.list()) {
    if (is_checkpointed(resource)) {
      checkpointed.push_back(resource);
    }
  }
  fx.persist.push_back(resources_record(checkpointed));
  const bool creates = operation.type == model::Operation::Type::create;
  if (!creates && operation.type != model::Operation::Type::destroy) {
    return;
  }
  for (const model::Resource& volume : operation.resources) {
    const auto path = volume_path(volume);
    if (!path) {
      continue;
    }
    const bool whole = on_whole_disk(volume);
    if (creates) {
      if (removals_.erase(*path) > 0) {  // its order went out before this one's
        fx.persist.push_back(erased(kAgentKind, removal_key(*path)));
      }
      fx.volumes.push_back({VolumeOrder::Kind::make, *path, whole});
    } else {
      removals_[*path] = {*path, whole};
      fx.persist.push_back(removal_record(removals_[*path]));
      fx.volumes.push_back({VolumeOrder::Kind::remove, *path, whole});
    }
  }
}

void Agent::on(const VolumeRemoved& input, Now, Effects& fx) {
  if (removals_.erase(input.path) > 0) {
    fx.persist.push_back(erased(kAgentKind, removal_key(input.path)));
  }
}

void Agent::on_master(const link::AcknowledgeOperation& message, Now, Effects& fx) {
  const auto found = operations_.find(message.uuid);
  if (found == operations_.end() || found->second.record.status.uuid != message.status_uuid) {
    return;  // late or repeated
  }
  const Operation& operation = found->second;
  fx.persist.push_back(erased(kAgentKind, operation_key(operation.number)));
  operation_deadlines_.erase({operation.resend, message.uuid});
  operation_order_.erase(operation.number);
  operations_.erase(found);
  recent_operations_.push_back(message.uuid);
  if (recent_operations_.size() > kRecentOperations) {
    recent_operations_.pop_front();
  }
}

void Agent::send_operation(Operation& operation, Now now, Effects& fx) {
  const std::string& uuid = operation.record.uuid;
  operation_deadlines_.erase({operation.resend, uuid});
  operation.resend = now.time + StatusUpdates::kResend.delay(++operation.sent);
  operation_deadlines_.insert({operation.resend, uuid});
  if (registered()) {
    send(link::OperationUpdate{operation.record.framework_id, operation.record.status, uuid}, fx);
  }
}

void Agent::send_due_operations(Now now, Effects& fx) {
  while (!operation_deadlines_.empty() && operation_deadlines_.begin()->first <= now.time) {
    const std::string uuid = operation_deadlines_.begin()->second;
    send_operation(operations_.at(uuid), now, fx);
  }
}

// After a registration: all of them, in order.
void Agent::resend_operations(Now now, Effects& fx) {
  for (const auto& [number, uuid] : operation_order_) {
    Operation& operation = operations_.at(uuid);
    operation.sent = 0;
    send_operation(operation, now, fx);
  }
}

}  // namespace ekiden::agent
