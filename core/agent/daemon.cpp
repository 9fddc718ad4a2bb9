#include "core/agent/daemon.h"

#include "core/agent/agent.h"
#include "core/agent/host_resources.h"
#include "core/agent/process_launcher.h"
#include "core/agent/routes.h"
#include "core/agent/volume_folders.h"
#include "core/api/recordio.h"
#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/net/server.h"
#include "core/runtime/driver.h"
#include "core/wire/media.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

constexpr auto kHeartbeat = std::chrono::minutes(30);
constexpr auto kEngineTimeout = std::chrono::seconds(3);

Result<void> make_work_dir(std::string& path) {
  std::error_code error;
  fs::create_directories(path + "/slaves", error);
  if (!error) {
    fs::create_directories(path + "/meta/pids", error);
  }
  if (error) {
    return fail(
        ErrorCode::internal,
        fmt::format("cannot use {} as the agent's work directory: {}", path, error.message()));
  }
  path = fs::canonical(path).string();
  return {};
}

Result<void> find_executor_program(std::string& path) {
  if (path.empty()) {
    std::error_code error;
    path = (fs::read_symlink("/proc/self/exe", error).parent_path() / "ekiden-executor").string();
  }
  if (::access(path.c_str(), X_OK) != 0) {
    return fail(ErrorCode::not_found,
                fmt::format("cannot find the executor program {}: build target ekiden-executor, or "
                            "name it in the options",
                            path));
  }
  path = fs::absolute(path).string();
  return {};
}

// Whole or not at all: executors read it at any moment.
Result<void> write_endpoint(const std::string& path, const std::string& endpoint) {
  const std::string fresh = path + ".new";
  std::ofstream(fresh) << endpoint << "\n";
  std::error_code error;
  fs::rename(fresh, path, error);
  if (error) {
    return fail(ErrorCode::internal, fmt::format("cannot write {}: {}", path, error.message()));
  }
  return {};
}

std::string host_name(const Options& options) {
  if (!options.hostname.empty()) {
    return options.hostname;
  }
  char name[256] = {};
  if (options.ip == "0.0.0.0" && ::gethostname(name, sizeof name - 1) == 0) {
    return name;
  }
  return options.ip;
}

Result<StoredRecords> load_records(store::Store& store) {
  StoredRecords records;
  const std::pair<const char*, StoredRecords::Entries*> kinds[] = {
      {kAgentKind, &records.agent},
      {kFrameworkKind, &records.frameworks},
      {kExecutorKind, &records.executors},
      {kTaskKind, &records.tasks},
      {kUpdateKind, &records.updates}};
  for (const auto& [kind, entries] : kinds) {
    auto loaded = store.load(kind);
    if (!loaded) {
      return fail(loaded.error());
    }
    *entries = std::move(*loaded);
  }
  return records;
}

Result<AgentConfig> make_config(const Options& options) {
  auto resources = host_resources(options.resources, options.work_dir);
  if (!resources) {
    return fail(resources.error());
  }
  auto attributes = options.attributes.empty()
                        ? Result<std::vector<model::Attribute>>(std::vector<model::Attribute>())
                        : model::parse_attributes(options.attributes);
  if (!attributes) {
    return fail(attributes.error());
  }
  AgentConfig config;
  config.ip = options.ip;
  config.info.hostname = host_name(options);
  config.info.resources = resources->list();
  config.info.attributes = std::move(*attributes);
  config.executor_registration_timeout = options.executor_registration_timeout;
  config.executor_reregistration_timeout = options.executor_reregistration_timeout;
  config.executor_shutdown_grace = options.executor_shutdown_grace;
  config.registration.first = options.registration_backoff;
  return config;
}

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
        heartbeat(a_loop, [this] { beat(); }) {}

  Result<void> listen() {
    net::ServerOptions server_options;
    server_options.ip = options.ip;
    server_options.port = options.port;
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
  }

  Result<void> make_machine(store::Store& store) {
    auto config = make_config(options);
    if (!config) {
      return fail(config.error());
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
    const Cgroups cgroups = Cgroups::detect(options.cgroups_root);
    limitations = cgroups.limitations();
    Launcher::Callbacks callbacks;
    callbacks.started = [this](ContainerStarted input) { driver->handle(input); };
    callbacks.failed = [this](ContainerFailed input) { driver->handle(input); };
    callbacks.exited = [this](ContainerExited input) { driver->handle(input); };
    callbacks.missing = [this](ContainerMissing input) { driver->handle(input); };
    callbacks.prepared = [this](NestedPrepared input) { driver->handle(input); };
    launcher = std::make_unique<ProcessLauncher>(
        loop,
        client,
        ProcessLauncherOptions{host, cgroups, options.work_dir + "/fetch"},
        std::move(callbacks));
  }

  void make_driver(store::Store& store, std::function<void(Error)> on_failure) {
    commits = std::make_unique<runtime::CommitQueue>(loop, store, std::move(on_failure));
    driver = std::make_unique<runtime::Driver<Agent>>(
        loop, clock, *machine, *commits, [this](Effects effects) { dispatch(std::move(effects)); });
  }

  void make_handler() {
    routes = make_routes(
        RouteContext{*machine,
                     host,
                     clock,
                     started,
                     metrics,
                     files,
                     [this](const ContainerId& container) { return launcher->usage(container); },
                     [this](net::Request request, net::Responder respond) {
                       executor_call(std::move(request), std::move(respond));
                     }});
  }

  void begin() {
    for (const VolumeOrder& order : machine->volume_orders()) {
      apply(order);
    }
    for (const auto& [container, executor] : machine->executors()) {
      launcher->adopt(machine->start_container(executor));
    }
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
      launcher->start(start);
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
    check_destroyed();
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
    waiting[id] = {std::move(respond), accepted.value_or(wire::Media::json)};
    driver->handle(ExecutorRequest{id, std::move(*call)});
  }

  void answer(const Reply& reply) {
    const auto found = waiting.find(reply.id);
    if (found == waiting.end()) {
      return;
    }
    const auto [respond, media] = std::move(found->second);
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
      source->push(api::recordio_frame(wire::encode(media, event.event)));
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
  net::Timer heartbeat;
  ContainerHost host;
  std::vector<std::string> limitations;
  std::unique_ptr<Agent> machine;
  std::unique_ptr<runtime::CommitQueue> commits;
  std::unique_ptr<runtime::Driver<Agent>> driver;
  std::unique_ptr<ProcessLauncher> launcher;
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
  };

  struct Stream {
    std::shared_ptr<net::ChunkSource> source;
    wire::Media media = wire::Media::json;
  };

  std::map<RequestId, Waiting> waiting;
  std::map<RequestId, Stream> streams;
  std::function<void()> on_destroyed;
};

Result<std::unique_ptr<Daemon>> Daemon::start(net::Loop& loop,
                                              const Clock& clock,
                                              store::Store& store,
                                              Options options,
                                              api::MasterConnect connect,
                                              std::function<void(Error)> on_failure) {
  Result<void> done = make_work_dir(options.work_dir);
  done = done ? find_executor_program(options.executor_path) : done;
  if (!done) {
    return fail(done.error());
  }
  auto impl = std::make_shared<Impl>(loop, clock, std::move(options), std::move(connect));
  done = impl->listen();
  if (done) {
    impl->make_host();
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
  return std::make_unique<Daemon>(std::move(impl));
}

Daemon::Daemon(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

// In the reverse order of building: nothing calls into what has gone.
Daemon::~Daemon() {
  impl_->routes = nullptr;
  impl_->server.reset();
  impl_->link_number++;
  impl_->link.reset();
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

void Daemon::destroy_all(std::function<void()> done) {
  impl_->on_destroyed = std::move(done);
  impl_->driver->handle(DestroyAll{});
  impl_->check_destroyed();
}

}  // namespace ekiden::agent
