#pragma once

#include "core/api/executor.h"
#include "core/base/random.h"
#include "core/base/time.h"

#include <map>
#include <vector>

namespace ekiden::executor {

struct ExecutorIds {
  FrameworkId framework_id;
  ExecutorId executor_id;
  Duration shutdown_grace = std::chrono::seconds(5);
};

// What an executor has told its agent and not heard back about: SUBSCRIBE repeats it
// [mesos-core 3.6].
class UpdateLog {
 public:
  UpdateLog(ExecutorIds ids, Random random) : ids_(std::move(ids)), random_(random) {}

  void launched(const model::TaskInfo& task) { tasks_.emplace(task.task_id, task); }

  // Completes the status; the call that carries it.
  api::executor::Call add(model::TaskStatus status, Now now);
  void acknowledged(const api::executor::Acknowledged& event);
  api::executor::Call subscribe() const;

  bool settled() const { return updates_.empty(); }

  bool settled(const TaskId& task) const;

  const ExecutorIds& ids() const { return ids_; }

 private:
  ExecutorIds ids_;
  Random random_;
  std::map<TaskId, model::TaskInfo> tasks_;
  std::vector<model::TaskStatus> updates_;
};

}  // namespace ekiden::executor
