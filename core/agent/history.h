#pragma once

#include "core/agent/agent.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace ekiden::agent {

// Executors that have ended, with their tasks, as long as people may want to look at them: in
// memory only, the oldest go first [mesos-core 6.12]. Loop thread only.
class History {
 public:
  static constexpr std::size_t kMax = 150;

  struct Entry {
    model::FrameworkInfo framework;
    Agent::Executor executor;
    std::vector<Agent::Task> tasks;
    std::string sandbox;
  };

  static constexpr std::size_t kTasksMax = 200;  // of one executor

  using Tasks = std::map<TaskKey, Agent::Task>;

  // The machine knows the executor now; when its container has ended, it may know it no more.
  void start(const Agent& agent, const ContainerId& container, const std::string& sandbox);
  // It ends, and the machine is about to forget it.
  void add_task(const Agent& agent, const TaskKey& key);
  void end(const Agent& agent, const ContainerId& container);

  // Of an executor that goes on.
  const Tasks& ended_tasks(const ContainerId& container) const;

  // The oldest first. The machine may not have forgotten the newest yet.
  const std::deque<Entry>& entries() const { return entries_; }

 private:
  struct Live {
    Entry entry;
    Tasks ended;
  };

  std::deque<Entry> entries_;
  std::map<ContainerId, Live> live_;
};

}  // namespace ekiden::agent
