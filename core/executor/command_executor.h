#pragma once

#include "core/api/executor.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/executor/checks.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ekiden::executor {

// ---- inputs
struct AgentEvent {
  api::executor::Event event;
};

struct TaskStarted {
  std::optional<std::string> data;                // Docker: the inspect document
  std::vector<model::NetworkInfo> network_infos;  // Docker: the container's addresses
};

struct TaskStartFailed {
  std::string message;
};

struct TaskExited {
  bool success = false;
  std::string text;                         // "Command exited with status 0"
  std::optional<std::string> memory_limit;  // the kernel killed it for memory
};

struct CheckDone {
  CheckKind kind = CheckKind::health;
  CheckOutcome outcome;
};

struct Interrupted {};  // SIGTERM to the executor itself

using Input =
    std::variant<AgentEvent, TaskStarted, TaskStartFailed, TaskExited, CheckDone, Interrupted>;

struct Terminate {
  Duration grace{};  // how long until `kill` will follow
};

struct Effects {
  std::vector<api::executor::Call> send;  // lost when not connected: SUBSCRIBE repeats them
  std::optional<model::TaskInfo> start;
  std::vector<Probe> probe;
  bool stop_probes = false;
  std::optional<Terminate> terminate;  // ask the task to end (SIGTERM)
  bool kill = false;                   // end it (SIGKILL)
  std::optional<int> exit;
};

struct ExecutorIds {
  FrameworkId framework_id;
  ExecutorId executor_id;
  Duration shutdown_grace = std::chrono::seconds(5);
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
  api::executor::Call subscribe() const;

 private:
  enum class State { idle, starting, running, killing, ended };

  void on(const AgentEvent& input, Now now, Effects& fx);
  void on(const TaskStarted& input, Now now, Effects& fx);
  void on(const TaskStartFailed& input, Now now, Effects& fx);
  void on(const TaskExited& input, Now now, Effects& fx);
  void on(const CheckDone& input, Now now, Effects& fx);
  void on(const Interrupted& input, Now now, Effects& fx);
  void launch(const model::TaskInfo& task, Now now, Effects& fx);
  void acknowledged(const api::executor::Acknowledged& event, Effects& fx);
  void shutdown(Now now, Effects& fx);
  void end_task(Duration grace, Now now, Effects& fx);
  void run_probe(const std::optional<Probe>& probe, Now now, Effects& fx);
  void ended(model::TaskStatus status, Now now, Effects& fx);
  model::TaskStatus next_status(model::TaskState state) const;
  void update(model::TaskStatus status, Now now, Effects& fx);

  ExecutorIds ids_;
  Random random_;
  State state_ = State::idle;
  bool task_killing_ = false;  // the framework knows TASK_KILLING
  std::optional<model::TaskInfo> task_;
  bool task_acknowledged_ = false;
  std::vector<model::TaskStatus> unacknowledged_;
  std::optional<model::TaskStatus> last_;
  std::optional<HealthChecker> health_;
  std::optional<StatusChecker> check_;
  bool kill_asked_ = false;
  bool unhealthy_kill_ = false;
  bool out_of_time_ = false;
  bool leaving_ = false;  // SHUTDOWN: go even when nothing was launched
  Time kill_deadline_ = kNever;
  Time completion_deadline_ = kNever;
};

// "Command exited with status 1", "Command terminated with signal Killed".
TaskExited task_exit(int wait_status);

}  // namespace ekiden::executor
