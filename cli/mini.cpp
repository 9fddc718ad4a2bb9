#include "cli/mini.h"

#include "cli/mini_cluster.h"
#include "cli/readiness.h"
#include "cli/state_files.h"
#include "core/base/log.h"
#include "core/json/json.h"
#include "core/net/client.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCurlLine =
    "curl -X POST {}/v2/apps -H 'Content-type: application/json' -d "
    "'{{\"id\":\"/hello\",\"cmd\":\"python3 -m http.server $PORT0\",\"cpus\":0.1,\"mem\":64}}'";

std::string ready_json(const Addresses& addresses) {
  json::Object object;
  const auto add = [&object](const std::string& name, const std::string& url) {
    if (url.empty()) {
      return;
    }
    object.emplace_back(name, url);
    const auto colon = url.rfind(':');
    object.emplace_back(name + "_port", std::atoi(url.c_str() + colon + 1));
  };
  object.emplace_back("pid", static_cast<std::int64_t>(::getpid()));
  object.emplace_back("ui", addresses.marathon + "/ui/");
  add("marathon", addresses.marathon);
  add("master", addresses.master);
  json::Array agents(addresses.agents.begin(), addresses.agents.end());
  object.emplace_back("agents", std::move(agents));
  add("dns", addresses.dns);
  add("dns_http", addresses.dns_http);
  add("lb_http", addresses.lb_http);
  add("lb_admin", addresses.lb_stats);
  add("lb_api", addresses.lb_api);
  return json::to_text(object) + "\n";
}

void print_summary(const MiniOptions& options, const MiniCluster& cluster) {
  const auto& at = cluster.addresses();
  std::string text = "\nEkiden is running.\n\n";
  const auto line = [&text](const char* what, const std::string& where) {
    if (!where.empty()) {
      text += fmt::format("  {:<15}{}\n", what, where);
    }
  };
  line("page", at.marathon + "/ui/");
  line("API", at.marathon + "/v2/apps");
  line("load balancer", at.lb_http.empty() ? "" : at.lb_http + " (virtual hosts)");
  line("  statistics", at.lb_stats.empty() ? "" : at.lb_stats + "/haproxy?stats");
  if (!at.dns.empty()) {
    const auto colon = at.dns.rfind(':');
    line("DNS",
         fmt::format("dig @{} -p {} _NAME._tcp.marathon.mesos SRV",
                     at.dns.substr(0, colon),
                     at.dns.substr(colon + 1)));
    line("  HTTP", at.dns_http);
  }
  line("master", at.master);
  line(at.agents.size() == 1 ? "agent" : "agents",
       at.agents.size() == 1
           ? at.agents[0]
           : fmt::format("{} on {} to {}", at.agents.size(), at.agents.front(), at.agents.back()));
  line("data", fs::absolute(options.data_dir).string());
  for (const auto& limitation : cluster.limitations()) {
    text += fmt::format("\n  Not available here: {}", limitation);
  }
  text += fmt::format("\n  Try: {}\n", fmt::format(fmt::runtime(kCurlLine), at.marathon));
  text += "  Ctrl-C stops Ekiden and leaves the tasks running.\n\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

std::vector<std::string> readiness_urls(const Addresses& at) {
  std::vector<std::string> urls = {
      at.marathon + "/ping", at.marathon + "/v2/info", at.master + "/health"};
  for (const auto& agent : at.agents) {
    urls.push_back(agent + "/health");
  }
  for (const auto& [base, path] : {std::pair{at.dns_http, "/v1/version"},
                                   std::pair{at.lb_api, "/health"},
                                   std::pair{at.lb_stats, "/_haproxy_health_check"}}) {
    if (!base.empty()) {
      urls.push_back(base + path);
    }
  }
  return urls;
}

int say_failure(const Error& error) {
  std::fprintf(stderr, "ekiden mini: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

int run_mini(const MiniOptions& options) {
  log::set_level(options.verbose ? log::Level::debug : log::Level::info);
  net::Loop loop;
  int exit_code = 0;
  auto cluster = MiniCluster::start(loop, options, [&](Error error) {
    exit_code = say_failure(error);
    loop.stop();
  });
  if (!cluster) {
    return say_failure(cluster.error());
  }
  net::Client client(loop);
  Readiness readiness(loop, client, readiness_urls((*cluster)->addresses()), [&] {
    print_summary(options, **cluster);
    if (options.ready_file.empty()) {
      return;
    }
    if (auto written = write_ready_file(options.ready_file, ready_json((*cluster)->addresses()));
        !written) {
      exit_code = say_failure(written.error());
      loop.stop();
    }
  });
  readiness.start();
  bool interrupted = false;
  loop.on_signals([&](int) {
    interrupted = true;
    loop.stop();
  });
  loop.run();
  cluster->reset();
  if (interrupted && exit_code == 0) {
    std::printf(
        "\nStopped. Tasks keep running: start again with the same --data-dir to find them, or "
        "end them with: ekiden mini --data-dir %s --destroy\n",
        options.data_dir.c_str());
  }
  return exit_code;
}

int destroy_mini(const MiniOptions& options) {
  log::set_level(options.verbose ? log::Level::info : log::Level::error);
  std::error_code error;
  if (!fs::exists(options.data_dir / "ekiden.db", error)) {
    std::printf("Nothing to end: no cluster in %s.\n", options.data_dir.c_str());
    return 0;
  }
  net::Loop loop;
  int exit_code = 0;
  MiniOptions quiet = options;
  quiet.marathon_port = quiet.master_port = quiet.agent_port = 0;
  auto cluster = MiniCluster::start_for_destroy(loop, quiet, [&](Error failure) {
    exit_code = say_failure(failure);
    loop.stop();
  });
  if (!cluster) {
    return say_failure(cluster.error());
  }
  loop.post([&] { (*cluster)->destroy([&] { loop.stop(); }); });
  loop.run();
  cluster->reset();
  if (exit_code == 0) {
    for (const auto* part :
         {"ekiden.db", "ekiden.db-wal", "ekiden.db-shm", "agents", "lb", "dns"}) {
      fs::remove_all(options.data_dir / part, error);
    }
    fs::remove(options.data_dir, error);  // only when nothing else is in it
    std::printf("Ended every task of the cluster in %s and removed its state.\n",
                options.data_dir.c_str());
  }
  return exit_code;
}

}  // namespace ekiden::cli
