#pragma once

#include "core/executor/command_executor.h"
#include "core/executor/task_life.h"
#include "core/executor/update_log.h"

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace ekiden::executor {

struct TaskInput {
  TaskId task_id;
  TaskEvent event;
};

using GroupInput = std::variant<AgentEvent, TaskInput, Interrupted>;

struct GroupEffects {
  std::vector<api::executor::Call> send;  // lost when not connected: SUBSCRIBE repeats them
  std::map<TaskId, TaskOrders> tasks;     // their updates are in `send`
  std::optional<int> exit;
};

// The executor of task groups: each task in a nested container of its own; pure [mesos-core 3.9].
// When one task of a group fails or is killed, the others of that group are killed; one that
// finishes stops nobody. It leaves when nothing runs any more and all is acknowledged.
class DefaultExecutor {
 public:
  static constexpr std::size_t kTasksMax = 1000;  // at one time

  DefaultExecutor(ExecutorIds ids, ContainerId container, Random random);

  GroupEffects step(const GroupInput& input, Now now);
  GroupEffects tick(Now now);
  Time next_deadline() const;

  api::executor::Call subscribe() const { return log_.subscribe(); }

  const TaskLife* find(const TaskId& task) const;

 private:
  struct Member {
    std::uint64_t group = 0;
    TaskLife life;
  };

  void on(const AgentEvent& input, Now now, GroupEffects& fx);
  void on(const TaskInput& input, Now now, GroupEffects& fx);
  void on(const Interrupted& input, Now now, GroupEffects& fx);
  void launch(const std::vector<model::TaskInfo>& tasks, Now now, GroupEffects& fx);
  void refuse(const model::TaskInfo& task, const char* why, Now now, GroupEffects& fx);
  void shutdown(Now now, GroupEffects& fx);
  void obey(const TaskId& task, TaskOrders orders, Now now, GroupEffects& fx);
  void end_group(std::uint64_t group, Now now, GroupEffects& fx);
  void leave_if_done(GroupEffects& fx);

  UpdateLog log_;
  ContainerId container_;
  TaskLife::Killing killing_ = TaskLife::Killing::untold;
  std::map<TaskId, Member> members_;  // until the last update is acknowledged
  std::uint64_t next_group_ = 1;
  bool launched_ = false;
  bool leaving_ = false;
};

}  // namespace ekiden::executor
