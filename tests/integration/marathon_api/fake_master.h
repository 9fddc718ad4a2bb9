#pragma once

#include "core/api/link.h"
#include "core/base/overloaded.h"
#include "core/net/loop.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::marathon {

// One agent with plenty of resources; tasks run at once and die when they are told to.
class FakeMaster {
 public:
  explicit FakeMaster(net::Loop& loop) : loop_(loop) {}

  api::SchedulerConnect connect() {
    return
        [this](std::function<void(api::scheduler::Event)> on_message, std::function<void()> close) {
          on_message_ = std::move(on_message);
          on_close_ = std::move(close);
          ++connections;
          return std::make_unique<Link>(*this);
        };
  }

  void break_link() {
    loop_.post([close = on_close_] { close(); });
  }

  std::string host = "127.0.0.1";
  std::vector<std::string> launched;  // task ids
  std::vector<std::string> killed;
  int connections = 0;

 private:
  using Event = api::scheduler::Event;

  class Link final : public api::SchedulerLink {
   public:
    explicit Link(FakeMaster& master) : master_(master) {}

    void send(api::scheduler::Call call) override { master_.take(call); }

   private:
    FakeMaster& master_;
  };

  void tell(Event event) {
    loop_.post([this, event = std::move(event)] { on_message_(event); });
  }

  void offer() {
    model::Offer offer;
    offer.id = OfferId{"offer-" + std::to_string(++offers_)};
    offer.framework_id = FrameworkId{"framework-1"};
    offer.agent_id = AgentId{"agent-1"};
    offer.hostname = host;
    offer.allocation_role = "*";
    offer.resources = {model::scalar_resource("cpus", 16),
                       model::scalar_resource("mem", 16384),
                       model::scalar_resource("disk", 16384),
                       model::ranges_resource("ports", {{31000, 32000}})};
    for (auto& resource : offer.resources) {
      resource.allocation_role = "*";
    }
    tell(api::scheduler::Offers{{offer}});
  }

  void update(const TaskId& task, model::TaskState state) {
    model::TaskStatus status;
    status.task_id = task;
    status.state = state;
    status.agent_id = AgentId{"agent-1"};
    status.source = model::StatusSource::executor;
    status.uuid = std::string(16, static_cast<char>(++updates_));
    tell(api::scheduler::Update{status});
  }

  void take(const api::scheduler::Call& call) {
    std::visit(Overloaded{
                   [&](const api::scheduler::Subscribe&) {
                     api::scheduler::Subscribed subscribed;
                     subscribed.framework_id = FrameworkId{"framework-1"};
                     tell(subscribed);
                     offer();
                   },
                   [&](const api::scheduler::Revive&) { offer(); },
                   [&](const api::scheduler::Accept& accept) {
                     for (const auto& operation : accept.operations) {
                       for (const auto& task : operation.launch_task_infos) {
                         launched.push_back(task.task_id.value);
                         update(task.task_id, model::TaskState::running);
                       }
                     }
                     offer();
                   },
                   [&](const api::scheduler::Kill& kill) {
                     killed.push_back(kill.task_id.value);
                     update(kill.task_id, model::TaskState::killed);
                   },
                   [](const auto&) {},
               },
               call.body);
  }

  net::Loop& loop_;
  std::function<void(Event)> on_message_;
  std::function<void()> on_close_;
  int offers_ = 0;
  int updates_ = 0;
};

}  // namespace ekiden::marathon
