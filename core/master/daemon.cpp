#include "core/master/daemon.h"

#include "core/base/log.h"
#include "core/base/overloaded.h"
#include "core/master/access.h"
#include "core/master/counters.h"
#include "core/master/http_agents.h"
#include "core/master/http_scheduler.h"
#include "core/master/local_links.h"
#include "core/master/master.h"
#include "core/master/metrics.h"
#include "core/master/operator_stream.h"
#include "core/master/records.h"
#include "core/master/routes.h"
#include "core/net/server.h"
#include "core/runtime/driver.h"
#include "core/runtime/worker.h"
#include "core/wire/legacy.h"

#include <map>
#include <optional>

#include <fmt/core.h>

namespace ekiden::master {
namespace {

// An agent that registers anew tells about all its tasks in one body.
constexpr std::size_t kBodyBytesMax = 64 * 1024 * 1024;

Result<std::vector<Record>> load_records(store::Store& store) {
  std::vector<Record> records;
  for (const char* kind : kRecordKinds) {
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
  Access access;
  std::unique_ptr<MasterCounters> counters;
  std::map<RequestId, net::Responder> orders;  // of operators, not answered yet
  RequestId next_order = 0;
  wire::LoggingLevel logging{loop};
  std::unique_ptr<OperatorStream> stream;
  std::unique_ptr<runtime::Worker> worker;  // ends before the stream that its work names
  std::optional<RouteContext> context;
  std::unique_ptr<net::Server> server;

  Result<void> listen();
  void make_links();
  Result<void> build(store::Store& store, std::function<void(Error)> on_failure);
  void dispatch(Effects fx);
  void count(const TaskUpdated& updated);
  void order(OperatorCommand command, const std::string& principal, net::Responder respond);
  void answer(const OperatorReply& reply);
  Result<std::string> file(const std::string& path) const;
  MetricValues metric_values() const;
  std::string metrics_text();
};

Result<void> Daemon::Impl::listen() {
  worker = std::make_unique<runtime::Worker>("master-reads");
  OperatorStream::Options streaming;
  streaming.heartbeat = options.machine.heartbeat_interval;
  streaming.subscribers_max = options.event_subscribers_max;
  stream = std::make_unique<OperatorStream>(loop, *worker, streaming, metrics.slow_subscribers);
  context.emplace(RouteContext{
      [this] { return machine->snapshot(); },
      [this] { return metric_values(); },
      [this] { return metrics_text(); },
      [this](OperatorCommand command, const std::string& principal, net::Responder respond) {
        order(std::move(command), principal, std::move(respond));
      },
      *worker,
      *stream,
      logging,
      access,
      options.flags,
      options.framework_metrics ? FrameworkMetrics::shown : FrameworkMetrics::left_out,
      [this](const std::string& path) { return file(path); },
      [this](net::Request request, net::Responder respond) {
        http_schedulers->handle(std::move(request), std::move(respond));
      },
      [this](net::Request request, net::Responder respond) {
        http_agents->handle(request, respond);
      }});
  const auto handler = make_routes(*context, [this] {
    const MasterFacts& facts = machine->facts();
    return Leadership{true, fmt::format("{}:{}", facts.hostname, facts.port)};
  });
  net::ServerOptions listen_on;
  listen_on.ip = options.ip;
  listen_on.port = options.port;
  listen_on.body_bytes_max = kBodyBytesMax;
  listen_on.metrics = &registry;
  auto listening = net::Server::listen(
      loop, listen_on, [this, handler](net::Request request, net::Responder respond) {
        if (machine == nullptr) {
          respond(net::text_response(503, "The master is starting"));
          return;
        }
        handler(std::move(request), std::move(respond));
      });
  if (!listening) {
    return fail(std::move(listening.error()));
  }
  server = std::move(*listening);
  return {};
}

Result<void> Daemon::Impl::build(store::Store& store, std::function<void(Error)> on_failure) {
  started = clock.now().time;
  if (options.flags.empty()) {
    flags(options);  // started from inside: what the flags would say
  }
  auto made_access = Access::from(options.access);
  if (!made_access) {
    return fail(std::move(made_access.error()));
  }
  access = std::move(*made_access);
  counters = std::make_unique<MasterCounters>(
      options.framework_metrics ? FrameworkMetrics::shown : FrameworkMetrics::left_out);
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
    counters->count(id, said);
    driver->handle(SchedulerCall{id, std::move(said)});
  };
  const auto framework_closed = [this](ConnectionId id) { driver->handle(SchedulerClosed{id}); };
  const auto message = [this](ConnectionId id, api::agent_link::ToMaster said) {
    counters->count(said);
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
                            [this](std::function<void()> work) { commits->submit({}, work); },
                            access.acls});
  http_agents = std::make_unique<HttpAgents>(
      loop, next_connection, metrics.slow_agents, HttpAgents::Links{message, agent_closed});
}

void Daemon::Impl::dispatch(Effects fx) {
  for (SchedulerEvent& event : fx.to_schedulers) {
    counters->count(event);
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
  for (const OperatorReply& reply : fx.replies) {
    answer(reply);
  }
  for (const Notice& notice : fx.notify) {
    counters->count(notice);
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

void Daemon::Impl::order(OperatorCommand command,
                         const std::string& principal,
                         net::Responder respond) {
  const RequestId id = ++next_order;
  orders[id] = std::move(respond);
  driver->handle(OperatorRequest{
      id, std::move(command), principal.empty() ? std::nullopt : std::optional(principal)});
}

void Daemon::Impl::answer(const OperatorReply& reply) {
  const auto found = orders.find(reply.id);
  if (found != orders.end()) {
    const net::Responder respond = std::move(found->second);
    orders.erase(found);
    respond(net::text_response(reply.status, reply.text));
  }
}

// The only file that a master shows; under the names that it is asked for.
Result<std::string> Daemon::Impl::file(const std::string& path) const {
  if (path.find("/..") != std::string::npos) {
    return fail(ErrorCode::invalid, "Requested path '" + path + "' contains '..'");
  }
  if ((path == "/master/log" || path == "master/log") && !options.external_log_file.empty()) {
    return options.external_log_file;
  }
  return fail(ErrorCode::not_found, "No such file or directory: '" + path + "'");
}

MetricValues Daemon::Impl::metric_values() const {
  MetricValues values = counters->values();
  values.emplace_back("master/elected", 1);
  values.emplace_back("master/uptime_secs", to_seconds(clock.now().time - started));
  values.emplace_back("master/event_queue_messages", 0);
  values.emplace_back("master/event_queue_dispatches", 0);
  values.emplace_back("master/event_queue_http_requests", static_cast<double>(orders.size()));
  values.emplace_back("master/http_cache_hits", 0);
  values.emplace_back("master/operator_event_stream_subscribers",
                      static_cast<double>(stream->size()));
  values.emplace_back("master/slow_schedulers", metrics.slow_schedulers.value());
  values.emplace_back("master/slow_agents", metrics.slow_agents.value());
  values.emplace_back("master/slow_subscribers", metrics.slow_subscribers.value());
  values.emplace_back("registrar/queued_operations", static_cast<double>(commits->in_flight()));
  values.emplace_back("registrar/log/recovered", 1);
  values.emplace_back("registrar/log/ensemble_size", 1);
  for (auto& value : wire::system_metrics(wire::system_facts())) {
    values.push_back(std::move(value));
  }
  return values;
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
