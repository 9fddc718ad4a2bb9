// Coarse grained [mesos-core 5.5]: for each changed agent, roles in dominant share order, then the
// role's frameworks in share order; the first that may see anything worth offering gets all of it.
// Quota, weights and headroom are further stages of allocate_agent, to come.
#include "core/allocator/allocator.h"

#include "core/base/check.h"

#include <algorithm>

namespace ekiden::allocator {

using model::Resources;

Allocator::Allocator(Options options, Random random) : options_(options), random_(random) {}

void Allocator::touch(const AgentId& agent) {
  dirty_.insert(agent);
}

void Allocator::touch_all_urgently() {
  for (const auto& [id, agent] : agents_) {
    dirty_.insert(id);
  }
  urgent_ = true;
}

void Allocator::add_agent(const AgentId& agent, const Resources& total) {
  CHECK(!agents_.contains(agent), "agent {} is added twice", agent.value);
  agents_[agent].total = total;
  roles_.add_total(total);
  for (auto& [role, sorter] : role_frameworks_) {
    sorter.add_total(total);
  }
  touch(agent);
  urgent_ = true;
}

void Allocator::update_agent(const AgentId& agent, const Resources& total) {
  Agent& entry = agents_.at(agent);
  if (entry.total == total) {
    return;
  }
  roles_.subtract_total(entry.total);
  roles_.add_total(total);
  for (auto& [role, sorter] : role_frameworks_) {
    sorter.subtract_total(entry.total);
    sorter.add_total(total);
  }
  entry.total = total;
  touch(agent);
  urgent_ = true;
}

void Allocator::remove_agent(const AgentId& agent) {
  const auto found = agents_.find(agent);
  if (found == agents_.end()) {
    return;
  }
  CHECK(found->second.allocated.empty(),
        "agent {} is removed with {} still allocated",
        agent.value,
        to_text(found->second.allocated));
  roles_.subtract_total(found->second.total);
  for (auto& [role, sorter] : role_frameworks_) {
    sorter.subtract_total(found->second.total);
  }
  agents_.erase(found);
  filters_.remove_agent(agent);
  dirty_.erase(agent);
}

void Allocator::set_agent(const AgentId& agent, Activity activity) {
  Agent& entry = agents_.at(agent);
  if (entry.activity != activity && activity == Activity::active) {
    touch(agent);
    urgent_ = true;
  }
  entry.activity = activity;
}

void Allocator::join_roles(const FrameworkId& framework, const FrameworkSpec& spec) {
  for (const std::string& role : spec.roles) {
    auto [entry, is_new] = role_frameworks_.try_emplace(role);
    if (is_new) {
      for (const auto& [id, agent] : agents_) {
        entry->second.add_total(agent.total);
      }
    }
    roles_.add(role);
    entry->second.add(framework.value);
  }
}

void Allocator::leave_roles(const FrameworkId& framework, const FrameworkSpec& spec) {
  for (const std::string& role : spec.roles) {
    DrfSorter& sorter = role_frameworks_.at(role);
    sorter.remove(framework.value);
    if (sorter.empty()) {
      role_frameworks_.erase(role);
      roles_.remove(role);
    }
  }
}

void Allocator::add_framework(const FrameworkId& framework, FrameworkSpec spec, Activity activity) {
  CHECK(!frameworks_.contains(framework), "framework {} is added twice", framework.value);
  join_roles(framework, spec);
  frameworks_[framework] = {std::move(spec), activity};
  if (activity == Activity::active) {
    touch_all_urgently();
  }
}

void Allocator::update_framework(const FrameworkId& framework, FrameworkSpec spec) {
  Framework& entry = frameworks_.at(framework);
  join_roles(framework, spec);
  FrameworkSpec left = entry.spec;
  std::erase_if(left.roles, [&](const std::string& role) { return spec.roles.contains(role); });
  for (const std::string& role : left.roles) {
    filters_.remove_role(framework, role);
  }
  leave_roles(framework, left);
  entry.spec = std::move(spec);
  touch_all_urgently();
}

void Allocator::remove_framework(const FrameworkId& framework) {
  const auto found = frameworks_.find(framework);
  if (found == frameworks_.end()) {
    return;
  }
  leave_roles(framework, found->second.spec);
  filters_.remove_framework(framework);
  frameworks_.erase(found);
}

void Allocator::set_framework(const FrameworkId& framework, Activity activity) {
  Framework& entry = frameworks_.at(framework);
  if (activity == Activity::inactive) {
    filters_.remove_framework(framework);
  } else if (entry.activity == Activity::inactive) {
    touch_all_urgently();
  }
  entry.activity = activity;
}

void Allocator::count(const Allocation& allocation, int sign) {
  const auto sorter = role_frameworks_.find(allocation.role);
  if (sign > 0) {
    roles_.allocated(allocation.role, allocation.resources);
    if (sorter != role_frameworks_.end()) {
      sorter->second.allocated(allocation.framework.value, allocation.resources);
    }
  } else {
    roles_.unallocated(allocation.role, allocation.resources);
    if (sorter != role_frameworks_.end()) {
      sorter->second.unallocated(allocation.framework.value, allocation.resources);
      if (sorter->second.empty()) {
        role_frameworks_.erase(sorter);
        roles_.remove(allocation.role);
      }
    }
  }
}

void Allocator::use(const Allocation& allocation) {
  agents_.at(allocation.agent).allocated += allocation.resources;
  count(allocation, 1);
}

void Allocator::recover(const Allocation& allocation, std::optional<Duration> refuse, Time now) {
  const auto found = agents_.find(allocation.agent);
  if (found == agents_.end() || allocation.resources.empty()) {
    return;
  }
  found->second.allocated -= allocation.resources;
  count(allocation, -1);
  if (refuse && *refuse > Duration::zero() && frameworks_.contains(allocation.framework)) {
    filters_.add({allocation.agent, allocation.framework, allocation.role},
                 allocation.resources,
                 now + std::max(*refuse, options_.interval));
  }
  touch(allocation.agent);
}

void Allocator::suppress(const FrameworkId& framework, const std::vector<std::string>& roles) {
  FrameworkSpec& spec = frameworks_.at(framework).spec;
  if (roles.empty()) {
    spec.suppressed = spec.roles;
  }
  spec.suppressed.insert(roles.begin(), roles.end());
}

void Allocator::revive(const FrameworkId& framework, const std::vector<std::string>& roles) {
  FrameworkSpec& spec = frameworks_.at(framework).spec;
  if (roles.empty()) {
    spec.suppressed.clear();
    filters_.remove_framework(framework);
  }
  for (const std::string& role : roles) {
    spec.suppressed.erase(role);
    filters_.remove_role(framework, role);
  }
  touch_all_urgently();
}

bool Allocator::enough(const Resources& resources) const {
  return resources.scalar("cpus") >= options_.min_cpus ||
         resources.scalar("mem") >= options_.min_mem;
}

Resources Allocator::visible(const Resources& free,
                             const Agent& agent,
                             const Framework& framework,
                             const std::string& role) const {
  const FrameworkSpec& spec = framework.spec;
  if (!spec.gpus && agent.total.scalar("gpus").milli > 0) {
    return {};
  }
  Resources result;
  const Resources allowed = free.allocatable_to(role);
  for (const model::Resource& resource : allowed.list()) {
    const bool hidden = (resource.reservations.size() > 1 && !spec.reservation_refinement) ||
                        (resource.shared && !spec.shared) ||
                        (resource.revocable && !spec.revocable);
    if (!hidden) {
      result += resource;
    }
  }
  return result;
}

void Allocator::allocate_agent(const AgentId& id, Agent& agent, std::vector<Allocation>& result) {
  Resources free = agent.total - agent.allocated;
  if (!enough(free)) {
    return;
  }
  const std::vector<std::string> roles = roles_.sorted();
  for (const std::string& role : roles) {
    const std::vector<std::string> order = role_frameworks_.at(role).sorted();
    for (const std::string& name : order) {
      const FrameworkId framework_id{name};
      const Framework& framework = frameworks_.at(framework_id);
      if (framework.activity == Activity::inactive || framework.spec.suppressed.contains(role)) {
        continue;
      }
      Resources offered = visible(free, agent, framework, role);
      if (!enough(offered) || filters_.filtered({id, framework_id, role}, offered)) {
        continue;
      }
      free -= offered;
      Allocation allocation{framework_id, role, id, std::move(offered)};
      use(allocation);
      result.push_back(std::move(allocation));
      if (!enough(free)) {
        return;
      }
    }
  }
}

std::vector<Allocation> Allocator::allocate(Time now) {
  for (const AgentId& agent : filters_.expire(now)) {
    touch(agent);
  }
  std::vector<AgentId> order(dirty_.begin(), dirty_.end());
  dirty_.clear();
  urgent_ = false;
  last_cycle_ = now;
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random_.below(i)]);
  }
  std::vector<Allocation> result;
  for (const AgentId& id : order) {
    Agent& agent = agents_.at(id);
    if (agent.activity == Activity::active) {
      allocate_agent(id, agent, result);
    }
  }
  return result;
}

Time Allocator::next_deadline() const {
  if (urgent_ && !dirty_.empty()) {
    return Time{};
  }
  const Time tick = last_cycle_ + options_.interval;
  return dirty_.empty() ? std::max(filters_.next_expiry(), tick) : tick;
}

const Resources& Allocator::total(const AgentId& agent) const {
  const auto found = agents_.find(agent);
  return found == agents_.end() ? none_ : found->second.total;
}

const Resources& Allocator::allocated(const AgentId& agent) const {
  const auto found = agents_.find(agent);
  return found == agents_.end() ? none_ : found->second.allocated;
}

}  // namespace ekiden::allocator
