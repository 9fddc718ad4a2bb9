#pragma once

#include "core/api/executor.h"
#include "core/base/random.h"
#include "core/executor/task_life.h"
#include "core/executor/update_log.h"

#include <optional>
#include <variant>
#include <vector>

namespace ekiden::executor {

// ---- inputs
struct AgentEvent {
  api::executor::Event event;
};

struct Interrupted {};  // SIGTERM to the executor itself

using Input =
    std::variant<AgentEvent, TaskStarted, TaskStartFailed, TaskExited, CheckDone, Interrupted>;

struct Effects {
  std::vector<api::executor::Call> send;  // lost when not connected: SUBSCRIBE repeats them
  std::optional<model::TaskInfo> start;
  std::vector<Probe> probe;
  bool stop_probes = false;
  std::optional<Terminate> terminate;
  bool kill = false;
  std::optional<int> exit;
};

// The executor of one command or Docker task; pure [mesos-core 3.7]. It outlives its agent: nothing
// but an order or the task's own end stops the task, and it leaves only when the terminal update
// has been acknowledged.
class CommandExecutor {
 public:
  CommandExecutor(ExecutorIds ids, Random random);

  Effects step(const Input& input, Now now);
  Effects tick(Now now);
  Time next_deadline() const;

  // The call that opens a connection: everything not acknowledged.
  api::executor::Call subscribe() const { return log_.subscribe(); }

 private:
  void on(const AgentEvent& input, Now now, Effects& fx);
  void on(const Interrupted& input, Now now, Effects& fx);
  template <class Event>
  void on(const Event& event, Now now, Effects& fx);  // the task's
  void launch(const model::TaskInfo& task, Now now, Effects& fx);
  void shutdown(Now now, Effects& fx);
  void obey(TaskOrders orders, Now now, Effects& fx);

  UpdateLog log_;
  TaskLife::Killing killing_ = TaskLife::Killing::untold;
  std::optional<TaskLife> task_;
  bool leaving_ = false;  // SHUTDOWN: go even when nothing was launched
};

}  // namespace ekiden::executor
