#include "core/master/daemon.h"

#include "core/base/log.h"
#include "core/base/overloaded.h"
#include "core/master/http_agents.h"
#include "core/master/http_scheduler.h"
#include "core/master/local_links.h"
#include "core/master/master.h"
#include "core/master/metrics.h"
#include "core/master/operator_stream.h"
#include "core/master/records.h"
#include "core/master/routes.h"
#include "core/net/router.h"
#include "core/net/server.h"
#include "core/runtime/driver.h"
#include "core/runtime/worker.h"

#include <optional>

#include <fmt/core.h>

namespace ekiden::master {
namespace {

// An agent that registers anew tells about all its tasks in one body.
constexpr std::size_t kBodyBytesMax = 64 * 1024 * 1024;

Result<std::vector<Record>> load_records(store::Store& store) {
  std::vector<Record> records;
  for (const char* kind : {kFrameworkKind, kAgentKind}) {
    auto entries = store.load(kind);
    if (!entries) {
      return fail(std::move(entries.error()));
    }
    for (auto& [key, value] : *entries) {
      records.push_back({kind, std::move(key), std::move(value)});
    }
  }
  return records;
}

void write_log(const LogLine& line) {
  switch (line.level) {
    case LogLine::Level::info:
      log::info("master: {}", line.text);
      break;
    case LogLine::Level::warn:
      log::warn("master: {}", line.text);
      break;
    case LogLine::Level::error:
      log::error("master: {}", line.text);
      break;
  }
}

}  // namespace

// Built top to bottom, destroyed bottom to top.
struct Daemon::Impl {
  Impl(net::Loop& on_loop, const Clock& by_clock, Options with)
      : loop(on_loop), clock(by_clock), options(std::move(with)) {}

  net::Loop& loop;
  const Clock& clock;
  Options options;
  Time started{};
  Registry registry;
  MasterMetrics metrics{registry};
  std::unique_ptr<Master> machine;
  std::unique_ptr<runtime::CommitQueue> commits;
  std::unique_ptr<runtime::Driver<Master>> driver;
  ConnectionId next_connection = 0;
  std::shared_ptr<SchedulerHub> schedulers;
  std::shared_ptr<AgentHub> agents;
  std::unique_ptr<HttpSchedulers> http_schedulers;
  std::unique_ptr<HttpAgents> http_agents;
  std::unique_ptr<OperatorStream> stream;
  std::unique_ptr<runtime::Worker> worker;  // ends before the stream that its work names
  std::optional<RouteContext> context;
  std::unique_ptr<net::Server> server;

  Result<void> listen();
  void make_links();
  Result<void> build(store::Store& store, std::function<void(Error)> on_failure);
  void dispatch(Effects fx);
  void count(const TaskUpdated& updated);
  std::string metrics_text();
};

Result<void> Daemon::Impl::listen() {
  worker = std::make_unique<runtime::Worker>("master-reads");
  stream = std::make_unique<OperatorStream>(
      loop, *worker, options.machine.heartbeat_interval, metrics.slow_subscribers);
  context.emplace(RouteContext{[this] { return machine->snapshot(); },
                               [this] { return clock.now().time - started; },
                               [this] { return metrics_text(); },
                               *worker,
                               *stream,
                               [this](net::Request request, net::Responder respond) {
                                 http_schedulers->handle(std::move(request), std::move(respond));
                               },
                               [this](net::Request request, net::Responder respond) {
                                 http_agents->handle(request, respond);
                               }});
  auto router = std::make_shared<net::Router>(routes(*context));
  net::ServerOptions listen_on;
  listen_on.ip = options.ip;
  listen_on.port = options.port;
  listen_on.body_bytes_max = kBodyBytesMax;
  auto listening = net::Server::listen(
      loop, listen_on, [this, router](net::Request request, net::Responder respond) {
        if (machine == nullptr) {
          respond(net::text_response(503, "The master is starting"));
          return;
        }
        (*router)(std::move(request), std::move(respond));
      });
  if (!listening) {
    return fail(std::move(listening.error()));
  }
  server = std::move(*listening);
  return {};
}

Result<void> Daemon::Impl::build(store::Store& store, std::function<void(Error)> on_failure) {
  started = clock.now().time;
  if (auto done = listen(); !done) {
    return done;
  }
  auto records = load_records(store);
  if (!records) {
    return fail(std::move(records.error()));
  }
  const std::uint64_t seed = system_seed();
  MasterFacts facts;
  facts.ip = options.ip;
  facts.port = server->port();
  facts.hostname = options.hostname.empty() ? options.ip : options.hostname;
  facts.started = clock.now().wall;
  auto made = std::make_unique<Master>(options.machine, std::move(facts), Random(seed));
  if (auto loaded = made->load(*records, clock.now()); !loaded) {
    return loaded;
  }
  machine = std::move(made);
  commits = std::make_unique<runtime::CommitQueue>(loop, store, std::move(on_failure));
  driver = std::make_unique<runtime::Driver<Master>>(
      loop, clock, *machine, *commits, [this](Effects fx) { dispatch(std::move(fx)); });
  make_links();
  driver->start();
  log::info(
      "master {} listens on {}:{}, seed {}", machine->facts().id, options.ip, server->port(), seed);
  return {};
}

// A connection has a number of its own whether it is of this process or of a socket.
void Daemon::Impl::make_links() {
  const auto call = [this](ConnectionId id, api::scheduler::Call said) {
    driver->handle(SchedulerCall{id, std::move(said)});
  };
  const auto framework_closed = [this](ConnectionId id) { driver->handle(SchedulerClosed{id}); };
  const auto message = [this](ConnectionId id, api::agent_link::ToMaster said) {
    driver->handle(AgentMessage{id, std::move(said)});
  };
  const auto agent_closed = [this](ConnectionId id) { driver->handle(AgentClosed{id}); };
  schedulers = std::make_shared<SchedulerHub>(loop, next_connection, call, framework_closed);
  agents = std::make_shared<AgentHub>(loop, next_connection, message, agent_closed);
  http_schedulers = std::make_unique<HttpSchedulers>(
      loop,
      next_connection,
      metrics.slow_schedulers,
      HttpSchedulers::Links{[this]() -> const Master& { return *machine; },
                            call,
                            framework_closed,
                            [this](std::function<void()> work) { commits->submit({}, work); }});
  http_agents = std::make_unique<HttpAgents>(
      loop, next_connection, metrics.slow_agents, HttpAgents::Links{message, agent_closed});
}

void Daemon::Impl::dispatch(Effects fx) {
  for (SchedulerEvent& event : fx.to_schedulers) {
    if (schedulers->has(event.connection)) {
      schedulers->send(event.connection, std::move(event.event));
    } else {
      http_schedulers->send(event.connection, event.event);
    }
  }
  for (AgentOrder& order : fx.to_agents) {
    if (agents->has(order.connection)) {
      agents->send(order.connection, std::move(order.message));
    } else {
      http_agents->send(order.connection, order.message);
    }
  }
  for (const ConnectionId id : fx.close_schedulers) {
    http_schedulers->close(id);
    schedulers->close(id);
  }
  for (const ConnectionId id : fx.close_agents) {
    http_agents->close(id);
    agents->close(id);
  }
  for (const Notice& notice : fx.notify) {
    stream->publish(notice);
    std::visit(Overloaded{[](const LogLine& line) { write_log(line); },
                          [this](const OffersSent& sent) {
                            metrics.offers_sent.add(static_cast<double>(sent.count));
                          },
                          [this](const TaskUpdated& updated) { count(updated); },
                          [](const auto&) {}},
               notice);
  }
}

void Daemon::Impl::count(const TaskUpdated& updated) {
  using State = model::TaskState;
  metrics.status_updates.add();
  switch (updated.status.state) {
    case State::finished:
      metrics.tasks_finished.add();
      break;
    case State::failed:
      metrics.tasks_failed.add();
      break;
    case State::killed:
      metrics.tasks_killed.add();
      break;
    case State::error:
      metrics.tasks_error.add();
      break;
    case State::lost:
    case State::dropped:
    case State::gone:
    case State::gone_by_operator:
      metrics.tasks_lost.add();
      break;
    default:
      break;
  }
}

std::string Daemon::Impl::metrics_text() {
  const SnapshotPtr snapshot = machine->snapshot();
  std::map<model::TaskState, double> tasks;
  double frameworks = 0;
  double offers = 0;
  double unreachable = 0;
  for (const FrameworkView& framework : snapshot->frameworks) {
    frameworks += framework.active ? 1 : 0;
    offers += static_cast<double>(framework.offers.size());
    unreachable += static_cast<double>(framework.unreachable.size());
    for (const TaskPtr& task : framework.tasks) {
      tasks[task->state] += 1;
    }
  }
  double active = 0;
  for (const AgentView& agent : snapshot->agents) {
    active += agent.active ? 1 : 0;
  }
  metrics.uptime_seconds.set(to_seconds(clock.now().time - started));
  metrics.agents_active.set(active);
  metrics.agents_inactive.set(static_cast<double>(snapshot->agents.size()) - active);
  metrics.agents_unreachable.set(static_cast<double>(snapshot->unreachable_agents));
  metrics.frameworks_active.set(frameworks);
  metrics.frameworks_inactive.set(static_cast<double>(snapshot->frameworks.size()) - frameworks);
  metrics.tasks_staging.set(tasks[model::TaskState::staging]);
  metrics.tasks_starting.set(tasks[model::TaskState::starting]);
  metrics.tasks_running.set(tasks[model::TaskState::running]);
  metrics.tasks_killing.set(tasks[model::TaskState::killing]);
  metrics.tasks_unreachable.set(unreachable);
  metrics.outstanding_offers.set(offers);
  metrics.event_subscribers.set(static_cast<double>(stream->size()));
  return registry.text();
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Daemon>> Daemon::start(net::Loop& loop,
                                              const Clock& clock,
                                              store::Store& store,
                                              Options options,
                                              std::function<void(Error)> on_failure) {
  auto impl = std::make_unique<Impl>(loop, clock, std::move(options));
  if (auto built = impl->build(store, std::move(on_failure)); !built) {
    return fail(std::move(built.error()));
  }
  return std::make_unique<Daemon>(std::move(impl));
}

Daemon::~Daemon() {
  impl_->schedulers->shut_down();
  impl_->agents->shut_down();
  impl_->http_schedulers->shut_down();
  impl_->http_agents->shut_down();
}

std::uint16_t Daemon::port() const {
  return impl_->server->port();
}

const std::string& Daemon::id() const {
  return impl_->machine->facts().id;
}

api::SchedulerConnect Daemon::scheduler_connect() {
  return [hub = std::weak_ptr<SchedulerHub>(impl_->schedulers)](
             std::function<void(api::scheduler::Event)> on_message,
             std::function<void()> on_close) -> std::unique_ptr<api::SchedulerLink> {
    const auto alive = hub.lock();
    return alive ? alive->open(std::move(on_message), std::move(on_close)) : SchedulerHub::dead();
  };
}

api::MasterConnect Daemon::agent_connect() {
  return [hub = std::weak_ptr<AgentHub>(impl_->agents)](
             std::function<void(api::agent_link::ToAgent)> on_message,
             std::function<void()> on_close) -> std::unique_ptr<api::MasterLink> {
    const auto alive = hub.lock();
    return alive ? alive->open(std::move(on_message), std::move(on_close)) : AgentHub::dead();
  };
}

}  // namespace ekiden::master
