#pragma once

#include "core/agent/daemon.h"
#include "core/base/overloaded.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::agent {

namespace link = api::agent_link;

// The far end of the agent's link: registers the agent, acknowledges every update, remembers both.
class FakeMaster {
 public:
  explicit FakeMaster(net::Loop& loop) : loop_(loop) {}

  api::MasterConnect connect() {
    return [this](std::function<void(link::ToAgent)> on_message, std::function<void()>) {
      to_agent_ = std::make_shared<std::function<void(link::ToAgent)>>(std::move(on_message));
      return std::make_unique<FakeLink>(*this);
    };
  }

  void send(link::ToAgent message) {
    loop_.post([to = std::weak_ptr(to_agent_), message = std::move(message)] {
      if (const auto call = to.lock()) {
        (*call)(message);
      }
    });
  }

  void run(const model::TaskInfo& task) { send(link::RunTask{framework, task}); }

  void kill(const std::string& task, std::optional<model::KillPolicy> policy = std::nullopt) {
    send(link::KillTask{*framework.id, TaskId{task}, std::move(policy)});
  }

  model::FrameworkInfo framework = [] {
    model::FrameworkInfo info;
    info.id = FrameworkId{"F"};
    info.name = "test";
    info.checkpoint = true;
    info.capabilities = {model::FrameworkCapability::partition_aware,
                         model::FrameworkCapability::task_killing_state};
    return info;
  }();
  bool acknowledge = true;
  std::vector<link::Register> registrations;
  std::vector<model::TaskStatus> updates;  // without repeats
  std::function<void(const model::TaskStatus&)> on_update;

 private:
  struct FakeLink final : api::MasterLink {
    explicit FakeLink(FakeMaster& a_master) : master(a_master) {}

    ~FakeLink() override { master.to_agent_.reset(); }

    void send(link::ToMaster message) override { master.receive(message); }

    FakeMaster& master;
  };

  void receive(const link::ToMaster& message) {
    if (const auto* registration = std::get_if<link::Register>(&message.body)) {
      registrations.push_back(*registration);
      send(link::Registered{registration->attempt, AgentId{"A"}, {}});
    } else if (const auto* update = std::get_if<link::StatusUpdate>(&message.body)) {
      if (acknowledge && update->status.uuid) {
        send(link::AcknowledgeUpdate{
            update->framework_id, update->status.task_id, *update->status.uuid});
      }
      for (const auto& known : updates) {
        if (known.uuid == update->status.uuid) {
          return;
        }
      }
      updates.push_back(update->status);
      if (on_update) {
        on_update(update->status);
      }
    }
  }

  net::Loop& loop_;
  std::shared_ptr<std::function<void(link::ToAgent)>> to_agent_;
};

}  // namespace ekiden::agent
