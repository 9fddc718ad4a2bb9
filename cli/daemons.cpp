#include "cli/daemons.h"

#include "cli/mini_layout.h"
#include "cli/state_files.h"
#include "core/agent/daemon.h"
#include "core/base/clock.h"
#include "core/master/daemon.h"
#include "core/net/client.h"
#include "core/wire/connect.h"
#include "dns/daemon.h"
#include "lb/daemon.h"
#include "marathon/daemon/daemon.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::cli {
namespace {

namespace fs = std::filesystem;

// What a daemon stands on, destroyed bottom to top.
template <class Daemon>
struct Parts {
  explicit Parts(net::Loop& loop) : client(loop) {}

  SystemClock clock;
  std::unique_ptr<store::Store> store;
  net::Client client;
  std::unique_ptr<Daemon> daemon;
};

constexpr FolderName kWorkFolder{"work folder", "--work_dir"};

// An address that this host can call itself at.
std::string own_url(const std::string& ip, std::uint16_t port) {
  return fmt::format("http://{}:{}", ip == "0.0.0.0" ? "127.0.0.1" : ip, port);
}

template <class Daemon>
Result<Started> keep(std::shared_ptr<Parts<Daemon>> parts,
                     Result<std::unique_ptr<Daemon>> daemon,
                     const std::string& ip,
                     std::string ready_path) {
  if (!daemon) {
    return fail(std::move(daemon.error()));
  }
  parts->daemon = std::move(*daemon);
  Started started;
  started.url = own_url(ip, parts->daemon->port());
  started.ready_path = std::move(ready_path);
  if constexpr (requires { parts->daemon->limitations(); }) {
    started.limitations = parts->daemon->limitations();
  }
  started.owner = std::move(parts);
  return started;
}

Result<Started> start_master(const MasterCommand& command, net::Loop& loop, OnFailure on_failure) {
  open_files_max();  // a connection or two for each agent
  auto parts = std::make_shared<Parts<master::Daemon>>(loop);
  auto store = open_state(command.work_dir, kWorkFolder);
  if (!store) {
    return fail(std::move(store.error()));
  }
  parts->store = std::move(*store);
  auto daemon = master::Daemon::start(
      loop, parts->clock, *parts->store, command.options, std::move(on_failure));
  return keep(parts, std::move(daemon), command.options.ip, "/health");
}

Result<Started> start_agent(const AgentCommand& command, net::Loop& loop, OnFailure on_failure) {
  const auto masters = master_urls(command.masters);
  if (!masters) {
    return fail(masters.error());
  }
  auto parts = std::make_shared<Parts<agent::Daemon>>(loop);
  agent::Options options = command.options;
  auto store = open_state(options.work_dir, kWorkFolder);
  if (!store) {
    return fail(std::move(store.error()));
  }
  parts->store = std::move(*store);
  if (options.cgroups_root.empty()) {
    options.cgroups_root = cgroups_root(options.work_dir, 1);
  }
  wire::StreamOptions stream;
  stream.masters = *masters;
  auto daemon = agent::Daemon::start(loop,
                                     parts->clock,
                                     *parts->store,
                                     options,
                                     wire::http_master_connect(loop, parts->client, stream),
                                     on_failure);
  if (daemon) {
    (*daemon)->when_told_to_leave([on_failure](const std::string& why) {
      on_failure(Error{ErrorCode::conflict, "the master told this agent to shut down: " + why});
    });
  }
  return keep(parts, std::move(daemon), options.ip, "/health");
}

Result<Started> start_marathon(const MarathonCommand& command,
                               net::Loop& loop,
                               OnFailure on_failure) {
  const auto masters = master_urls(command.masters);
  if (!masters) {
    return fail(masters.error());
  }
  auto parts = std::make_shared<Parts<marathon::Daemon>>(loop);
  auto store = open_state(command.work_dir, kWorkFolder);
  if (!store) {
    return fail(std::move(store.error()));
  }
  parts->store = std::move(*store);
  marathon::Options options = command.options;
  const auto ui = find_shared("ui_static", "index.html");
  const auto schemas = find_shared("schemas", "app.json");
  options.ui_folder = ui ? ui->string() : "";
  options.schemas_folder = schemas ? schemas->string() : "";
  options.master_url = masters->front();
  wire::StreamOptions stream;
  stream.masters = *masters;
  stream.credentials = command.credentials;
  auto daemon = marathon::Daemon::start(loop,
                                        parts->clock,
                                        *parts->store,
                                        options,
                                        wire::http_scheduler_connect(loop, parts->client, stream),
                                        std::move(on_failure));
  auto started = keep(parts, std::move(daemon), options.ip, "/ping");
  if (started && !ui) {
    started->limitations.push_back("the page: " + ui.error().message);
  }
  return started;
}

Result<Started> start_dns(const DnsCommand& command, net::Loop& loop, OnFailure on_failure) {
  auto parts = std::make_shared<Parts<dns::Daemon>>(loop);
  auto daemon = dns::Daemon::start(loop, parts->clock, command.options, std::move(on_failure));
  auto started = keep(parts, std::move(daemon), command.options.http_ip, "/v1/version");
  if (started) {
    started->url = own_url(command.options.http_ip, parts->daemon->http_port());
  }
  return started;
}

Result<Started> start_lb(const LbCommand& command, net::Loop& loop, OnFailure on_failure) {
  auto parts = std::make_shared<Parts<lb::Daemon>>(loop);
  lb::Options options = command.options;
  options.connections_max =
      std::min(options.connections_max, haproxy_connections_max(open_files_max()));
  auto daemon = lb::Daemon::start(loop, parts->clock, options, std::move(on_failure));
  return keep(parts, std::move(daemon), options.ip, "/health");
}

template <class Command>
int run(const Command& command, Result<Started> (*start)(const Command&, net::Loop&, OnFailure)) {
  return run_process(command.process, [&](net::Loop& loop, OnFailure on_failure) {
    return start(command, loop, std::move(on_failure));
  });
}

}  // namespace

Result<std::vector<std::string>> master_urls(const std::vector<std::string>& given) {
  if (given.empty()) {
    return fail(ErrorCode::invalid,
                "which master is not known: give its address with --master=http://HOST:5050");
  }
  std::vector<std::string> urls;
  for (const std::string& one : given) {
    const auto scheme = one.find("://");
    const bool is_http = one.starts_with("http://") || one.starts_with("https://");
    if (scheme != std::string::npos && !is_http) {
      return fail(ErrorCode::invalid,
                  fmt::format("cannot find a master through {}: give the addresses of all masters, "
                              "--master=http://HOST:5050,http://OTHER:5050",
                              one));
    }
    std::string url = is_http ? one : "http://" + one;
    while (url.ends_with('/')) {
      url.pop_back();
    }
    urls.push_back(std::move(url));
  }
  return urls;
}

int run_master(const MasterCommand& command) {
  return run(command, start_master);
}

int run_agent(const AgentCommand& command) {
  return run(command, start_agent);
}

int run_marathon(const MarathonCommand& command) {
  return run(command, start_marathon);
}

int run_dns(const DnsCommand& command) {
  return run(command, start_dns);
}

int run_lb(const LbCommand& command) {
  return run(command, start_lb);
}

}  // namespace ekiden::cli
