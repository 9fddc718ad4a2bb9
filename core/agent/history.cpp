#include "core/agent/history.h"

#include <utility>

namespace ekiden::agent {

void History::start(const Agent& agent, const ContainerId& container, const std::string& sandbox) {
  const auto found = agent.executors().find(container);
  if (found == agent.executors().end()) {
    return;
  }
  Entry& entry = live_[container].entry;
  const auto framework = agent.frameworks().find(found->second.record.framework_id);
  if (framework != agent.frameworks().end()) {
    entry.framework = framework->second;
  }
  entry.executor = found->second;
  entry.sandbox = sandbox;
}

void History::add_task(const Agent& agent, const TaskKey& key) {
  const auto task = agent.tasks().find(key);
  const auto live = task == agent.tasks().end() ? live_.end() : live_.find(task->second.container);
  if (live != live_.end() && live->second.ended.size() < kTasksMax) {
    live->second.ended.insert_or_assign(key, task->second);
  }
}

const History::Tasks& History::ended_tasks(const ContainerId& container) const {
  static const Tasks none;
  const auto found = live_.find(container);
  return found == live_.end() ? none : found->second.ended;
}

void History::end(const Agent& agent, const ContainerId& container) {
  if (!live_.contains(container)) {
    return;
  }
  const auto known = agent.executors().find(container);
  if (known != agent.executors().end()) {
    for (const TaskKey& key : known->second.tasks) {
      add_task(agent, key);
    }
  }
  Live live = std::move(live_.at(container));
  live_.erase(container);
  for (auto& [key, task] : live.ended) {
    live.entry.tasks.push_back(std::move(task));
  }
  entries_.push_back(std::move(live.entry));
  if (entries_.size() > kMax) {
    entries_.pop_front();
  }
}

}  // namespace ekiden::agent
