#include "core/master/counters.h"

#include "core/base/overloaded.h"
#include "core/base/strings.h"
#include "core/model/operation.h"

#include <algorithm>

namespace ekiden::master {
namespace {

namespace scheduler = api::scheduler;
namespace link = api::agent_link;

using State = model::TaskState;

// In the order of the variant; empty: counted elsewhere, or not at all.
constexpr std::string_view kCallTypes[] = {"subscribe",
                                           "teardown",
                                           "accept",
                                           "decline",
                                           "revive",
                                           "suppress",
                                           "kill",
                                           "shutdown",
                                           "acknowledge",
                                           "reconcile",
                                           "message",
                                           "request",
                                           "accept_inverse_offers",
                                           "decline_inverse_offers",
                                           "acknowledge_operation_status",
                                           "reconcile_operations",
                                           "update_framework",
                                           "unknown"};
constexpr std::string_view kCallMessages[] = {"",
                                              "unregister_framework",
                                              "launch_tasks",
                                              "decline_offers",
                                              "revive_offers",
                                              "suppress_offers",
                                              "kill_task",
                                              "",
                                              "status_update_acknowledgement",
                                              "reconcile_tasks",
                                              "framework_to_executor",
                                              "resource_request",
                                              "",
                                              "",
                                              "operation_status_update_acknowledgement",
                                              "reconcile_operations",
                                              "",
                                              ""};
constexpr std::string_view kEventTypes[] = {"subscribed",
                                            "offers",
                                            "rescind",
                                            "update",
                                            "message",
                                            "failure",
                                            "error",
                                            "heartbeat",
                                            "inverse_offers",
                                            "rescind_inverse_offer",
                                            "update_operation_status"};
constexpr std::string_view kAgentMessages[] = {"",
                                               "status_update",
                                               "exited_executor",
                                               "executor_to_framework",
                                               "",
                                               "unregister_slave",
                                               "operation_status_update"};
static_assert(std::size(kCallTypes) == std::variant_size_v<decltype(scheduler::Call::body)>);
static_assert(std::size(kCallMessages) == std::size(kCallTypes));
static_assert(std::size(kEventTypes) == std::variant_size_v<scheduler::Event>);
static_assert(std::size(kAgentMessages) == std::variant_size_v<decltype(link::ToMaster::body)>);

constexpr State kEnds[] = {State::finished,
                           State::failed,
                           State::killed,
                           State::lost,
                           State::error,
                           State::dropped,
                           State::gone,
                           State::gone_by_operator};

// "TASK_LOST" is "lost".
std::string short_name(State state) {
  return to_lower(model::to_text(state).substr(std::string_view("TASK_").size()));
}

// The words of old: agents were slaves.
std::string old_words(std::string_view text) {
  return replace_all(to_lower(text), "agent", "slave");
}

std::string_view source_text(model::StatusSource source) {
  switch (source) {
    case model::StatusSource::master:
      return "source_master";
    case model::StatusSource::agent:
      return "source_slave";
    case model::StatusSource::executor:
      return "source_executor";
  }
  return "";
}

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

}  // namespace

MasterCounters::OfFramework* MasterCounters::of(ConnectionId connection) {
  const auto id = connections_.find(connection);
  const auto found =
      id == connections_.end() ? by_framework_.end() : by_framework_.find(id->second);
  return found == by_framework_.end() ? nullptr : &found->second;
}

void MasterCounters::count_offers(OfFramework& framework, const scheduler::Call& call) {
  if (const auto* accept = std::get_if<scheduler::Accept>(&call.body)) {
    framework.offers_accepted += accept->offer_ids.size();
    for (const model::Operation& operation : accept->operations) {
      ++framework.operations[to_lower(model::to_text(operation.type))];
    }
  } else if (const auto* decline = std::get_if<scheduler::Decline>(&call.body)) {
    framework.offers_declined += decline->offer_ids.size();
  }
}

void MasterCounters::count(ConnectionId connection, const scheduler::Call& call) {
  ++calls_[call.body.index()];
  if (std::holds_alternative<scheduler::Subscribe>(call.body) && call.framework_id) {
    ++resubscriptions_;
  }
  if (OfFramework* framework = of(connection); framework != nullptr) {
    ++framework->calls[call.body.index()];
    count_offers(*framework, call);
  }
}

void MasterCounters::count(const link::ToMaster& message) {
  ++messages_[message.body.index()];
  const auto* registration = std::get_if<link::Register>(&message.body);
  if (registration != nullptr && registration->info.id) {
    ++reregistrations_;
  }
}

void MasterCounters::count(const SchedulerEvent& event) {
  if (frameworks_ == FrameworkMetrics::left_out) {
    return;
  }
  if (const auto* subscribed = std::get_if<scheduler::Subscribed>(&event.event)) {
    connections_[event.connection] = subscribed->framework_id;
    OfFramework& one = by_framework_[subscribed->framework_id];
    ++one.calls[0];
  }
  OfFramework* framework = of(event.connection);
  if (framework == nullptr) {
    return;
  }
  ++framework->events[event.event.index()];
  if (const auto* offers = std::get_if<scheduler::Offers>(&event.event)) {
    framework->offers_sent += offers->offers.size();
  } else if (std::holds_alternative<scheduler::Rescind>(event.event)) {
    ++framework->offers_rescinded;
  }
}

void MasterCounters::count_task(const TaskUpdated& updated) {
  ++updates_;
  const model::TaskStatus& status = updated.status;
  if (status.reason != model::StatusReason::none && status.source) {
    ++causes_[to_lower(model::to_text(status.state)) + "/" +
              std::string(source_text(*status.source)) + "/" +
              old_words(model::to_text(status.reason))];
  }
  if (!model::is_terminal(status.state) || status.state == State::unreachable) {
    return;
  }
  ++ended_[static_cast<std::size_t>(status.state)];
  const auto found = by_framework_.find(updated.task->framework_id);
  if (found != by_framework_.end()) {
    ++found->second.ended[static_cast<std::size_t>(status.state)];
  }
}

void MasterCounters::count(const Notice& notice) {
  std::visit(Overloaded{[this](const TaskUpdated& updated) { count_task(updated); },
                        [this](const AgentRemoved&) { ++removals_; },
                        [this](const RemovalQueue& queue) {
                          ++unreachable_[static_cast<std::size_t>(queue.what)];
                        },
                        [this](const FrameworkAdded& added) {
                          if (frameworks_ == FrameworkMetrics::shown) {
                            by_framework_[added.framework.info.id.value_or(FrameworkId{})].name =
                                added.framework.info.name;
                          }
                        },
                        [this](const FrameworkRemoved& removed) {
                          const FrameworkId id = removed.info.id.value_or(FrameworkId{});
                          by_framework_.erase(id);
                          std::erase_if(connections_,
                                        [&](const auto& entry) { return entry.second == id; });
                        },
                        [](const auto&) {}},
             notice);
}

void MasterCounters::write_framework(MetricValues& out,
                                     const FrameworkId& id,
                                     const OfFramework& one) const {
  const std::string prefix = framework_prefix(one.name, id);
  std::uint64_t calls = 0;
  std::uint64_t events = 0;
  for (std::size_t i = 0; i < kCalls; ++i) {
    out.emplace_back(prefix + "calls/" + std::string(kCallTypes[i]), number(one.calls[i]));
    calls += one.calls[i];
  }
  for (std::size_t i = 0; i < kEvents; ++i) {
    out.emplace_back(prefix + "events/" + std::string(kEventTypes[i]), number(one.events[i]));
    events += one.events[i];
  }
  out.emplace_back(prefix + "calls", number(calls));
  out.emplace_back(prefix + "events", number(events));
  out.emplace_back(prefix + "offers/sent", number(one.offers_sent));
  out.emplace_back(prefix + "offers/accepted", number(one.offers_accepted));
  out.emplace_back(prefix + "offers/declined", number(one.offers_declined));
  out.emplace_back(prefix + "offers/rescinded", number(one.offers_rescinded));
  for (const auto& [type, count] : one.operations) {
    out.emplace_back(prefix + "operations/" + type, number(count));
  }
  for (const State state : kEnds) {
    out.emplace_back(prefix + "tasks/terminal/task_" + short_name(state),
                     number(one.ended[static_cast<std::size_t>(state)]));
  }
}

MetricValues MasterCounters::values() const {
  MetricValues out;
  const auto put = [&out](const std::string& name, std::uint64_t count) {
    out.emplace_back("master/" + name, number(count));
  };
  for (std::size_t i = 0; i < kCalls; ++i) {
    if (!kCallMessages[i].empty()) {
      put("messages_" + std::string(kCallMessages[i]), calls_[i]);
    }
  }
  for (std::size_t i = 0; i < kMessages; ++i) {
    if (!kAgentMessages[i].empty()) {
      put("messages_" + std::string(kAgentMessages[i]), messages_[i]);
    }
  }
  put("messages_register_framework", calls_[0] - resubscriptions_);
  put("messages_reregister_framework", resubscriptions_);
  put("messages_deactivate_framework", 0);
  put("messages_authenticate", 0);
  put("messages_update_slave", 0);
  put("messages_register_slave", messages_[0] - reregistrations_);
  put("messages_reregister_slave", reregistrations_);
  put("slave_registrations", messages_[0] - reregistrations_);
  put("slave_reregistrations", reregistrations_);
  const std::uint64_t unhealthy = unreachable_[1];
  for (const std::string prefix : {"slave_unreachable_", "slave_shutdowns_"}) {
    put(prefix + "scheduled", unreachable_[0]);
    put(prefix + "completed", unhealthy);
    put(prefix + "canceled", unreachable_[2]);
  }
  put("recovery_slave_removals", 0);
  put("slave_removals", removals_ + unhealthy);
  put("slave_removals/reason_unregistered", removals_);
  put("slave_removals/reason_unhealthy", unhealthy);
  put("slave_removals/reason_registered", 0);
  put("valid_status_updates", updates_);
  put("invalid_status_updates", 0);
  put("valid_status_update_acknowledgements", calls_[8]);
  put("invalid_status_update_acknowledgements", 0);
  put("valid_framework_to_executor_messages", calls_[10]);
  put("invalid_framework_to_executor_messages", 0);
  put("valid_executor_to_framework_messages", messages_[3]);
  put("invalid_executor_to_framework_messages", 0);
  put("dropped_messages", dropped_);
  for (const State state : kEnds) {
    put("tasks_" + short_name(state), ended_[static_cast<std::size_t>(state)]);
  }
  for (const auto& [cause, count] : causes_) {
    put(cause, count);
  }
  for (const auto& [id, one] : by_framework_) {
    write_framework(out, id, one);
  }
  return out;
}

}  // namespace ekiden::master
