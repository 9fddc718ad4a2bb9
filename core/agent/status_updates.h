#pragma once

#include "core/agent/types.h"
#include "core/base/backoff.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace ekiden::agent {

// Status updates on their way to the framework [mesos-core 2.10]: per task in order, one in flight,
// resent with backoff until acknowledged, for ever. Pure; the owner makes each one durable before
// add() and each acknowledgement durable after acknowledge().
class StatusUpdates {
 public:
  static constexpr Backoff kResend{std::chrono::seconds(10), 2.0, std::chrono::minutes(10)};

  // True when it is the first in line, so to be sent now.
  bool add(const FrameworkId& framework, model::TaskStatus status, std::uint64_t number, Now now);
  // The number of the acknowledged update, if `uuid` is the one in flight.
  std::optional<std::uint64_t> acknowledge(const TaskKey& task, const std::string& uuid, Now now);
  bool is_pending(const TaskKey& task, const std::string& uuid) const;

  bool has_pending(const TaskKey& task) const { return streams_.contains(task); }

  // What is first in line of this task, as it goes to the master.
  std::optional<api::agent_link::StatusUpdate> front(const TaskKey& task) const;
  // Those whose time has come; their next time is set.
  std::vector<api::agent_link::StatusUpdate> due(Now now);
  // After a registration: the first of every task, with the backoff started anew.
  std::vector<api::agent_link::StatusUpdate> resend_all(Now now);
  Time next_deadline() const;

  std::size_t tasks() const { return streams_.size(); }

 private:
  struct Pending {
    model::TaskStatus status;
    std::uint64_t number = 0;
  };

  struct Stream {
    std::deque<Pending> pending;
    unsigned sent = 0;
    Time resend = kNever;
  };

  static api::agent_link::StatusUpdate message(const FrameworkId& framework, const Stream& stream);
  void sent(const TaskKey& task, Stream& stream, Now now);

  std::map<TaskKey, Stream> streams_;
  std::set<std::pair<Time, TaskKey>> deadlines_;
};

}  // namespace ekiden::agent
