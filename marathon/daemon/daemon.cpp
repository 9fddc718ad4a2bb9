#include "marathon/daemon/daemon.h"

#include "core/base/log.h"
#include "core/base/random.h"
#include "core/net/client.h"
#include "core/net/server.h"
#include "core/runtime/driver.h"
#include "core/runtime/worker.h"
#include "marathon/daemon/drainer.h"
#include "marathon/daemon/mesos_metrics.h"
#include "marathon/daemon/metrics.h"
#include "marathon/daemon/prober.h"
#include "marathon/daemon/scheduler_connection.h"
#include "marathon/machine/records.h"
#include "marathon/marathon.h"
#include "marathon/routes/api.h"

#include <optional>

#include <fmt/core.h>

namespace ekiden::marathon {
namespace {

constexpr Duration kAbdicationDelay = std::chrono::milliseconds(500);
constexpr Duration kStepDownRetry = std::chrono::milliseconds(10);

struct Links {
  store::Store& store;
  api::SchedulerConnect connect;
  std::function<void(Error)> on_failure;
};

Result<std::vector<Record>> load_records(store::Store& store) {
  std::vector<Record> all;
  for (std::string_view kind : records::kKinds) {
    auto entries = store.load(std::string(kind));
    if (!entries) {
      return fail(
          entries.error().code,
          fmt::format("cannot load Marathon's {} records: {}", kind, entries.error().message));
    }
    for (auto& [key, value] : *entries) {
      all.push_back({std::string(kind), std::move(key), std::move(value)});
    }
  }
  return all;
}

}  // namespace

// Declared in the order in which they are built; the machine outlives what calls it.
struct Daemon::Parts {
  Parts(net::Loop& the_loop, const Clock& the_clock, Options the_options, Links links)
      : loop(the_loop),
        clock(the_clock),
        options(std::move(the_options)),
        store(links.store),
        open_link(std::move(links.connect)),
        on_failure(std::move(links.on_failure)),
        metrics(registry),
        started(clock.now().time),
        client(loop),
        worker("marathon-render", options.render_threads),
        lb_expiry(loop, [this] { count_lbs(); }),
        leaving(loop, [this] { step_down(); }) {}

  ~Parts() {
    server.reset();  // no request comes in while the rest goes down
    connection.reset();
  }

  Result<void> listen();
  Result<void> load();
  Result<void> connect();
  void run();
  void step_down();
  routes::Host host();
  void dispatch(Marathon::Effects effects);
  void count(const std::vector<Notice>& notices);
  void count_lbs();
  void refresh_metrics();

  net::Loop& loop;
  const Clock& clock;
  Options options;
  store::Store& store;
  api::SchedulerConnect open_link;
  std::function<void(Error)> on_failure;
  Registry registry;
  MarathonMetrics metrics;
  MesosMetrics mesos_metrics{registry};
  Time started;
  net::Client client;
  std::optional<Marathon> machine;
  SnapshotPtr snapshot;
  std::unique_ptr<runtime::CommitQueue> commits;
  std::unique_ptr<runtime::Driver<Marathon>> driver;
  std::unique_ptr<SchedulerConnection> connection;
  std::unique_ptr<Prober> prober;
  std::unique_ptr<Drainer> drainer;
  std::unique_ptr<routes::Api> api;
  net::Handler handler;
  std::unique_ptr<net::Server> server;
  runtime::Worker worker;  // ends first: what it renders uses the caches of `api`
  net::Timer lb_expiry;
  net::Timer leaving;  // since DELETE /v2/leader
};

// First of all, so that the port is known and an occupied one is told before anything is changed.
Result<void> Daemon::Parts::listen() {
  net::ServerOptions wanted;
  wanted.ip = options.ip;
  wanted.port = options.port;
  wanted.metrics = &registry;
  wanted.too_large = [] { return routes::message(413, "Request Entity Too Large"); };
  auto listening = net::Server::listen(
      loop, std::move(wanted), [this](net::Request request, net::Responder respond) {
        handler(std::move(request), std::move(respond));
      });
  if (!listening) {
    return fail(std::move(listening.error()));
  }
  server = std::move(*listening);
  Settings& settings = options.settings;
  if (!settings.webui_url) {
    settings.webui_url = fmt::format("http://{}:{}", settings.hostname, server->port());
  }
  return {};
}

Result<void> Daemon::Parts::load() {
  auto stored = load_records(store);
  if (!stored) {
    return fail(std::move(stored.error()));
  }
  const std::uint64_t seed = system_seed();
  log::info("marathon: {} records, seed {}", stored->size(), seed);
  machine.emplace(options.settings, Random(seed));
  if (auto loaded = machine->load(*stored, clock.now()); !loaded) {
    return loaded;
  }
  snapshot = machine->snapshot();
  return {};
}

routes::Host Daemon::Parts::host() {
  routes::Identity identity;
  identity.version = options.version;
  identity.leader = fmt::format("{}:{}", options.settings.hostname, server->port());
  identity.http_port = server->port();
  identity.master_url = options.master_url;
  return {loop,
          [this] { return snapshot; },
          [this](WallTime version) { return machine->root_at(version); },
          [this](Command command) { driver->handle(std::move(command)); },
          [this] { return clock.now(); },
          [this](std::function<void()> work) { return worker.post(std::move(work)); },
          [this] { count_lbs(); },
          [this] { refresh_metrics(); },
          [this] { leaving.set_after(kAbdicationDelay); },
          &registry,
          options.settings,
          std::move(identity),
          options.ui_folder,
          options.schemas_folder};
}

Result<void> Daemon::Parts::connect() {
  commits = std::make_unique<runtime::CommitQueue>(loop, store, on_failure);
  prober = std::make_unique<Prober>(
      loop,
      client,
      options.probes_max,
      Prober::Callbacks{
          [this](ProbeResult result) { driver->handle(std::move(result)); },
          [this](ReadinessProbeResult result) { driver->handle(std::move(result)); }});
  drainer = std::make_unique<Drainer>(client,
                                      options.settings.drain_timeout,
                                      [this](DrainDone done) { driver->handle(std::move(done)); });
  api = std::make_unique<routes::Api>(host());
  Result<net::Handler> entrance = front(options.front, api->handler());
  if (!entrance) {
    return fail(std::move(entrance.error()));
  }
  handler = std::move(*entrance);
  run();
  return {};
}

void Daemon::Parts::run() {
  driver = std::make_unique<runtime::Driver<Marathon>>(
      loop, clock, *machine, *commits, [this](Marathon::Effects effects) {
        dispatch(std::move(effects));
      });
  connection = std::make_unique<SchedulerConnection>(
      loop,
      open_link,
      SchedulerConnection::Callbacks{
          [this] { driver->handle(LinkOpened{}); },
          [this](api::scheduler::Event event) {
            mesos_metrics.received(event, *snapshot);
            driver->handle(SchedulerEvent{std::move(event)});
          },
          [this] { driver->handle(LinkClosed{}); }});
  driver->start();
  connection->start();
}

// What a leader that abdicates would do when it is elected again, and nobody else stands for
// election: it forgets everything, reads the store and subscribes anew. Tasks do not notice.
void Daemon::Parts::step_down() {
  if (commits->in_flight() > 0) {
    leaving.set_after(kStepDownRetry);
    return;
  }
  log::info("marathon: leadership given up by request; starting again from the store");
  connection.reset();
  driver.reset();
  api->events().close();
  if (auto loaded = load(); !loaded) {
    on_failure(std::move(loaded.error()));
    return;
  }
  run();
  count_lbs();
}

// What a step wants once its records are durable. The snapshot may already hold a later step that
// is still being written; no reply, event or call of that one has left.
void Daemon::Parts::dispatch(Marathon::Effects effects) {
  snapshot = machine->snapshot();
  for (const Reply& reply : effects.reply) {
    api->answer(reply);
  }
  if (!effects.notify.empty()) {
    count(effects.notify);
    api->publish(effects.notify);
  }
  metrics.calls.add(static_cast<double>(effects.send.size()));
  for (auto& call : effects.send) {
    mesos_metrics.sent(call);
    connection->send(std::move(call));
  }
  metrics.probes.add(static_cast<double>(effects.probes.size()));
  for (ProbeOrder& order : effects.probes) {
    prober->run(std::move(order));
  }
  for (ReadinessOrder& order : effects.readiness) {
    prober->run(std::move(order));
  }
  metrics.drains.add(static_cast<double>(effects.drains.size()));
  for (const DrainOrder& order : effects.drains) {
    drainer->run(order, api->load_balancers().urls());
  }
}

void Daemon::Parts::count(const std::vector<Notice>& notices) {
  for (const Notice& notice : notices) {
    if (std::holds_alternative<DeploymentStarted>(notice.body)) {
      metrics.deployments_started.add();
    } else if (std::holds_alternative<StatusChanged>(notice.body)) {
      metrics.status_updates.add();
    } else if (std::holds_alternative<UnhealthyInstanceKill>(notice.body)) {
      metrics.health_kills.add();
    }
  }
}

void Daemon::Parts::count_lbs() {
  routes::LoadBalancers& lbs = api->load_balancers();
  lbs.expire(clock.now().time);
  lb_expiry.set(lbs.next_deadline());
  driver->handle(LoadBalancersChanged{lbs.count()});
}

// Sums over all apps, so only when somebody looks.
void Daemon::Parts::refresh_metrics() {
  std::int64_t running = 0, staged = 0, healthy = 0, waiting = 0;
  snapshot->instances.for_each([&](const PathId&, const auto& instances) {
    running += instances->running;
    staged += instances->staged;
    healthy += instances->healthy;
  });
  snapshot->queue.for_each([&](const PathId&, const auto& queue) { waiting += queue->count; });
  metrics.apps.set(static_cast<double>(snapshot->root.apps.size()));
  metrics.groups.set(static_cast<double>(snapshot->root.groups.size()));
  metrics.deployments.set(static_cast<double>(snapshot->deployments.size()));
  metrics.running.set(static_cast<double>(running));
  metrics.staged.set(static_cast<double>(staged));
  metrics.healthy.set(static_cast<double>(healthy));
  metrics.waiting.set(static_cast<double>(waiting));
  metrics.connected.set(snapshot->connected ? 1 : 0);
  metrics.streams.set(static_cast<double>(api->events().readers()));
  metrics.probes_waiting.set(static_cast<double>(prober->waiting()));
  metrics.uptime.set(to_seconds(clock.now().time - started));
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Daemon::~Daemon() = default;

std::uint16_t Daemon::port() const {
  return parts_->server->port();
}

Result<std::unique_ptr<Daemon>> Daemon::start(net::Loop& loop,
                                              const Clock& clock,
                                              store::Store& store,
                                              Options options,
                                              api::SchedulerConnect connect,
                                              std::function<void(Error)> on_failure) {
  auto parts = std::make_unique<Parts>(
      loop, clock, std::move(options), Links{store, std::move(connect), std::move(on_failure)});
  if (auto listening = parts->listen(); !listening) {
    return fail(std::move(listening.error()));
  }
  if (auto loaded = parts->load(); !loaded) {
    return fail(std::move(loaded.error()));
  }
  if (auto connected = parts->connect(); !connected) {
    return fail(std::move(connected.error()));
  }
  log::info("marathon: listening on http://{}:{}", parts->options.ip, parts->server->port());
  return std::make_unique<Daemon>(std::move(parts));
}

}  // namespace ekiden::marathon
