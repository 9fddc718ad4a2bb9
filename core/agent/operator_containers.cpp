#include "core/agent/operator_containers.h"

#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/executor/supervisor.h"
#include "core/runtime/worker.h"

#include <csignal>
#include <filesystem>
#include <map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/core.h>
#include <sys/wait.h>

namespace ekiden::agent {
namespace {

namespace asio = boost::asio;
using api::agent_operator::LaunchContainer;

constexpr auto kKillHard = std::chrono::seconds(5);   // for the first process to end everything
constexpr auto kLookAgain = std::chrono::seconds(1);  // for one that left no trace
constexpr std::size_t kIdMax = 242;                   // of the whole chain [mesos-core 4.3]
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

tl::unexpected<Error> unknown(const ContainerId& container) {
  return fail(ErrorCode::not_found, fmt::format("Container {} cannot be found", container.value));
}

bool is_below(const ContainerId& container, const ContainerId& root) {
  return container.value.rfind(root.value + ".", 0) == 0;
}

double sum_of(const std::vector<model::Resource>& resources, std::string_view name) {
  double sum = 0;
  for (const model::Resource& resource : resources) {
    sum += resource.name == name ? resource.scalar.to_double() : 0;
  }
  return sum;
}

// Later values win.
void merge(std::map<std::string, std::string>& variables, const std::vector<std::string>& more) {
  for (const std::string& text : more) {
    const std::size_t equals = text.find('=');
    variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
}

std::vector<std::string> environment_of(const ContainerPlan& plan,
                                        const std::vector<std::string>& above) {
  std::map<std::string, std::string> variables;
  merge(variables, {kPath});
  const std::string& home = plan.session ? plan.parent_sandbox : plan.sandbox;
  merge(variables, {"MESOS_SANDBOX=" + home, "MESOS_DIRECTORY=" + home});
  if (plan.session) {
    merge(variables, above);
    if (plan.launch.container && plan.launch.container->tty_info) {
      merge(variables, {"TERM=xterm"});
    }
  }
  const model::CommandInfo command = plan.launch.command.value_or(model::CommandInfo{});
  const model::Environment own = command.environment.value_or(model::Environment{});
  for (const model::EnvironmentVariable& variable : own.variables) {
    variables[variable.name] = variable.value.value_or("");
  }
  std::vector<std::string> texts;
  for (const auto& [name, value] : variables) {
    texts.push_back(name + "=" + value);
  }
  return texts;
}

}  // namespace

ContainerId root_of(const ContainerId& container) {
  return ContainerId{container.value.substr(0, container.value.find('.'))};
}

ContainerId parent_of(const ContainerId& container) {
  const std::size_t dot = container.value.rfind('.');
  return ContainerId{dot == std::string::npos ? "" : container.value.substr(0, dot)};
}

std::optional<std::string> container_id_problem(const ContainerId& container) {
  if (container.value.size() > kIdMax) {
    return fmt::format("'ContainerID' must not be longer than {} bytes with its parents", kIdMax);
  }
  for (const std::string_view part : split(container.value, '.')) {
    if (part.empty()) {
      return "'ContainerID.value' must not be empty";
    }
    for (const char letter : part) {
      const auto byte = static_cast<unsigned char>(letter);
      if (byte <= 0x20 || byte == 0x7f || letter == '/' || letter == '\\') {
        return fmt::format("'ContainerID.value' '{}' contains invalid characters", part);
      }
    }
  }
  return std::nullopt;
}

struct OperatorContainers::Impl : std::enable_shared_from_this<OperatorContainers::Impl> {
  struct Entry {
    ContainerPlan plan;
    int pid = 0;
    bool child = false;
    bool kill_wanted = false;
    bool forget = false;  // once it has ended
    std::unique_ptr<asio::posix::stream_descriptor> pidfd;
    std::unique_ptr<net::Timer> hard;
    std::optional<Termination> end;
    std::vector<std::function<void(Termination)>> waiting;
    std::function<void(Result<Launched>)> launched;
  };

  Impl(net::Loop& a_loop, Fetcher& a_fetcher, Options a_options)
      : loop(a_loop),
        fetcher(a_fetcher),
        options(std::move(a_options)),
        state(options.work_dir),
        worker(std::make_unique<runtime::Worker>("agent-nested")) {}

  template <class Work, class Then>
  void run(Work work, Then then) {
    const bool queued = worker->post([self = shared_from_this(), work, then] {
      auto result = std::make_shared<decltype(work())>(work());
      self->loop.post([self, then, result] {
        if (self->alive) {
          then(std::move(*result));
        }
      });
    });
    if (!queued) {
      log::error("the agent's queue of containers is full: work on one was dropped");
    }
  }

  std::vector<std::string> cgroups_of(const ContainerPlan& plan) const {
    const ContainerId& id = plan.launch.container_id;
    if (plan.own_cgroup) {
      return options.cgroups.directories(id);
    }
    // The nearest one above that has its own.
    for (ContainerId at = parent_of(id); !at.empty(); at = parent_of(at)) {
      const auto found = all.find(at);
      if (found == all.end() || found->second.plan.own_cgroup) {
        return options.cgroups.directories(found == all.end() ? root_of(id) : at);
      }
    }
    return {};
  }

  bool wants_cgroup(const LaunchContainer& launch) const {
    const bool alone = parent_of(launch.container_id).empty();
    const bool apart = launch.container && launch.container->linux_info &&
                       !launch.container->linux_info->share_cgroups;
    return options.cgroups.can_hold(launch.container_id) &&
           (alone || apart || !launch.limits.empty() || !launch.resources.empty());
  }

  void launch(const LaunchContainer& launch,
              Kind kind,
              const Above& above,
              std::function<void(Result<Launched>)> done) {
    if (all.contains(launch.container_id)) {
      done(Launched::before);
      return;
    }
    Result<void> possible = check_supported(launch);
    if (possible && all.size() >= kContainersMax) {
      possible = fail(ErrorCode::unavailable,
                      fmt::format("cannot launch container {}: this agent has {} already",
                                  launch.container_id.value,
                                  all.size()));
    }
    if (!possible) {
      done(fail(possible.error()));
      return;
    }
    Entry& entry = all[launch.container_id];
    entry.plan = make_plan(launch, kind, above);
    entry.launched = std::move(done);
    run(
        [this, plan = entry.plan]() -> Result<void> {
          Result<void> prepared = state.write_plan(plan);
          prepared = prepared ? state.make_sandbox(plan) : prepared;
          if (prepared && plan.own_cgroup) {
            prepared = options.cgroups.create(plan.launch.container_id,
                                              {sum_of(plan.launch.resources, "cpus"),
                                               sum_of(plan.launch.resources, "mem"),
                                               plan.launch.limits});
          }
          return prepared;
        },
        [this, id = launch.container_id](Result<void> prepared) {
          if (prepared) {
            fetch(id);
          } else {
            failed(id, prepared.error());
          }
        });
  }

  ContainerPlan make_plan(const LaunchContainer& launch, Kind kind, const Above& above) const {
    ContainerPlan plan;
    plan.launch = launch;
    plan.session = kind == Kind::session;
    plan.own_cgroup = !plan.session && wants_cgroup(launch);
    plan.parent_sandbox = above.sandbox;
    const bool alone = parent_of(launch.container_id).empty();
    const std::string& id = launch.container_id.value;
    plan.sandbox = alone ? options.work_dir + "/containers/" + id
                         : above.sandbox + "/containers/" + id.substr(id.rfind('.') + 1);
    plan.user = above.user;
    if (launch.command && launch.command->user) {
      plan.user = *launch.command->user;
    }
    plan.docker = above.docker;
    plan.docker_socket = options.docker_socket;
    plan.docker_program = options.docker_program;
    plan.environment = environment_of(plan, above.environment);
    return plan;
  }

  void fetch(const ContainerId& id) {
    const ContainerPlan& plan = all.at(id).plan;
    if (!plan.launch.command || plan.launch.command->uris.empty() || plan.session) {
      spawn(id);
      return;
    }
    fetcher.fetch({plan.sandbox, plan.launch.command->uris, plan.user},
                  [weak = weak_from_this(), id](Result<void> done) {
                    const auto self = weak.lock();
                    if (self == nullptr || !self->alive) {
                      return;
                    }
                    if (done) {
                      self->spawn(id);
                    } else {
                      self->failed(id, done.error());
                    }
                  });
  }

  void spawn(const ContainerId& id) {
    const Entry& entry = all.at(id);
    if (entry.kill_wanted) {
      failed(
          id,
          {ErrorCode::conflict, fmt::format("Container {} destroyed while preparing", id.value)});
      return;
    }
    run(
        [this, plan = entry.plan, cgroups = cgroups_of(entry.plan)] {
          return state.spawn(plan, cgroups, options.executor_path);
        },
        [this, id](Result<int> pid) {
          if (!pid) {
            failed(id, pid.error());
            return;
          }
          Entry& started = all.at(id);
          started.child = true;
          watch(id, *pid);
          if (const auto launched = std::exchange(started.launched, nullptr)) {
            launched(Launched::now);
          }
        });
  }

  // It never ran: as if it had never been asked for.
  void failed(const ContainerId& id, const Error& error) {
    Entry entry = std::move(all.at(id));
    all.erase(id);
    clean(entry.plan, Traces::state);
    if (entry.launched) {
      entry.launched(fail(error));
    }
    Termination end;
    end.state = model::TaskState::failed;
    end.reason = model::StatusReason::container_launch_failed;
    end.message = error.message;
    for (const auto& waiting : entry.waiting) {
      waiting(end);
    }
  }

  void watch(const ContainerId& id, int pid) {
    Entry& entry = all.at(id);
    entry.pid = pid;
    entry.hard.reset();
    const int fd = open_pidfd(pid);
    if (fd < 0) {
      exited(id);
      return;
    }
    entry.pidfd = std::make_unique<asio::posix::stream_descriptor>(loop.context(), fd);
    entry.pidfd->async_wait(asio::posix::stream_descriptor::wait_read,
                            [self = shared_from_this(), id](const auto& error) {
                              if (!error && self->alive) {
                                self->exited(id);
                              }
                            });
    if (entry.kill_wanted) {
      kill_tree(id);
    }
  }

  void exited(const ContainerId& id) {
    Entry& entry = all.at(id);
    int raw = 0;
    if (entry.child) {
      ::waitpid(entry.pid, &raw, 0);
    }
    entry.pidfd.reset();
    entry.hard.reset();
    const auto memory =
        entry.plan.own_cgroup ? options.cgroups.memory_limit(id) : std::optional<std::string>();
    run([this, id] { return state.read_end(id); },
        [this, id, memory](std::optional<ContainerEnd> end) { ended(id, end, memory); });
  }

  void ended(const ContainerId& id,
             const std::optional<ContainerEnd>& stored,
             const std::optional<std::string>& memory) {
    const auto found = all.find(id);
    if (found == all.end()) {
      return;
    }
    Entry& entry = found->second;
    Termination end;
    end.exit_status = stored ? stored->status : SIGKILL;
    if (stored && !stored->message.empty()) {
      end.message = stored->message;
    }
    if (memory) {
      end.state = model::TaskState::failed;
      end.reason = model::StatusReason::container_limitation_memory;
      end.message = *memory;
    }
    entry.end = end;
    entry.pid = 0;
    for (auto& [other, below] : all) {
      if (is_below(other, id) && !below.end) {
        below.forget = below.forget || entry.forget;
        kill_tree(other);
      }
    }
    clean(entry.plan, Traces::cgroup);
    const auto waiting = std::exchange(entry.waiting, {});
    for (const auto& one : waiting) {
      one(end);
    }
    const auto again = all.find(id);
    if (again != all.end() && (again->second.forget || again->second.plan.session)) {
      forget(id);
    }
  }

  enum class Traces { cgroup, state, all };

  void clean(const ContainerPlan& plan, Traces traces) {
    run(
        [this, plan, traces] {
          const ContainerId& id = plan.launch.container_id;
          if (plan.own_cgroup) {
            options.cgroups.kill_all(id);
            options.cgroups.remove(id);
          }
          if (traces != Traces::cgroup) {
            state.remove(id);
          }
          if (traces == Traces::all && !plan.session) {
            std::error_code error;
            std::filesystem::remove_all(plan.sandbox, error);
          }
          return true;
        },
        [](bool) {});
  }

  void forget(const ContainerId& id) {
    const ContainerPlan plan = std::move(all.at(id).plan);
    all.erase(id);
    clean(plan, Traces::state);
  }

  // SIGKILL to it and all below it.
  void kill_tree(const ContainerId& id) {
    for (auto& [other, below] : all) {
      if (is_below(other, id) && !below.end) {
        kill_one(other, below);
      }
    }
    kill_one(id, all.at(id));
  }

  void kill_one(const ContainerId& id, Entry& entry) {
    entry.kill_wanted = true;
    if (entry.pidfd == nullptr) {
      return;  // not yet started, or ending
    }
    signal_pidfd(entry.pidfd->native_handle(), executor::supervisor_signal(SIGKILL));
    if (entry.hard == nullptr) {
      entry.hard = std::make_unique<net::Timer>(loop, [this, id] {
        const auto found = all.find(id);
        if (found != all.end() && found->second.pidfd != nullptr) {
          signal_pidfd(found->second.pidfd->native_handle(), SIGKILL);
        }
      });
      entry.hard->set_after(kKillHard);
    }
  }

  void recover(const std::function<bool(const ContainerId&)>& lives) {
    for (StoredContainer& stored : state.load()) {
      const ContainerId id = stored.plan.launch.container_id;
      Entry& entry = all[id];
      entry.plan = std::move(stored.plan);
      const bool orphan =
          !parent_of(id).empty() && !lives(root_of(id)) && !all.contains(root_of(id));
      entry.forget = orphan;
      entry.kill_wanted = orphan || entry.plan.session;
      loop.post([weak = weak_from_this(), id, process = stored.process, end = stored.end] {
        if (const auto self = weak.lock(); self != nullptr && self->alive) {
          self->adopt(id, process, end);
        }
      });
    }
    // A parent that stands alone may have been read after its child.
    for (auto& [id, entry] : all) {
      if (entry.forget && all.contains(root_of(id))) {
        entry.forget = false;
        entry.kill_wanted = entry.plan.session;
      }
    }
  }

  void adopt(const ContainerId& id,
             const FoundProcess& process,
             const std::optional<ContainerEnd>& end) {
    if (process.state == FoundProcess::State::alive) {
      watch(id, process.pid);
    } else if (end) {
      ended(id, end, std::nullopt);
    } else if (process.state == FoundProcess::State::gone) {
      ended(
          id, ContainerEnd{SIGKILL, "Container was killed while the agent was away"}, std::nullopt);
    } else {
      look_again(id);
    }
  }

  // Started an instant before the agent died, it may not have said yet which process it is.
  void look_again(const ContainerId& id) {
    Entry& entry = all.at(id);
    if (entry.hard != nullptr) {
      ended(id,
            ContainerEnd{SIGKILL, "Container was not started before the agent ended"},
            std::nullopt);
      return;
    }
    entry.hard = std::make_unique<net::Timer>(loop, [this, id] {
      const auto find = [this, id] { return std::pair(state.find(id), state.read_end(id)); };
      run(find, [this, id](const std::pair<FoundProcess, std::optional<ContainerEnd>>& found) {
        adopt(id, found.first, found.second);
      });
    });
    entry.hard->set_after(kLookAgain);
  }

  net::Loop& loop;
  Fetcher& fetcher;
  const Options options;
  const ContainerState state;
  bool alive = true;
  std::map<ContainerId, Entry> all;
  std::unique_ptr<runtime::Worker> worker;
};

OperatorContainers::OperatorContainers(net::Loop& loop, Fetcher& fetcher, Options options)
    : impl_(std::make_shared<Impl>(loop, fetcher, std::move(options))) {}

OperatorContainers::~OperatorContainers() {
  impl_->alive = false;
  impl_->worker.reset();  // joined here, not by whichever thread lets go of Impl last
  impl_->all.clear();
}

void OperatorContainers::recover(const std::function<bool(const ContainerId&)>& lives) {
  impl_->recover(lives);
}

void OperatorContainers::launch(const LaunchContainer& launch,
                                Kind kind,
                                const Above& above,
                                std::function<void(Result<Launched>)> done) {
  impl_->launch(launch, kind, above, std::move(done));
}

Result<void> OperatorContainers::wait(const ContainerId& container,
                                      std::function<void(Termination)> done) {
  const auto found = impl_->all.find(container);
  if (found == impl_->all.end()) {
    return unknown(container);
  }
  if (found->second.end) {
    done(*found->second.end);
  } else {
    found->second.waiting.push_back(std::move(done));
  }
  return {};
}

Result<void> OperatorContainers::kill(const ContainerId& container, int signal) {
  const auto found = impl_->all.find(container);
  if (found == impl_->all.end() || found->second.end) {
    return unknown(container);
  }
  if (signal < 1 || signal > executor::kSignalMax) {
    return fail(ErrorCode::invalid, fmt::format("cannot send signal {} to a container", signal));
  }
  if (signal == SIGKILL || found->second.pidfd == nullptr) {
    impl_->kill_tree(container);
  } else {
    signal_pidfd(found->second.pidfd->native_handle(), executor::supervisor_signal(signal));
  }
  return {};
}

Result<void> OperatorContainers::remove(const ContainerId& container) {
  const auto found = impl_->all.find(container);
  if (found == impl_->all.end()) {
    return fail(ErrorCode::internal,
                fmt::format("Failed to remove container {}: it is unknown", container.value));
  }
  if (!found->second.end) {
    return fail(
        ErrorCode::internal,
        fmt::format("Failed to remove container {}: it has not terminated yet", container.value));
  }
  for (const auto& [other, entry] : impl_->all) {
    if (is_below(other, container)) {
      return fail(ErrorCode::internal,
                  fmt::format("Failed to remove container {}: container {} is below it",
                              container.value,
                              other.value));
    }
  }
  const ContainerPlan plan = std::move(found->second.plan);
  impl_->all.erase(found);
  impl_->clean(plan, Impl::Traces::all);
  return {};
}

Result<std::string> OperatorContainers::io_folder(const ContainerId& container) const {
  const auto found = impl_->all.find(container);
  if (found == impl_->all.end() || found->second.end) {
    return unknown(container);
  }
  const ContainerPlan& plan = found->second.plan;
  if (!plan.session && !(plan.launch.container && plan.launch.container->tty_info)) {
    return fail(ErrorCode::unsupported,
                fmt::format("cannot attach to container {}: it has neither a terminal nor is it a "
                            "session",
                            container.value));
  }
  return impl_->state.folder(container);
}

std::optional<OperatorContainers::Above> OperatorContainers::find(
    const ContainerId& container) const {
  const auto found = impl_->all.find(container);
  if (found == impl_->all.end() || found->second.end) {
    return std::nullopt;
  }
  const ContainerPlan& plan = found->second.plan;
  return Above{plan.sandbox, plan.user, plan.environment, plan.docker};
}

std::vector<OperatorContainers::Info> OperatorContainers::list() const {
  std::vector<Info> infos;
  for (const auto& [id, entry] : impl_->all) {
    if (!entry.end) {
      infos.push_back({id, entry.pid, entry.plan.own_cgroup, entry.plan.session});
    }
  }
  return infos;
}

std::optional<std::string> OperatorContainers::sandbox(const ContainerId& container) const {
  const auto found = impl_->all.find(container);
  return found == impl_->all.end() ? std::nullopt : std::optional(found->second.plan.sandbox);
}

void OperatorContainers::root_ended(const ContainerId& root) {
  std::vector<ContainerId> over;
  for (auto& [id, entry] : impl_->all) {
    if (!is_below(id, root)) {
      continue;
    }
    entry.forget = true;
    if (entry.end) {
      over.push_back(id);
    } else {
      impl_->kill_one(id, entry);
    }
  }
  for (const ContainerId& id : over) {
    impl_->forget(id);
  }
}

void OperatorContainers::destroy_all() {
  for (auto& [id, entry] : impl_->all) {
    if (!entry.end) {
      impl_->kill_one(id, entry);
    }
  }
}

}  // namespace ekiden::agent
