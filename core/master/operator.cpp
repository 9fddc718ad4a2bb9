// What operators ask for, answered in the step that does it [mesos-core 4.1]: reservations and
// volumes, quota, weights, the end of a framework.
#include "core/master/allocated.h"
#include "core/master/master.h"
#include "core/master/operation_validation.h"
#include "core/master/records.h"
#include "core/master/refuse_seconds.h"
#include "core/master/validation.h"
#include "core/model/resource_operations.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace ekiden::master {

using model::Operation;
using model::QuotaConfig;
using model::Resources;

namespace {

constexpr int kOk = 200;
constexpr int kAccepted = 202;
constexpr int kBadRequest = 400;
constexpr int kConflict = 409;

Operation operation_of(Operation::Type type, std::vector<model::Resource> resources) {
  Operation operation;
  operation.type = type;
  operation.resources = std::move(resources);
  return operation;
}

bool has_allocation(const Operation& operation) {
  const auto allocated = [](const model::Resource& r) { return r.allocation_role.has_value(); };
  return std::any_of(operation.resources.begin(), operation.resources.end(), allocated) ||
         (operation.volume && allocated(*operation.volume)) ||
         (operation.addition && allocated(*operation.addition));
}

}  // namespace

void Master::on(const OperatorRequest& input, Now now, Effects& fx) {
  principal_ = input.principal;
  Answer answer =
      std::visit([&](const auto& command) { return run(command, now, fx); }, input.command);
  fx.replies.push_back({input.id, answer.status, std::move(answer.text)});
}

Master::Answer Master::run(const ReserveResources& command, Now now, Effects& fx) {
  Operation operation = operation_of(Operation::Type::reserve, command.resources);
  operation.reserve_source = command.source;
  return convert_free(command.agent_id, std::move(operation), now, fx);
}

Master::Answer Master::run(const UnreserveResources& command, Now now, Effects& fx) {
  return convert_free(
      command.agent_id, operation_of(Operation::Type::unreserve, command.resources), now, fx);
}

Master::Answer Master::run(const CreateVolumes& command, Now now, Effects& fx) {
  return convert_free(
      command.agent_id, operation_of(Operation::Type::create, command.volumes), now, fx);
}

Master::Answer Master::run(const DestroyVolumes& command, Now now, Effects& fx) {
  return convert_free(
      command.agent_id, operation_of(Operation::Type::destroy, command.volumes), now, fx);
}

Master::Answer Master::run(const GrowVolume& command, Now now, Effects& fx) {
  Operation operation = operation_of(Operation::Type::grow_volume, {});
  operation.volume = command.volume;
  operation.addition = command.addition;
  return convert_free(command.agent_id, std::move(operation), now, fx);
}

Master::Answer Master::run(const ShrinkVolume& command, Now now, Effects& fx) {
  Operation operation = operation_of(Operation::Type::shrink_volume, {});
  operation.volume = command.volume;
  operation.subtract = command.subtract;
  return convert_free(command.agent_id, std::move(operation), now, fx);
}

// 202 means: valid and done here; the agent learns of it after this step.
Master::Answer Master::convert_free(const AgentId& id, Operation operation, Now now, Effects& fx) {
  Agent* agent = find_agent(id);
  if (agent == nullptr || !agent->connection) {
    return {kBadRequest, fmt::format("No agent found with specified ID {}", id.value)};
  }
  if (has_allocation(operation)) {
    return {kBadRequest, "Invalid operation: resources must not have 'allocation_info'"};
  }
  if (auto problem = operation_problem(operation, agent->total, {.principal = principal_})) {
    return {kBadRequest,
            fmt::format("Invalid {} operation on agent {}: {}",
                        model::to_text(operation.type),
                        id.value,
                        *problem)};
  }
  const auto change = model::conversion(operation);
  if (!change) {
    return {kBadRequest, "Invalid operation: " + change.error().message};
  }
  if (operation.type == Operation::Type::reserve) {
    const std::string& role = operation.resources.front().reservations.back().role;
    if (auto problem = allocator_.limit_problem(role, change->consumed.unreserved())) {
      return {kConflict, "Cannot reserve beyond the quota limit: " + *problem};
    }
  }
  if (!free_up(*agent, *change, now, fx)) {
    return {kConflict,
            fmt::format("Invalid {} operation on agent {}: {} is not free there",
                        model::to_text(operation.type),
                        id.value,
                        to_text(change->consumed))};
  }
  agent->total = allocator_.total(id);
  PendingOperation entry;
  entry.info = std::move(operation);
  start_operation(*agent, std::move(entry), now, fx);
  return {kAccepted, ""};
}

// Takes back offers, as many as needed, until the resources are nobody's.
bool Master::free_up(Agent& agent, const model::Conversion& change, Now now, Effects& fx) {
  const AgentId& id = *agent.info.id;
  Resources within_reach = agent.total - allocator_.allocated(id);
  for (const OfferId& offer : agent.offers) {
    within_reach += offers_.at(offer).allocation.resources;
  }
  if (!within_reach.contains(change.consumed)) {
    return false;
  }
  while (!allocator_.convert_free(id, change.consumed, change.produced)) {
    if (agent.offers.empty()) {
      return false;
    }
    const OfferId offer = *agent.offers.begin();
    send(
        frameworks_.at(offers_.at(offer).allocation.framework), api::scheduler::Rescind{offer}, fx);
    return_offer(offer, from_seconds(kRefuseSecondsDefault), now);
  }
  return true;
}

std::optional<std::string> Master::quota_problem(const QuotaConfig& quota) const {
  if (quota.role.empty() || role_problem(quota.role)) {
    return fmt::format("Invalid role '{}'", quota.role);
  }
  if (quota.role.find('/') != std::string::npos) {
    return fmt::format("Setting quota on nested role '{}' is not supported", quota.role);
  }
  if (config_.roles && !config_.roles->contains(quota.role)) {
    return fmt::format("Unknown role '{}' is not on the whitelist", quota.role);
  }
  for (const auto* amounts : {&quota.guarantees, &quota.limits}) {
    for (const auto& [name, amount] : *amounts) {
      if (!std::isfinite(amount) || amount < 0) {
        return fmt::format("Invalid quota of role '{}': {} is {}", quota.role, name, amount);
      }
    }
  }
  for (const auto& [name, guarantee] : quota.guarantees) {
    const auto limit = quota.limits.find(name);
    if (limit != quota.limits.end() && guarantee > limit->second) {
      return fmt::format(
          "Invalid quota of role '{}': the guarantee of {} exceeds its limit", quota.role, name);
    }
  }
  return std::nullopt;
}

// Whether the cluster could honour all guarantees, and no role uses more than it may.
std::optional<std::string> Master::capacity_problem(const std::vector<QuotaConfig>& configs) const {
  std::map<std::string, QuotaConfig> all = quotas_;
  for (const QuotaConfig& config : configs) {
    all[config.role] = config;
  }
  std::map<std::string, double> guaranteed;
  for (const auto& [role, config] : all) {
    for (const auto& [name, amount] : config.guarantees) {
      guaranteed[name] += amount;
    }
  }
  Resources capacity;
  for (const auto& [id, agent] : agents_) {
    if (agent.state == Agent::State::registered) {
      capacity += agent.total.quantities();
    }
  }
  for (const auto& [name, amount] : guaranteed) {
    if (model::Scalar::from_double(amount) > capacity.scalar(name)) {
      return fmt::format("the guarantees of {} {} exceed the cluster's {}",
                         amount,
                         name,
                         capacity.scalar(name).to_double());
    }
  }
  for (const QuotaConfig& config : configs) {
    const auto consumed = allocator_.consumed(config.role);
    for (const auto& [name, limit] : config.limits) {
      const auto used = consumed.find(name);
      if (used != consumed.end() && used->second > model::Scalar::from_double(limit)) {
        return fmt::format("role '{}' consumes {} {} already, the limit is {}",
                           config.role,
                           used->second.to_double(),
                           name,
                           limit);
      }
    }
  }
  return std::nullopt;
}

void Master::set_quota(const QuotaConfig& quota, Effects& fx) {
  allocator::Quota amounts;
  for (const auto& [name, amount] : quota.guarantees) {
    amounts.guarantees[name] = model::Scalar::from_double(amount);
  }
  for (const auto& [name, amount] : quota.limits) {
    amounts.limits[name] = model::Scalar::from_double(amount);
  }
  allocator_.update_quota(quota.role, amounts);
  if (amounts.empty()) {
    quotas_.erase(quota.role);
    fx.persist.push_back(erased(kQuotaKind, quota.role));
  } else {
    quotas_[quota.role] = quota;
    fx.persist.push_back(record(quota));
  }
}

// Offers of others are taken back, as many as the guarantee may need.
void Master::make_room(const QuotaConfig& quota, Now now, Effects& fx) {
  std::map<std::string, double> lacking = quota.guarantees;
  for (const auto& [name, amount] : allocator_.consumed(quota.role)) {
    if (const auto entry = lacking.find(name); entry != lacking.end()) {
      entry->second -= amount.to_double();
    }
  }
  std::set<OfferId> taken;
  for (const auto& [id, offer] : offers_) {
    const bool enough = std::all_of(
        lacking.begin(), lacking.end(), [](const auto& entry) { return entry.second <= 0; });
    if (enough) {
      break;
    }
    if (offer.allocation.role == quota.role) {
      continue;
    }
    taken.insert(id);
    const Resources unreserved = offer.allocation.resources.unreserved();
    for (auto& [name, amount] : lacking) {
      amount -= unreserved.scalar(name).to_double();
    }
  }
  withdraw_offers(std::move(taken), Tell::rescind, now, fx);
}

Master::Answer Master::run(const UpdateQuota& command, Now now, Effects& fx) {
  std::set<std::string> roles;
  for (const QuotaConfig& config : command.configs) {
    if (auto problem = quota_problem(config)) {
      return {kBadRequest, "Failed to validate update quota request: " + *problem};
    }
    if (!roles.insert(config.role).second) {
      return {kBadRequest, fmt::format("Role '{}' is given more than once", config.role)};
    }
  }
  if (command.force == Force::no) {
    if (auto problem = capacity_problem(command.configs)) {
      return {kBadRequest,
              "Invalid quota: " + *problem + "; use 'force' to set it in spite of that"};
    }
  }
  for (const QuotaConfig& config : command.configs) {
    set_quota(config, fx);
    make_room(config, now, fx);
  }
  return {kOk, ""};
}

Master::Answer Master::run(const SetQuota& command, Now now, Effects& fx) {
  QuotaConfig config;
  config.role = command.role;
  if (command.guarantee.empty()) {
    return {kBadRequest, "Failed to validate set quota request: 'guarantee' is empty"};
  }
  for (const model::Resource& resource : command.guarantee) {
    if (resource.type != model::ValueType::scalar || !resource.reservations.empty() ||
        resource.disk || resource.revocable || resource.shared || resource.allocation_role) {
      return {kBadRequest,
              "Failed to validate set quota request: only plain unreserved scalars are allowed"};
    }
    if (!config.guarantees.emplace(resource.name, resource.scalar.to_double()).second) {
      return {kBadRequest,
              fmt::format("Failed to validate set quota request: duplicate resource '{}'",
                          resource.name)};
    }
  }
  config.limits = config.guarantees;
  if (config.role == "*") {
    return {kBadRequest, "Failed to validate set quota request: the default role cannot have one"};
  }
  if (auto problem = quota_problem(config)) {
    return {kBadRequest, "Failed to validate set quota request: " + *problem};
  }
  if (quotas_.contains(config.role)) {
    return {kBadRequest,
            fmt::format("Failed to validate set quota request: quota for role '{}' exists already",
                        config.role)};
  }
  if (command.force == Force::no) {
    if (auto problem = capacity_problem({config})) {
      return {kConflict, "Heuristic capacity check for set quota request failed: " + *problem};
    }
  }
  set_quota(config, fx);
  make_room(config, now, fx);
  return {kOk, ""};
}

Master::Answer Master::run(const RemoveQuota& command, Now, Effects& fx) {
  if (!quotas_.contains(command.role)) {
    return {kBadRequest, fmt::format("Failed to remove quota: role '{}' has none", command.role)};
  }
  QuotaConfig none;
  none.role = command.role;
  set_quota(none, fx);
  return {kOk, ""};
}

void Master::apply_weights() {
  allocator_.update_weights(weights_);
}

Master::Answer Master::run(const UpdateWeights& command, Now now, Effects& fx) {
  for (const model::WeightInfo& weight : command.weights) {
    const std::string role = weight.role.value_or("");
    if (role.empty() || role_problem(role)) {
      return {kBadRequest, fmt::format("Failed to update weights: invalid role '{}'", role)};
    }
    if (!(weight.weight > 0) || !std::isfinite(weight.weight)) {
      return {kBadRequest,
              fmt::format("Failed to update weights: invalid weight {} for role '{}': it must be "
                          "positive",
                          weight.weight,
                          role)};
    }
    if (config_.roles && !config_.roles->contains(role)) {
      return {kBadRequest, fmt::format("Failed to update weights: unknown role '{}'", role)};
    }
  }
  std::set<std::string> roles;
  for (const model::WeightInfo& weight : command.weights) {
    weights_[*weight.role] = weight.weight;
    roles.insert(*weight.role);
    fx.persist.push_back(record(weight));
  }
  apply_weights();
  const bool concerns_somebody =
      std::any_of(frameworks_.begin(), frameworks_.end(), [&](const auto& entry) {
        const auto held = entry.second.info.all_roles();
        return std::any_of(held.begin(), held.end(), [&](const std::string& role) {
          return roles.contains(role);
        });
      });
  if (concerns_somebody) {
    std::set<OfferId> all;
    for (const auto& [id, offer] : offers_) {
      all.insert(id);
    }
    withdraw_offers(std::move(all), Tell::rescind, now, fx);
  }
  return {kOk, ""};
}

Master::Answer Master::run(const TeardownFramework& command, Now now, Effects& fx) {
  if (!frameworks_.contains(command.framework_id)) {
    return {kBadRequest, fmt::format("No framework found with ID {}", command.framework_id.value)};
  }
  remove_framework(command.framework_id, now, fx);
  return {kOk, ""};
}

}  // namespace ekiden::master
