#include "core/agent/process_launcher.h"

#include "core/agent/fetcher.h"
#include "core/agent/spawn.h"
#include "core/agent/volume_folders.h"
#include "core/base/log.h"
#include "core/executor/nested_id.h"
#include "core/executor/nested_sandbox.h"
#include "core/runtime/worker.h"

#include <csignal>
#include <map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ekiden::agent {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kStartThreads = 1;
constexpr std::size_t kCleanThreads = 1;
// One life of waiting for a kill to take effect before it is said again.
constexpr auto kKillAgain = std::chrono::seconds(2);

}  // namespace

// Kept alive by the work on helper threads; `alive` ends callbacks into a launcher that has gone.
struct ProcessLauncher::Impl : std::enable_shared_from_this<ProcessLauncher::Impl> {
  struct Running {
    ContainerSpec spec;
    bool destroyed = false;
    int pid = 0;
    bool child = false;
    std::unique_ptr<asio::posix::stream_descriptor> pidfd;
    std::unique_ptr<net::Timer> again;
  };

  Impl(net::Loop& a_loop,
       net::Client& a_client,
       ProcessLauncherOptions a_options,
       Callbacks a_callbacks)
      : loop(a_loop),
        client(a_client),
        options(std::move(a_options)),
        callbacks(std::move(a_callbacks)),
        starter(std::make_unique<runtime::Worker>("agent-start", kStartThreads)),
        cleaner(std::make_unique<runtime::Worker>("agent-clean", kCleanThreads)),
        fetcher(a_loop, a_client, options.fetcher) {}

  // Blocking work, then the rest on the loop unless the launcher has gone.
  template <class Work, class Then>
  void run(runtime::Worker& worker, Work work, Then then) {
    const bool queued = worker.post([self = shared_from_this(), work, then] {
      auto result = std::make_shared<decltype(work())>(work());
      self->loop.post([self, then, result] {
        if (self->alive) {
          then(std::move(*result));
        }
      });
    });
    if (!queued) {
      log::error("the agent's worker queue is full: work on a container was dropped");
    }
  }

  void start(const StartContainer& container) {
    Running& running = all[container.container];
    gone.erase(container.container);
    running.spec = container_spec(container, options.host);
    const bool direct = running.spec.uris.empty();
    const bool again = container.again;
    const auto work = [this, spec = running.spec, direct, again]() -> Result<int> {
      if (again) {
        kill_everything(spec);
      }
      Result<void> prepared = prepare_container(spec, options.cgroups);
      if (prepared && !spec.docker) {
        prepared = link_volumes(spec.volumes, spec.sandbox);
      }
      if (!prepared) {
        return fail(prepared.error());
      }
      return direct ? spawn_container(spec, options.cgroups, options.host.executor_path) : 0;
    };
    run(*starter, work, [this, id = container.container, direct](Result<int> pid) {
      if (!pid || direct) {
        spawned(id, std::move(pid));
      } else {
        fetch(id);
      }
    });
  }

  void fetch(const ContainerId& id) {
    Running& running = all.at(id);
    if (running.destroyed) {
      failed(id, "Container destroyed while preparing");
      return;
    }
    fetcher.fetch({running.spec.sandbox, running.spec.uris, running.spec.user},
                  [this, id](Result<void> done) {
                    if (!done) {
                      failed(id, done.error().message);
                    } else if (all.at(id).destroyed) {
                      failed(id, "Container destroyed while fetching");
                    } else {
                      spawn(id);
                    }
                  });
  }

  void spawn(const ContainerId& id) {
    run(
        *starter,
        [this, spec = all.at(id).spec] {
          return spawn_container(spec, options.cgroups, options.host.executor_path);
        },
        [this, id](Result<int> pid) { spawned(id, std::move(pid)); });
  }

  void spawned(const ContainerId& id, Result<int> pid) {
    if (!pid) {
      failed(id, pid.error().message);
      return;
    }
    all.at(id).child = true;
    watch(id, *pid);
    prepare_next();
  }

  // While nobody waits for it.
  void prepare_next() {
    run(
        *cleaner,
        [this] {
          options.cgroups.prepare_next();
          return true;
        },
        [](bool) {});
  }

  void failed(const ContainerId& id, const std::string& message) {
    const auto found = all.find(id);
    if (found != all.end()) {
      gone[id] = std::move(found->second.spec);
      all.erase(found);
    }
    callbacks.failed({id, message});
  }

  void watch(const ContainerId& id, int pid) {
    Running& running = all.at(id);
    running.pid = pid;
    const int fd = open_pidfd(pid);
    if (fd < 0) {  // gone already (adopted) or the kernel has no pidfds
      exited(id);
      return;
    }
    running.pidfd = std::make_unique<asio::posix::stream_descriptor>(loop.context(), fd);
    running.pidfd->async_wait(asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this(), id](const auto& error) {
                                if (!error && self->alive) {
                                  self->exited(id);
                                }
                              });
    callbacks.started({id, pid});
    if (running.destroyed) {
      kill(id);
    }
  }

  void exited(const ContainerId& id) {
    Running& running = all.at(id);
    std::optional<int> status;
    int raw = 0;
    if (running.child && ::waitpid(running.pid, &raw, 0) == running.pid) {
      status = raw;
    }
    const auto memory = options.cgroups.memory_limit(id);
    gone[id] = std::move(running.spec);
    all.erase(id);
    callbacks.exited({id, status, memory});
  }

  void adopt(const StartContainer& container) {
    const ContainerId& id = container.container;
    if (all.contains(id)) {
      return;
    }
    all[id].spec = container_spec(container, options.host);
    run(
        *starter,
        [file = all[id].spec.pid_file] { return find_process(file); },
        [this, id](FoundProcess process) { adopted(id, process); });
  }

  void adopted(const ContainerId& id, FoundProcess process) {
    switch (process.state) {
      case FoundProcess::State::alive:
        watch(id, process.pid);
        return;
      case FoundProcess::State::gone:
        exited(id);
        return;
      case FoundProcess::State::unknown:
        if (all.at(id).destroyed) {
          exited(id);
          return;
        }
        gone[id] = std::move(all.at(id).spec);
        all.erase(id);
        callbacks.missing({id});
        return;
    }
  }

  void destroy(const ContainerId& id) {
    const auto found = all.find(id);
    if (found == all.end()) {
      callbacks_exited_later(id);
      return;
    }
    found->second.destroyed = true;
    if (found->second.pidfd != nullptr) {
      kill(id);
    }
  }

  // Nothing runs under this id (a recovered one without a process).
  void callbacks_exited_later(const ContainerId& id) {
    loop.post([self = shared_from_this(), id] {
      if (self->alive) {
        self->callbacks.exited({id, std::nullopt, std::nullopt});
      }
    });
  }

  void kill(const ContainerId& id) {
    Running& running = all.at(id);
    signal_pidfd(running.pidfd->native_handle(), SIGKILL);
    sweep(running.spec);
    if (running.again == nullptr) {
      running.again = std::make_unique<net::Timer>(loop, [this, id] {
        if (all.contains(id)) {
          kill(id);
        }
      });
    }
    running.again->set_after(kKillAgain);
  }

  void sweep(const ContainerSpec& spec) {
    run(
        *cleaner,
        [this, spec] {
          if (options.cgroups.available()) {
            options.cgroups.kill_all(spec.container);
          } else {
            kill_by_environment(spec.sandbox);
          }
          return true;
        },
        [](bool) {});
  }

  // Also what has not come as far as its cgroup.
  void kill_everything(const ContainerSpec& spec) const {
    if (options.cgroups.available()) {
      options.cgroups.kill_all(spec.container);
    }
    kill_by_environment(spec.sandbox);
  }

  // The folder of a task of a task group, with what its command's uris name.
  void prepare(const PrepareNested& order) {
    const ContainerId& id = order.executor.container;
    const ContainerSpec spec = container_spec(order.executor, options.host);
    const std::string user =
        order.task.command && order.task.command->user ? *order.task.command->user : spec.user;
    const auto make = [spec, user, id, task = order.task.task_id]() -> Result<std::string> {
      const auto ids = find_user(user);
      if (!ids) {
        return fail(ids.error());
      }
      std::optional<executor::User> owner;
      if (*ids) {
        owner = executor::User{(*ids)->uid, (*ids)->gid, {}};
      }
      return executor::make_nested_sandbox(
          spec.sandbox, executor::nested_container(id, task), task, owner);
    };
    run(*starter, make, [this, order, user](Result<std::string> sandbox) {
      const ContainerId& container = order.executor.container;
      if (!sandbox) {
        callbacks.prepared({container, order.task.task_id, sandbox.error().message});
        return;
      }
      fetcher.fetch(
          {*sandbox, order.task.command->uris, user},
          [this, container, task = order.task.task_id](Result<void> done) {
            callbacks.prepared(
                {container, task, done ? std::nullopt : std::optional(done.error().message)});
          });
    });
  }

  // Volumes of tasks that came to a running executor.
  void link(const ContainerId& id, const std::vector<VolumeMount>& volumes) {
    if (volumes.empty() || all.at(id).spec.docker) {
      return;
    }
    std::vector<VolumeMount> absolute = volumes;
    for (VolumeMount& volume : absolute) {
      volume.path = absolute_path(volume.path, options.host.work_dir);
    }
    run(
        *starter,
        [absolute, sandbox = all.at(id).spec.sandbox] { return link_volumes(absolute, sandbox); },
        [](const Result<void>& done) {
          if (!done) {
            log::warn("{}", done.error().message);
          }
        });
  }

  void release(const ContainerId& id) {
    const auto found = gone.find(id);
    if (found == gone.end()) {
      return;
    }
    const ContainerSpec spec = std::move(found->second);
    gone.erase(found);
    sweep(spec);
    run(
        *cleaner,
        [this, spec] {
          options.cgroups.remove(spec.container);
          ::unlink(spec.pid_file.c_str());
          return true;
        },
        [](bool) {});
    if (spec.docker) {
      remove_docker_container(id);
    }
  }

  void remove_docker_container(const ContainerId& id) {
    net::Call call;
    call.method = "DELETE";
    call.url = fmt::format("http://docker/containers/{}?force=1&v=1", docker_container_name(id));
    call.unix_socket = options.host.docker_socket;
    ++removing;
    client.send(std::move(call), [this, id](Result<net::Response> response) {
      --removing;
      check_settled();
      if (!response) {
        log::warn(
            "cannot remove container {}: {}", docker_container_name(id), response.error().message);
      } else if (response->status >= 300 && response->status != 404) {
        log::warn("cannot remove container {}: the engine answered {}: {}",
                  docker_container_name(id),
                  response->status,
                  response->body);
      }
    });
  }

  // The cleaner's queue is in order: what is behind everything queued so far comes last.
  void when_settled(std::function<void()> done) {
    run(
        *cleaner,
        [] { return true; },
        [this, done = std::move(done)](bool) {
          on_settled = done;
          check_settled();
        });
  }

  void check_settled() {
    if (on_settled && removing == 0) {
      std::exchange(on_settled, nullptr)();
    }
  }

  net::Loop& loop;
  net::Client& client;
  const ProcessLauncherOptions options;
  const Callbacks callbacks;
  bool alive = true;
  std::map<ContainerId, Running> all;
  std::map<ContainerId, ContainerSpec> gone;  // ended, not yet released
  int removing = 0;                           // Docker containers the engine was asked to remove
  std::function<void()> on_settled;
  std::unique_ptr<runtime::Worker> starter;
  std::unique_ptr<runtime::Worker> cleaner;
  Fetcher fetcher;
};

ProcessLauncher::ProcessLauncher(net::Loop& loop,
                                 net::Client& client,
                                 ProcessLauncherOptions options,
                                 Callbacks callbacks)
    : impl_(std::make_shared<Impl>(loop, client, std::move(options), std::move(callbacks))) {
  impl_->prepare_next();
}

ProcessLauncher::~ProcessLauncher() {
  impl_->alive = false;
  impl_->all.clear();
  // Joined here, not by whichever thread lets go of Impl last.
  impl_->starter.reset();
  impl_->cleaner.reset();
  impl_->options.cgroups.remove_root_if_empty();
}

void ProcessLauncher::start(const StartContainer& container) {
  impl_->start(container);
}

void ProcessLauncher::adopt(const StartContainer& container) {
  impl_->adopt(container);
}

void ProcessLauncher::limit(const ContainerLimits& limits) {
  const auto found = impl_->all.find(limits.container);
  if (found != impl_->all.end()) {
    impl_->options.cgroups.set_limits(limits.container,
                                      {limits.cpus, limits.mem_mb, found->second.spec.limits});
    impl_->link(limits.container, limits.volumes);
  }
}

void ProcessLauncher::prepare(const PrepareNested& order) {
  impl_->prepare(order);
}

void ProcessLauncher::destroy(const ContainerId& container) {
  impl_->destroy(container);
}

void ProcessLauncher::when_settled(std::function<void()> done) {
  impl_->when_settled(std::move(done));
}

void ProcessLauncher::release(const ContainerId& container) {
  impl_->release(container);
}

Fetcher& ProcessLauncher::fetcher() {
  return impl_->fetcher;
}

ContainerUsage ProcessLauncher::usage(const ContainerId& container) const {
  return impl_->options.cgroups.usage(container);
}

}  // namespace ekiden::agent
