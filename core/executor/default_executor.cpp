#include "core/executor/default_executor.h"

#include "core/executor/nested_id.h"

#include <algorithm>

namespace ekiden::executor {

using model::TaskState;
namespace wire = ekiden::api::executor;

DefaultExecutor::DefaultExecutor(ExecutorIds ids, ContainerId container, Random random)
    : log_(std::move(ids), random), container_(std::move(container)) {}

GroupEffects DefaultExecutor::step(const GroupInput& input, Now now) {
  GroupEffects fx;
  std::visit([&](const auto& one) { on(one, now, fx); }, input);
  return fx;
}

GroupEffects DefaultExecutor::tick(Now now) {
  GroupEffects fx;
  for (auto& [id, member] : members_) {
    TaskOrders orders;
    member.life.tick(now, orders);
    obey(id, std::move(orders), now, fx);
  }
  return fx;
}

Time DefaultExecutor::next_deadline() const {
  Time next = kNever;
  for (const auto& [id, member] : members_) {
    next = std::min(next, member.life.next_deadline());
  }
  return next;
}

const TaskLife* DefaultExecutor::find(const TaskId& task) const {
  const auto found = members_.find(task);
  return found == members_.end() ? nullptr : &found->second.life;
}

void DefaultExecutor::obey(const TaskId& task, TaskOrders orders, Now now, GroupEffects& fx) {
  for (model::TaskStatus& status : orders.updates) {
    fx.send.push_back(log_.add(std::move(status), now));
  }
  orders.updates.clear();
  TaskOrders& all = fx.tasks[task];
  all.start = all.start || orders.start;
  all.stop_probes = all.stop_probes || orders.stop_probes;
  all.kill = all.kill || orders.kill;
  all.terminate = orders.terminate ? orders.terminate : all.terminate;
  all.probe.insert(all.probe.end(), orders.probe.begin(), orders.probe.end());
}

void DefaultExecutor::on(const AgentEvent& input, Now now, GroupEffects& fx) {
  if (const auto* subscribed = std::get_if<wire::Subscribed>(&input.event)) {
    killing_ = subscribed->framework_info.has(model::FrameworkCapability::task_killing_state)
                   ? TaskLife::Killing::told
                   : TaskLife::Killing::untold;
    container_ = subscribed->container_id.value_or(container_);
  } else if (const auto* group = std::get_if<wire::LaunchGroup>(&input.event)) {
    launch(group->tasks, now, fx);
  } else if (const auto* kill = std::get_if<wire::Kill>(&input.event)) {
    const auto found = members_.find(kill->task_id);
    if (found != members_.end()) {
      TaskOrders orders;
      found->second.life.kill(kill->kill_policy, now, orders);
      obey(kill->task_id, std::move(orders), now, fx);
    }
  } else if (const auto* acknowledgement = std::get_if<wire::Acknowledged>(&input.event)) {
    log_.acknowledged(*acknowledgement);
    const auto found = members_.find(acknowledgement->task_id);
    if (found != members_.end() && found->second.life.ended() &&
        log_.settled(acknowledgement->task_id)) {
      members_.erase(found);
    }
    leave_if_done(fx);
  } else if (const auto* single = std::get_if<wire::Launch>(&input.event)) {
    refuse(single->task, "The default executor takes task groups only", now, fx);
    shutdown(now, fx);
  } else if (std::holds_alternative<wire::Shutdown>(input.event)) {
    shutdown(now, fx);
  }
}

void DefaultExecutor::on(const Interrupted&, Now now, GroupEffects& fx) {
  shutdown(now, fx);
}

void DefaultExecutor::refuse(const model::TaskInfo& task,
                             const char* why,
                             Now now,
                             GroupEffects& fx) {
  model::TaskStatus status;
  status.task_id = task.task_id;
  status.state = TaskState::failed;
  status.message = why;
  fx.send.push_back(log_.add(std::move(status), now));
}

void DefaultExecutor::launch(const std::vector<model::TaskInfo>& tasks, Now now, GroupEffects& fx) {
  const std::uint64_t group = next_group_++;
  launched_ = true;
  for (const model::TaskInfo& task : tasks) {
    if (members_.contains(task.task_id)) {
      continue;  // a repeat
    }
    if (leaving_ || members_.size() >= kTasksMax) {
      refuse(task, leaving_ ? "The executor is shutting down" : "Too many tasks", now, fx);
      continue;
    }
    log_.launched(task);
    const ContainerId nested = nested_container(container_, task.task_id);
    const auto added =
        members_.emplace(task.task_id, Member{group, TaskLife(task, killing_, nested)}).first;
    TaskOrders orders;
    added->second.life.start(orders);
    obey(task.task_id, std::move(orders), now, fx);
  }
}

void DefaultExecutor::on(const TaskInput& input, Now now, GroupEffects& fx) {
  const auto found = members_.find(input.task_id);
  if (found == members_.end() || found->second.life.ended()) {
    return;
  }
  TaskLife& life = found->second.life;
  TaskOrders orders;
  life.step(input.event, now, orders);
  obey(input.task_id, std::move(orders), now, fx);
  if (life.ended() && !life.succeeded()) {
    end_group(found->second.group, now, fx);
  }
}

void DefaultExecutor::end_group(std::uint64_t group, Now now, GroupEffects& fx) {
  for (auto& [id, member] : members_) {
    if (member.group == group && !member.life.ended()) {
      TaskOrders orders;
      member.life.kill(std::nullopt, now, orders);
      obey(id, std::move(orders), now, fx);
    }
  }
}

void DefaultExecutor::shutdown(Now now, GroupEffects& fx) {
  leaving_ = true;
  const Duration grace =
      std::max<Duration>(log_.ids().shutdown_grace - kShutdownMargin, Duration::zero());
  for (auto& [id, member] : members_) {
    TaskOrders orders;
    member.life.end(grace, now, orders);
    obey(id, std::move(orders), now, fx);
  }
  leave_if_done(fx);
}

void DefaultExecutor::leave_if_done(GroupEffects& fx) {
  if (members_.empty() && log_.settled() && (launched_ || leaving_)) {
    fx.exit = 0;
  }
}

}  // namespace ekiden::executor
