#include "core/master/options.h"

#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/wire/authentication.h"

#include <utility>

#include <fmt/core.h>

namespace ekiden::master {
namespace {

Flags access_flags(AccessOptions& access) {
  return {flag("authenticate_http_readonly",
               access.readonly,
               "Reads over HTTP need a principal and its secret"),
          flag("authenticate_http_readwrite",
               access.readwrite,
               "Changes over HTTP need a principal and its secret"),
          flag("authenticate_http_frameworks",
               access.frameworks,
               "Frameworks need a principal and its secret"),
          flag("credentials",
               access.credentials,
               "File of principals and secrets: {\"credentials\": [{\"principal\", \"secret\"}]}"),
          flag("acls", access.acls, "Who may do what: JSON, or file:///path of it"),
          flag("firewall_rules",
               access.firewall_rules,
               "Paths that nobody may use: JSON, or file:///path of it")};
}

Flag custom(std::string name, std::string help, std::string fallback, Flag::Set set) {
  return {std::move(name), std::move(help), std::move(fallback), std::move(set)};
}

// "1/10mins"
Result<std::pair<unsigned, Duration>> parse_rate(const std::string& text) {
  const auto parts = split(text, '/');
  const auto count = parse_int(parts.front());
  const auto duration = parts.size() == 2 ? parse_duration(parts[1]) : parse_duration("");
  if (!count || *count <= 0 || !duration || *duration <= Duration{}) {
    return fail(ErrorCode::invalid,
                fmt::format("'{}' is no rate: give a number of agents and a time, 1/10mins", text));
  }
  return std::pair(static_cast<unsigned>(*count), *duration);
}

// "web=2,db=0.5"
Result<std::map<std::string, double>> parse_weights(const std::string& text) {
  std::map<std::string, double> weights;
  for (const auto part : split_nonempty(text, ',')) {
    const std::size_t equals = part.find('=');
    const auto weight = equals == part.npos ? std::nullopt : parse_double(part.substr(equals + 1));
    if (!weight || !(*weight > 0)) {
      return fail(ErrorCode::invalid,
                  fmt::format("'{}' is no weight of a role: give role=2.5, more than 0", part));
    }
    weights.emplace(trim(part.substr(0, equals)), *weight);
  }
  return weights;
}

// "cpus:0.01|mem:32;disk:32": one of the sets
Result<allocator::MinAllocatable> parse_min_allocatable(const std::string& text) {
  allocator::MinAllocatable sets;
  for (const auto part : split_nonempty(text, '|')) {
    const auto resources = model::parse_resources(part);
    if (!resources) {
      return fail(resources.error());
    }
    allocator::Amounts amounts;
    for (const model::Resource& resource : resources->list()) {
      amounts[resource.name] += resource.scalar;
    }
    sets.push_back(std::move(amounts));
  }
  return sets;
}

Flag sorter_flag(const char* name, allocator::Order& order) {
  return custom(name, "Order of turns: drf or random", "drf", [&order](const std::string& text) {
    if (text != "drf" && text != "random") {
      return Result<void>(
          fail(ErrorCode::invalid, fmt::format("'{}' is no sorter: use drf or random", text)));
    }
    order = text == "drf" ? allocator::Order::drf : allocator::Order::random;
    return Result<void>();
  });
}

// Into `target`, by `parse`.
template <class T, class Parsed>
Flag::Set parsed_by(Result<Parsed> (*parse)(const std::string&), T& target) {
  return [parse, &target](const std::string& text) -> Result<void> {
    auto value = parse(text);
    if (!value) {
      return fail(std::move(value.error()));
    }
    target = std::move(*value);
    return {};
  };
}

Result<std::set<std::string>> parse_names(const std::string& text) {
  std::set<std::string> names;
  for (const auto part : split_nonempty(text, ',')) {
    names.emplace(trim(part));
  }
  return names;
}

Result<model::DomainInfo> parse_domain(const std::string& text) {
  const auto json = wire::flag_text(text);
  return json ? json::decode<model::DomainInfo>(*json, json::kMesos)
              : Result<model::DomainInfo>(fail(json.error()));
}

Flags allocator_flags(allocator::Options& allocator) {
  return {flag("allocation_interval",
               allocator.interval,
               "How often offers are made when nothing urgent asks for them"),
          custom("min_allocatable_resources",
                 "An offer has at least one of these sets",
                 "cpus:0.01|mem:32",
                 parsed_by(parse_min_allocatable, allocator.min_allocatable)),
          sorter_flag("role_sorter", allocator.role_order),
          sorter_flag("user_sorter", allocator.role_order),
          sorter_flag("framework_sorter", allocator.framework_order),
          custom("fair_sharing_excluded_resource_names",
                 "Resources that do not count for shares, comma separated",
                 "",
                 parsed_by(parse_names, allocator.fair_sharing_excluded)),
          flag("filter_gpu_resources",
               allocator.filter_gpu_resources,
               "Keep agents with gpus for frameworks that ask for them")};
}

Flags registry_flags(MasterConfig& machine) {
  return {
      custom("agent_removal_rate_limit",
             "So many agents at most become unreachable in so long: 1/10mins",
             "",
             parsed_by(parse_rate, machine.agent_removal_rate_limit)),
      flag("registry_gc_interval",
           machine.registry_gc_interval,
           "How often old unreachable and gone agents are forgotten"),
      flag("registry_max_agent_age",
           machine.registry_max_agent_age,
           "How long unreachable and gone agents are remembered"),
      count_flag("registry_max_agent_count",
                 machine.registry_max_agent_count,
                 "Unreachable and gone agents that are remembered"),
      custom("roles",
             "The only roles that frameworks may have, comma separated",
             "",
             parsed_by(parse_names, machine.roles)),
      custom("weights",
             "Weights of roles, until operators set some: web=2,db=0.5",
             "",
             parsed_by(parse_weights, machine.weights)),
      flag("root_submissions", machine.root_submissions, "Frameworks may run their tasks as root"),
      custom("domain",
             "Region and zone of the master, JSON",
             "",
             [&machine](const std::string& text) -> Result<void> {
               auto domain = parse_domain(text);
               if (!domain) {
                 return fail(std::move(domain.error()));
               }
               if (domain->fault_domain) {
                 machine.allocator.region = domain->fault_domain->region.name;
               }
               machine.domain = std::move(*domain);
               return {};
             }),
      flag("require_agent_domain",
           machine.require_agent_domain,
           "Refuse agents that have no domain"),
      count_flag("offer_constraints_re2_max_mem",
                 machine.constraint_limits.max_mem,
                 "Memory of a regular expression in offer constraints, bytes"),
      count_flag("offer_constraints_re2_max_program_size",
                 machine.constraint_limits.max_program_size,
                 "Size of a regular expression in offer constraints")};
}

// What /flags shows: what was given, or the default.
void remember(Flags& flags, std::map<std::string, std::string>& values) {
  for (Flag& flag : flags) {
    if (!flag.fallback.empty()) {
      values[flag.name] = flag.fallback;
    }
    flag.set = [set = std::move(flag.set), name = flag.name, &values](
                   const std::string& text) -> Result<void> {
      auto done = set(text);
      if (done) {
        values[name] = text;
      }
      return done;
    };
  }
}

}  // namespace

Flags flags(Options& options) {
  MasterConfig& machine = options.machine;
  Flags all = {
      flag("ip", options.ip, "Address to listen on"),
      flag("port", options.port, "Port to listen on"),
      flag("hostname", options.hostname, "Name that is told to others; the address when not given"),
      flag("cluster", options.cluster, "Name of the cluster, to show"),
      flag("external_log_file",
           options.external_log_file,
           "File that the log goes to, for /files and the page"),
      count_flag("max_operator_event_stream_subscribers",
                 options.event_subscribers_max,
                 "Event streams at once; beyond it the oldest is closed"),
      flag("publish_per_framework_metrics",
           options.framework_metrics,
           "Metrics of each framework in /metrics/snapshot"),
      flag("agent_ping_timeout",
           machine.agent_ping_interval,
           "How often agents are pinged, and how long an answer may take"),
      count_flag("max_agent_ping_timeouts",
                 machine.agent_pings_missed_max,
                 "Pings missed in a row before an agent is unreachable"),
      flag("agent_reregister_timeout",
           machine.agent_reregister_timeout,
           "How long known agents may take to come back after a restart of the master"),
      {"offer_timeout",
       "Offers that nobody answered are taken back after it; never when not given",
       "",
       [&machine](const std::string& text) -> Result<void> {
         const auto duration = parse_duration(text);
         if (!duration) {
           return fail(duration.error());
         }
         machine.offer_timeout = *duration;
         return {};
       }},
      count_flag("max_completed_frameworks",
                 machine.completed_frameworks_max,
                 "Completed frameworks that are remembered"),
      count_flag("max_completed_tasks_per_framework",
                 machine.completed_tasks_max,
                 "Completed tasks of a framework that are remembered"),
      count_flag("max_unreachable_tasks_per_framework",
                 machine.unreachable_tasks_max,
                 "Unreachable tasks of a framework that are remembered"),
  };
  append(all, allocator_flags(machine.allocator));
  append(all, registry_flags(machine));
  append(all, access_flags(options.access));
  append(all,
         without_effect(Flag::Kind::value,
                        "advertise_ip,advertise_port,allocator,authentication_v0_timeout,"
                        "authenticators,authorizers,default_message_of_the_day,"
                        "http_authenticators,http_framework_authenticators,ip_discovery_command,"
                        "log_dir,logbufsecs,logging_level,memory_profiling,modules,modules_dir,"
                        "quorum,rate_limits,recovery_agent_removal_limit,registry,"
                        "registry_fetch_timeout,registry_store_timeout,webui_dir,whitelist,zk,"
                        "zk_session_timeout"));
  append(all,
         without_effect(Flag::Kind::toggle,
                        "authenticate,authenticate_agents,authenticate_frameworks,"
                        "hostname_lookup,initialize_driver_logging,log_auto_initialize,quiet,"
                        "registry_strict"));
  remember(all, options.flags);
  return all;
}

}  // namespace ekiden::master
