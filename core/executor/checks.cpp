#include "core/executor/checks.h"

#include "core/base/strings.h"

#include <algorithm>

namespace ekiden::executor {

bool CheckSchedule::due(Now now) {
  if (now.time < next_) {
    return false;
  }
  next_ = kNever;  // until finished()
  return true;
}

HealthChecker::HealthChecker(const model::HealthCheck& check, Now now)
    : schedule_(check.delay_seconds, check.interval_seconds),
      failures_max_(std::max(check.consecutive_failures, 1U)),
      grace_end_(now.time + from_seconds(check.grace_period_seconds)) {
  schedule_.start(now);
}

std::optional<HealthChecker::Transition> HealthChecker::record(const CheckOutcome& outcome,
                                                               Now now) {
  schedule_.finished(now);
  if (outcome.result == CheckOutcome::Result::passed) {
    const bool changed = healthy_ != true;
    healthy_ = true;
    ever_passed_ = true;
    failures_ = 0;
    return changed ? std::optional(Transition{true, false, ""}) : std::nullopt;
  }
  if (!ever_passed_ && now.time < grace_end_) {
    return std::nullopt;
  }
  healthy_ = false;
  const bool kill = ++failures_ >= failures_max_;
  if (kill) {
    schedule_.stop();
  }
  return Transition{false, kill, outcome.text};
}

StatusChecker::StatusChecker(const model::CheckInfo& check, Now now)
    : schedule_(check.delay_seconds, check.interval_seconds), last_(no_result(check)) {
  schedule_.start(now);
}

std::optional<model::CheckStatusInfo> StatusChecker::record(const CheckOutcome& outcome, Now now) {
  schedule_.finished(now);
  model::CheckStatusInfo status = outcome.status;
  status.type = last_.type;
  if (status == last_) {
    return std::nullopt;
  }
  last_ = status;
  return status;
}

model::CheckStatusInfo no_result(const model::CheckInfo& check) {
  model::CheckStatusInfo status;
  status.type = check.type;
  return status;
}

namespace {

void fill_http(const model::HttpCheck& http, Probe& probe) {
  probe.type = Probe::Type::http;
  probe.scheme = to_lower(http.scheme.value_or("http"));
  probe.path = http.path.value_or("/");
  if (probe.path.empty() || probe.path.front() != '/') {
    probe.path.insert(0, "/");
  }
  probe.port = http.port;
  probe.ipv6 = iequals(http.protocol.value_or(""), "IPV6");
}

void fill_tcp(const model::TcpCheck& tcp, Probe& probe) {
  probe.type = Probe::Type::tcp;
  probe.port = tcp.port;
  probe.ipv6 = iequals(tcp.protocol.value_or(""), "IPV6");
}

template <class Check>
std::optional<Probe> make_probe(const Check& check, CheckKind kind) {
  Probe probe;
  probe.kind = kind;
  probe.timeout = from_seconds(check.timeout_seconds);
  switch (check.type) {
    case Check::Type::command:
      probe.command = check.command;
      return check.command ? std::optional(probe) : std::nullopt;
    case Check::Type::http:
      if (check.http) {
        fill_http(*check.http, probe);
      }
      return check.http ? std::optional(probe) : std::nullopt;
    case Check::Type::tcp:
      if (check.tcp) {
        fill_tcp(*check.tcp, probe);
      }
      return check.tcp ? std::optional(probe) : std::nullopt;
    case Check::Type::unknown:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Probe> probe_of(const model::HealthCheck& check) {
  return make_probe(check, CheckKind::health);
}

std::optional<Probe> probe_of(const model::CheckInfo& check) {
  return make_probe(check, CheckKind::check);
}

}  // namespace ekiden::executor
