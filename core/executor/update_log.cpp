#include "core/executor/update_log.h"

#include <algorithm>

namespace ekiden::executor {

namespace wire = ekiden::api::executor;

wire::Call UpdateLog::add(model::TaskStatus status, Now now) {
  status.source = model::StatusSource::executor;
  status.executor_id = ids_.executor_id;
  status.timestamp = to_epoch_seconds(now.wall);
  status.uuid = random_.uuid_bytes();
  updates_.push_back(status);
  return {ids_.framework_id, ids_.executor_id, wire::Update{std::move(status)}};
}

void UpdateLog::acknowledged(const wire::Acknowledged& event) {
  tasks_.erase(event.task_id);
  std::erase_if(updates_, [&](const auto& status) { return status.uuid == event.uuid; });
}

wire::Call UpdateLog::subscribe() const {
  wire::Subscribe body;
  for (const auto& [id, task] : tasks_) {
    body.unacknowledged_tasks.push_back(task);
  }
  body.unacknowledged_updates = updates_;
  return {ids_.framework_id, ids_.executor_id, std::move(body)};
}

bool UpdateLog::settled(const TaskId& task) const {
  return std::none_of(
      updates_.begin(), updates_.end(), [&](const auto& status) { return status.task_id == task; });
}

}  // namespace ekiden::executor
