#pragma once

#include "core/base/time.h"
#include "marathon/model/instance.h"
#include "marathon/snapshot.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::marathon::health {

// What one result changed.
struct Transition {
  enum class Change { none, became_healthy, became_unhealthy };
  Change change = Change::none;  // of this check
  bool counted_failure = false;  // a failure after the grace period or the first success
  bool kill = false;             // maxConsecutiveFailures reached
  std::string cause;             // of the failure
};

// The health checks of one task: when which probe is due, what the results mean [HC-1]. Begins anew
// with every launch, so a new task never inherits its predecessor's failures [HC-3].
class Tracker {
 public:
  struct Start {
    WallTime started_at{};  // when the task became running: the grace period counts from there
    double spread = 0;      // [0, 1): share of the interval (at most 5 s) before the first probe
  };

  Tracker(AppPtr app, TaskId task, Start start, Now now);

  const TaskId& task() const { return task_; }

  std::size_t size() const { return checks_.size(); }

  // When the probe of check `index` is due; kNever for checks that Mesos performs.
  Time due(std::size_t index) const { return checks_[index].due; }

  // The probe was ordered: the next one is due an interval later; sooner while the task has not
  // answered yet and its grace period runs, so that a start is noticed at once.
  void ordered(std::size_t index, Now now);
  // The last probe is not answered yet and may still be: do not order another.
  bool is_waiting(std::size_t index, Now now) const;
  void postpone(std::size_t index, Now now);
  Transition record(std::size_t index, bool success, const std::string& cause, Now now);
  // From a status update; the executor kills by itself, so this never asks for a kill.
  Transition record_mesos(bool healthy, Now now);

  // All checks together: nothing while some check has no result yet.
  std::optional<bool> healthy() const;
  std::vector<HealthResult> results() const;
  bool has_probes() const;

 private:
  struct Check {
    HealthResult result;
    bool known = false;
    Time due = kNever;
    std::optional<Time> ordered_at;  // of a probe without an answer
  };

  bool in_grace(std::size_t index, WallTime now) const;
  static void succeed(Check& check, WallTime now);

  AppPtr app_;
  TaskId task_;
  WallTime started_at_;
  std::vector<Check> checks_;
};

}  // namespace ekiden::marathon::health
