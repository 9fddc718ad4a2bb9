#include "core/agent/status_updates.h"

namespace ekiden::agent {

using api::agent_link::StatusUpdate;

StatusUpdate StatusUpdates::message(const FrameworkId& framework, const Stream& stream) {
  return {framework, stream.pending.front().status, stream.pending.back().status.state};
}

void StatusUpdates::sent(const TaskKey& task, Stream& stream, Now now) {
  deadlines_.erase({stream.resend, task});
  stream.resend = now.time + kResend.delay(++stream.sent);
  deadlines_.insert({stream.resend, task});
}

bool StatusUpdates::add(const FrameworkId& framework,
                        model::TaskStatus status,
                        std::uint64_t number,
                        Now now) {
  const TaskKey task{framework, status.task_id};
  Stream& stream = streams_[task];
  stream.pending.push_back({std::move(status), number});
  if (stream.pending.size() > 1) {
    return false;
  }
  sent(task, stream, now);
  return true;
}

std::optional<std::uint64_t> StatusUpdates::acknowledge(const TaskKey& task,
                                                        const std::string& uuid,
                                                        Now now) {
  const auto found = streams_.find(task);
  if (found == streams_.end() || found->second.pending.front().status.uuid != uuid) {
    return std::nullopt;
  }
  Stream& stream = found->second;
  const std::uint64_t number = stream.pending.front().number;
  stream.pending.pop_front();
  stream.sent = 0;
  if (stream.pending.empty()) {
    deadlines_.erase({stream.resend, task});
    streams_.erase(found);
  } else {
    sent(task, stream, now);
  }
  return number;
}

bool StatusUpdates::is_pending(const TaskKey& task, const std::string& uuid) const {
  const auto found = streams_.find(task);
  if (found == streams_.end()) {
    return false;
  }
  for (const Pending& pending : found->second.pending) {
    if (pending.status.uuid == uuid) {
      return true;
    }
  }
  return false;
}

std::optional<StatusUpdate> StatusUpdates::front(const TaskKey& task) const {
  const auto found = streams_.find(task);
  if (found == streams_.end()) {
    return std::nullopt;
  }
  return message(task.first, found->second);
}

std::vector<StatusUpdate> StatusUpdates::due(Now now) {
  std::vector<StatusUpdate> messages;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.time) {
    const TaskKey task = deadlines_.begin()->second;
    Stream& stream = streams_.at(task);
    messages.push_back(message(task.first, stream));
    sent(task, stream, now);
  }
  return messages;
}

std::vector<StatusUpdate> StatusUpdates::resend_all(Now now) {
  std::vector<StatusUpdate> messages;
  for (auto& [task, stream] : streams_) {
    stream.sent = 0;
    messages.push_back(message(task.first, stream));
    sent(task, stream, now);
  }
  return messages;
}

Time StatusUpdates::next_deadline() const {
  return deadlines_.empty() ? kNever : deadlines_.begin()->first;
}

}  // namespace ekiden::agent
