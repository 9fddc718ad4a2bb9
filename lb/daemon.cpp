#include "lb/daemon.h"

#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/net/client.h"
#include "core/net/router.h"
#include "core/net/server.h"
#include "core/runtime/worker.h"
#include "lb/applier.h"
#include "lb/drains.h"
#include "lb/files.h"
#include "lb/metrics.h"
#include "lb/ports.h"
#include "lb/watcher.h"

#include <filesystem>

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

using namespace std::chrono_literals;

constexpr Duration kSuperviseInterval = 1s;
constexpr Duration kUnfinishedInterval = 5s;
constexpr Duration kAnnounceTimeout = 5s;
constexpr std::size_t kBodyMax = 64 * 1024;

json::Value rejected_json(const std::vector<Rejected>& rejected) {
  json::Array list;
  for (const Rejected& app : rejected) {
    json::Value entry;
    entry.set("appId", app.app_id);
    entry.set("reason", app.reason);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

struct Daemon::Impl {
  Impl(net::Loop& loop_of_all, const Clock& the_clock, Options the_options, Ports the_ports);
  Result<void> listen();
  void begin(Outcome outcome);
  net::Router routes();
  void on_apps(std::uint64_t fetch, std::string apps_json);
  void on_fetch_failure(std::uint64_t fetch, const Error& error);
  // Runs `work` on the worker thread and takes in what it did.
  void run(std::function<Outcome()> work, std::vector<std::string> leaving);
  void finished(const Outcome& outcome, double seconds);
  void supervise();
  void announce();
  void drain(const net::Request& request, net::Responder respond);
  void with_pids(net::Responder respond);
  std::string status() const;

  net::Loop& loop;
  const Clock& clock;
  const Options options;
  Ports ports;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  Registry registry;
  Metrics metrics{registry};
  Applier applier;
  Outcome last;
  std::string marathon_error = "not asked yet";
  Time last_fetch = kNever;
  bool announced = false;
  bool destroyed = false;
  std::unique_ptr<net::Server> server;
  net::Client client;
  runtime::Worker worker;  // its destructor waits for the running job, which uses the above
  Drains drains;
  Watcher watcher;
  net::Timer supervise_timer;
  net::Timer announce_timer;
  net::Timer unfinished_timer;
};

Daemon::Impl::Impl(net::Loop& loop_of_all,
                   const Clock& the_clock,
                   Options the_options,
                   Ports the_ports)
    : loop(loop_of_all),
      clock(the_clock),
      options(std::move(the_options)),
      ports(the_ports),
      applier(the_clock, options, the_ports),
      client(loop_of_all),
      worker("lb"),
      drains({loop_of_all, the_clock, worker, applier, metrics, alive, options.drain_timeout}),
      watcher(
          loop_of_all,
          client,
          options,
          metrics,
          {[this](std::uint64_t fetch, std::string apps) { on_apps(fetch, std::move(apps)); },
           [this](std::uint64_t fetch, const Error& error) { on_fetch_failure(fetch, error); }}),
      supervise_timer(loop_of_all, [this] { supervise(); }),
      announce_timer(loop_of_all, [this] { announce(); }),
      unfinished_timer(loop_of_all, [this] { run([this] { return applier.again(); }, {}); }) {}

Result<void> Daemon::Impl::listen() {
  net::ServerOptions server_options;
  server_options.ip = options.ip;
  server_options.port = ports.admin;
  server_options.body_bytes_max = kBodyMax;
  auto listening = net::Server::listen(loop, server_options, routes());
  if (!listening) {
    return fail(listening.error());
  }
  server = std::move(*listening);
  return {};
}

void Daemon::Impl::begin(Outcome outcome) {
  finished(outcome, 0);
  watcher.start();
  supervise_timer.set_after(kSuperviseInterval);
  announce();
}

void Daemon::Impl::on_apps(std::uint64_t fetch, std::string apps_json) {
  marathon_error.clear();
  last_fetch = clock.now().time;
  std::vector<std::string> leaving = drains.due(fetch);
  run(
      [this, leaving, apps = std::move(apps_json)] {
        for (const std::string& task : leaving) {
          applier.take_out(task);
        }
        return applier.apply(apps);
      },
      leaving);
}

void Daemon::Impl::on_fetch_failure(std::uint64_t fetch, const Error& error) {
  if (marathon_error != error.message) {
    log::warn("load balancer: {}; the last good configuration stays", error.message);
  }
  marathon_error = error.message;
  std::vector<std::string> leaving = drains.due(fetch);
  run(
      [this, leaving] {
        for (const std::string& task : leaving) {
          applier.take_out(task);
        }
        return leaving.empty() ? applier.begin_without_apps() : applier.again();
      },
      leaving);
}

void Daemon::Impl::run(std::function<Outcome()> work, std::vector<std::string> leaving) {
  if (destroyed) {
    return;
  }
  const bool queued = worker.post([this,
                                   work = std::move(work),
                                   leaving = std::move(leaving),
                                   still = std::weak_ptr<bool>(alive)] {
    const Time begun = clock.now().time;
    const Outcome outcome = work();
    const double seconds = to_seconds(clock.now().time - begun);
    loop.post([this, outcome, seconds, leaving, still] {
      if (!still.expired()) {
        finished(outcome, seconds);
        drains.taken_out(leaving);
      }
    });
  });
  if (!queued) {
    metrics.run_failures.add();
  }
}

void Daemon::Impl::finished(const Outcome& outcome, double seconds) {
  metrics.runs.add();
  metrics.run_seconds.observe(seconds);
  metrics.reloads.add(outcome.reloads);
  metrics.starts.add(outcome.starts);
  metrics.runtime_changes.add(outcome.runtime_changes);
  metrics.validations.add(outcome.validations);
  if (!outcome.error.empty()) {
    metrics.run_failures.add();
  }
  metrics.rejected.set(static_cast<double>(outcome.rejected.size()));
  metrics.services.set(static_cast<double>(outcome.services));
  metrics.servers.set(static_cast<double>(outcome.servers));
  if (outcome.reloads > 0) {
    log::info("HAProxy was reloaded: {}", outcome.reload_because);
  }
  if (outcome.unfinished || (!outcome.error.empty() && applier.haproxy().is_installed())) {
    unfinished_timer.set_after(kUnfinishedInterval);
  }
  last = outcome;
}

void Daemon::Impl::supervise() {
  supervise_timer.set_after(kSuperviseInterval);
  if (destroyed) {
    return;
  }
  worker.post([this, still = std::weak_ptr<bool>(alive)] {
    const auto outcome = applier.supervise();
    if (!outcome) {
      return;
    }
    loop.post([this, outcome = *outcome, still] {
      if (!still.expired()) {
        Outcome merged = last;
        merged.error = outcome.error;
        merged.starts = outcome.starts;
        merged.reloads = merged.runtime_changes = merged.validations = 0;
        finished(merged, 0);
      }
    });
  });
}

// Marathon forgets us when this stops; a Marathon that does not know the path is asked rarely.
void Daemon::Impl::announce() {
  announce_timer.set_after(announced ? Duration(options.announce_interval)
                                     : Duration(options.announce_interval) / 5);
  net::Call call;
  call.method = "POST";
  call.url = options.marathon_url + "/v2/ekiden/lbs";
  call.timeout = kAnnounceTimeout;
  call.headers.set("Content-Type", "application/json");
  if (!options.authorization.empty()) {
    call.headers.set("Authorization", options.authorization);
  }
  json::Value body;
  body.set("url", fmt::format("http://{}:{}", options.ip, server->port()));
  call.body = json::to_text(body);
  client.send(std::move(call), [this](const Result<net::Response>& answer) {
    announced = answer && answer->status / 100 == 2;
    if (answer && !announced) {
      announce_timer.set_after(6 * Duration(options.announce_interval));
    }
  });
}

void Daemon::Impl::drain(const net::Request& request, net::Responder respond) {
  const auto body = json::parse(request.body);
  const std::string task(body ? (*body)["taskId"].as_string() : "");
  if (task.empty()) {
    respond(net::json_response(400, R"({"message":"cannot drain: the body names no taskId"})"));
    return;
  }
  if (!drains.add(task, watcher.refresh(), respond)) {
    respond(net::json_response(503, R"({"message":"too many tasks are draining: try again"})"));
  }
}

void Daemon::Impl::with_pids(net::Responder respond) {
  worker.post([this, respond = std::move(respond)] {
    std::string text;
    for (const pid_t pid : applier.haproxy().pids()) {
      text += fmt::format("{}{}", text.empty() ? "" : " ", pid);
    }
    respond(net::text_response(200, std::move(text), "text/plain"));
  });
}

std::string Daemon::Impl::status() const {
  json::Value body;
  body.set("haproxy", applier.file("haproxy.cfg"));
  body.set("error", last.error);
  body.set("marathon", options.marathon_url);
  body.set("marathonError", marathon_error);
  body.set("services", static_cast<std::int64_t>(last.services));
  body.set("servers", static_cast<std::int64_t>(last.servers));
  body.set("reloads", static_cast<std::int64_t>(metrics.reloads.value()));
  body.set("runtimeChanges", static_cast<std::int64_t>(metrics.runtime_changes.value()));
  body.set("lastReloadBecause", last.reload_because);
  body.set("draining", static_cast<std::int64_t>(drains.size()));
  body.set("httpPort", static_cast<int>(ports.http));
  body.set("statsPort", static_cast<int>(ports.stats));
  body.set("rejected", rejected_json(last.rejected));
  return json::to_text(body);
}

net::Router Daemon::Impl::routes() {
  using net::Request;
  using net::Responder;
  const auto file_route = [this](const char* name) {
    return [path = applier.file(name)](const Request&, Responder respond) {
      respond(net::text_response(200, read_text(path), "text/plain"));
    };
  };
  const auto signal = [this](const Request&, Responder respond) {
    watcher.refresh();
    respond(net::text_response(200, "The load balancer looks at all apps again"));
  };
  return net::Router({
      {"GET",
       "/health",
       [this](const Request&, Responder respond) { respond(net::json_response(200, status())); }},
      {"GET",
       "/metrics",
       [this](const Request&, Responder respond) {
         metrics.age.set(last_fetch == kNever ? -1 : to_seconds(clock.now().time - last_fetch));
         respond(net::text_response(200, registry.text(), "text/plain; version=0.0.4"));
       }},
      {"GET",
       "/_ekiden/status",
       [this](const Request&, Responder respond) { respond(net::json_response(200, status())); }},
      {"GET",
       "/_ekiden/rejected",
       [this](const Request&, Responder respond) {
         respond(net::json_response(200, json::to_text(rejected_json(last.rejected))));
       }},
      {"POST",
       "/_ekiden/drain",
       [this](const Request& request, Responder respond) { drain(request, std::move(respond)); }},
      {"GET", "/_haproxy_getconfig", file_route("haproxy.cfg")},
      {"GET", "/_haproxy_getvhostmap", file_route("domain2backend.map")},
      {"GET", "/_haproxy_getappmap", file_route("app2backend.map")},
      {"GET",
       "/_haproxy_getpids",
       [this](const Request&, Responder respond) { with_pids(std::move(respond)); }},
      {"GET", "/_mlb_signal/hup", signal},
      {"GET", "/_mlb_signal/usr1", signal},
  });
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Daemon::~Daemon() {
  impl_->alive.reset();
}

Result<std::unique_ptr<Daemon>> Daemon::start(net::Loop& loop,
                                              const Clock& clock,
                                              Options options,
                                              std::function<void(Error)> /*on_failure*/) {
  std::error_code error;
  std::filesystem::create_directories(options.work_dir, error);
  options.work_dir = std::filesystem::absolute(options.work_dir).lexically_normal().string();
  if (!std::filesystem::is_directory(options.work_dir)) {
    return fail(
        ErrorCode::internal,
        fmt::format(
            "cannot use folder {} for the load balancer: {}", options.work_dir, error.message()));
  }
  const bool ours = Haproxy(options.haproxy_path, options.work_dir).adopt();
  const auto ports = choose_ports(options, ours ? Claimed::by_our_haproxy : Claimed::no);
  if (!ports) {
    return fail(ports.error());
  }
  auto impl = std::make_unique<Impl>(loop, clock, std::move(options), *ports);
  if (auto listening = impl->listen(); !listening) {
    return fail(listening.error());
  }
  impl->begin(impl->applier.begin());
  return std::make_unique<Daemon>(std::move(impl));
}

std::uint16_t Daemon::port() const {
  return impl_->server->port();
}

std::uint16_t Daemon::http_port() const {
  return impl_->ports.http;
}

std::uint16_t Daemon::https_port() const {
  return impl_->ports.https;
}

std::uint16_t Daemon::stats_port() const {
  return impl_->ports.stats;
}

std::uint16_t Daemon::appid_port() const {
  return impl_->ports.appid;
}

std::vector<std::string> Daemon::limitations() const {
  if (impl_->applier.haproxy().is_installed()) {
    return {};
  }
  return {fmt::format("no program {}: services are not balanced; install the package haproxy",
                      impl_->options.haproxy_path)};
}

void Daemon::destroy(std::function<void()> done) {
  impl_->destroyed = true;
  Impl& impl = *impl_;
  impl.worker.post([&impl, done = std::move(done)] {
    impl.applier.stop_haproxy();
    impl.loop.post(done);
  });
}

}  // namespace ekiden::lb
