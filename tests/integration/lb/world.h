#pragma once

#include "core/base/clock.h"
#include "core/net/client.h"
#include "core/net/loop.h"
#include "core/net/server.h"
#include "lb/daemon.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::lb {

// A real HAProxy and daemon, a Marathon that says what the test wants, and tasks that are real
// servers; all on one loop, in a folder of its own.
class World {
 public:
  struct Task {
    std::string id;
    std::string state = "TASK_RUNNING";
    std::string alive;  // "true", "false"; empty: no result yet
    std::unique_ptr<net::Server> server;
    std::size_t requests = 0;
    Duration delay{};
    std::vector<std::unique_ptr<net::Timer>> timers;
  };

  struct App {
    std::string labels;  // "\"HAPROXY_0_VHOST\":\"a.test\""
    int port = 0;
    bool health_check = false;
    std::map<std::string, std::unique_ptr<Task>> tasks;
  };

  World();
  ~World();  // stops daemon and HAProxy

  Options options() const;
  void start_daemon();

  void stop_daemon() { daemon.reset(); }

  Task& add_task(const std::string& app, const std::string& id);
  std::string apps_json() const;
  void announce_change();  // an event to all streams
  void close_streams();

  // Runs the loop until it holds; false after `limit`.
  bool until(const std::function<bool()>& holds, Duration limit = std::chrono::seconds(20));

  struct Got {
    int status = 0;  // 0: no answer
    std::string body;
  };

  Got get(const std::string& url, const std::string& host = "");
  Got post(const std::string& url, const std::string& body);
  std::string api(const std::string& path) const;
  std::string service_url(const App& app) const;
  double metric(const std::string& name);

  bool serves(const App& app) { return get(service_url(app)).status == 200; }

  static int free_port();

  net::Loop loop;
  SystemClock clock;
  std::string folder;
  std::map<std::string, App> apps;
  bool marathon_up = true;
  int announced = 0;
  std::unique_ptr<net::Client> client;
  std::unique_ptr<net::Server> marathon;
  std::unique_ptr<Daemon> daemon;

 private:
  void answer(net::Request request, net::Responder respond);
  Got call(net::Call call);

  std::vector<std::shared_ptr<net::ChunkSource>> streams_;
};

// Chains of requests, one after another each, that count what is not 200.
class Load {
 public:
  Load(World& world, std::string url, int chains);
  ~Load();
  void finish();  // lets the running requests end

  std::size_t done() const { return done_; }

  std::size_t failed() const { return failed_; }

  const std::string& last_error() const { return last_error_; }

 private:
  void next();

  World& world_;
  std::string url_;
  bool running_ = true;
  int open_ = 0;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  std::string last_error_;
};

}  // namespace ekiden::lb
