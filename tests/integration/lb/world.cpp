#include "tests/integration/lb/world.h"

#include "core/base/check.h"
#include "core/base/strings.h"
#include "lb/haproxy.h"

#include <filesystem>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ekiden::lb {

using namespace std::chrono_literals;

World::World() : client(std::make_unique<net::Client>(loop)) {
  std::string pattern = std::filesystem::temp_directory_path() / "ekiden_lb_XXXXXX";
  folder = mkdtemp(pattern.data());
  auto listening = net::Server::listen(
      loop, {}, [this](net::Request r, net::Responder s) { answer(std::move(r), std::move(s)); });
  CHECK(listening.has_value(), "{}", listening.error().message);
  marathon = std::move(*listening);
}

World::~World() {
  daemon.reset();
  Haproxy haproxy("haproxy", folder + "/lb");
  if (haproxy.adopt()) {
    haproxy.stop();
  }
  client.reset();
  if (getenv("EKIDEN_KEEP") == nullptr) {
    std::filesystem::remove_all(folder);
  }
}

Options World::options() const {
  Options options;
  options.marathon_url = fmt::format("http://127.0.0.1:{}", marathon->port());
  options.work_dir = folder + "/lb";
  options.http_port = options.https_port = options.appid_port = options.stats_port = 0;
  options.drain_timeout = 2s;
  options.keep_empty = 3s;
  options.poll_fallback = 1s;
  options.announce_interval = 1s;
  options.coalesce = 20ms;
  options.connections_max = 2000;
  return options;
}

void World::start_daemon() {
  auto started = Daemon::start(loop, clock, options(), [](Error) {});
  CHECK(started.has_value(), "{}", started.error().message);
  daemon = std::move(*started);
}

World::Task& World::add_task(const std::string& app, const std::string& id) {
  auto task = std::make_unique<Task>();
  task->id = id;
  Task* at = task.get();
  auto listening = net::Server::listen(loop, {}, [this, at](net::Request, net::Responder respond) {
    ++at->requests;
    if (at->delay == Duration{}) {
      respond(net::text_response(200, at->id));
      return;
    }
    at->timers.push_back(std::make_unique<net::Timer>(
        loop, [at, respond] { respond(net::text_response(200, at->id)); }));
    at->timers.back()->set_after(at->delay);
  });
  CHECK(listening.has_value(), "{}", listening.error().message);
  task->server = std::move(*listening);
  if (apps[app].port == 0) {
    apps[app].port = free_port();
  }
  return *(apps[app].tasks[id] = std::move(task));
}

std::string World::apps_json() const {
  std::vector<std::string> texts;
  for (const auto& [id, app] : apps) {
    std::vector<std::string> tasks;
    for (const auto& [name, task] : app.tasks) {
      const std::string health =
          task->alive.empty()
              ? ""
              : fmt::format(R"(,"healthCheckResults":[{{"alive":{}}}])", task->alive);
      tasks.push_back(fmt::format(R"({{"id":"{}","host":"127.0.0.1","ports":[{}],"state":"{}"{}}})",
                                  name,
                                  task->server->port(),
                                  task->state,
                                  health));
    }
    const std::string check =
        app.health_check ? R"({"protocol":"HTTP","path":"/","portIndex":0,"intervalSeconds":1,)"
                           R"("timeoutSeconds":1,"gracePeriodSeconds":1,)"
                           R"("maxConsecutiveFailures":2})"
                         : "";
    texts.push_back(
        fmt::format(R"({{"id":"{}","labels":{{"HAPROXY_0_MODE":"http"{}{}}},"instances":1,)"
                    R"("healthChecks":[{}],"portDefinitions":[{{"port":{}}}],"tasks":[{}]}})",
                    id,
                    app.labels.empty() ? "" : ",",
                    app.labels,
                    check,
                    app.port,
                    join(tasks, ",")));
  }
  return "{\"apps\":[" + join(texts, ",") + "]}";
}

void World::answer(net::Request request, net::Responder respond) {
  if (!marathon_up) {
    respond(net::text_response(503, "away"));
  } else if (request.path == "/v2/apps") {
    respond(net::json_response(200, apps_json()));
  } else if (request.path == "/v2/ekiden/lbs") {
    ++announced;
    respond(net::json_response(200, "{}"));
  } else if (request.path == "/v2/events") {
    net::Response response;
    response.headers.set("Content-Type", "text/event-stream");
    response.chunks = std::make_shared<net::ChunkSource>();
    streams_.push_back(response.chunks);
    response.chunks->push("\r\n");
    respond(std::move(response));
  } else {
    respond(net::text_response(404, ""));
  }
}

void World::announce_change() {
  for (const auto& stream : streams_) {
    stream->push(
        "event: status_update_event\r\ndata: {\"eventType\":\"status_update_event\"}\r\n\r\n");
  }
}

void World::close_streams() {
  for (const auto& stream : streams_) {
    stream->close();
  }
  streams_.clear();
}

bool World::until(const std::function<bool()>& holds, Duration limit) {
  const Time end = clock.now().time + limit;
  while (!holds()) {
    if (clock.now().time > end) {
      return false;
    }
    net::Timer timer(loop, [this] { loop.stop(); });
    timer.set_after(5ms);
    loop.run();
  }
  return true;
}

World::Got World::call(net::Call call) {
  Got got;
  bool over = false;
  call.timeout = 8s;
  client->send(std::move(call), [&](Result<net::Response> answer) {
    over = true;
    if (answer) {
      got = {answer->status, std::move(answer->body)};
    }
  });
  until([&] { return over; });
  return got;
}

World::Got World::get(const std::string& url, const std::string& host) {
  net::Call request;
  request.url = url;
  if (!host.empty()) {
    request.headers.set("Host", host);
  }
  return call(std::move(request));
}

World::Got World::post(const std::string& url, const std::string& body) {
  net::Call request;
  request.method = "POST";
  request.url = url;
  request.body = body;
  return call(std::move(request));
}

std::string World::api(const std::string& path) const {
  return fmt::format("http://127.0.0.1:{}{}", daemon->port(), path);
}

std::string World::service_url(const App& app) const {
  return fmt::format("http://127.0.0.1:{}/", app.port);
}

double World::metric(const std::string& name) {
  const Got got = get(api("/metrics"));
  for (const std::string_view line : split(got.body, '\n')) {
    if (line.starts_with(name + " ")) {
      return parse_double(trim(line.substr(name.size()))).value_or(-1);
    }
  }
  return -1;
}

int World::free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  socklen_t size = sizeof(address);
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

Load::Load(World& world, std::string url, int chains) : world_(world), url_(std::move(url)) {
  for (int i = 0; i < chains; ++i) {
    next();
  }
}

Load::~Load() {
  finish();
}

void Load::finish() {
  running_ = false;
  world_.until([this] { return open_ == 0; });
}

void Load::next() {
  ++open_;
  net::Call call;
  call.url = url_;
  call.timeout = 8s;
  world_.client->send(std::move(call), [this](const Result<net::Response>& answer) {
    --open_;
    ++done_;
    if (!answer || answer->status != 200) {
      ++failed_;
      last_error_ = answer ? std::to_string(answer->status) : answer.error().message;
    }
    if (running_) {
      next();
    }
  });
}

}  // namespace ekiden::lb
