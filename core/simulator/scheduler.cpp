#include "core/simulator/scheduler.h"

#include "core/base/overloaded.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::simulator {
namespace {

namespace v1 = api::scheduler;
using model::TaskState;
using namespace std::chrono_literals;

constexpr Duration kReconnect = 100ms;
constexpr Duration kReviveSoon = 10ms;
constexpr Duration kReviveAgain = 1s;
constexpr double kRefuseSeconds = 3600;
constexpr double kRefuseBriefly = 0;

}  // namespace

Scheduler::Scheduler(net::Loop& loop,
                     const Clock& clock,
                     SchedulerOptions options,
                     api::SchedulerConnect connect)
    : clock_(clock),
      options_(std::move(options)),
      connect_(std::move(connect)),
      again_(loop, [this] { this->connect(); }),
      revive_(loop, [this] { revive(); }) {}

void Scheduler::want(std::size_t tasks) {
  wanted_ = tasks;
  killing_ = false;
  if (link_ == nullptr) {
    connect();
  } else {
    send(v1::Revive{});
  }
}

void Scheduler::ask_for_offers() {
  offers_ = 0;
  send(v1::Revive{});
}

void Scheduler::kill_all() {
  wanted_ = 0;
  killing_ = true;
  for (const auto& [id, task] : tasks_) {
    send(v1::Kill{TaskId{id}, AgentId{task.agent}, std::nullopt});
  }
}

void Scheduler::connect() {
  subscribed_ = false;
  link_ = connect_([this](const v1::Event& event) { on(event); },
                   [this] {
                     subscribed_ = false;
                     ++reconnects_;
                     again_.set_after(kReconnect);
                   });
  v1::Subscribe subscribe;
  model::FrameworkInfo& info = subscribe.framework_info;
  info.user = "root";
  info.name = "ekiden simulate";
  info.failover_timeout = to_seconds(24h);
  info.checkpoint = true;
  info.roles = {options_.role};
  info.capabilities = {model::FrameworkCapability::multi_role,
                       model::FrameworkCapability::partition_aware};
  if (!id_.empty()) {
    info.id = FrameworkId{id_};
  }
  v1::Call call;
  call.framework_id = info.id;
  call.body = std::move(subscribe);
  link_->send(std::move(call));
}

void Scheduler::send(decltype(v1::Call::body) body) {
  if (link_ != nullptr && subscribed_) {
    link_->send({FrameworkId{id_}, std::move(body)});
  }
}

void Scheduler::on(const v1::Event& event) {
  std::visit(Overloaded{[this](const v1::Subscribed& one) {
                          id_ = one.framework_id.value;
                          subscribed_ = true;
                        },
                        [this](const v1::Offers& one) { on_offers(one); },
                        [this](const v1::Update& one) { on_update(one.status); },
                        [](const auto&) {}},
             event);
}

void Scheduler::on_offers(const v1::Offers& offers) {
  last_offer_ = clock_.now().time;
  first_offer_ = std::min(first_offer_, last_offer_);
  offers_ += offers.offers.size();
  v1::Decline decline;
  for (const model::Offer& offer : offers.offers) {
    const std::size_t there = on_agent_[offer.agent_id.value];
    const std::size_t room = options_.tasks_per_agent - std::min(there, options_.tasks_per_agent);
    const std::size_t missing = wanted_ - std::min(wanted_, tasks_.size());
    const std::size_t count = std::min(room, missing);
    if (count == 0) {
      decline.offer_ids.push_back(offer.id);
    } else {
      accept(offer, count);
    }
  }
  if (!decline.offer_ids.empty()) {
    decline.filters = v1::Filters{kRefuseSeconds};
    send(std::move(decline));
  }
}

void Scheduler::accept(const model::Offer& offer, std::size_t count) {
  v1::Accept accept;
  accept.offer_ids = {offer.id};
  model::Operation& operation = accept.operations.emplace_back();
  operation.type = model::Operation::Type::launch;
  for (std::size_t i = 0; i < count; ++i) {
    operation.launch_task_infos.push_back(task(offer));
    tasks_[operation.launch_task_infos.back().task_id.value] = {offer.agent_id.value, false};
  }
  on_agent_[offer.agent_id.value] += count;
  accept.filters = v1::Filters{tasks_.size() >= wanted_ ||
                                       on_agent_[offer.agent_id.value] >= options_.tasks_per_agent
                                   ? kRefuseSeconds
                                   : kRefuseBriefly};
  send(std::move(accept));
}

model::TaskInfo Scheduler::task(const model::Offer& offer) {
  model::TaskInfo task;
  task.task_id = {fmt::format("simulated-{:08}", ++next_task_)};
  task.name = "simulated";
  task.agent_id = offer.agent_id;
  task.resources = {model::scalar_resource("cpus", options_.cpus),
                    model::scalar_resource("mem", options_.mem)};
  for (model::Resource& resource : task.resources) {
    resource.allocation_role = offer.allocation_role;
  }
  task.command.emplace().value = options_.command;
  for (std::size_t i = 0; i < options_.labels; ++i) {
    if (!task.labels) {
      task.labels.emplace();
    }
    task.labels->labels.push_back(
        {fmt::format("label-{}", i + 1), fmt::format("value of label {}", i + 1)});
  }
  return task;
}

void Scheduler::on_update(const model::TaskStatus& status) {
  if (status.uuid) {
    send(v1::Acknowledge{status.agent_id.value_or(AgentId{}), status.task_id, *status.uuid});
  }
  const auto found = tasks_.find(status.task_id.value);
  if (found == tasks_.end()) {
    // The repeat of a terminal update is fine; a task that runs and is not ours is not.
    unexpected_ += status.state == TaskState::running ? 1 : 0;
    return;
  }
  Task& task = found->second;
  if (status.state == TaskState::running) {
    running_ += task.running ? 0 : 1;
    task.running = true;
    last_running_ = clock_.now().time;
    return;
  }
  const bool over = model::is_terminal(status.state) || status.state == TaskState::unreachable;
  if (!over) {
    return;
  }
  last_ended_ = clock_.now().time;
  running_ -= task.running ? 1 : 0;
  --on_agent_[task.agent];
  tasks_.erase(found);
  if (!killing_) {
    ++lost_;
    revive_.set_after(kReviveSoon);  // once for what was lost together
  }
}

// What was declined for long is wanted after all.
void Scheduler::revive() {
  if (tasks_.size() < wanted_) {
    send(v1::Revive{});
    revive_.set_after(kReviveAgain);
  }
}

void Scheduler::allow(std::size_t tasks_per_agent) {
  options_.tasks_per_agent = tasks_per_agent;
}

}  // namespace ekiden::simulator
