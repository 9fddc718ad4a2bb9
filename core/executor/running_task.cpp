#include "core/executor/running_task.h"

#include "core/executor/cgroup_files.h"
#include "core/executor/task_secrets.h"

#include <csignal>

#include <fmt/core.h>
#include <sys/wait.h>

namespace ekiden::executor {
namespace {

// Volumes of sandboxes and of the host become host paths, which the engine understands.
Result<void> resolve_sources(model::ContainerInfo& container, const TaskPlace& place) {
  using Type = model::VolumeSource::Type;
  for (model::VolumeRef& volume : container.volumes) {
    if (!volume.source ||
        (volume.source->type != Type::sandbox_path && volume.source->type != Type::host_path)) {
      continue;
    }
    model::ContainerInfo one;
    one.volumes = {volume};
    const auto resolved = resolve_volumes(one, place.sandbox, place.parent, place.user);
    if (!resolved) {
      return fail(resolved.error());
    }
    volume.host_path = resolved->front().host_path;
    volume.source.reset();
  }
  return {};
}

}  // namespace

RunningTask::RunningTask(net::Loop& loop,
                         Processes& processes,
                         TaskPlace place,
                         std::function<void(TaskEvent)> event)
    : loop_(loop),
      processes_(processes),
      place_(std::move(place)),
      event_(std::move(event)),
      probes_(loop, processes, [this](CheckKind kind, CheckOutcome outcome) {
        event_(CheckDone{kind, std::move(outcome)});
      }) {
  ProbeTarget target;
  target.user = place_.user;
  target.environment = place_.environment;
  if (!place_.parent.empty()) {
    target.folder = place_.sandbox;
  }
  probes_.set_target(std::move(target));
}

void RunningTask::start(model::TaskInfo task) {
  if (const Result<void> placed = place_secrets(task, place_.sandbox, place_.user); !placed) {
    event_(TaskStartFailed{placed.error().message});
  } else if (needs_docker(task.container)) {
    start_docker(std::move(task));
  } else {
    start_process(task);
  }
}

void RunningTask::start_process(const model::TaskInfo& task) {
  Result<ProcessSpec> spec = process_spec(task.command.value_or(model::CommandInfo{}));
  Result<void> done = spec ? Result<void>() : Result<void>(fail(spec.error()));
  if (done && task.container) {
    auto volumes = resolve_volumes(*task.container, place_.sandbox, place_.parent, place_.user);
    done = volumes ? link_volumes(*volumes, place_.sandbox)
                   : Result<void>(fail(std::move(volumes.error())));
  }
  Result<int> pid = 0;
  if (done) {
    spec->environment = merged_environment(place_.environment, task.command->environment);
    spec->user = place_.user;
    if (!place_.parent.empty()) {
      spec->folder = place_.sandbox;
      spec->output = place_.sandbox + "/stdout";
      spec->error = place_.sandbox + "/stderr";
    }
    pid = processes_.start(*spec, [this](int status) { exited(status); });
    done = pid ? done : Result<void>(fail(pid.error()));
  }
  if (!done) {
    event_(TaskStartFailed{done.error().message});
    return;
  }
  pid_ = *pid;
  event_(TaskStarted{});
}

void RunningTask::exited(int wait_status) {
  TaskExited exited = task_exit(wait_status);
  // A sibling's end is not this task's: only a kill can have been for memory.
  if (place_.parent.empty() || (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL)) {
    exited.memory_limit = memory_limit_text(processes_.cgroups());
  }
  signal(SIGKILL);  // what the task left behind goes with it
  event_(exited);
}

void RunningTask::start_docker(model::TaskInfo task) {
  if (place_.docker_socket.empty()) {
    event_(
        TaskStartFailed{"no Docker engine at hand: this agent runs tasks without an image only"});
    return;
  }
  if (const Result<void> known = resolve_sources(*task.container, place_); !known) {
    event_(TaskStartFailed{known.error().message});
    return;
  }
  DockerContext context;
  context.sandbox = place_.sandbox;
  context.container_name = place_.container_name;
  context.environment = place_.docker_environment;
  for (const ResolvedVolume& volume : place_.mounts) {
    const std::string target = std::string(kDockerSandbox) + "/" + volume.container_path;
    context.binds.push_back(volume.host_path + ":" + target + (volume.read_only ? ":ro" : ""));
  }
  if (!place_.parent.empty()) {
    context.output = place_.sandbox + "/stdout";
    context.error = place_.sandbox + "/stderr";
  }
  docker_ = std::make_unique<DockerTask>(
      loop_,
      place_.docker_socket,
      std::move(context),
      DockerTask::Callbacks{[this](TaskStarted started, std::string address) {
                              if (!address.empty()) {
                                ProbeTarget target = probes_.target();
                                target.ip4 = std::move(address);
                                probes_.set_target(std::move(target));
                              }
                              event_(std::move(started));
                            },
                            [this](TaskStartFailed failure) { event_(std::move(failure)); },
                            [this](TaskExited exited) {
                              if (!place_.parent.empty()) {
                                docker_->remove();  // the agent removes the executor's own only
                              }
                              event_(std::move(exited));
                            }});
  docker_->start(as_docker_task(std::move(task)));
}

void RunningTask::signal(int number) const {
  if (place_.parent.empty()) {
    processes_.signal_all(number);
  } else if (pid_ != 0) {
    processes_.signal_tree(pid_, mark(), number);
  }
}

void RunningTask::terminate(const Terminate& order) {
  if (docker_ != nullptr) {
    docker_->terminate(order.grace);
  } else {
    signal(SIGTERM);
  }
}

void RunningTask::kill() {
  if (docker_ != nullptr) {
    docker_->kill();
  } else {
    signal(SIGKILL);
  }
}

// Commands of a Docker task run inside its container.
void RunningTask::probe(const Probe& probe) {
  if (docker_ == nullptr || probe.type != Probe::Type::command) {
    probes_.run(probe);
    return;
  }
  docker_->exec(*probe.command, probe.timeout, [this, kind = probe.kind](Result<int> code) {
    CheckOutcome outcome;
    const bool passed = code && *code == 0;
    outcome.result = passed ? CheckOutcome::Result::passed : CheckOutcome::Result::failed;
    if (code) {
      outcome.status.exit_code = *code;
      outcome.text = passed ? "" : fmt::format("health check command exited with {}", *code);
    } else {
      outcome.text = code.error().message;
    }
    event_(CheckDone{kind, std::move(outcome)});
  });
}

}  // namespace ekiden::executor
