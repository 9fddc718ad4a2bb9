#include "core/master/routes.h"

#include "core/base/strings.h"
#include "core/master/legacy_commands.h"
#include "core/master/operator_answers.h"
#include "core/master/permissions.h"
#include "core/master/state_json.h"
#include "core/net/gzip.h"
#include "core/net/router.h"
#include "core/wire/connect.h"
#include "core/wire/legacy.h"

#include <memory>
#include <utility>

#include <fmt/core.h>

namespace ekiden::master {
namespace {

namespace actions = wire::actions;
using Render = std::function<std::string(const Snapshot&, const net::Request&)>;

// Written from the snapshot on a helper thread: never on the thread that schedules.
net::Handler read(RouteContext& context, Render render) {
  return [&context, render = std::move(render)](net::Request request, net::Responder respond) {
    const SnapshotPtr snapshot = context.snapshot();
    const Viewer viewer{context.access.acls, request.principal};
    const bool queued = context.worker.post([snapshot, viewer, render, request, respond] {
      respond(wire::json_answer(request, render(*visible(snapshot, viewer), request)));
    });
    if (!queued) {
      respond(net::text_response(503, "Too many reads are waiting; try again"));
    }
  };
}

// 403 for those whom the rules do not let.
net::Handler allowed(RouteContext& context, wire::Action action, net::Handler handler) {
  return [&context, action, handler = std::move(handler)](net::Request request,
                                                          net::Responder respond) {
    const auto path = action.object == "paths" ? std::optional(request.path) : std::nullopt;
    if (!context.access.acls->allows(action, request.principal, path)) {
      respond(net::text_response(403, ""));
      return;
    }
    handler(std::move(request), std::move(respond));
  };
}

// What is no number counts as not given.
std::size_t number(const net::Request& request, std::string_view name, std::size_t fallback) {
  const auto text = request.query_value(name);
  const auto value = text ? parse_int(*text) : std::nullopt;
  return value && *value >= 0 ? static_cast<std::size_t>(*value) : fallback;
}

TaskQuery task_query(const net::Request& request) {
  TaskQuery query;
  query.framework_id = request.query_value("framework_id").value_or("");
  query.task_id = request.query_value("task_id").value_or("");
  query.limit = number(request, "limit", query.limit);
  query.offset = number(request, "offset", query.offset);
  query.ascending = request.query_value("order") == "asc";
  return query;
}

std::optional<StateSettings> settings_for(const RouteContext& context, const std::string& who) {
  if (!context.access.acls->allows(actions::kViewFlags, who)) {
    return std::nullopt;
  }
  const auto value = [&context](const std::string& name) {
    const auto found = context.flags.find(name);
    return found == context.flags.end() ? std::string() : found->second;
  };
  return StateSettings{value("cluster"), value("external_log_file"), context.flags};
}

net::Handler get_state(RouteContext& context) {
  return read(context, [&context](const Snapshot& s, const net::Request& r) {
    return state_json(s, settings_for(context, r.principal));
  });
}

net::Handler get_state_summary(RouteContext& context) {
  return read(context, [&context](const Snapshot& s, const net::Request& r) {
    const auto settings = settings_for(context, r.principal);
    return state_summary_json(s, settings ? settings->cluster : "");
  });
}

// ?timeout=10secs: how long the caller would wait; ours are there at once.
net::Handler get_metrics(RouteContext& context) {
  return [&context](net::Request request, net::Responder respond) {
    const auto timeout = request.query_value("timeout");
    if (timeout && !parse_duration(*timeout)) {
      respond(net::text_response(
          400, fmt::format("Invalid timeout '{}': use a duration such as 10secs", *timeout)));
      return;
    }
    MetricValues counters = context.counters();
    const FrameworkMetrics shown = context.framework_metrics;
    read(context, [counters = std::move(counters), shown](const Snapshot& s, const net::Request&) {
      MetricValues all = gauges(s, shown);
      all.insert(all.end(), counters.begin(), counters.end());
      return metrics_json(std::move(all));
    })(std::move(request), std::move(respond));
  };
}

using FilesAnswer = net::Response (*)(const net::Request&, const wire::ResolvePath&);

net::Handler files(RouteContext& context, FilesAnswer answer) {
  return [&context, answer](net::Request request, net::Responder respond) {
    const bool queued = context.worker.post(
        [answer, resolve = context.files, request = std::move(request), respond] {
          respond(answer(request, resolve));
        });
    if (!queued) {
      respond(net::text_response(503, "Too many reads are waiting; try again"));
    }
  };
}

std::string files_debug(const RouteContext& context) {
  json::Writer w;
  w.begin_object();
  if (const auto log = context.files("/master/log")) {
    w.member("/master/log", *log);
  }
  w.end_object();
  return w.take();
}

net::Handler now(std::function<net::Response(const net::Request&)> answer) {
  return [answer = std::move(answer)](net::Request request, net::Responder respond) {
    respond(answer(request));
  };
}

struct Entry {
  std::string method;
  std::string path;
  Realm realm;
  net::Handler handler;
};

void add_reads(std::vector<Entry>& all, RouteContext& c) {
  const auto get = [&all](const char* path, net::Handler handler) {
    all.push_back({"GET", path, Realm::readonly, std::move(handler)});
  };
  get("/state", get_state(c));
  get("/state-summary", get_state_summary(c));
  get("/slaves", read(c, [](const Snapshot& s, const net::Request& r) {
        return slaves_json(s, r.query_value("slave_id").value_or(""));
      }));
  get("/frameworks", read(c, [](const Snapshot& s, const net::Request& r) {
        return frameworks_json(s, r.query_value("framework_id").value_or(""));
      }));
  get("/tasks", read(c, [](const Snapshot& s, const net::Request& r) {
        return tasks_json(s, task_query(r));
      }));
  get("/roles", read(c, [](const Snapshot& s, const net::Request&) { return roles_json(s); }));
  get("/weights", read(c, [](const Snapshot& s, const net::Request&) { return weights_json(s); }));
  get("/quota", read(c, [](const Snapshot& s, const net::Request&) {
        return json::encode(quota_status(s), json::kMesos);
      }));
  get("/maintenance/schedule",
      allowed(c, actions::kGetMaintenance, read(c, [](const Snapshot& s, const net::Request&) {
                return json::encode(s.maintenance, json::kMesos);
              })));
  get("/maintenance/status",
      allowed(
          c, actions::kGetMaintenanceStatuses, read(c, [](const Snapshot& s, const net::Request&) {
            return json::encode(maintenance_status(s), json::kMesos);
          })));
  get("/registrar(1)/registry",
      read(c, [](const Snapshot& s, const net::Request&) { return registry_json(s); }));
  get("/flags", allowed(c, actions::kViewFlags, now([&c](const net::Request& r) {
                          return wire::json_answer(r, wire::flags_json(c.flags));
                        })));
  get("/metrics/snapshot", allowed(c, actions::kGetEndpoints, get_metrics(c)));
  get("/files/browse", allowed(c, actions::kAccessMesosLogs, files(c, wire::browse_files)));
  get("/files/read", allowed(c, actions::kAccessMesosLogs, files(c, wire::read_files)));
  get("/files/download", allowed(c, actions::kAccessMesosLogs, files(c, wire::download_file)));
  get("/files/debug",
      now([&c](const net::Request& r) { return wire::json_answer(r, files_debug(c)); }));
  get("/system/stats.json", now([](const net::Request& r) {
        return wire::json_answer(r, wire::system_stats_json(wire::system_facts()));
      }));
  get("/metrics", now([&c](const net::Request&) {
        return net::text_response(
            200, c.metrics_text(), "text/plain; version=0.0.4; charset=utf-8");
      }));
}

void add_changes(std::vector<Entry>& all, RouteContext& c) {
  const auto add = [&all](const char* method, const char* path, net::Handler handler) {
    all.push_back({method, path, Realm::readwrite, std::move(handler)});
  };
  add("POST", "/reserve", post_reservation(c, Reservation::reserve));
  add("POST", "/unreserve", post_reservation(c, Reservation::unreserve));
  add("POST", "/create-volumes", post_volumes(c, Volumes::create));
  add("POST", "/destroy-volumes", post_volumes(c, Volumes::destroy));
  add("POST", "/teardown", post_teardown(c));
  add("PUT", "/weights", put_weights(c));
  add("POST", "/quota", post_quota(c));
  add("DELETE", "/quota", delete_quota(c));
  add("DELETE", "/quota/*role", delete_quota(c));
  add("POST", "/maintenance/schedule", post_maintenance_schedule(c));
  add("POST", "/machine/down", post_machines(c, MachineOrder::down));
  add("POST", "/machine/up", post_machines(c, MachineOrder::up));
  const net::Handler toggle = allowed(
      c, actions::kSetLogLevel, now([&c](const net::Request& r) { return c.logging.toggle(r); }));
  add("POST", "/logging/toggle", toggle);
  add("GET", "/logging/toggle", toggle);
}

constexpr const char* kMethods[] = {"GET", "POST", "PUT", "DELETE", "PATCH"};

void add_apis(std::vector<Entry>& all, RouteContext& c) {
  const net::Handler operators = operator_api(c);
  // Authentication comes before the method [mesos-core 1.7].
  const net::Handler only_post = now([](const net::Request& request) {
    auto refused = net::text_response(
        405, fmt::format("Expecting one of {{ 'POST' }}, but received '{}'", request.method));
    refused.headers.set("Allow", "POST");
    return refused;
  });
  for (const std::string method : kMethods) {
    const bool is_post = method == "POST";
    for (const char* path : {"/api/v1", "/api/v1/operator"}) {  // pymesos asks for the latter
      all.push_back({method, path, Realm::readwrite, is_post ? operators : only_post});
    }
    all.push_back(
        {method, "/api/v1/scheduler", Realm::scheduler, is_post ? c.scheduler_api : only_post});
    all.push_back({method, "/health", Realm::open, now([](const net::Request&) {
                     return net::text_response(200, "");
                   })});
  }
  all.push_back({"GET", "/version", Realm::open, now([](const net::Request& r) {
                   return wire::json_answer(r, wire::version_json());
                 })});
  all.push_back({"POST", wire::kAgentLinkPath, Realm::open, c.agent_link});
}

// Not sent on to the leader [mesos-core 1.6].
bool is_local(const std::string& path) {
  for (const std::string_view local : {"/health",
                                       "/version",
                                       "/metrics/snapshot",
                                       "/metrics",
                                       "/flags",
                                       "/logging/toggle",
                                       "/system/stats.json"}) {
    if (path == local) {
      return true;
    }
  }
  return path.starts_with("/files/");
}

net::Response to_leader(const Leadership& leadership, const std::string& target) {
  if (leadership.leader.empty()) {
    return net::text_response(503, "No leader elected");
  }
  net::Response response = net::text_response(307, "");
  response.headers.set("Location", "//" + leadership.leader + target);
  return response;
}

std::string target_of(const net::Request& request) {
  return request.query.empty() ? request.path : request.path + "?" + request.query;
}

// What is decided before any route is looked for. Nothing: go on.
std::optional<net::Response> early_answer(const RouteContext& context,
                                          const Leadership& leadership,
                                          const net::Request& request,
                                          const std::string& path) {
  if (request.path.find("/..") != std::string::npos) {
    return net::text_response(404, "");
  }
  if (context.access.closed_paths.contains(path) ||
      context.access.closed_paths.contains(request.path)) {
    return net::text_response(403, "Endpoint '" + path + "' is disabled");
  }
  if (path == "/redirect") {
    return to_leader(leadership, "");
  }
  if (path.starts_with("/redirect/")) {
    return net::text_response(404, "");  // or two masters could send a client round and round
  }
  if (!leadership.here && !is_local(path)) {
    return to_leader(leadership, target_of(request));
  }
  return std::nullopt;
}

}  // namespace

net::Handler make_routes(RouteContext& context, std::function<Leadership()> leadership) {
  std::vector<Entry> entries;
  add_reads(entries, context);
  add_changes(entries, context);
  add_apis(entries, context);
  std::vector<net::Route> routes;
  for (Entry& entry : entries) {
    auto handler = guarded(context.access, entry.realm, std::move(entry.handler));
    routes.push_back({std::move(entry.method), std::move(entry.path), std::move(handler)});
  }
  const auto router = std::make_shared<net::Router>(std::move(routes));
  return net::gzip_answers([&context, router, leadership = std::move(leadership)](
                               net::Request request, net::Responder respond) {
    const std::string path = wire::plain_path(request.path, "master");
    if (auto early = early_answer(context, leadership(), request, path)) {
      respond(std::move(*early));
      return;
    }
    request.path = path;
    (*router)(std::move(request), std::move(respond));
  });
}

}  // namespace ekiden::master
