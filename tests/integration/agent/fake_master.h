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

  // A pod: its executor is "pod".
  void run_group(const std::vector<model::TaskInfo>& tasks) {
    link::RunTaskGroup group{framework, {}, tasks};
    group.executor.type = model::ExecutorInfo::Type::default_;
    group.executor.executor_id = ExecutorId{"pod"};
    group.executor.framework_id = framework.id;
    group.executor.resources = {model::scalar_resource("cpus", 0.1),
                                model::scalar_resource("mem", 64)};
    send(std::move(group));
  }

  void apply(const model::Operation& operation) {
    send(link::ApplyOperation{framework.id, operation, std::string(16, ++last_operation_)});
  }

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
  std::vector<link::ExecutorMessage> messages;
  std::vector<link::ExecutorExited> exits;
  std::vector<link::OperationUpdate> operations;
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
    } else if (const auto* sent = std::get_if<link::ExecutorMessage>(&message.body)) {
      messages.push_back(*sent);
    } else if (const auto* exit = std::get_if<link::ExecutorExited>(&message.body)) {
      exits.push_back(*exit);
    } else if (const auto* operation = std::get_if<link::OperationUpdate>(&message.body)) {
      operations.push_back(*operation);
      if (acknowledge) {
        send(link::AcknowledgeOperation{operation->uuid, *operation->status.uuid, std::nullopt});
      }
    }
  }

  net::Loop& loop_;
  char last_operation_ = 'a';
  std::shared_ptr<std::function<void(link::ToAgent)>> to_agent_;
};

}  // namespace ekiden::agent
