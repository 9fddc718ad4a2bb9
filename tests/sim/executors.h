#pragma once

#include "core/agent/types.h"
#include "core/model/resources.h"
#include "tests/sim/event_queue.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::sim {

// The processes of one agent's host: they live and die whatever happens to the agent. Each behaves
// like a command executor: subscribes, runs its task, reports until acknowledged, obeys kills.
class Executors {
 public:
  struct Host {
    std::function<bool()> agent_up;
    std::function<void(agent::Input)> to_agent;
    std::function<void(const std::string&)> violation;
    std::function<bool(const TaskId&)> may_end;  // somebody entitled asked for it
  };

  Executors(EventQueue& queue, std::string name, Host host)
      : queue_(queue), name_(std::move(name)), host_(std::move(host)) {}

  // What the agent wants.
  void start(const agent::StartContainer& order);
  void adopt(const ContainerId& container);
  void destroy(const ContainerId& container);
  void stream_event(std::uint64_t stream, const api::executor::Event& event);
  void reply(const agent::Reply& reply);
  void close_stream(std::uint64_t stream);
  void agent_crashed();

  // A running task ends by itself; false when there is none.
  enum class Death { exits, vanishes };
  bool kill_one(Death death);

  model::Resources used() const;
  // Tasks whose process runs and has reported TASK_RUNNING, or would.
  std::vector<TaskId> running() const;

  const std::map<TaskId, int>& starts() const { return starts_; }

 private:
  struct Process {
    agent::StartContainer order;
    int pid = 0;
    bool alive = true;
    bool launched = false;
    bool terminal = false;
    bool ending = false;
    std::optional<std::uint64_t> stream;
    bool subscribing = false;
    std::vector<model::TaskStatus> unacknowledged;
  };

  Process* find(std::uint64_t stream);
  void subscribe(const ContainerId& container, Duration delay);
  void update(Process& process, model::TaskState state);
  void exit(const ContainerId& container, Duration delay);
  void end(Process& process, model::TaskState state);
  void on_event(Process& process, const api::executor::Event& event);

  TaskId task_of(const Process& process) const { return process.order.task->task_id; }

  EventQueue& queue_;
  std::string name_;
  Host host_;
  std::map<ContainerId, Process> processes_;
  std::map<TaskId, int> starts_;
  std::uint64_t next_request_ = 1;
  int next_pid_ = 100;
};

}  // namespace ekiden::sim
