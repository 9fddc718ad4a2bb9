#include "dns/daemon.h"

#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/net/client.h"
#include "core/net/server.h"
#include "core/runtime/worker.h"
#include "dns/cluster_json.h"
#include "dns/http_api.h"
#include "dns/metrics.h"
#include "dns/saved_records.h"
#include "dns/server.h"
#include "dns/source.h"
#include "dns/system.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace ekiden::dns {

using namespace std::chrono_literals;

namespace {

constexpr Duration kPublishPause = 5ms;  // changes within it are published together
constexpr Duration kSavePauseMin = 2s;
constexpr int kSaveShare = 100;  // saving takes at most 1/100 of the loop's time
constexpr std::size_t kWorkerThreads = 2;
constexpr std::uint16_t kDnsPort = 53;

std::string base_url(const Options& options, const std::string& master) {
  if (master.find("://") != std::string::npos) {
    return master.ends_with('/') ? master.substr(0, master.size() - 1) : master;
  }
  return (options.master_https == Feature::on ? "https://" : "http://") + master;
}

std::string without_scheme(const std::string& url) {
  const std::size_t slashes = url.find("://");
  const std::string rest = slashes == std::string::npos ? url : url.substr(slashes + 3);
  return rest.substr(0, rest.find('/'));
}

std::vector<Address> server_addresses(const std::string& ip) {
  const auto address = parse_address(ip);
  if (!address || ip == "0.0.0.0" || ip == "::") {
    return machine_addresses();
  }
  return {*address};
}

RecordOptions record_options(const Options& options) {
  RecordOptions result;
  result.domain = options.domain;
  result.labels = options.rfc952 == Feature::on ? LabelRule::rfc952 : LabelRule::rfc1123;
  result.ip_sources = options.ip_sources;
  result.health =
      options.health == Feature::on ? HealthPolicy::leave_unhealthy : HealthPolicy::ignore;
  result.server_name = options.soa_mname;
  result.server_addresses = server_addresses(options.ip);
  for (const std::string& master : options.masters) {
    if (const auto address = parse_host_port(without_scheme(master))) {
      result.masters.push_back(*address);
    }
  }
  return result;
}

AnswerOptions answer_options(const Options& options) {
  AnswerOptions result;
  result.domain = options.domain;
  result.soa_mname = options.soa_mname;
  result.soa_rname = options.soa_rname;
  result.soa_refresh = options.soa_refresh;
  result.soa_retry = options.soa_retry;
  result.soa_expire = options.soa_expire;
  result.ttl = static_cast<std::uint32_t>(options.ttl.count());
  result.srv_weight = options.srv_weight;
  result.recursion =
      options.recursion == Feature::on ? Recursion::available : Recursion::unavailable;
  result.truncation =
      options.truncate_bit == Feature::on ? Truncation::announced : Truncation::silent;
  result.unknown = options.external == Feature::on ? Unknown::forward : Unknown::refuse;
  result.udp_size_max = options.udp_size_max;
  for (const auto& [zone, resolvers] : options.zone_resolvers) {
    result.forward_zones.push_back(to_lower(zone));
  }
  return result;
}

std::vector<HostPort> upstreams(const std::vector<std::string>& resolvers) {
  std::vector<HostPort> result;
  for (const std::string& resolver : resolvers) {
    if (parse_address(resolver)) {
      result.push_back({resolver, kDnsPort});
    } else if (const auto at = parse_host_port(resolver); at && parse_address(at->host)) {
      result.push_back(*at);
    } else {
      log::warn("cannot use '{}' as a resolver: it is no IP or IP:port; it is left out", resolver);
    }
  }
  return result;
}

// Without configured resolvers: the machine's own, but never this server itself.
std::vector<std::string> default_resolvers(const Options& options) {
  if (!options.resolvers.empty()) {
    return options.resolvers;
  }
  std::ifstream file("/etc/resolv.conf");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> servers = name_servers(text);
  if (options.port == kDnsPort) {
    std::set<std::string> own{options.ip};
    for (const Address& address : machine_addresses()) {
      own.insert(to_text(address));
    }
    std::erase_if(servers, [&](const std::string& server) {
      return own.contains(server) || (options.ip == "0.0.0.0" && server.starts_with("127."));
    });
  }
  return servers;
}

SourceOptions source_options(const Options& options) {
  SourceOptions result;
  for (const std::string& master : options.masters) {
    result.masters.push_back(base_url(options, master));
  }
  result.refresh = options.refresh;
  result.state_timeout = options.state_timeout;
  result.user = options.user;
  result.password = options.password;
  return result;
}

}  // namespace

struct Daemon::Impl {
  Impl(net::Loop& owner, const Clock& time, Options opts)
      : loop(owner),
        clock(time),
        options(std::move(opts)),
        metrics(registry),
        zone(record_options(options)),
        worker("dns", kWorkerThreads),
        client(owner),
        source(owner, client, worker, source_options(options), listener()),
        publish_timer(owner, [this] { publish(); }),
        save_timer(owner, [this] { save(); }),
        lookup_timer(owner, [this] { look_up_hosts(Lookup::again); }) {}

  ~Impl() { *alive = false; }

  enum class Lookup { missing, again };

  Result<void> listen();
  void load_saved();
  Source::Listener listener();
  void on_change(Change change);
  void on_contact();
  void on_source_failure(const Error& error);
  void changed();
  void publish();
  void save();
  void saved(Result<void> result);
  void look_up_hosts(Lookup which);
  std::string metrics_text();
  json::Value status() const;
  double age() const;

  net::Loop& loop;
  const Clock& clock;
  Options options;
  Registry registry;
  Metrics metrics;
  Zone zone;
  std::shared_ptr<const RecordSet> published = std::make_shared<const RecordSet>();
  std::uint64_t published_version = 0;
  std::optional<WallTime> agreed_at;  // when the records were last known to be right
  std::set<std::string> hosts;        // names that were looked up
  runtime::Worker worker;
  net::Client client;
  Source source;
  net::Timer publish_timer;
  net::Timer save_timer;
  net::Timer lookup_timer;
  bool is_cut_off = false;  // the master could not be followed, and that was said
  bool publish_waits = false;
  bool save_waits = false;
  bool is_saving = false;
  Duration save_pause = kSavePauseMin;
  std::unique_ptr<Server> server;
  std::unique_ptr<net::Server> http;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

Result<void> Daemon::Impl::listen() {
  ServerOptions at;
  at.ip = options.ip;
  at.port = options.port;
  at.answers = answer_options(options);
  at.upstream_timeout = options.timeout;
  at.upstreams.push_back(upstreams(options.resolvers));
  for (const auto& [zone_name, resolvers] : options.zone_resolvers) {
    at.upstreams.push_back(upstreams(resolvers));
  }
  if (at.upstreams.front().empty() && options.zone_resolvers.empty()) {
    at.answers.unknown = Unknown::refuse;
  }
  auto listening = Server::listen(std::move(at), Random(system_seed()), metrics);
  if (!listening) {
    return fail(listening.error());
  }
  server = std::move(*listening);
  options.port = server->port();
  if (options.http == Feature::off) {
    options.http_port = 0;
    return {};
  }
  net::ServerOptions http_at;
  http_at.ip = options.http_ip;
  http_at.port = options.http_port;
  auto answering = net::Server::listen(loop,
                                       http_at,
                                       http_api({options,
                                                 zone,
                                                 [this] { return published; },
                                                 [this] { return metrics_text(); },
                                                 [this] { return status(); }}));
  if (!answering) {
    return fail(answering.error());
  }
  http = std::move(*answering);
  options.http_port = http->port();
  return {};
}

Source::Listener Daemon::Impl::listener() {
  return {.change = [this](Change change) { on_change(std::move(change)); },
          .leader =
              [this](const HostPort& leader) {
                zone.set_leader(leader);
                look_up_hosts(Lookup::missing);
                changed();
              },
          .contact = [this] { on_contact(); },
          .failure = [this](const Error& error) { on_source_failure(error); }};
}

void Daemon::Impl::on_contact() {
  agreed_at = clock.now().wall;
  if (std::exchange(is_cut_off, false)) {
    log::info("dns: following the master again");
  }
}

// Said once, counted always: a master may be away for days.
void Daemon::Impl::on_source_failure(const Error& error) {
  metrics.source_failures.add();
  if (!std::exchange(is_cut_off, true)) {
    log::warn("dns: {}; the last records are served meanwhile", error.message);
  }
}

void Daemon::Impl::on_change(Change change) {
  metrics.changes.add();
  const bool is_whole = std::holds_alternative<ClusterState>(change);
  const bool brings_hosts = is_whole || std::holds_alternative<Agent>(change) ||
                            std::holds_alternative<Framework>(change);
  zone.apply(std::move(change));
  if (brings_hosts) {
    look_up_hosts(Lookup::missing);
  }
  if (is_whole) {
    publish();  // even when nothing changed: the serial says that it was looked at
  }
  changed();
}

void Daemon::Impl::changed() {
  if (!publish_waits && zone.version() != published_version) {
    publish_waits = true;
    publish_timer.set_after(kPublishPause);
  }
}

void Daemon::Impl::publish() {
  publish_waits = false;
  const auto seconds = static_cast<std::uint32_t>(to_epoch_seconds(clock.now().wall));
  const bool is_new = zone.version() != published_version;
  published = zone.publish(std::max(seconds, published->serial()));
  published_version = zone.version();
  server->publish(published);
  metrics.publications.add();
  metrics.names.set(static_cast<double>(published->size()));
  metrics.tasks.set(static_cast<double>(zone.state().tasks.size()));
  if (is_new && !save_waits && !options.work_dir.empty()) {
    save_waits = true;
    save_timer.set_after(save_pause);
  }
}

void Daemon::Impl::save() {
  if (is_saving) {
    save_timer.set_after(save_pause);
    return;
  }
  save_waits = false;
  is_saving = true;
  const Now begin = clock.now();
  std::string text = to_saved(zone.state(), agreed_at.value_or(begin.wall));
  save_pause = std::max(kSavePauseMin, kSaveShare * (clock.now().time - begin.time));
  const bool taken = worker.post(
      [this, &to = loop, live = alive, dir = options.work_dir, saving = std::move(text)] {
        auto result = std::make_shared<Result<void>>(write_saved(dir, saving));
        to.post([this, live, result] {
          if (*live) {
            saved(*result);
          }
        });
      });
  is_saving = taken;
}

void Daemon::Impl::saved(Result<void> result) {
  is_saving = false;
  if (!result) {
    metrics.save_failures.add();
    log::warn("dns: {}", result.error().message);
  }
}

void Daemon::Impl::load_saved() {
  if (options.work_dir.empty()) {
    return;
  }
  Result<std::string> text = read_saved(options.work_dir);
  if (!text) {
    if (text.error().code != ErrorCode::not_found) {
      log::warn("dns: {}", text.error().message);
    }
    return;
  }
  Result<Saved> before = from_saved(*text);
  if (!before) {
    log::warn("dns: cannot use the saved records in {}: {}; they are left out",
              saved_records_path(options.work_dir),
              before.error().message);
    return;
  }
  agreed_at = before->saved_at;
  zone.apply(std::move(before->state));
  publish();
  log::info("dns: serving {} names saved at {} until the master is reached",
            published->size(),
            to_iso8601(*agreed_at));
}

// Names of agents, frameworks and masters that are no addresses.
void Daemon::Impl::look_up_hosts(Lookup which) {
  std::set<std::string> wanted = zone.host_names();
  if (which == Lookup::again) {
    lookup_timer.set_after(options.refresh);
  }
  std::vector<std::string> asked;
  for (const std::string& host : wanted) {
    if (which == Lookup::again || !hosts.contains(host)) {
      asked.push_back(host);
    }
  }
  hosts = std::move(wanted);
  for (const std::string& host : asked) {
    worker.post([this, &to = loop, live = alive, host] {
      auto addresses = std::make_shared<std::vector<Address>>(look_up(host));
      to.post([this, live, host, addresses] {
        // A name that cannot be looked up just now keeps what it had.
        if (*live && !addresses->empty()) {
          zone.resolved(host, *addresses);
          changed();
        }
      });
    });
  }
}

double Daemon::Impl::age() const {
  return agreed_at ? to_seconds(clock.now().wall - *agreed_at) : -1;
}

std::string Daemon::Impl::metrics_text() {
  metrics.age.set(age());
  return registry.text();
}

json::Value Daemon::Impl::status() const {
  const char* mode = source.mode() == Source::Mode::stream ? "stream"
                     : source.mode() == Source::Mode::poll ? "poll"
                                                           : "none";
  const std::optional<HostPort>& leader = zone.state().leader;
  return json::Object{
      {"source", mode},
      {"leader",
       leader ? json::Value(leader->host + ":" + std::to_string(leader->port)) : json::Value()},
      {"agreedAt", agreed_at ? json::Value(to_iso8601(*agreed_at)) : json::Value()},
      {"ageSeconds", agreed_at ? json::Value(age()) : json::Value()},
      {"serial", std::int64_t{published->serial()}},
      {"names", static_cast<std::int64_t>(published->size())},
      {"tasks", static_cast<std::int64_t>(zone.state().tasks.size())},
      {"agents", static_cast<std::int64_t>(zone.state().agents.size())}};
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(net::Loop& loop,
                                              const Clock& clock,
                                              Options options,
                                              std::function<void(Error)> on_failure) {
  (void)on_failure;  // whatever fails later, the last records are served
  options.domain = to_lower(options.domain);
  options.resolvers = default_resolvers(options);
  auto impl = std::make_unique<Impl>(loop, clock, std::move(options));
  if (auto listening = impl->listen(); !listening) {
    return fail(listening.error());
  }
  impl->load_saved();
  impl->look_up_hosts(Impl::Lookup::again);
  impl->source.start();
  return std::make_unique<Daemon>(std::move(impl));
}

std::uint16_t Daemon::port() const {
  return impl_->options.port;
}

std::uint16_t Daemon::http_port() const {
  return impl_->options.http_port;
}

std::vector<std::string> Daemon::limitations() const {
  std::vector<std::string> sentences;
  if (impl_->options.external == Feature::on && impl_->options.resolvers.empty()) {
    sentences.push_back(fmt::format(
        "DNS answers names in '{}' only: /etc/resolv.conf names no other resolver to ask",
        impl_->options.domain));
  }
  return sentences;
}

}  // namespace ekiden::dns
