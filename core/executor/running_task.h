#pragma once

#include "core/executor/docker_task.h"
#include "core/executor/nested_sandbox.h"
#include "core/executor/probes.h"
#include "core/executor/processes.h"
#include "core/executor/task_life.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::executor {

// Where and as what a task runs.
struct TaskPlace {
  std::string sandbox;  // host path
  std::string parent;   // the executor's sandbox, of a nested task; empty: the executor's own place
  std::string container_name;            // "mesos-<container id>", of a Docker container
  std::string docker_socket;             // empty: no engine
  std::vector<std::string> environment;  // the task's own goes on top
  std::vector<std::string> docker_environment;
  std::vector<ResolvedVolume> mounts;  // persistent volumes, for a Docker container
  std::optional<User> user;
};

// One task of this executor: a process or a Docker container, with its probes. Everything that
// happens to it is told through `event`, later, on the loop thread.
class RunningTask {
 public:
  RunningTask(net::Loop& loop,
              Processes& processes,
              TaskPlace place,
              std::function<void(TaskEvent)> event);
  void start(model::TaskInfo task);
  void terminate(const Terminate& order);
  void kill();
  void probe(const Probe& probe);

  void stop_probes() { probes_.stop_all(); }

 private:
  void start_process(const model::TaskInfo& task);
  void start_docker(model::TaskInfo task);
  void exited(int wait_status);
  void signal(int number) const;

  std::string mark() const { return "MESOS_SANDBOX=" + place_.sandbox; }

  net::Loop& loop_;
  Processes& processes_;
  TaskPlace place_;
  std::function<void(TaskEvent)> event_;
  Probes probes_;
  std::unique_ptr<DockerTask> docker_;
  int pid_ = 0;
};

}  // namespace ekiden::executor
