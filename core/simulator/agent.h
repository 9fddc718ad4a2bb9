#pragma once

#include "core/api/agent_link.h"
#include "core/base/backoff.h"
#include "core/base/random.h"
#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ekiden::simulator {

// How the tasks of simulated agents behave.
struct Rules {
  Duration start_delay{};            // from RunTask to RUNNING (or FAILED)
  double failure_rate = 0;           // the share of tasks that fail instead of running
  std::optional<Duration> lifetime;  // then FINISHED; absent: for ever
};

// Everything that all agents of one simulation did so far.
struct Counters {
  std::uint64_t launched = 0;
  std::uint64_t launches_repeated = 0;     // RunTask of a task that is there: a master's resend
  std::uint64_t overcommitted = 0;         // launches beyond an agent's cpus or mem
  std::uint64_t running = 0;               // now
  std::uint64_t running_acknowledged = 0;  // tasks whose RUNNING the framework acknowledged
  std::uint64_t killed = 0;
  std::uint64_t failed = 0;
  std::uint64_t finished = 0;
  std::uint64_t updates_sent = 0;
  std::uint64_t updates_resent = 0;
  std::uint64_t registrations = 0;  // answers to Register
  std::uint64_t links_lost = 0;
  std::uint64_t refused = 0;
  Time first_connect = kNever;
  Time last_registered{};
  Time last_running_acknowledged{};
  Time last_ended{};
};

// What agents of one simulation share: a framework is kept once, not once per agent.
struct World {
  Rules rules;
  Counters counters;
  std::map<FrameworkId, model::FrameworkInfo> frameworks;
};

// An agent that runs no processes and is otherwise honest: it registers with all its tasks, reports
// each state until that is acknowledged, answers pings, and comes back when its link is lost. Pure,
// and small: a task is its encoded TaskInfo and a few words.
class Agent {
 public:
  struct Out {
    bool connect = false;     // drop the link that is there, if any, and open another
    bool disconnect = false;  // it stays away until the master is found again
    std::vector<api::agent_link::ToMaster> send;
  };

  Agent(World& world, model::AgentInfo info, Random random);

  void start(Time when);  // opens its link then
  void on(const api::agent_link::ToAgent& message, Now now, Out& out);
  void on_lost(Now now);  // the link closed
  void tick(Now now, Out& out);
  Time next_deadline() const;

  bool registered() const { return registration_ == Registration::registered; }

  const std::optional<AgentId>& id() const { return info_.id; }

  std::size_t task_count() const { return tasks_.size(); }

  void add_task_ids(std::vector<std::string>& ids) const;  // of those that run

 private:
  enum class Registration { idle, waiting, registered, refused };
  enum class Next { starts, ends };

  struct Task {
    const FrameworkId* framework = nullptr;  // a key of World::frameworks
    std::string info;                        // protobuf
    std::string uuid;                        // of the update that waits; empty: none does
    model::TaskState reported = model::TaskState::staging;  // the newest that was sent
    std::optional<model::TaskState> later;                  // waits behind an unacknowledged one
    double since = 0;                                       // epoch seconds of `reported`
    unsigned sent = 0;
    Time resend = kNever;
    std::int32_t cpus_milli = 0;
    std::int64_t mem_milli = 0;
  };

  using Tasks = std::unordered_map<std::string, Task>;

  void on_message(const api::agent_link::Registered& message, Now now, Out& out);
  void on_message(const api::agent_link::Refused& message, Now now, Out& out);
  void on_message(const api::agent_link::RunTask& message, Now now, Out& out);
  void on_message(const api::agent_link::KillTask& message, Now now, Out& out);
  void on_message(const api::agent_link::AcknowledgeUpdate& message, Now now, Out& out);
  void on_message(const api::agent_link::ShutdownFramework& message, Now now, Out& out);
  void on_message(const api::agent_link::Ping& message, Now now, Out& out);

  void connect(Now now, Out& out);
  api::agent_link::Register registration() const;
  void send(decltype(api::agent_link::ToMaster::body) body, Out& out) const;
  void begin(Tasks::iterator task, Now now, Out& out);
  void become(Tasks::iterator task, model::TaskState state, Now now, Out& out);
  void report(Tasks::iterator task, Now now, Out& out);
  model::TaskStatus status_of(const std::string& id, const Task& task) const;
  void resend_due(Now now, Out& out);
  void forget(Tasks::iterator task);
  const FrameworkId& know(const model::FrameworkInfo& framework);

  World& world_;
  Random random_;
  model::AgentInfo info_;
  std::int64_t cpus_milli_ = 0;  // free
  std::int64_t mem_milli_ = 0;
  Registration registration_ = Registration::idle;
  std::uint64_t attempt_ = 0;
  unsigned failures_ = 0;
  bool linked_ = false;
  Time registration_deadline_ = kNever;
  Duration ping_timeout_{};
  Time ping_deadline_ = kNever;
  Time resend_deadline_ = kNever;
  Tasks tasks_;
  std::multimap<Time, std::pair<std::string, Next>> planned_;  // starts and ends of tasks
};

}  // namespace ekiden::simulator
