#include "core/master/routes.h"

#include "core/base/strings.h"
#include "core/master/operator_json.h"
#include "core/master/state_json.h"
#include "core/wire/connect.h"

#include <fmt/core.h>

namespace ekiden::master {
namespace {

using Render = std::function<std::string(const Snapshot&, const net::Request&)>;

bool is_name(const std::string& text) {
  return text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$") ==
         std::string::npos;
}

// `?jsonp=callback` wraps the body [mesos-core 4.5].
net::Response json_answer(std::string body, const net::Request& request) {
  const std::string callback = request.query_value("jsonp").value_or("");
  if (!callback.empty() && is_name(callback)) {
    return net::text_response(200, callback + "(" + body + ");", "text/javascript");
  }
  return net::json_response(200, std::move(body));
}

// Written from the snapshot on a helper thread: never on the thread that schedules.
net::Handler read(RouteContext& context, Render render) {
  return [&context, render = std::move(render)](net::Request request, net::Responder respond) {
    const SnapshotPtr snapshot = context.snapshot();
    const bool queued = context.worker.post([snapshot, render, request, respond] {
      respond(json_answer(render(*snapshot, request), request));
    });
    if (!queued) {
      respond(net::text_response(503, "Too many reads are waiting; try again"));
    }
  };
}

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

net::Handler operator_api(RouteContext& context) {
  return [&context](net::Request request, net::Responder respond) {
    const auto call = parse_operator_call(request.body);
    if (!call) {
      const int status = call.error().code == ErrorCode::unsupported ? 501 : 400;
      respond(net::text_response(status, call.error().message));
      return;
    }
    if (*call == OperatorCall::subscribe) {
      respond(context.stream.subscribe(context.snapshot()));
      return;
    }
    const SnapshotPtr snapshot = context.snapshot();
    const bool queued = context.worker.post([snapshot, what = *call, respond] {
      respond(net::json_response(200, operator_answer(what, *snapshot)));
    });
    if (!queued) {
      respond(net::text_response(503, "Too many reads are waiting; try again"));
    }
  };
}

void add_legacy(std::vector<net::Route>& all,
                const std::string& path,
                const net::Handler& handler) {
  for (const char* prefix : {"", "/master"}) {
    for (const char* suffix : {"", ".json"}) {
      all.push_back({"GET", prefix + path + suffix, handler});
    }
  }
}

}  // namespace

std::vector<net::Route> routes(RouteContext& context) {
  std::vector<net::Route> all;
  const net::Handler healthy = [](net::Request, net::Responder respond) {
    respond(net::text_response(200, ""));
  };
  all.push_back({"GET", "/health", healthy});
  all.push_back({"GET", "/master/health", healthy});
  const net::Handler version =
      read(context, [](const Snapshot& s, const net::Request&) { return version_json(s.facts); });
  all.push_back({"GET", "/version", version});
  all.push_back({"GET", "/master/version", version});
  add_legacy(all, "/state", read(context, [](const Snapshot& s, const net::Request&) {
               return state_json(s);
             }));
  add_legacy(all, "/state-summary", read(context, [](const Snapshot& s, const net::Request&) {
               return state_summary_json(s);
             }));
  add_legacy(all, "/slaves", read(context, [](const Snapshot& s, const net::Request& r) {
               return slaves_json(s, r.query_value("slave_id").value_or(""));
             }));
  add_legacy(all, "/frameworks", read(context, [](const Snapshot& s, const net::Request& r) {
               return frameworks_json(s, r.query_value("framework_id").value_or(""));
             }));
  add_legacy(all, "/tasks", read(context, [](const Snapshot& s, const net::Request& r) {
               return tasks_json(s, task_query(r));
             }));
  all.push_back(
      {"GET", "/metrics/snapshot", [&context](net::Request request, net::Responder respond) {
         read(context, [uptime = context.uptime()](const Snapshot& s, const net::Request&) {
           return metrics_snapshot_json(s, uptime);
         })(std::move(request), respond);
       }});
  all.push_back({"GET", "/metrics", [&context](net::Request, net::Responder respond) {
                   respond(net::text_response(
                       200, context.metrics_text(), "text/plain; version=0.0.4; charset=utf-8"));
                 }});
  all.push_back({"POST", "/api/v1", operator_api(context)});
  all.push_back({"POST", "/master/api/v1", operator_api(context)});
  all.push_back({"POST", "/api/v1/scheduler", context.scheduler_api});
  all.push_back({"POST", "/master/api/v1/scheduler", context.scheduler_api});
  all.push_back({"POST", wire::kAgentLinkPath, context.agent_link});
  return all;
}

}  // namespace ekiden::master
