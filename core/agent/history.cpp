#include "core/agent/history.h"

#include <utility>

namespace ekiden::agent {

void History::add_task(const Agent& agent, const TaskKey& key) {
  const auto found = agent.tasks().find(key);
  if (found == agent.tasks().end()) {
    return;
  }
  Tasks& tasks = ended_[found->second.container];
  if (tasks.size() < kTasksMax) {
    tasks.insert_or_assign(key, found->second);
  }
}

const History::Tasks& History::ended_tasks(const ContainerId& container) const {
  static const Tasks none;
  const auto found = ended_.find(container);
  return found == ended_.end() ? none : found->second;
}

void History::add(const Agent& agent, const ContainerId& container, const std::string& sandbox) {
  const auto found = agent.executors().find(container);
  if (found == agent.executors().end()) {
    return;
  }
  Entry entry;
  const auto framework = agent.frameworks().find(found->second.record.framework_id);
  if (framework != agent.frameworks().end()) {
    entry.framework = framework->second;
  }
  entry.executor = found->second;
  for (const TaskKey& key : found->second.tasks) {
    add_task(agent, key);
  }
  for (auto& [key, task] : ended_[container]) {
    entry.tasks.push_back(std::move(task));
  }
  ended_.erase(container);
  entry.sandbox = sandbox;
  entries_.push_back(std::move(entry));
  if (entries_.size() > kMax) {
    entries_.pop_front();
  }
}

}  // namespace ekiden::agent
