#include "core/executor/shell.h"

#include "core/base/strings.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>

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
  std::vector<std::string> result{std::string("MESOS_SANDBOX=") + kDockerSandbox};
  for (const char* name : {"MESOS_CONTAINER_NAME", "MESOS_ALLOCATION_ROLE"}) {
    result.push_back(std::string(name) + "=" + variable(name));
  }
  return result;
}

// "container path=host path", or "container path=host path=ro"
ResolvedVolume volume_option(const std::string& text) {
  const std::size_t equals = text.find('=');
  ResolvedVolume volume{text.substr(std::min(equals + 1, text.size())), text.substr(0, equals)};
  if (volume.host_path.ends_with("=ro")) {
    volume.host_path.resize(volume.host_path.size() - 3);
    volume.read_only = true;
  }
  return volume;
}

TaskPlace own_place(const Options& options) {
  TaskPlace place;
  place.sandbox = variable("MESOS_DIRECTORY");
  place.container_name = variable("MESOS_CONTAINER_NAME");
  place.docker_socket = options.docker_socket;
  place.environment = own_environment();
  place.docker_environment = container_environment();
  place.mounts = options.volumes;
  place.user = options.user;
  return place;
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
    if (name == "--group") {
      options.group = true;
      continue;
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
    } else if (name == "--volume") {
      options.volumes.push_back(volume_option(value));
    } else if (name == "--user") {
      const Result<User> user = parse_user(value);
      if (!user) {
        return fail(user.error());
      }
      options.user = *user;
    } else if (!read_option(name, value, options.supervision)) {
      return fail(ErrorCode::invalid, "unknown option " + name);
    }
  }
  return options;
}

Shell::Shell(net::Loop& loop, const Clock& clock, Options options)
    : loop_(loop),
      clock_(clock),
      machine_(ids_from_environment(), Random(system_seed())),
      processes_(loop, options.cgroups),
      task_(loop,
            processes_,
            own_place(options),
            [this](TaskEvent event) {
              std::visit([this](auto& one) { handle(Input(std::move(one))); }, event);
            }),
      agent_(loop,
             options.endpoint_file,
             variable("MESOS_AGENT_ENDPOINT"),
             {[this] { return machine_.subscribe(); },
              [this](api::executor::Event event) { handle(AgentEvent{std::move(event)}); }}),
      timer_(loop, [this] { perform(machine_.tick(clock_.now())); }) {}

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
    task_.stop_probes();
  }
  if (effects.start) {
    task_.start(*effects.start);
  }
  if (effects.terminate) {
    task_.terminate(*effects.terminate);
  }
  if (effects.kill) {
    task_.kill();
  }
  for (const Probe& probe : effects.probe) {
    task_.probe(probe);
  }
  if (effects.exit) {
    exit_ = *effects.exit;
    loop_.stop();
  }
}

GroupShell::GroupShell(net::Loop& loop, const Clock& clock, Options options)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      machine_(ids_from_environment(), ContainerId{}, Random(system_seed())),
      processes_(loop, options_.cgroups),
      agent_(loop,
             options_.endpoint_file,
             variable("MESOS_AGENT_ENDPOINT"),
             {[this] { return machine_.subscribe(); },
              [this](api::executor::Event event) { handle(AgentEvent{std::move(event)}); }}),
      timer_(loop, [this] { perform(machine_.tick(clock_.now())); }) {}

int GroupShell::run() {
  std::signal(SIGPIPE, SIG_IGN);
  loop_.on_signals([this](int) { handle(Interrupted{}); });
  agent_.connect();
  loop_.run();
  return exit_;
}

void GroupShell::handle(const GroupInput& input) {
  perform(machine_.step(input, clock_.now()));
}

void GroupShell::perform(GroupEffects effects) {
  timer_.set(machine_.next_deadline());
  for (const api::executor::Call& call : effects.send) {
    agent_.send(call);
  }
  for (const auto& [id, orders] : effects.tasks) {
    perform(id, orders);
  }
  std::erase_if(tasks_,
                [this](const auto& entry) { return machine_.find(entry.first) == nullptr; });
  if (effects.exit) {
    exit_ = *effects.exit;
    loop_.stop();
  }
}

void GroupShell::perform(const TaskId& id, const TaskOrders& orders) {
  if (orders.start) {
    start(id);
  }
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) {
    return;
  }
  const std::shared_ptr<RunningTask> task = found->second;  // an event may take it away
  if (orders.stop_probes) {
    task->stop_probes();
  }
  if (orders.terminate) {
    task->terminate(*orders.terminate);
  }
  if (orders.kill) {
    task->kill();
  }
  for (const Probe& probe : orders.probe) {
    task->probe(probe);
  }
}

void GroupShell::start(const TaskId& id) {
  const TaskLife* life = machine_.find(id);
  if (life == nullptr) {
    return;
  }
  Result<TaskPlace> place = place_of(*life);
  if (!place) {
    loop_.post([this, id, why = place.error().message] {
      handle(TaskInput{id, TaskStartFailed{why}});
    });
    return;
  }
  // Told later: the machine is not to be entered while its effects are performed.
  auto task = std::make_shared<RunningTask>(
      loop_, processes_, std::move(*place), [this, id](TaskEvent event) {
        loop_.post([this, id, event = std::move(event)] { handle(TaskInput{id, event}); });
      });
  tasks_[id] = task;
  task->start(life->info());
}

Result<TaskPlace> GroupShell::place_of(const TaskLife& task) const {
  TaskPlace place = own_place(options_);
  place.parent = place.sandbox;
  const auto& command = task.info().command;
  if (command && command->user && options_.user) {
    const Result<User> user = find_user(*command->user);
    if (!user) {
      return fail(user.error());
    }
    place.user = *user;
  }
  auto sandbox =
      make_nested_sandbox(place.parent, *task.container(), task.info().task_id, place.user);
  if (!sandbox) {
    return fail(sandbox.error());
  }
  place.sandbox = std::move(*sandbox);
  place.container_name = "mesos-" + task.container()->value;
  model::Environment own;
  // MESOS_DIRECTORY stays the executor's: by it the agent finds all that belongs to the container.
  own.variables = {{"MESOS_SANDBOX", place.sandbox},
                   {"MESOS_CONTAINER_IP", variable("LIBPROCESS_IP")}};
  place.environment = merged_environment(own_environment(), own);
  place.docker_environment = {std::string("MESOS_SANDBOX=") + kDockerSandbox,
                              "MESOS_CONTAINER_NAME=" + place.container_name,
                              "MESOS_CONTAINER_IP=" + variable("LIBPROCESS_IP"),
                              "MESOS_ALLOCATION_ROLE=" + variable("MESOS_ALLOCATION_ROLE")};
  return place;
}

}  // namespace ekiden::executor
