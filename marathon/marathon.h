#pragma once

#include "core/api/scheduler.h"
#include "core/base/random.h"
#include "core/base/record.h"
#include "core/base/time.h"
#include "marathon/commands.h"
#include "marathon/notices.h"
#include "marathon/settings.h"
#include "marathon/snapshot.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ekiden::marathon {

// ---- inputs besides Command
struct LinkOpened {};  // to a master: SUBSCRIBE follows

struct LinkClosed {};

struct SchedulerEvent {
  api::scheduler::Event event;
};

struct ProbeResult {  // of a health probe that Effects::probes asked for
  InstanceId instance;
  TaskId task;
  std::size_t check = 0;
  bool success = false;
  std::string cause;  // of a failure
};

struct ReadinessProbeResult {
  InstanceId instance;
  TaskId task;
  ReadinessResult result;
};

struct DrainDone {  // the load balancers let go of a task, or gave up waiting
  TaskId task;
};

struct LoadBalancersChanged {  // how many are registered now: 0 switches draining off
  std::size_t count = 0;
};

// ---- effects besides Reply and Notice
struct ProbeOrder {
  InstanceId instance;
  TaskId task;
  std::size_t check = 0;
  HealthCheck definition;
  std::string host;  // address to probe
  std::int32_t port = 0;
};

struct ReadinessOrder {
  InstanceId instance;
  TaskId task;
  ReadinessCheck definition;
  std::string host;
  std::int32_t port = 0;
};

struct DrainOrder {  // take out of rotation; answer with DrainDone
  PathId app;
  TaskId task;
  std::string host;
  std::vector<std::int32_t> ports;
};

// The framework: groups, deployments, instances, how offers become tasks. Pure: the shell
// (daemon.cpp) makes `persist` durable before anything else leaves.
class Marathon {
 public:
  using Input = std::variant<LinkOpened,
                             LinkClosed,
                             SchedulerEvent,
                             Command,
                             ProbeResult,
                             ReadinessProbeResult,
                             DrainDone,
                             LoadBalancersChanged>;

  struct Effects {
    Batch persist;
    std::vector<api::scheduler::Call> send;
    std::vector<Reply> reply;
    std::vector<ProbeOrder> probes;
    std::vector<ReadinessOrder> readiness;
    std::vector<DrainOrder> drains;
    std::vector<Notice> notify;
  };

  Marathon(Settings settings, Random random);
  ~Marathon();
  // Before the first step: what the store held (records.h lists the kinds).
  Result<void> load(const std::vector<Record>& records, Now now);

  Effects step(const Input& input, Now now);
  Effects tick(Now now);
  Time next_deadline() const;
  // Shares structure with the last one; cheap to call after every step.
  SnapshotPtr snapshot() const;
  // The root group of one of Snapshot::root_versions; nothing when it is not known any more.
  std::optional<Root> root_at(WallTime version) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ekiden::marathon
