#include "core/agent/routes.h"

#include "core/json/json.h"
#include "core/net/gzip.h"
#include "core/net/router.h"
#include "core/wire/legacy.h"

#include <memory>

namespace ekiden::agent {
namespace {

using Context = std::shared_ptr<RouteContext>;
using FilesAnswer = net::Response (*)(const net::Request&, const wire::ResolvePath&);

SandboxFiles files_of(const RouteContext& context) {
  return SandboxFiles(context.host.work_dir, context.log_file);
}

net::Handler files_route(const Context& context, FilesAnswer answer) {
  return [context, answer](net::Request request, net::Responder respond) {
    const std::string id = context->agent.id().value_or(AgentId{}).value;
    const bool queued = context->worker.post(
        [resolve = files_of(*context).resolver(id), answer, request = std::move(request), respond] {
          respond(answer(request, resolve));
        });
    if (!queued) {
      respond(net::text_response(503, "Too many file requests; try again.\n"));
    }
  };
}

std::string files_debug(const RouteContext& context) {
  json::Writer writer;
  writer.begin_object();
  for (const auto& [container, executor] : context.agent.executors()) {
    const std::string real =
        container_spec(context.agent.start_container(executor), context.host).sandbox;
    writer.member("/frameworks/" + executor.record.framework_id.value + "/executors/" +
                      executor.record.info.executor_id.value + "/runs/latest",
                  real);
    writer.member(real, real);
  }
  if (!context.log_file.empty()) {
    writer.member(SandboxFiles::kLog, context.log_file);
  }
  writer.end_object();
  return writer.take();
}

template <class Answer>
net::Handler json_route(Answer answer) {
  return [answer](net::Request request, net::Responder respond) {
    respond(wire::json_answer(request, answer(request)));
  };
}

// The debugging page of Mesos's containerizer: what it waits for. Nothing is hidden in futures
// here.
std::string containerizer_debug() {
  return "{\"pending\":[]}";
}

// Without authentication: liveness, and what daemons of the cluster call.
std::vector<net::Route> open_routes(const Context& c) {
  const net::Handler health = [](const net::Request&, const net::Responder& respond) {
    respond(net::text_response(200, ""));
  };
  return {{"POST", "/api/v1/executor", c->executor_call},
          {"GET", "/health", health},
          {"GET", "/version", json_route([](const auto&) { return wire::version_json(); })}};
}

std::vector<net::Route> changing_routes(const Context& c) {
  const net::Handler toggle = [c](const net::Request& request, const net::Responder& respond) {
    respond(c->logging.toggle(request));
  };
  return {{"POST", "/api/v1", c->operator_call},
          {"GET", "/logging/toggle", toggle},
          {"POST", "/logging/toggle", toggle}};
}

std::vector<net::Route> state_routes(const Context& c) {
  return {{"GET", "/state", json_route([c](const auto&) {
             return state_json({c->agent, c->history, c->host, c->started.wall, c->flags});
           })},
          {"GET", "/containers", json_route([c](const net::Request& request) {
             return containers_json(c->agent,
                                    c->usage,
                                    c->clock.now().wall,
                                    request.query_value("container_id").value_or(""));
           })},
          {"GET", "/monitor/statistics", json_route([c](const auto&) {
             return statistics_json(c->agent, c->usage, c->clock.now().wall);
           })},
          {"GET", "/containerizer/debug", json_route([](const auto&) {
             return containerizer_debug();
           })},
          {"GET", "/flags", json_route([c](const auto&) { return wire::flags_json(c->flags); })}};
}

std::vector<net::Route> reading_routes(const Context& c) {
  std::vector<net::Route> routes = state_routes(c);
  const net::Handler prometheus = [c](const net::Request&, const net::Responder& respond) {
    respond(
        net::text_response(200, c->metrics.text(c->metric_values()), "text/plain; version=0.0.4"));
  };
  const std::vector<net::Route> more = {
      {"GET", "/metrics/snapshot", json_route([c](const auto&) {
         return metrics_snapshot(c->metric_values());
       })},
      {"GET", "/metrics", prometheus},
      {"GET", "/system/stats.json", json_route([](const auto&) {
         return wire::system_stats_json(wire::system_facts());
       })},
      {"GET", "/files/browse", files_route(c, &wire::browse_files)},
      {"GET", "/files/read", files_route(c, &wire::read_files)},
      {"GET", "/files/download", files_route(c, &wire::download_file)},
      {"GET", "/files/debug", json_route([c](const auto&) { return files_debug(*c); })}};
  routes.insert(routes.end(), more.begin(), more.end());
  return routes;
}

void protect(std::vector<net::Route>& routes,
             const std::shared_ptr<const wire::Credentials>& credentials,
             const std::string& realm) {
  for (net::Route& route : routes) {
    if (credentials != nullptr) {
      route.handler = wire::authenticated(credentials, realm, std::move(route.handler));
    }
  }
}

net::Response method_not_allowed(const net::Request& request,
                                 const std::vector<std::string>& allowed) {
  net::Response response = net::text_response(
      405, "Expecting one of the methods in 'Allow', received '" + request.method + "'.\n");
  std::string methods;
  for (const std::string& method : allowed) {
    methods += methods.empty() ? method : ", " + method;
  }
  response.headers.set("Allow", methods);
  return response;
}

}  // namespace

net::Handler make_routes(RouteContext context) {
  const auto shared = std::make_shared<RouteContext>(std::move(context));
  std::vector<net::Route> routes = open_routes(shared);
  std::vector<net::Route> changing = changing_routes(shared);
  std::vector<net::Route> reading = reading_routes(shared);
  protect(changing, shared->readwrite, "mesos-agent-readwrite");
  protect(reading, shared->readonly, "mesos-agent-readonly");
  routes.insert(routes.end(), changing.begin(), changing.end());
  routes.insert(routes.end(), reading.begin(), reading.end());
  const auto router = std::make_shared<net::Router>(std::move(routes));
  router->on_not_allowed(method_not_allowed);
  return net::gzip_answers([router](net::Request request, net::Responder respond) {
    request.path = wire::plain_path(request.path, "slave(1)");
    (*router)(std::move(request), std::move(respond));
  });
}

}  // namespace ekiden::agent
