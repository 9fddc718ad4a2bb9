#include "core/agent/daemon.h"

#include "core/agent/agent.h"
#include "core/agent/daemon_setup.h"
#include "core/agent/disk_usage.h"
#include "core/agent/operator_api.h"
#include "core/agent/process_launcher.h"
#include "core/agent/routes.h"
#include "core/agent/sandbox_gc.h"
#include "core/agent/secret_store.h"
#include "core/agent/volume_folders.h"
#include "core/api/recordio.h"
#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/net/server.h"
#include "core/runtime/driver.h"
#include "core/wire/authentication.h"
#include "core/wire/media.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

constexpr auto kHeartbeat = std::chrono::minutes(30);
constexpr auto kEngineTimeout = std::chrono::seconds(3);

// For an agent that only ends what runs.
struct NoMaster final : api::MasterLink {
  void send(api::agent_link::ToMaster) override {}
};

}  // namespace

struct Daemon::Impl : std::enable_shared_from_this<Daemon::Impl> {
  Impl(net::Loop& a_loop, const Clock& a_clock, Options a_options, api::MasterConnect a_connect)
      : loop(a_loop),
        clock(a_clock),
        options(std::move(a_options)),
        connect(std::move(a_connect)),
        started(a_clock.now()),
        client(a_loop),
        files("agent-files"),
        disk_usage(a_loop, a_clock),
        heartbeat(a_loop, [this] { beat(); }),
        logging(a_loop) {
    for (const Flag& flag : agent::flags(options)) {
      if (!flag.fallback.empty()) {
        flags[flag.name] = flag.fallback;
      }
    }
  }

  Result<void> listen() {
    net::ServerOptions server_options;
    server_options.ip = options.ip;
    server_options.port = options.port;
    server_options.streams = OperatorApi::streams;
    auto made = net::Server::listen(
        loop, server_options, [this](net::Request request, net::Responder respond) {
          if (routes) {
            routes(std::move(request), std::move(respond));
          } else {
            respond(net::text_response(503, "Agent has not finished recovery.\n"));
          }
        });
    if (!made) {
      return fail(made.error());
    }
    server = std::move(*made);
    return {};
  }

  void make_host() {
    host.work_dir = options.work_dir;
    host.executor_path = options.executor_path;
    host.docker_socket = options.docker_socket;
    host.endpoint_file = options.work_dir + "/meta/agent_endpoint";
    host.ip = options.ip == "0.0.0.0" ? "127.0.0.1" : options.ip;
    host.port = server->port();
    host.shutdown_grace = options.executor_shutdown_grace;
    host.switch_user = options.switch_user;
  }

  Result<void> make_machine(store::Store& store) {
    auto config = make_config(options);
    if (!config) {
      return fail(config.error());
    }
    const Result<void> same = check_reconfiguration(options, config->info);
    if (!same) {
      return fail(same.error());
    }
    config->info.port = server->port();
    const auto records = load_records(store);
    if (!records) {
      return fail(records.error());
    }
    auto loaded = Agent::load(std::move(*config), Random(system_seed()), *records);
    if (!loaded) {
      return fail(loaded.error());
    }
    machine = std::make_unique<Agent>(std::move(*loaded));
    return {};
  }

  void make_launcher() {
    volumes = std::make_unique<VolumeFolders>(options.work_dir);
    const Cgroups cgroups = Cgroups::detect(
        options.cgroups_root,
        options.cgroups_enable_cfs ? Cgroups::Quota::always : Cgroups::Quota::limits_only);
    limitations = cgroups.limitations();
    Launcher::Callbacks callbacks;
    callbacks.started = [this](ContainerStarted input) { driver->handle(input); };
    callbacks.failed = [this](ContainerFailed input) {
      ++counters.container_launch_errors;
      driver->handle(input);
    };
    callbacks.exited = [this](ContainerExited input) { driver->handle(input); };
    callbacks.missing = [this](ContainerMissing input) { driver->handle(input); };
    callbacks.prepared = [this](NestedPrepared input) { driver->handle(input); };
    launcher = std::make_unique<ProcessLauncher>(
        loop,
        client,
        ProcessLauncherOptions{host, cgroups, fetcher_options(options)},
        std::move(callbacks));
    operator_containers =
        std::make_unique<OperatorContainers>(loop,
                                             launcher->fetcher(),
                                             OperatorContainers::Options{options.work_dir,
                                                                         options.executor_path,
                                                                         options.docker_socket,
                                                                         options.docker,
                                                                         cgroups});
  }

  void make_driver(store::Store& store, std::function<void(Error)> on_failure) {
    commits = std::make_unique<runtime::CommitQueue>(loop, store, std::move(on_failure));
    driver = std::make_unique<runtime::Driver<Agent>>(
        loop, clock, *machine, *commits, [this](Effects effects) { dispatch(std::move(effects)); });
  }

  std::vector<MetricValue> all_metrics() const {
    std::vector<MetricValue> values = metric_values(*machine, clock.now().time - started.time);
    add_fetcher_metrics(launcher->fetcher().stats(), values);
    add_shell_metrics(counters, values);
    add_gc_metrics(gc->stats(), values);
    return values;
  }

  wire::ResolvePath resolver() const {
    return SandboxFiles(options.work_dir, options.external_log_file)
        .resolver(machine->id().value_or(AgentId{}).value);
  }

  ContainerUsage usage_of(const ContainerId& container) {
    constexpr std::uint64_t kMb = 1024ULL * 1024;
    ContainerUsage usage = launcher->usage(container);
    const auto found = machine->executors().find(container);
    const auto sandbox = sandboxes.find(container);
    if (found == machine->executors().end() || sandbox == sandboxes.end()) {
      return usage;
    }
    model::Resources resources(found->second.record.info.resources);
    for (const TaskKey& key : found->second.tasks) {
      resources += model::Resources(machine->tasks().at(key).info.resources);
    }
    const double disk_mb = resources.scalar("disk").to_double();
    if (disk_mb > 0) {
      usage.disk_limit_bytes = static_cast<std::uint64_t>(disk_mb) * kMb;
    }
    usage.disk_used_bytes = disk_usage.bytes(sandbox->second);
    return usage;
  }

  void make_handler() {
    const auto usage = [this](const ContainerId& container) { return usage_of(container); };
    const auto pairs = [this] {
      std::vector<std::pair<std::string, double>> all;
      for (MetricValue& value : all_metrics()) {
        all.emplace_back(std::move(value.name), value.value);
      }
      return all;
    };
    operator_api = std::make_unique<OperatorApi>(OperatorApi::Context{loop,
                                                                      *machine,
                                                                      history,
                                                                      host,
                                                                      clock,
                                                                      *operator_containers,
                                                                      files,
                                                                      logging,
                                                                      usage,
                                                                      pairs,
                                                                      [this] { return resolver(); },
                                                                      flags,
                                                                      options.http_heartbeat});
    routes =
        make_routes(RouteContext{*machine,
                                 history,
                                 host,
                                 clock,
                                 started,
                                 metrics,
                                 [this] { return all_metrics(); },
                                 files,
                                 usage,
                                 logging,
                                 flags,
                                 options.external_log_file,
                                 options.authenticate_readonly ? credentials : nullptr,
                                 options.authenticate_readwrite ? credentials : nullptr,
                                 [this](net::Request request, net::Responder respond) {
                                   executor_call(std::move(request), std::move(respond));
                                 },
                                 [this](net::Request request, net::Responder respond) {
                                   operator_api->handle(std::move(request), std::move(respond));
                                 }});
  }

  // What the flags name files of.
  Result<void> read_files() {
    auto loaded = load_credentials(options);
    if (!loaded) {
      return fail(loaded.error());
    }
    credentials = std::move(*loaded);
    auto environment = executor_environment(options);
    if (!environment) {
      return fail(environment.error());
    }
    host.environment = std::move(*environment);
    return {};
  }

  void begin() {
    for (const VolumeOrder& order : machine->volume_orders()) {
      apply(order);
    }
    for (const auto& [container, executor] : machine->executors()) {
      launcher->adopt(machine->start_container(executor));
    }
    gc = std::make_unique<SandboxGc>(
        loop,
        clock,
        SandboxGc::Options{options.work_dir,
                           options.gc_delay,
                           options.gc_disk_headroom,
                           options.disk_watch_interval},
        [this](const ContainerId& container) { return sandboxes.contains(container); });
    for (const auto& [container, executor] : machine->executors()) {
      sandboxes[container] = container_spec(machine->start_container(executor), host).sandbox;
      history.start(*machine, container, sandboxes[container]);
    }
    gc->start();
    operator_containers->recover([this](const ContainerId& id) {
      const auto found = machine->executors().find(id);
      return found != machine->executors().end() &&
             found->second.state != Agent::Executor::State::terminated;
    });
    driver->start();
    heartbeat.set_after(kHeartbeat);
    look_for_engine();
  }

  // ---- effects, in the order that types.h states
  void dispatch(Effects effects) {
    if (effects.connect) {
      open_link();
    }
    for (auto& message : effects.to_master) {
      remember(message);
      if (link != nullptr) {
        link->send(std::move(message));
      }
    }
    for (Reply& reply : effects.reply) {
      answer(reply);
    }
    for (const StreamEvent& event : effects.stream) {
      push(event);
    }
    for (const RequestId id : effects.close) {
      close(id);
    }
    for (const VolumeOrder& order : effects.volumes) {
      apply(order);
    }
    for (const StartContainer& start : effects.start) {
      sandboxes[start.container] = container_spec(start, host).sandbox;
      history.start(*machine, start.container, sandboxes[start.container]);
      StartContainer revealed = start;
      if (revealed.kind == ExecutorKind::custom) {
        secrets.reveal(revealed.executor);
      }
      launcher->start(revealed);
    }
    for (const ContainerLimits& limit : effects.limits) {
      launcher->limit(limit);
    }
    for (const PrepareNested& order : effects.prepare) {
      launcher->prepare(order);
    }
    containers(effects);
    for (const Notice& notice : effects.notify) {
      tell(notice);
    }
    if (effects.leave && on_leave) {
      on_leave(*effects.leave);
    }
    check_destroyed();
  }

  // Of a task that ends: soon the machine forgets it.
  void remember(const api::agent_link::ToMaster& message) {
    const auto* update = std::get_if<api::agent_link::StatusUpdate>(&message.body);
    if (update != nullptr && model::is_terminal(update->status.state)) {
      history.add_task(*machine, {update->framework_id, update->status.task_id});
    }
  }

  // A folder that cannot be made is tried again, and told, by each launch that needs it.
  void apply(const VolumeOrder& order) {
    const Result<void> done = volumes->apply(order);
    if (!done) {
      log::error("agent: {}", done.error().message);
    } else if (order.kind == VolumeOrder::Kind::remove) {
      loop.post([weak = weak_from_this(), path = order.path] {
        const auto self = weak.lock();
        if (self != nullptr && self->launcher != nullptr) {
          self->driver->handle(VolumeRemoved{path});
        }
      });
    }
  }

  void containers(const Effects& effects) {
    for (const ContainerId& id : effects.adopt) {
      const auto found = machine->executors().find(id);
      if (found != machine->executors().end()) {
        launcher->adopt(machine->start_container(found->second));
      }
    }
    for (const ContainerId& id : effects.destroy) {
      launcher->destroy(id);
    }
    for (const ContainerId& id : effects.release) {
      operator_containers->root_ended(id);
      if (const auto found = sandboxes.find(id); found != sandboxes.end()) {
        history.end(*machine, id);
        gc->schedule(found->second);
        disk_usage.forget(found->second);
        sandboxes.erase(found);
      }
      launcher->release(id);
    }
  }

  static void tell(const Notice& notice) {
    switch (notice.level) {
      case Notice::Level::info:
        log::info("agent: {}", notice.text);
        return;
      case Notice::Level::warn:
        log::warn("agent: {}", notice.text);
        return;
      case Notice::Level::error:
        log::error("agent: {}", notice.text);
        return;
    }
  }

  void open_link() {
    const std::uint64_t mine = ++link_number;
    if (link != nullptr) {  // we may be inside one of its callbacks
      loop.post([old = std::shared_ptr<api::MasterLink>(std::move(link))] {});
    }
    link = connect(
        [weak = weak_from_this(), mine](api::agent_link::ToAgent message) {
          const auto self = weak.lock();
          if (self != nullptr && self->link_number == mine) {
            self->driver->handle(MasterMessage{std::move(message)});
          }
        },
        [weak = weak_from_this(), mine] {
          const auto self = weak.lock();
          if (self != nullptr && self->link_number == mine) {
            self->driver->handle(MasterLost{});
          }
        });
  }

  // ---- executor API
  void executor_call(net::Request request, net::Responder respond) {
    const auto media = wire::body_media(request.headers);
    if (!media) {
      const int status = media.error().code == ErrorCode::unsupported ? 415 : 400;
      respond(net::text_response(status, media.error().message + ".\n"));
      return;
    }
    auto call = wire::decode<api::executor::Call>(*media, request.body);
    if (!call) {
      respond(net::text_response(400,
                                 "Failed to parse body into Call: " + call.error().message + "\n"));
      return;
    }
    const auto accepted = wire::accepted_media(request.headers);
    if (!accepted && std::holds_alternative<api::executor::Subscribe>(call->body)) {
      respond(net::text_response(
          406, "Expecting 'Accept' to allow application/json or application/x-protobuf.\n"));
      return;
    }
    const RequestId id = ++last_request;
    waiting[id] = {
        std::move(respond), accepted.value_or(wire::Media::json), ShellCounters::kind_of(*call)};
    driver->handle(ExecutorRequest{id, std::move(*call)});
  }

  void answer(const Reply& reply) {
    const auto found = waiting.find(reply.id);
    if (found == waiting.end()) {
      return;
    }
    const auto [respond, media, kind] = std::move(found->second);
    counters.count(kind, reply.status);
    waiting.erase(found);
    if (reply.status != 200) {
      respond(net::text_response(reply.status, reply.text));
      return;
    }
    auto source = std::make_shared<net::ChunkSource>();
    source->on_close([weak = weak_from_this(), id = reply.id] {
      if (const auto self = weak.lock()) {
        self->streams.erase(id);
        self->driver->handle(ExecutorStreamClosed{id});
      }
    });
    streams[reply.id] = {source, media};
    net::Response response;
    response.headers.set("Content-Type", std::string(wire::content_type(media)));
    response.chunks = std::move(source);
    respond(std::move(response));
  }

  void push(const StreamEvent& event) {
    const auto found = streams.find(event.id);
    if (found != streams.end()) {
      const auto [source, media] = found->second;
      api::executor::Event revealed = event.event;
      secrets.reveal(revealed);
      source->push(api::recordio_frame(wire::encode(media, revealed)));
    }
  }

  void close(RequestId id) {
    const auto found = streams.find(id);
    if (found != streams.end()) {
      const auto source = found->second.source;
      streams.erase(found);
      source->close();
    }
  }

  void beat() {
    for (const auto& [id, stream] : streams) {
      const api::executor::Event event = api::executor::Heartbeat{};
      stream.source->push(api::recordio_frame(wire::encode(stream.media, event)));
    }
    heartbeat.set_after(kHeartbeat);
  }

  // ---- the rest
  void look_for_engine() {
    const std::string none =
        fmt::format("no Docker engine at {}: command tasks only", options.docker_socket);
    if (::access(options.docker_socket.c_str(), R_OK | W_OK) != 0) {
      limitations.push_back(none);
      return;
    }
    net::Call call;
    call.url = "http://docker/_ping";
    call.unix_socket = options.docker_socket;
    call.timeout = kEngineTimeout;
    client.send(std::move(call), [weak = weak_from_this(), none](Result<net::Response> response) {
      const auto self = weak.lock();
      if (self != nullptr && (!response || response->status != 200)) {
        self->limitations.push_back(none);
        log::warn("agent: {}", none);
      }
    });
  }

  void check_destroyed() {
    if (!on_destroyed) {
      return;
    }
    const auto& all = machine->executors();
    const bool live = std::any_of(all.begin(), all.end(), [](const auto& entry) {
      return entry.second.state != Agent::Executor::State::terminated;
    });
    if (!live) {
      launcher->when_settled(std::exchange(on_destroyed, nullptr));
    }
  }

  net::Loop& loop;
  const Clock& clock;
  Options options;
  api::MasterConnect connect;
  const Now started;
  net::Client client;
  runtime::Worker files;
  DiskUsage disk_usage;
  net::Timer heartbeat;
  ContainerHost host;
  std::vector<std::string> limitations;
  std::unique_ptr<Agent> machine;
  std::unique_ptr<runtime::CommitQueue> commits;
  std::unique_ptr<runtime::Driver<Agent>> driver;
  std::unique_ptr<ProcessLauncher> launcher;
  std::unique_ptr<OperatorContainers> operator_containers;
  std::unique_ptr<SandboxGc> gc;
  History history;
  ShellCounters counters;
  std::map<ContainerId, std::string> sandboxes;  // of those not yet released
  wire::LoggingLevel logging;
  std::map<std::string, std::string> flags;  // for /flags
  std::shared_ptr<const wire::Credentials> credentials;
  std::unique_ptr<OperatorApi> operator_api;
  std::unique_ptr<VolumeFolders> volumes;
  AgentMetrics metrics;
  net::Handler routes;
  std::unique_ptr<net::Server> server;
  std::unique_ptr<api::MasterLink> link;
  std::uint64_t link_number = 0;
  RequestId last_request = 0;

  struct Waiting {
    net::Responder respond;
    wire::Media media = wire::Media::json;  // of the stream, when one begins
    ShellCounters::Kind kind = ShellCounters::Kind::other;
  };

  struct Stream {
    std::shared_ptr<net::ChunkSource> source;
    wire::Media media = wire::Media::json;
  };

  std::map<RequestId, Waiting> waiting;
  std::map<RequestId, Stream> streams;
  SecretStore secrets{options.secret_store_dir};
  std::function<void()> on_destroyed;
  std::function<void(std::string)> on_leave;
};

Result<std::unique_ptr<Daemon>> Daemon::start(net::Loop& loop,
                                              const Clock& clock,
                                              store::Store& store,
                                              Options options,
                                              api::MasterConnect connect,
                                              std::function<void(Error)> on_failure) {
  const bool cleanup = options.recover == Options::Recover::cleanup;
  if (cleanup) {
    connect = [](auto, auto) { return std::make_unique<NoMaster>(); };
  }
  Result<void> done = make_work_dir(options.work_dir);
  done = done ? find_executor_program(options.executor_path) : done;
  if (!done) {
    return fail(done.error());
  }
  auto impl = std::make_shared<Impl>(loop, clock, std::move(options), std::move(connect));
  done = impl->listen();
  if (done) {
    impl->make_host();
    done = impl->read_files();
  }
  if (done) {
    done = impl->make_machine(store);
  }
  done = done ? write_endpoint(impl->host.endpoint_file,
                               fmt::format("{}:{}", impl->host.ip, impl->host.port))
              : done;
  if (!done) {
    return fail(done.error());
  }
  impl->make_driver(store, std::move(on_failure));
  impl->make_launcher();
  impl->make_handler();
  impl->begin();
  auto daemon = std::make_unique<Daemon>(std::move(impl));
  if (cleanup) {
    daemon->destroy_all([&loop] {
      log::info("agent: every task of an earlier life has ended; --recover=cleanup is done");
      loop.stop();
    });
  }
  return daemon;
}

Daemon::Daemon(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

// In the reverse order of building: nothing calls into what has gone.
Daemon::~Daemon() {
  impl_->routes = nullptr;
  impl_->server.reset();
  impl_->link_number++;
  impl_->link.reset();
  impl_->gc.reset();
  impl_->operator_api.reset();
  impl_->operator_containers.reset();
  impl_->launcher.reset();
  impl_->streams.clear();
  impl_->waiting.clear();
}

std::uint16_t Daemon::port() const {
  return impl_->server->port();
}

std::vector<std::string> Daemon::limitations() const {
  return impl_->limitations;
}

void Daemon::when_told_to_leave(std::function<void(std::string why)> leave) {
  impl_->on_leave = std::move(leave);
}

void Daemon::destroy_all(std::function<void()> done) {
  impl_->operator_containers->destroy_all();
  impl_->on_destroyed = std::move(done);
  impl_->driver->handle(DestroyAll{});
  impl_->check_destroyed();
}

}  // namespace ekiden::agent
