// Maintenance of machines: the schedule, who is asked to leave, machines down and up
// [mesos-core 2.14, 5.10].
#include "core/master/master.h"
#include "core/master/records.h"
#include "core/master/refuse_seconds.h"

#include <fmt/core.h>

namespace ekiden::master {

namespace scheduler = api::scheduler;
namespace link = api::agent_link;

namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;

}  // namespace

void Master::persist_maintenance(Effects& fx) const {
  fx.persist.push_back(record(MaintenanceRecord{machines_.schedule(), machines_.down()}));
}

Master::Answer Master::run(const UpdateMaintenanceSchedule& command, Now now, Effects& fx) {
  if (auto problem = machines_.problem(command.schedule)) {
    return {kBadRequest, *problem};
  }
  machines_.set_schedule(command.schedule);
  persist_maintenance(fx);
  announce_windows(now, fx);
  return {kOk, ""};
}

Master::Answer Master::run(const StartMaintenance& command, Now now, Effects& fx) {
  if (auto problem = machines_.down_problem(command.machines)) {
    return {kBadRequest, *problem};
  }
  machines_.down(command.machines);
  persist_maintenance(fx);
  std::vector<AgentId> leaving;
  for (const auto& [id, agent] : agents_) {
    if (agent.state != Agent::State::unreachable &&
        machines_.is_down(agent.info.hostname, agent.ip)) {
      leaving.push_back(id);
    }
  }
  for (const AgentId& id : leaving) {
    send(agents_.at(id), link::ShutdownAgent{"Operator initiated 'Machine DOWN'"}, fx);
    remove_agent(id, Removal::removed, now, fx);
  }
  return {kOk, ""};
}

Master::Answer Master::run(const StopMaintenance& command, Now now, Effects& fx) {
  if (auto problem = machines_.up_problem(command.machines)) {
    return {kBadRequest, *problem};
  }
  machines_.up(command.machines);
  persist_maintenance(fx);
  announce_windows(now, fx);
  return {kOk, ""};
}

void Master::announce_windows(Now now, Effects& fx) {
  for (auto& [id, agent] : agents_) {
    announce_window(agent, now, fx);
  }
}

// The allocator carries the window with the agent; offers that said something else are void.
void Master::announce_window(Agent& agent, Now now, Effects& fx) {
  if (agent.state != Agent::State::registered && agent.state != Agent::State::disconnected) {
    return;
  }
  const auto window = machines_.window(agent.info.hostname, agent.ip);
  const model::Unavailability* known = allocator_.unavailability(*agent.info.id);
  if (known == nullptr ? !window : window == *known) {
    return;
  }
  withdraw_offers(agent.offers, Tell::rescind, now, fx);
  drop_inverse_offers(agent, Tell::rescind, fx);
  agent.inverse_answers.clear();
  allocator_.set_unavailability(*agent.info.id, window);
}

void Master::send_inverse_offers(Now now, Effects& fx) {
  std::map<FrameworkId, scheduler::InverseOffers> messages;
  for (const allocator::InverseOffer& wish : allocator_.inverse_offers(now.time)) {
    Framework* framework = find_framework(wish.framework);
    Agent& agent = agents_.at(wish.agent);
    if (framework == nullptr || !framework->connection) {
      allocator_.answer_inverse_offer(wish.agent, wish.framework, std::nullopt, now.time);
      continue;
    }
    model::InverseOffer wire;
    wire.id = {fmt::format("{}-O{}", facts_.id, next_offer_++)};
    wire.framework_id = wish.framework;
    wire.agent_id = wish.agent;
    wire.agent_url_hostname = agent.info.hostname;
    wire.agent_url_address_ip = agent.ip.empty() ? agent.info.hostname : agent.ip;
    wire.agent_url_address_port = agent.info.port;
    wire.unavailability = wish.unavailability;
    agent.inverse_offers[wish.framework] = wire.id;
    framework->inverse_offers[wire.id] = wish.agent;
    inverse_offers_.emplace(wire.id, wire);
    messages[wish.framework].inverse_offers.push_back(std::move(wire));
  }
  for (auto& [id, offers] : messages) {
    send(frameworks_.at(id), std::move(offers), fx);
  }
}

void Master::drop_inverse_offers(Agent& agent, Tell tell, Effects& fx) {
  for (const auto& [id, offer] : agent.inverse_offers) {
    if (Framework* framework = find_framework(id); framework != nullptr) {
      framework->inverse_offers.erase(offer);
      if (tell == Tell::rescind) {
        send(*framework, scheduler::RescindInverseOffer{offer}, fx);
      }
    }
    inverse_offers_.erase(offer);
  }
  agent.inverse_offers.clear();
}

// Nobody hears of it: the framework is away, or new.
void Master::drop_inverse_offers(Framework& framework, Now now) {
  for (const auto& [offer, agent_id] : framework.inverse_offers) {
    if (Agent* agent = find_agent(agent_id); agent != nullptr) {
      agent->inverse_offers.erase(*framework.info.id);
    }
    allocator_.answer_inverse_offer(agent_id, *framework.info.id, std::nullopt, now.time);
    inverse_offers_.erase(offer);
  }
  framework.inverse_offers.clear();
}

void Master::answer_inverse_offers(Framework& framework,
                                   const std::vector<OfferId>& ids,
                                   InverseOfferStatus::Answer answer,
                                   const std::optional<model::Filters>& filters,
                                   Now now) {
  const FrameworkId& id = *framework.info.id;
  for (const OfferId& offer : ids) {
    const auto known = framework.inverse_offers.find(offer);
    if (known == framework.inverse_offers.end()) {
      continue;
    }
    const AgentId agent_id = known->second;
    if (Agent* agent = find_agent(agent_id); agent != nullptr) {
      agent->inverse_offers.erase(id);
      agent->inverse_answers[id] = {answer, id, now.wall};
    }
    allocator_.answer_inverse_offer(agent_id, id, refusal(filters), now.time);
    framework.inverse_offers.erase(known);
    inverse_offers_.erase(offer);
  }
}

void Master::on(Framework& framework,
                const scheduler::AcceptInverseOffers& call,
                Now now,
                Effects&) {
  answer_inverse_offers(
      framework, call.inverse_offer_ids, InverseOfferStatus::Answer::accept, call.filters, now);
}

void Master::on(Framework& framework,
                const scheduler::DeclineInverseOffers& call,
                Now now,
                Effects&) {
  answer_inverse_offers(
      framework, call.inverse_offer_ids, InverseOfferStatus::Answer::decline, call.filters, now);
}

}  // namespace ekiden::master
