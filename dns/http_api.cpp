#include "dns/http_api.h"

#include "core/base/strings.h"
#include "core/net/router.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace ekiden::dns {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kVersion = "0.1.0";
constexpr std::string_view kProject = "https://github.com/mesosphere/mesos-dns";

void print(const Value& value, std::size_t depth, std::string& out) {
  const auto line = [&](std::size_t level) { out += "\n" + std::string(level + 1, ' '); };
  const auto list = [&](const auto& items, char open, char close, const auto& item) {
    out += open;
    bool first = true;
    for (const auto& one : items) {
      out += first ? "" : ",";
      first = false;
      line(depth + 1);
      item(one);
    }
    if (!first) {
      line(depth);
    }
    out += close;
  };
  if (value.is_object()) {
    list(value.as_object(), '{', '}', [&](const json::Member& member) {
      out += json::to_text(Value(member.first)) + ": ";
      print(member.second, depth + 1, out);
    });
  } else if (value.is_array()) {
    list(value.as_array(), '[', ']', [&](const Value& one) { print(one, depth + 1, out); });
  } else {
    out += json::to_text(value);
  }
}

// As DNS looks names up.
std::string lookup_name(std::string_view name) {
  std::string lower = replace_all(to_lower(name), ".*", "");
  if (lower.ends_with('.')) {
    lower.pop_back();
  }
  return lower;
}

Value hosts(const RecordSet& records, std::string_view asked) {
  const std::string name = lookup_name(asked);
  Array list;
  const auto add = [&](const std::string& ip) {
    list.push_back(Object{{"host", name + "."}, {"ip", ip}});
  };
  if (const Node* node = records.find(name)) {
    for (const auto& held : node->a) {
      add(to_text(held.value));
    }
    for (const auto& held : node->aaaa) {
      add(to_text(held.value));
    }
  }
  if (list.empty()) {
    list.push_back(Object{{"host", ""}, {"ip", ""}});
  }
  return list;
}

Value services(const RecordSet& records, const std::string& asked) {
  Array list;
  const auto add = [&](const Srv& srv, const std::string& ip) {
    list.push_back(Object{{"service", asked},
                          {"host", srv.target->name + "."},
                          {"ip", ip},
                          {"port", std::to_string(srv.port)}});
  };
  if (const Node* node = records.find(lookup_name(asked))) {
    for (const auto& held : node->srv) {
      const Node* target = records.find(held.value.target->name);
      if (target != nullptr && !target->a.empty()) {
        add(held.value, to_text(target->a.front().value));
      }
      if (target != nullptr && !target->aaaa.empty()) {
        add(held.value, to_text(target->aaaa.front().value));
      }
    }
  }
  if (list.empty()) {
    list.push_back(Object{{"service", ""}, {"host", ""}, {"ip", ""}, {"port", ""}});
  }
  return list;
}

std::string srv_text(const Srv& srv) {
  return srv.target->name + ".:" + std::to_string(srv.port);
}

// {rtype, host}; nothing for a placeholder.
std::pair<std::string, std::string> listed(const Record& record) {
  if (const auto* v4 = std::get_if<Ipv4>(&record.value)) {
    return {"A", to_text(*v4)};
  }
  if (const auto* v6 = std::get_if<Ipv6>(&record.value)) {
    return {"AAAA", to_text(*v6)};
  }
  if (const auto* srv = std::get_if<Srv>(&record.value)) {
    return {"SRV", srv_text(*srv)};
  }
  return {};
}

// A record that an earlier task has already is not repeated.
Value enumerate(const Zone& zone) {
  const ClusterState& state = zone.state();
  std::set<std::string> seen;
  Array frameworks;
  for (const auto& [id, framework] : state.frameworks) {
    Array tasks;
    for (auto at = state.tasks.lower_bound({id, {}});
         at != state.tasks.end() && at->first.first == id;
         ++at) {
      if (at->second.state != Task::State::running) {
        continue;
      }
      Array records;
      for (const Record& record : zone.records_of(at->second)) {
        const auto [type, host] = listed(record);
        if (!type.empty() && seen.insert(type + " " + record.name + " " + host).second) {
          records.push_back(Object{{"name", record.name + "."}, {"host", host}, {"rtype", type}});
        }
      }
      const Task& task = at->second;
      tasks.push_back(
          Object{{"name", task.discovery_name.empty() ? task.name : task.discovery_name},
                 {"id", task.id},
                 {"records", records.empty() ? Value() : Value(std::move(records))}});
    }
    frameworks.push_back(Object{{"tasks", std::move(tasks)}, {"name", framework.name}});
  }
  return Object{{"frameworks", std::move(frameworks)}};
}

Value to_value(const std::map<std::string, Array>& records) {
  Object object;
  for (const auto& [name, values] : records) {
    object.emplace_back(name, values);
  }
  return object;
}

Value axfr(const Options& options, const RecordSet& set) {
  std::map<std::string, Array> as;
  std::map<std::string, Array> aaaas;
  std::map<std::string, Array> srvs;
  set.for_each([&](const Node& node) {
    for (const auto& held : node.a) {
      as[node.name + "."].push_back(to_text(held.value));
    }
    for (const auto& held : node.aaaa) {
      aaaas[node.name + "."].push_back(to_text(held.value));
    }
    for (const auto& held : node.srv) {
      srvs[node.name + "."].push_back(srv_text(held.value));
    }
  });
  return Object{
      {"TTL", std::int64_t{options.ttl.count()}},
      {"Serial", std::int64_t{set.serial()}},
      {"RefreshSeconds", std::int64_t{options.refresh.count()}},
      {"Mname", options.soa_mname + "."},
      {"Rname", options.soa_rname + "."},
      {"Domain", options.domain},
      {"Records",
       Object{{"As", to_value(as)}, {"AAAAs", to_value(aaaas)}, {"SRVs", to_value(srvs)}}}};
}

std::string_view source_text(IpSource source) {
  switch (source) {
    case IpSource::netinfo:
      return "netinfo";
    case IpSource::mesos:
      return "mesos";
    case IpSource::docker:
      return "docker";
    case IpSource::host:
      return "host";
    case IpSource::automatic:
      return "auto";
  }
  return {};
}

template <class List>
Value texts(const List& list) {
  Array array;
  for (const auto& one : list) {
    array.push_back(std::string(one));
  }
  return array;
}

// The spelling of Mesos-DNS; its secret is masked here.
Value config(const Options& o, std::uint32_t serial) {
  Object zones;
  for (const auto& [zone, resolvers] : o.zone_resolvers) {
    zones.emplace_back(zone, texts(resolvers));
  }
  std::vector<std::string_view> sources;
  for (IpSource source : o.ip_sources) {
    sources.push_back(source_text(source));
  }
  const auto seconds = [](std::chrono::seconds value) { return std::int64_t{value.count()}; };
  const auto is_on = [](Feature feature) { return feature == Feature::on; };
  return Object{{"RefreshSeconds", seconds(o.refresh)},
                {"Port", std::int64_t{o.port}},
                {"Timeout", seconds(o.timeout)},
                {"StateTimeoutSeconds", seconds(o.state_timeout)},
                {"ZkDetectionTimeout", 30},
                {"HttpPort", std::int64_t{o.http_port}},
                {"TTL", seconds(o.ttl)},
                {"SRVRecordDefaultWeight", std::int64_t{o.srv_weight}},
                {"SOASerial", std::int64_t{serial}},
                {"SOARefresh", std::int64_t{o.soa_refresh}},
                {"SOARetry", std::int64_t{o.soa_retry}},
                {"SOAExpire", std::int64_t{o.soa_expire}},
                {"SOAMinttl", std::int64_t{o.soa_minttl}},
                {"SOAMname", o.soa_mname + "."},
                {"SOARname", o.soa_rname + "."},
                {"Masters", texts(o.masters)},
                {"ZoneResolvers", std::move(zones)},
                {"Resolvers", texts(o.resolvers)},
                {"IPSources", texts(sources)},
                {"Zk", ""},
                {"Domain", o.domain},
                {"File", ""},
                {"Listener", o.ip},
                {"HTTPListener", o.http_ip},
                {"RecurseOn", is_on(o.recursion)},
                {"DnsOn", true},
                {"HttpOn", is_on(o.http)},
                {"ExternalOn", is_on(o.external)},
                {"EnforceRFC952", is_on(o.rfc952)},
                {"SetTruncateBit", is_on(o.truncate_bit)},
                {"EnumerationOn", is_on(o.enumeration)},
                {"MesosHTTPSOn", is_on(o.master_https)},
                {"CACertFile", o.ca_cert_file},
                {"CertFile", ""},
                {"KeyFile", ""},
                {"MesosCredentials",
                 Object{{"Principal", o.user}, {"Secret", o.password.empty() ? "" : "***"}}},
                {"IAMConfigFile", ""},
                {"MesosAuthentication", o.user.empty() ? "" : "basic"}};
}

bool accepts_json(const net::Request& request) {
  const auto accept = request.headers.get("Accept");
  if (!accept || trim(*accept).empty()) {
    return true;
  }
  for (std::string_view range : split(*accept, ',')) {
    const std::string type = to_lower(trim(range.substr(0, range.find(';'))));
    if (type == "*/*" || type == "application/*" || type == "application/json") {
      return true;
    }
  }
  return false;
}

using Answer = std::function<Value(const net::Request&)>;

net::Handler json_route(Answer answer) {
  return [answer = std::move(answer)](net::Request request, net::Responder respond) {
    if (!accepts_json(request)) {
      respond(net::text_response(406, "406: Not Acceptable"));
      return;
    }
    respond(net::json_response(200, pretty(answer(request))));
  };
}

net::Handler fixed_route(int status, std::string text) {
  return [status, text = std::move(text)](net::Request, net::Responder respond) {
    respond(net::text_response(status, text));
  };
}

}  // namespace

std::string pretty(const Value& value) {
  std::string out;
  print(value, 0, out);
  return out;
}

net::Handler http_api(ApiView view) {
  // Answers about names need names: 503 until there are some.
  const auto on_records = [view](auto answer) -> net::Handler {
    auto route = json_route(
        [view, answer](const net::Request& request) { return answer(*view.published(), request); });
    return [view, route](net::Request request, net::Responder respond) {
      if (!view.published()->loaded()) {
        respond(net::text_response(503, "no records yet: the master was not reached so far"));
        return;
      }
      route(std::move(request), std::move(respond));
    };
  };
  std::vector<net::Route> routes{
      {"GET", "/v1/version", json_route([](const net::Request&) {
         return Value(Object{{"Service", "Mesos-DNS"}, {"URL", kProject}, {"Version", kVersion}});
       })},
      {"GET", "/v1/config", json_route([view](const net::Request&) {
         return config(view.options, view.published()->serial());
       })},
      {"GET", "/v1/status", json_route([view](const net::Request&) { return view.status(); })},
      {"GET", "/v1/hosts/:host", on_records([](const RecordSet& set, const net::Request& request) {
         return hosts(set, request.params.at("host"));
       })},
      {"GET", "/v1/hosts/:host/ports", fixed_route(501, "To be implemented...")},
      {"GET",
       "/v1/services/:service",
       on_records([](const RecordSet& set, const net::Request& request) {
         return services(set, request.params.at("service"));
       })},
      {"GET",
       "/metrics",
       [view](net::Request, net::Responder respond) {
         respond(net::text_response(200, view.metrics(), "text/plain; version=0.0.4"));
       }},
      {"GET", "/health", [view](net::Request, net::Responder respond) {
         const bool loaded = view.published()->loaded();
         respond(net::text_response(loaded ? 200 : 503, loaded ? "" : "no records yet"));
       }}};
  if (view.options.enumeration == Feature::on) {
    routes.push_back(
        {"GET", "/v1/enumerate", on_records([view](const RecordSet&, const net::Request&) {
           return enumerate(view.zone);
         })});
    routes.push_back(
        {"GET", "/v1/axfr", on_records([view](const RecordSet& set, const net::Request&) {
           return axfr(view.options, set);
         })});
  }
  net::Router router(std::move(routes));
  router.on_not_found(
      [](const net::Request&) { return net::text_response(404, "404: Page Not Found"); });
  router.on_not_allowed([](const net::Request&, const std::vector<std::string>&) {
    return net::text_response(405, "405: Method Not Allowed");
  });
  return router;
}

}  // namespace ekiden::dns
