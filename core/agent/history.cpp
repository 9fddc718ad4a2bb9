#include "core/agent/history.h"

#include <utility>

namespace ekiden::agent {

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
    entry.tasks.push_back(agent.tasks().at(key));
  }
  entry.sandbox = sandbox;
  entries_.push_back(std::move(entry));
  if (entries_.size() > kMax) {
    entries_.pop_front();
  }
}

}  // namespace ekiden::agent
