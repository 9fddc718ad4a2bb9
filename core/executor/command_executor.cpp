#include "core/executor/command_executor.h"

#include <algorithm>

namespace ekiden::executor {

using model::TaskState;
namespace wire = ekiden::api::executor;

CommandExecutor::CommandExecutor(ExecutorIds ids, Random random) : log_(std::move(ids), random) {}

Effects CommandExecutor::step(const Input& input, Now now) {
  Effects fx;
  std::visit([&](const auto& one) { on(one, now, fx); }, input);
  return fx;
}

Effects CommandExecutor::tick(Now now) {
  Effects fx;
  if (task_) {
    TaskOrders orders;
    task_->tick(now, orders);
    obey(std::move(orders), now, fx);
  }
  return fx;
}

Time CommandExecutor::next_deadline() const {
  return task_ ? task_->next_deadline() : kNever;
}

void CommandExecutor::obey(TaskOrders orders, Now now, Effects& fx) {
  for (model::TaskStatus& status : orders.updates) {
    fx.send.push_back(log_.add(std::move(status), now));
  }
  if (orders.start) {
    fx.start = task_->info();
  }
  fx.probe = std::move(orders.probe);
  fx.stop_probes = orders.stop_probes;
  fx.terminate = orders.terminate;
  fx.kill = orders.kill;
}

void CommandExecutor::on(const AgentEvent& input, Now now, Effects& fx) {
  if (const auto* subscribed = std::get_if<wire::Subscribed>(&input.event)) {
    killing_ = subscribed->framework_info.has(model::FrameworkCapability::task_killing_state)
                   ? TaskLife::Killing::told
                   : TaskLife::Killing::untold;
  } else if (const auto* launched = std::get_if<wire::Launch>(&input.event)) {
    launch(launched->task, now, fx);
  } else if (const auto* kill = std::get_if<wire::Kill>(&input.event)) {
    if (task_ && kill->task_id == task_->info().task_id) {
      TaskOrders orders;
      task_->kill(kill->kill_policy, now, orders);
      obey(std::move(orders), now, fx);
    }
  } else if (const auto* acknowledgement = std::get_if<wire::Acknowledged>(&input.event)) {
    log_.acknowledged(*acknowledgement);
    if (task_ && task_->ended() && log_.settled()) {
      fx.exit = 0;
    }
  } else if (std::holds_alternative<wire::Shutdown>(input.event) ||
             std::holds_alternative<wire::LaunchGroup>(input.event)) {
    shutdown(now, fx);
  }
}

void CommandExecutor::on(const Interrupted&, Now now, Effects& fx) {
  shutdown(now, fx);
}

void CommandExecutor::launch(const model::TaskInfo& task, Now now, Effects& fx) {
  if (task_ && task_->info().task_id == task.task_id) {
    return;  // a repeat
  }
  if (task_ || leaving_) {
    model::TaskStatus status;
    status.task_id = task.task_id;
    status.state = TaskState::failed;
    status.message = "Attempted to run multiple tasks using a command executor";
    fx.send.push_back(log_.add(std::move(status), now));
    return;
  }
  log_.launched(task);
  task_.emplace(task, killing_);
  TaskOrders orders;
  task_->start(orders);
  obey(std::move(orders), now, fx);
}

template <class Event>
void CommandExecutor::on(const Event& event, Now now, Effects& fx) {
  if (task_) {
    TaskOrders orders;
    task_->step(event, now, orders);
    obey(std::move(orders), now, fx);
  }
}

void CommandExecutor::shutdown(Now now, Effects& fx) {
  leaving_ = true;
  if (!task_ || (task_->ended() && log_.settled())) {
    fx.exit = 0;
    return;
  }
  TaskOrders orders;
  task_->end(std::max<Duration>(log_.ids().shutdown_grace - kShutdownMargin, Duration::zero()),
             now,
             orders);
  obey(std::move(orders), now, fx);
}

}  // namespace ekiden::executor
