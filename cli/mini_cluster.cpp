#include "cli/mini_cluster.h"

#include "cli/mini_layout.h"
#include "cli/state_files.h"
#include "core/agent/daemon.h"
#include "core/api/link.h"
#include "core/master/daemon.h"
#include "dns/daemon.h"
#include "lb/daemon.h"
#include "marathon/daemon/daemon.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace ekiden::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLoopback = "127.0.0.1";
constexpr FolderName kDataFolder{"data folder", "--data-dir"};

std::string http_url(const std::string& ip, std::uint16_t port) {
  return fmt::format("http://{}:{}", ip, port);
}

// For --destroy: agents that recover what runs, and hear nothing from any master.
class SilentLink final : public api::MasterLink {
 public:
  void send(api::agent_link::ToMaster) override {}
};

api::MasterConnect no_master() {
  return [](auto, auto) { return std::make_unique<SilentLink>(); };
}

}  // namespace

Result<std::unique_ptr<MiniCluster>> MiniCluster::start(net::Loop& loop,
                                                        const MiniOptions& options,
                                                        OnFailure on_failure) {
  auto cluster = std::make_unique<MiniCluster>();
  auto store = open_state(options.data_dir, kDataFolder);
  if (!store) {
    return fail(store.error());
  }
  cluster->store_ = std::move(*store);
  MiniOptions all = options;
  all.agents = std::max(options.agents, agents_of(options.data_dir));  // their tasks still run
  for (const auto step : {&MiniCluster::start_master,
                          &MiniCluster::start_agents,
                          &MiniCluster::start_marathon,
                          &MiniCluster::start_lb,
                          &MiniCluster::start_dns}) {
    if (auto done = ((*cluster).*step)(loop, all, on_failure); !done) {
      return fail(done.error());
    }
  }
  return cluster;
}

Result<std::unique_ptr<MiniCluster>> MiniCluster::start_for_destroy(net::Loop& loop,
                                                                    const MiniOptions& options,
                                                                    OnFailure on_failure) {
  auto cluster = std::make_unique<MiniCluster>();
  auto store = open_state(options.data_dir, kDataFolder);
  if (!store) {
    return fail(store.error());
  }
  cluster->store_ = std::move(*store);
  MiniOptions all = options;
  all.agents = std::max(1, agents_of(options.data_dir));
  if (auto done = cluster->start_agents(loop, all, on_failure); !done) {
    return fail(done.error());
  }
  cluster->addresses_.marathon = http_url(kLoopback, 1);  // nobody: HAProxy is only ended
  all.with_lb = fs::exists(options.data_dir / "lb");
  if (auto done = cluster->start_lb(loop, all, on_failure); !done) {
    return fail(done.error());
  }
  return cluster;
}

MiniCluster::~MiniCluster() {
  dns_.reset();
  lb_.reset();
  marathon_.reset();
  agents_.clear();
  master_.reset();
}

store::Store& MiniCluster::view(const std::string& prefix) {
  views_.push_back(store::scoped(*store_, prefix));
  return *views_.back();
}

Result<void> MiniCluster::start_master(net::Loop& loop,
                                       const MiniOptions& options,
                                       const OnFailure& on_failure) {
  master::Options master;
  master.port = options.master_port;
  auto started = master::Daemon::start(loop, clock_, view("master/"), master, on_failure);
  if (!started) {
    return fail(started.error());
  }
  master_ = std::move(*started);
  addresses_.master = http_url(kLoopback, master_->port());
  return {};
}

Result<void> MiniCluster::start_agents(net::Loop& loop,
                                       const MiniOptions& options,
                                       const OnFailure& on_failure) {
  const auto executor = find_executor();
  if (!executor) {
    return fail(executor.error());
  }
  const auto machine = look_at_machine(options.data_dir);
  for (int number = 1; number <= options.agents; ++number) {
    agent::Options agent;
    agent.ip = agent_ip(number);
    agent.hostname = agent.ip;
    agent.port = options.agent_port;
    agent.work_dir = fs::absolute(options.data_dir / "agents" / std::to_string(number)).string();
    agent.resources = options.agent_resources.empty()
                          ? agent_resources(machine, number, options.agents)
                          : options.agent_resources;
    agent.executor_path = executor->string();
    agent.docker_socket = options.docker_socket;
    agent.secret_store_dir = options.secret_store_dir.empty()
                                 ? ""
                                 : fs::absolute(options.secret_store_dir).string();
    // How many agents share this machine may change from start to start.
    agent.reconfiguration = agent::Options::Reconfiguration::any;
    agent.cgroups_root = cgroups_root(options.data_dir, number);
    auto started = agent::Daemon::start(loop,
                                        clock_,
                                        view(fmt::format("agent-{}/", number)),
                                        agent,
                                        master_ ? master_->agent_connect() : no_master(),
                                        on_failure);
    if (!started) {
      return fail(started.error());
    }
    agents_.push_back(std::move(*started));
    addresses_.agents.push_back(http_url(agent.ip, agents_.back()->port()));
  }
  return {};
}

Result<void> MiniCluster::start_marathon(net::Loop& loop,
                                         const MiniOptions& options,
                                         const OnFailure& on_failure) {
  const auto ui = find_shared("ui_static", "index.html");
  const auto schemas = find_shared("schemas", "app.json");
  if (!ui) {
    limitations_.push_back("the page: " + ui.error().message);
  }
  marathon::Options marathon;
  marathon.port = options.marathon_port;
  marathon.ui_folder = ui ? ui->string() : "";
  marathon.schemas_folder = schemas ? schemas->string() : "";
  marathon.master_url = addresses_.master;
  marathon.settings.mesos_role = options.mesos_role;
  if (!options.secret_store_dir.empty()) {
    marathon.settings.features.insert("secrets");
  }
  marathon.settings.hostname = kLoopback;
  auto started = marathon::Daemon::start(
      loop, clock_, view("marathon/"), marathon, master_->scheduler_connect(), on_failure);
  if (!started) {
    return fail(started.error());
  }
  marathon_ = std::move(*started);
  addresses_.marathon = http_url(kLoopback, marathon_->port());
  return {};
}

Result<void> MiniCluster::start_lb(net::Loop& loop,
                                   const MiniOptions& options,
                                   const OnFailure& on_failure) {
  if (!options.with_lb) {
    return {};
  }
  lb::Options lb;
  lb.marathon_url = addresses_.marathon;
  lb.work_dir = fs::absolute(options.data_dir / "lb").string();
  lb.http_port = options.lb_http_port;
  lb.https_port = 0;
  lb.appid_port = 0;
  lb.stats_port = options.lb_admin_port;
  lb.connections_max = std::min(lb.connections_max, haproxy_connections_max(open_files_max()));
  auto started = lb::Daemon::start(loop, clock_, lb, on_failure);
  if (!started) {
    return fail(started.error());
  }
  lb_ = std::move(*started);
  addresses_.lb_http = http_url(kLoopback, lb_->http_port());
  addresses_.lb_stats = http_url(kLoopback, lb_->stats_port());
  addresses_.lb_api = http_url(kLoopback, lb_->port());
  return {};
}

Result<void> MiniCluster::start_dns(net::Loop& loop,
                                    const MiniOptions& options,
                                    const OnFailure& on_failure) {
  if (!options.with_dns) {
    return {};
  }
  dns::Options dns;
  dns.masters = {addresses_.master};
  dns.port = options.dns_port;
  dns.http_port = options.dns_http_port;
  dns.work_dir = fs::absolute(options.data_dir / "dns").string();
  // A bridged container's own address would stand beside a port of its host.
  dns.ip_sources = {dns::IpSource::automatic, dns::IpSource::host};
  auto started = dns::Daemon::start(loop, clock_, dns, on_failure);
  if (!started) {
    return fail(started.error());
  }
  dns_ = std::move(*started);
  addresses_.dns = fmt::format("{}:{}", kLoopback, dns_->port());
  addresses_.dns_http = http_url(kLoopback, dns_->http_port());
  return {};
}

std::vector<std::string> MiniCluster::limitations() const {
  auto all = limitations_;
  const auto add = [&all](const std::vector<std::string>& more) {
    for (const auto& text : more) {
      if (std::find(all.begin(), all.end(), text) == all.end()) {
        all.push_back(text);
      }
    }
  };
  for (const auto& agent : agents_) {
    add(agent->limitations());
  }
  if (lb_) {
    add(lb_->limitations());
  }
  if (dns_) {
    add(dns_->limitations());
  }
  return all;
}

void MiniCluster::destroy(std::function<void()> done) {
  auto left = std::make_shared<std::size_t>(agents_.size() + (lb_ ? 1 : 0));
  const auto one_done = [left, done = std::move(done)] {
    if (--*left == 0) {
      done();
    }
  };
  if (lb_) {
    lb_->destroy(one_done);
  }
  for (const auto& agent : agents_) {
    agent->destroy_all(one_done);
  }
}

}  // namespace ekiden::cli
