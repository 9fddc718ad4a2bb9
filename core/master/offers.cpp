#include "core/base/check.h"
#include "core/master/master.h"

#include <map>

#include <fmt/core.h>

namespace ekiden::master {

namespace scheduler = api::scheduler;

void Master::allocate(Now now, Effects& fx) {
  std::map<FrameworkId, scheduler::Offers> messages;
  std::size_t count = 0;
  for (allocator::Allocation& allocation : allocator_.allocate(now.time)) {
    Framework& framework = frameworks_.at(allocation.framework);
    Agent& agent = agents_.at(allocation.agent);
    const bool multi_role = framework.info.has(model::FrameworkCapability::multi_role);
    model::Offer wire;
    wire.id = {fmt::format("{}-O{}", facts_.id, next_offer_++)};
    wire.framework_id = allocation.framework;
    wire.agent_id = allocation.agent;
    wire.hostname = agent.info.hostname;
    wire.agent_url_address_ip = agent.ip.empty() ? agent.info.hostname : agent.ip;
    wire.agent_url_address_port = agent.info.port;
    wire.attributes = agent.info.attributes;
    wire.domain = agent.info.domain;
    if (const auto* window = allocator_.unavailability(allocation.agent); window != nullptr) {
      wire.unavailability = *window;
    }
    wire.resources = allocation.resources.list();
    if (multi_role) {
      wire.allocation_role = allocation.role;
    }
    shape(framework, allocation.role, wire.resources);
    for (const auto& [key, executor] : agent.executors) {
      if (key.first == allocation.framework) {
        wire.executor_ids.push_back(key.second);
      }
    }
    const Time deadline = config_.offer_timeout ? now.time + *config_.offer_timeout : kNever;
    if (deadline != kNever) {
      offer_deadlines_.emplace(deadline, wire.id);
    }
    messages[allocation.framework].offers.push_back(wire);
    framework.offers.insert(wire.id);
    agent.offers.insert(wire.id);
    const OfferId id = wire.id;
    offers_.emplace(id, OutstandingOffer{std::move(wire), std::move(allocation), deadline});
    ++count;
  }
  for (auto& [id, offers] : messages) {
    send(frameworks_.at(id), std::move(offers), fx);
  }
  if (count > 0) {
    fx.notify.emplace_back(OffersSent{count});
  }
}

// As the framework's capabilities want to see them [mesos-core 2.5].
void Master::shape(const Framework& framework,
                   const std::string& role,
                   std::vector<model::Resource>& resources) {
  using Form = model::ReservationForm::Is;
  const bool multi_role = framework.info.has(model::FrameworkCapability::multi_role);
  const bool refines = framework.info.has(model::FrameworkCapability::reservation_refinement);
  for (model::Resource& resource : resources) {
    resource.allocation_role = multi_role ? std::optional(role) : std::nullopt;
    resource.form.is = refines ? Form::refinable : Form::old;
  }
}

void Master::forget_offer(const OfferId& id) {
  const auto found = offers_.find(id);
  CHECK(found != offers_.end(), "offer {} is used twice", id.value);
  const OutstandingOffer& offer = found->second;
  offer_deadlines_.erase({offer.deadline, id});
  frameworks_.at(offer.allocation.framework).offers.erase(id);
  agents_.at(offer.allocation.agent).offers.erase(id);
  offers_.erase(found);
}

void Master::return_offer(const OfferId& id, std::optional<Duration> refuse, Now now) {
  allocator_.recover(offers_.at(id).allocation, refuse, now.time);
  forget_offer(id);
}

void Master::withdraw_offers(std::set<OfferId> ids, Tell tell, Now now, Effects& fx) {
  for (const OfferId& id : ids) {
    const Framework& framework = frameworks_.at(offers_.at(id).allocation.framework);
    if (tell == Tell::rescind) {
      send(framework, scheduler::Rescind{id}, fx);
    }
    return_offer(id, std::nullopt, now);
  }
}

}  // namespace ekiden::master
