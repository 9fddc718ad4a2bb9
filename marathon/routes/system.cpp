#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/net/static_files.h"
#include "marathon/routes/api.h"

#include <array>

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

// ---- /ping [2.15]
net::Response typed(std::string_view type, std::string body) {
  return net::text_response(200, std::move(body), type);
}

net::Response ping(const Request& request) {
  if (accepts(request, "text/plain")) {
    return typed("text/plain", "pong");
  }
  if (accepts(request, "text/html")) {
    return typed("text/html", "pong");
  }
  if (accepts(request, "application/json")) {
    return json_answer(200, "\"pong\"");
  }
  return no_content(204);
}

// ---- /metrics: the registry's own text, as Marathon's JSON
struct MetricKinds {
  json::Object counters;
  json::Object gauges;
};

MetricKinds metrics_of(const std::string& text) {
  MetricKinds kinds;
  std::string_view type;
  for (std::string_view line : split_nonempty(text, '\n')) {
    if (line.starts_with("# TYPE ")) {
      type = line.substr(line.rfind(' ') + 1);
      continue;
    }
    const std::size_t blank = line.rfind(' ');
    if (line.starts_with('#') || blank == std::string_view::npos ||
        line.find('{') != std::string_view::npos) {
      continue;
    }
    const std::string name = replace_all(line.substr(0, blank), "_", ".");
    const double value = parse_double(line.substr(blank + 1)).value_or(0);
    if (type == "counter") {
      kinds.counters.emplace_back(name, json::Object{{"count", static_cast<std::int64_t>(value)}});
    } else if (type == "gauge") {
      kinds.gauges.emplace_back(name, json::Object{{"value", value}});
    }
  }
  return kinds;
}

std::string exposition(const Api& api) {
  if (api.host().refresh_metrics) {
    api.host().refresh_metrics();
  }
  return api.host().metrics != nullptr ? api.host().metrics->text() : std::string();
}

net::Response metrics(const Api& api) {
  MetricKinds kinds = metrics_of(exposition(api));
  return json_answer(200,
                     json::to_text(json::Object{{"version", "4.0.0"},
                                                {"counters", std::move(kinds.counters)},
                                                {"gauges", std::move(kinds.gauges)},
                                                {"histograms", json::Object{}},
                                                {"meters", json::Object{}},
                                                {"timers", json::Object{}}}));
}

net::Response prometheus(const Api& api) {
  return typed("text/plain;version=0.0.4;charset=utf-8", exposition(api));
}

net::Response config(const Api& api) {
  const Identity& identity = api.identity();
  return json_answer(200,
                     json::to_text(json::Object{{"leader", identity.leader},
                                                {"master", identity.master_url},
                                                {"version", identity.version}}));
}

// ---- /logging
struct LevelName {
  std::string_view name;
  log::Level level;
};

constexpr std::array<LevelName, 5> kLevels{{{"trace", log::Level::debug},
                                            {"debug", log::Level::debug},
                                            {"info", log::Level::info},
                                            {"warn", log::Level::warn},
                                            {"error", log::Level::error}}};

net::Response set_logging(Api& api, const Request& request) {
  const auto body = parse_body(request);
  if (!body) {
    return bad_body(body.error());
  }
  for (const LevelName& known : kLevels) {
    if (iequals(known.name, (*body)["level"].as_string())) {
      api.set_log_level(known.level, (*body)["durationSeconds"].as_int());
      return json_answer(200, json::to_text(*body));
    }
  }
  return failure(
      Error{ErrorCode::invalid, "Invalid JSON", {{"/level", "error.unknown.enum.literal"}}});
}

net::Response get_logging() {
  const bool debug = log::enabled(log::Level::debug);
  return json_answer(200, json::to_text(json::Object{{"ROOT", debug ? "DEBUG" : "INFO"}}));
}

// ---- load balancers
net::Response add_lb(Api& api, const Request& request) {
  const auto body = parse_body(request);
  if (!body) {
    return bad_body(body.error());
  }
  const std::string url((*body)["url"].as_string());
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return failure(Error{ErrorCode::invalid,
                         "Object is not valid",
                         {{"/url", "must be the http:// or https:// URL of the load balancer"}}});
  }
  if (!api.load_balancers().add(url, api.host().now().time)) {
    return message(503, "cannot register " + url + ": too many load balancers are registered");
  }
  if (api.host().lbs_changed) {
    api.host().lbs_changed();
  }
  const auto ttl =
      std::chrono::duration_cast<std::chrono::seconds>(LoadBalancers::kTimeToLive).count();
  return json_answer(200, json::to_text(json::Object{{"url", url}, {"ttlSeconds", ttl}}));
}

net::Response list_lbs(Api& api) {
  json::Array all;
  for (const std::string& url : api.load_balancers().urls()) {
    all.emplace_back(json::Object{{"url", url}});
  }
  return json_answer(200, json::to_text(all));
}

void events(Api& api, const Request& request, const Responder& respond) {
  respond(accepts(request, "text/event-stream") ? api.events().attach(request) : not_allowed());
}

std::vector<net::Route> file_routes(const Api& api) {
  const auto to_ui = [](const Request& request, const Responder& respond) {
    respond(redirect(request, "/ui/"));
  };
  std::vector<net::Route> routes{{"GET", "/", to_ui}, {"GET", "/help", to_ui}};
  if (!api.host().ui_folder.empty()) {
    auto files = std::make_shared<net::StaticFiles>(api.host().ui_folder, "/ui");
    routes.push_back(
        {"GET", "/ui/*file", [files](const Request& request, const Responder& respond) {
           if (request.path == "/ui") {
             respond(redirect(request, "/ui/"));
           } else {
             respond(files->answer(request));
           }
         }});
  }
  if (!api.host().schemas_folder.empty()) {
    auto files = std::make_shared<net::StaticFiles>(api.host().schemas_folder, "/schemas");
    routes.push_back(
        {"GET", "/schemas/*file", [files](const Request& request, const Responder& respond) {
           respond(files->answer(request));
         }});
  }
  return routes;
}

}  // namespace

std::vector<net::Route> system_routes(Api& api) {
  std::vector<net::Route> routes = file_routes(api);
  const auto add = [&](std::string method, std::string pattern, auto answer) {
    routes.push_back({std::move(method),
                      std::move(pattern),
                      [&api, answer](const Request& request, const Responder& respond) {
                        respond(answer(api, request));
                      }});
  };
  add("GET", "/ping", [](Api&, const Request& request) { return ping(request); });
  add("GET", "/metrics", [](Api& a, const Request&) { return metrics(a); });
  add("GET", "/metrics/prometheus", [](Api& a, const Request&) { return prometheus(a); });
  add("GET", "/config", [](Api& a, const Request&) { return config(a); });
  add("GET", "/logging", [](Api&, const Request&) { return get_logging(); });
  add("POST", "/logging", [](Api& a, const Request& request) { return set_logging(a, request); });
  add("GET", "/v2/ekiden/lbs", [](Api& a, const Request&) { return list_lbs(a); });
  add("POST", "/v2/ekiden/lbs", [](Api& a, const Request& request) { return add_lb(a, request); });
  routes.push_back({"GET", "/v2/events", [&api](const Request& request, const Responder& respond) {
                      events(api, request, respond);
                    }});
  return routes;
}

}  // namespace ekiden::marathon::routes
