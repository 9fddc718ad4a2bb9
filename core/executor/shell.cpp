#include "core/executor/shell.h"

#include "core/base/strings.h"
#include "core/executor/cgroup_files.h"

#include <csignal>
#include <cstdlib>

#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::executor {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

ExecutorIds ids_from_environment() {
  ExecutorIds ids;
  ids.framework_id = FrameworkId{variable("MESOS_FRAMEWORK_ID")};
  ids.executor_id = ExecutorId{variable("MESOS_EXECUTOR_ID")};
  const auto grace = parse_duration(variable("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"));
  ids.shutdown_grace = grace.value_or(ids.shutdown_grace);
  return ids;
}

std::vector<std::string> container_environment() {
  std::vector<std::string> result;
  for (const char* name : {"MESOS_SANDBOX", "MESOS_CONTAINER_NAME", "MESOS_ALLOCATION_ROLE"}) {
    result.push_back(std::string(name) + "=" + variable(name));
  }
  return result;
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (name == "--exec") {
      options.exec.assign(arguments.begin() + static_cast<long>(i) + 1, arguments.end());
      return options;
    }
    if (i + 1 == arguments.size()) {
      return fail(ErrorCode::invalid, "no value for " + name);
    }
    const std::string& value = arguments[++i];
    if (name == "--pid-file") {
      options.pid_file = value;
    } else if (name == "--endpoint-file") {
      options.endpoint_file = value;
    } else if (name == "--docker-socket") {
      options.docker_socket = value;
    } else if (name == "--cgroup") {
      options.cgroups.push_back(value);
    } else if (name == "--user") {
      const Result<User> user = parse_user(value);
      if (!user) {
        return fail(user.error());
      }
      options.user = *user;
    } else {
      return fail(ErrorCode::invalid, "unknown option " + name);
    }
  }
  return options;
}

Shell::Shell(net::Loop& loop, const Clock& clock, Options options)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      machine_(ids_from_environment(), Random(system_seed())),
      processes_(loop, options_.cgroups),
      probes_(loop,
              processes_,
              [this](CheckKind kind, CheckOutcome outcome) {
                handle(CheckDone{kind, std::move(outcome)});
              }),
      agent_(loop,
             options_.endpoint_file,
             variable("MESOS_AGENT_ENDPOINT"),
             {[this] { return machine_.subscribe(); },
              [this](api::executor::Event event) { handle(AgentEvent{std::move(event)}); }}),
      timer_(loop, [this] { perform(machine_.tick(clock_.now())); }) {
  probes_.set_target({"127.0.0.1", "::1", options_.user});
}

int Shell::run() {
  std::signal(SIGPIPE, SIG_IGN);
  loop_.on_signals([this](int) { handle(Interrupted{}); });
  agent_.connect();
  loop_.run();
  return exit_;
}

void Shell::handle(const Input& input) {
  perform(machine_.step(input, clock_.now()));
}

void Shell::perform(Effects effects) {
  timer_.set(machine_.next_deadline());
  for (const api::executor::Call& call : effects.send) {
    agent_.send(call);
  }
  if (effects.stop_probes) {
    probes_.stop_all();
  }
  if (effects.start) {
    start_task(*effects.start);
  }
  if (effects.terminate) {
    terminate(*effects.terminate);
  }
  if (effects.kill) {
    if (docker_ != nullptr) {
      docker_->kill();
    } else {
      processes_.signal_all(SIGKILL);
    }
  }
  for (const Probe& probe : effects.probe) {
    run_probe(probe);
  }
  if (effects.exit) {
    exit_ = *effects.exit;
    loop_.stop();
  }
}

void Shell::start_task(const model::TaskInfo& task) {
  if (!options_.docker_socket.empty()) {
    start_docker(task);
    return;
  }
  Result<ProcessSpec> spec = process_spec(task.command.value_or(model::CommandInfo{}));
  if (!spec) {
    handle(TaskStartFailed{spec.error().message});
    return;
  }
  spec->environment = merged_environment(own_environment(), task.command->environment);
  spec->user = options_.user;
  const Result<int> pid = processes_.start(*spec, [this](int status) {
    TaskExited exited = task_exit(status);
    exited.memory_limit = memory_limit_text(options_.cgroups);
    processes_.signal_all(SIGKILL);  // what the task left behind goes with it
    handle(exited);
  });
  if (pid) {
    handle(TaskStarted{});
  } else {
    handle(TaskStartFailed{pid.error().message});
  }
}

void Shell::start_docker(const model::TaskInfo& task) {
  DockerContext context{
      variable("MESOS_DIRECTORY"), variable("MESOS_CONTAINER_NAME"), container_environment()};
  docker_ = std::make_unique<DockerTask>(
      loop_,
      options_.docker_socket,
      std::move(context),
      DockerTask::Callbacks{[this](TaskStarted started, std::string address) {
                              if (!address.empty()) {
                                probes_.set_target({std::move(address), "::1", options_.user});
                              }
                              handle(started);
                            },
                            [this](TaskStartFailed failure) { handle(failure); },
                            [this](TaskExited exited) { handle(exited); }});
  docker_->start(task);
}

void Shell::terminate(const Terminate& order) {
  if (docker_ != nullptr) {
    docker_->terminate(order.grace);
  } else {
    processes_.signal_all(SIGTERM);
  }
}

// Commands of a Docker task run inside its container.
void Shell::run_probe(const Probe& probe) {
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
    handle(CheckDone{kind, std::move(outcome)});
  });
}

}  // namespace ekiden::executor
