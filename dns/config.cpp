#include "dns/config.h"

#include "core/base/strings.h"
#include "core/json/json.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace ekiden::dns {
namespace {

using json::Value;
// Why the value cannot be taken; empty when it was.
using Reason = std::string;
using Setter = std::function<Reason(const Value&, Options&)>;

constexpr std::int64_t kSecondsMax = 365LL * 24 * 3600;

Setter text(std::string Options::*member) {
  return [member](const Value& value, Options& options) -> Reason {
    if (!value.is_string()) {
      return "must be a string";
    }
    options.*member = std::string(value.as_string());
    return {};
  };
}

// SOA names are kept without the final dot; a mailbox's '@' becomes a dot.
Setter dns_name(std::string Options::*member) {
  return [member](const Value& value, Options& options) -> Reason {
    std::string name = replace_all(value.as_string(), "@", ".");
    if (name.ends_with('.')) {
      name.pop_back();
    }
    if (!name_to_wire(name) || name.empty()) {
      return "must be a domain name";
    }
    options.*member = std::move(name);
    return {};
  };
}

Setter feature(Feature Options::*member) {
  return [member](const Value& value, Options& options) -> Reason {
    if (!value.is_bool()) {
      return "must be true or false";
    }
    options.*member = value.as_bool() ? Feature::on : Feature::off;
    return {};
  };
}

template <class Number>
Setter number(Number Options::*member, std::int64_t min, std::int64_t max) {
  return [member, min, max](const Value& value, Options& options) -> Reason {
    if (!value.is_number() || value.as_int(min - 1) < min || value.as_int() > max) {
      return fmt::format("must be a whole number from {} to {}", min, max);
    }
    options.*member = Number(value.as_int());
    return {};
  };
}

Reason set_masters(const Value& value, Options& options) {
  std::set<std::string> seen;
  for (const Value& one : value.as_array()) {
    const std::string master(one.as_string());
    if (!parse_host_port(master)) {
      return fmt::format("'{}' must be ip:port with a port from 1 to 65535", master);
    }
    if (!seen.insert(master).second) {
      return fmt::format("'{}' is there twice", master);
    }
    options.masters.push_back(master);
  }
  return {};
}

Reason set_domain(const Value& value, Options& options) {
  const std::string domain = to_lower(value.as_string());
  const bool allowed = std::all_of(domain.begin(), domain.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  if (!allowed || domain.empty() || !name_to_wire(domain)) {
    return "must be labels of letters, digits and '-' joined by dots";
  }
  options.domain = domain;
  return {};
}

Reason read_resolvers(const Value& value, std::vector<std::string>& resolvers) {
  std::set<std::string> seen;
  for (const Value& one : value.as_array()) {
    const std::string resolver(one.as_string());
    const auto at = parse_host_port(resolver);
    if (!parse_address(resolver) && !(at && parse_address(at->host))) {
      return fmt::format("'{}' must be an IP address or IP:port", resolver);
    }
    if (!seen.insert(resolver).second) {
      return fmt::format("'{}' is there twice", resolver);
    }
    resolvers.push_back(resolver);
  }
  return {};
}

bool is_below(std::string_view zone, std::string_view other) {
  return zone == other || (zone.ends_with(other) && zone[zone.size() - other.size() - 1] == '.');
}

Reason set_zone_resolvers(const Value& value, Options& options) {
  for (const auto& [name, list] : value.as_object()) {
    std::string_view bare = name;
    while (bare.starts_with('.')) {
      bare.remove_prefix(1);
    }
    while (bare.ends_with('.')) {
      bare.remove_suffix(1);
    }
    std::vector<std::string> resolvers;
    if (const Reason reason = read_resolvers(list, resolvers); !reason.empty()) {
      return reason;
    }
    if (resolvers.empty() || bare.empty()) {
      return fmt::format("zone '{}' must have a name and a resolver", name);
    }
    options.zone_resolvers.emplace_back(to_lower(bare), std::move(resolvers));
  }
  return {};
}

Reason set_ip_sources(const Value& value, Options& options) {
  static const std::map<std::string_view, IpSource> kSources{{"netinfo", IpSource::netinfo},
                                                             {"mesos", IpSource::mesos},
                                                             {"docker", IpSource::docker},
                                                             {"host", IpSource::host},
                                                             {"auto", IpSource::automatic}};
  std::vector<IpSource> sources;
  for (const Value& one : value.as_array()) {
    const auto at = kSources.find(one.as_string());
    if (at == kSources.end()) {
      return fmt::format("'{}' must be one of netinfo, mesos, docker, host, auto", one.as_string());
    }
    if (std::find(sources.begin(), sources.end(), at->second) != sources.end()) {
      return fmt::format("'{}' is there twice", one.as_string());
    }
    sources.push_back(at->second);
  }
  if (sources.empty()) {
    return "must name at least one source";
  }
  options.ip_sources = std::move(sources);
  return {};
}

Reason set_credentials(const Value& value, Options& options) {
  for (const auto& [name, member] : value.as_object()) {
    if (iequals(name, "principal")) {
      options.user = std::string(member.as_string());
    } else if (iequals(name, "secret")) {
      options.password = std::string(member.as_string());
    }
  }
  return {};
}

// ZooKeeper detection comes with high availability; anything else is a fixed master [3.2].
Reason set_zk(const Value& value, Options& options) {
  const std::string_view zk = value.as_string();
  if (zk.empty()) {
    return {};
  }
  if (zk.starts_with("zk://") || zk.starts_with("file://")) {
    return "cannot be followed yet; give the masters' addresses as masters instead";
  }
  options.masters.emplace_back(zk);
  return {};
}

// One line for each key, in lower case.
const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> kSetters{
      {"zk", set_zk},
      {"masters", set_masters},
      {"refreshseconds", number(&Options::refresh, 1, kSecondsMax)},
      {"statetimeoutseconds", number(&Options::state_timeout, 1, kSecondsMax)},
      {"ttl", number(&Options::ttl, 0, kSecondsMax)},
      {"domain", set_domain},
      {"port", number(&Options::port, 0, 65535)},
      {"listener", text(&Options::ip)},
      {"httplistener", text(&Options::http_ip)},
      {"httpport", number(&Options::http_port, 0, 65535)},
      {"httpon", feature(&Options::http)},
      {"externalon", feature(&Options::external)},
      {"resolvers",
       [](const Value& value, Options& options) {
         options.resolvers.clear();
         return read_resolvers(value, options.resolvers);
       }},
      {"zoneresolvers", set_zone_resolvers},
      {"timeout", number(&Options::timeout, 0, kSecondsMax)},
      {"recurseon", feature(&Options::recursion)},
      {"soamname", dns_name(&Options::soa_mname)},
      {"soarname", dns_name(&Options::soa_rname)},
      {"soarefresh", number(&Options::soa_refresh, 0, kSecondsMax)},
      {"soaretry", number(&Options::soa_retry, 0, kSecondsMax)},
      {"soaexpire", number(&Options::soa_expire, 0, kSecondsMax)},
      {"soaminttl", number(&Options::soa_minttl, 0, kSecondsMax)},
      {"ipsources", set_ip_sources},
      {"enforcerfc952", feature(&Options::rfc952)},
      {"settruncatebit", feature(&Options::truncate_bit)},
      {"enumerationon", feature(&Options::enumeration)},
      {"srvrecorddefaultweight", number(&Options::srv_weight, 0, 65535)},
      {"mesoshttpson", feature(&Options::master_https)},
      {"cacertfile", text(&Options::ca_cert_file)},
      {"mesoscredentials", set_credentials},
      {"workdir", text(&Options::work_dir)},
      {"healthon", feature(&Options::health)},
      {"udpsizemax", number(&Options::udp_size_max, 512, 65535)},
  };
  return kSetters;
}

// What concerns several keys together.
void check_together(const Options& options, std::vector<Problem>& problems) {
  if (options.masters.empty()) {
    problems.push_back({"masters", "must name at least one master"});
  }
  std::vector<std::string> zones{options.domain};
  for (const auto& [zone, resolvers] : options.zone_resolvers) {
    for (const std::string& other : zones) {
      if (is_below(zone, other) || is_below(other, zone)) {
        problems.push_back(
            {"zoneResolvers", fmt::format("zone '{}' must not overlap '{}'", zone, other)});
      }
    }
    zones.push_back(zone);
  }
}

}  // namespace

Result<Options> parse_config(std::string_view text) {
  Result<Value> document = json::parse(text);
  if (!document) {
    return fail(document.error());
  }
  if (!document->is_object()) {
    return fail(ErrorCode::malformed, "cannot read the DNS configuration: it is no JSON object");
  }
  Options options;
  options.ip = options.http_ip = "0.0.0.0";  // as Mesos-DNS; our own defaults are narrower
  options.resolvers = {"8.8.8.8"};
  std::vector<Problem> problems;
  for (const auto& [key, value] : document->as_object()) {
    const auto at = setters().find(to_lower(key));
    if (at == setters().end() || value.is_null()) {
      continue;
    }
    if (Reason reason = at->second(value, options); !reason.empty()) {
      problems.push_back({key, std::move(reason)});
    }
  }
  check_together(options, problems);
  if (options.timeout.count() == 0) {
    options.timeout = std::chrono::seconds(5);
  }
  if (!problems.empty()) {
    std::string message = "cannot use the DNS configuration";
    for (const Problem& problem : problems) {
      message += fmt::format("; {} {}", problem.path, problem.reason);
    }
    return fail(Error{ErrorCode::invalid, std::move(message), std::move(problems)});
  }
  return options;
}

}  // namespace ekiden::dns
