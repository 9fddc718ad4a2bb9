#pragma once

#include "core/base/time.h"
#include "core/model/status.h"
#include "core/model/task.h"

#include <optional>
#include <string>

// The state of a task's health check and check; pure [mesos-core 3.8]. Who runs a probe reports one
// outcome for every `due`.
namespace ekiden::executor {

enum class CheckKind { health, check };

struct CheckOutcome {
  enum class Result { passed, failed, no_result };  // no_result: it could not be run, or timed out
  Result result = Result::failed;
  model::CheckStatusInfo status;  // for a CheckInfo
  std::string text;               // why it failed
};

// When to probe: after the delay, then the interval after the previous one finished.
class CheckSchedule {
 public:
  CheckSchedule(double delay_seconds, double interval_seconds)
      : delay_(from_seconds(delay_seconds)), interval_(from_seconds(interval_seconds)) {}

  void start(Now now) { next_ = now.time + delay_; }

  bool due(Now now);  // true once per probe

  void finished(Now now) { next_ = now.time + interval_; }

  void stop() { next_ = kNever; }

  Time next_deadline() const { return next_; }

 private:
  Duration delay_;
  Duration interval_;
  Time next_ = kNever;
};

class HealthChecker {
 public:
  struct Transition {
    bool healthy = false;
    bool kill = false;
    std::string text;
  };

  HealthChecker(const model::HealthCheck& check, Now now);

  bool due(Now now) { return schedule_.due(now); }

  // What to tell the framework, if anything.
  std::optional<Transition> record(const CheckOutcome& outcome, Now now);

  Time next_deadline() const { return schedule_.next_deadline(); }

 private:
  CheckSchedule schedule_;
  std::uint32_t failures_max_;
  Time grace_end_;
  bool ever_passed_ = false;
  std::optional<bool> healthy_;
  std::uint32_t failures_ = 0;
};

class StatusChecker {
 public:
  StatusChecker(const model::CheckInfo& check, Now now);

  bool due(Now now) { return schedule_.due(now); }

  // The new status when it differs from the last.
  std::optional<model::CheckStatusInfo> record(const CheckOutcome& outcome, Now now);

  Time next_deadline() const { return schedule_.next_deadline(); }

 private:
  CheckSchedule schedule_;
  model::CheckStatusInfo last_;
};

// The first check_status of a task: type known, no result yet.
model::CheckStatusInfo no_result(const model::CheckInfo& check);

// Both kinds as one thing to probe.
struct Probe {
  CheckKind kind = CheckKind::health;
  enum class Type { command, http, tcp } type = Type::command;
  std::optional<model::CommandInfo> command;
  std::string scheme = "http";
  std::string path = "/";
  std::uint32_t port = 0;
  bool ipv6 = false;
  Duration timeout{};  // zero: none
};

// Nothing when the definition lacks what its type needs.
std::optional<Probe> probe_of(const model::HealthCheck& check);
std::optional<Probe> probe_of(const model::CheckInfo& check);

}  // namespace ekiden::executor
