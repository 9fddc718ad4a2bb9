#pragma once

#include "core/base/time.h"
#include "core/executor/checks.h"
#include "core/model/status.h"
#include "core/model/task.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ekiden::executor {

// ---- what happens to a task
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

using TaskEvent = std::variant<TaskStarted, TaskStartFailed, TaskExited, CheckDone>;

// ---- what is to be done with it
struct Terminate {
  Duration grace{};  // how long until `kill` will follow
};

struct TaskOrders {
  std::vector<model::TaskStatus> updates;  // uuid, time, source and executor are the owner's
  bool start = false;
  std::vector<Probe> probe;
  bool stop_probes = false;
  std::optional<Terminate> terminate;  // ask the task to end (SIGTERM)
  bool kill = false;                   // end it (SIGKILL)
};

inline constexpr auto kKillGrace = std::chrono::seconds(3);
// Left to the agent between an executor's own kills and the agent's [mesos-core 3.7].
inline constexpr auto kShutdownMargin = std::chrono::seconds(2);

// One task from its launch to its end: its statuses, checks, kill and completion time; pure
// [mesos-core 3.7, 3.8]. Executors own one or more of these.
class TaskLife {
 public:
  enum class Killing { told, untold };  // whether the framework knows TASK_KILLING

  // `container`: of a nested task, so that every status names it.
  TaskLife(model::TaskInfo task, Killing killing, std::optional<ContainerId> container = {});

  void start(TaskOrders& orders);
  void step(const TaskEvent& event, Now now, TaskOrders& orders);
  void tick(Now now, TaskOrders& orders);
  Time next_deadline() const;
  // SIGTERM now, SIGKILL after the grace period: of the order, else of the task, else 3 s. A later
  // order may only shorten what is left.
  void kill(const std::optional<model::KillPolicy>& policy, Now now, TaskOrders& orders);
  void end(Duration grace, Now now, TaskOrders& orders);

  bool ended() const { return state_ == State::ended; }

  bool succeeded() const { return last_ && last_->state == model::TaskState::finished; }

  const model::TaskInfo& info() const { return task_; }

  const std::optional<ContainerId>& container() const { return container_; }

 private:
  enum class State { starting, running, killing, ended };

  void on(const TaskStarted& event, Now now, TaskOrders& orders);
  void on(const TaskStartFailed& event, Now now, TaskOrders& orders);
  void on(const TaskExited& event, Now now, TaskOrders& orders);
  void on(const CheckDone& event, Now now, TaskOrders& orders);
  void checked(const CheckOutcome& outcome, Now now, TaskOrders& orders);
  void finish(model::TaskStatus status, TaskOrders& orders);
  model::TaskStatus next_status(model::TaskState state) const;
  void update(model::TaskStatus status, TaskOrders& orders);

  model::TaskInfo task_;
  Killing killing_;
  std::optional<ContainerId> container_;
  State state_ = State::starting;
  std::optional<model::TaskStatus> last_;
  std::optional<HealthChecker> health_;
  std::optional<StatusChecker> check_;
  bool kill_asked_ = false;
  bool unhealthy_kill_ = false;
  bool out_of_time_ = false;
  Time kill_deadline_ = kNever;
  Time completion_deadline_ = kNever;
};

// "Command exited with status 1", "Command terminated with signal Killed".
TaskExited task_exit(int wait_status);

}  // namespace ekiden::executor
