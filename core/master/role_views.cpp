#include "core/master/role_views.h"

#include "core/model/task_state.h"

namespace ekiden::master {
namespace {

using model::Resources;

using Roles = std::map<std::string, RoleView>;

const std::string& role_of(const model::Resource& resource) {
  static const std::string kStar = "*";
  return resource.allocation_role ? *resource.allocation_role : kStar;
}

std::string top_of(const std::string& role) {
  return role.substr(0, role.find('/'));
}

// Amounts of one role without the walls between reservations, disks and so on.
model::Resource bare(const model::Resource& resource) {
  model::Resource amount;
  amount.name = resource.name;
  amount.type = resource.type;
  amount.scalar = resource.scalar;
  return amount;
}

void allocate(Roles& roles, const std::vector<model::Resource>& resources) {
  for (const model::Resource& resource : resources) {
    if (resource.type != model::ValueType::scalar) {
      continue;
    }
    RoleView& role = roles[role_of(resource)];
    role.allocated += bare(resource);
    if (resource.reservations.empty()) {
      roles[top_of(role_of(resource))].consumed += bare(resource);
    }
  }
}

void add_framework(Roles& roles, const FrameworkView& framework) {
  for (const std::string& role : framework.info.all_roles()) {
    roles[role].frameworks.push_back(framework.info.id.value_or(FrameworkId{}));
  }
  for (const TaskPtr& task : framework.tasks) {
    if (!model::is_terminal(task->state)) {
      allocate(roles, task->info.resources());
    }
  }
  for (const ExecutorView& executor : framework.executors) {
    allocate(roles, executor.info.resources);
  }
  for (const model::Offer& offer : framework.offers) {
    RoleView& role = roles[offer.allocation_role.empty() ? "*" : offer.allocation_role];
    for (const model::Resource& resource : offer.resources) {
      if (resource.type == model::ValueType::scalar) {
        role.offered += bare(resource);
      }
    }
  }
}

void add_reservations(Roles& roles, const AgentView& agent) {
  for (const model::Resource& resource : agent.total.list()) {
    if (resource.reservations.empty() || resource.type != model::ValueType::scalar) {
      continue;
    }
    const std::string& name = resource.reservations.back().role;
    roles[name].reserved += bare(resource);
    roles[top_of(name)].consumed += bare(resource);
  }
}

}  // namespace

std::vector<RoleView> role_views(const Snapshot& snapshot) {
  Roles roles;
  roles["*"];
  for (const FrameworkView& framework : snapshot.frameworks) {
    add_framework(roles, framework);
  }
  for (const AgentView& agent : snapshot.agents) {
    add_reservations(roles, agent);
  }
  for (const model::WeightInfo& weight : snapshot.weights) {
    roles[weight.role.value_or("*")].weight = weight.weight;
  }
  for (const model::QuotaConfig& quota : snapshot.quotas) {
    roles[quota.role].quota = &quota;
  }
  std::vector<RoleView> list;
  for (auto& [name, role] : roles) {
    role.name = name;
    list.push_back(std::move(role));
  }
  return list;
}

}  // namespace ekiden::master
