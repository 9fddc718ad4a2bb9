#include "core/agent/routes.h"

#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/net/router.h"

#include <memory>

namespace ekiden::agent {
namespace {

using Context = std::shared_ptr<RouteContext>;

std::string agent_id(const RouteContext& context) {
  return context.agent.id().value_or(AgentId{}).value;
}

// ?jsonp= of old pages
net::Response json_answer(const net::Request& request, std::string body) {
  const auto callback = request.query_value("jsonp");
  if (!callback || callback->empty()) {
    return net::json_response(200, std::move(body));
  }
  for (const char letter : *callback) {
    const bool good = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' ||
                      letter == '.' || letter == '$';
    if (!good) {
      return net::text_response(400, "Not a callback name.\n");
    }
  }
  return net::text_response(200, *callback + "(" + body + ");", "text/javascript");
}

using FilesAnswer = net::Response (SandboxFiles::*)(const net::Request&, const std::string&) const;

net::Handler files_route(const Context& context, FilesAnswer answer) {
  return [context, answer](net::Request request, net::Responder respond) {
    const bool queued = context->worker.post([files = SandboxFiles(context->host.work_dir),
                                              id = agent_id(*context),
                                              answer,
                                              request = std::move(request),
                                              respond] { respond((files.*answer)(request, id)); });
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
  writer.end_object();
  return writer.take();
}

template <class Answer>
net::Handler json_route(Answer answer) {
  return [answer](net::Request request, net::Responder respond) {
    respond(json_answer(request, answer(request)));
  };
}

std::vector<net::Route> table(const Context& c) {
  const auto values = [c] {
    return metric_values(c->agent, c->clock.now().time - c->started.time);
  };
  return {
      {"POST",
       "/api/v1/executor",
       [c](net::Request request, net::Responder respond) {
         c->executor_call(std::move(request), std::move(respond));
       }},
      {"GET", "/state", json_route([c](const auto&) {
         return state_json(c->agent, c->host, c->started.wall);
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
      {"GET",
       "/health",
       [](const net::Request&, const net::Responder& respond) {
         respond(net::text_response(200, ""));
       }},
      {"GET", "/version", json_route([](const auto&) { return version_json(); })},
      {"GET", "/metrics/snapshot", json_route([values](const auto&) {
         return metrics_snapshot(values());
       })},
      {"GET",
       "/metrics",
       [c, values](const net::Request&, const net::Responder& respond) {
         respond(net::text_response(200, c->metrics.text(values()), "text/plain; version=0.0.4"));
       }},
      {"GET", "/files/browse", files_route(c, &SandboxFiles::browse)},
      {"GET", "/files/read", files_route(c, &SandboxFiles::read)},
      {"GET", "/files/download", files_route(c, &SandboxFiles::download)},
      {"GET", "/files/debug", json_route([c](const auto&) { return files_debug(*c); })},
  };
}

// "/slave(1)/state.json" is "/state".
std::string plain_path(const std::string& path) {
  std::string text = path;
  for (const std::string_view prefix : {"/slave(1)/", "/slave%281%29/"}) {
    if (text.rfind(prefix, 0) == 0) {
      text = text.substr(prefix.size() - 1);
    }
  }
  if (text.ends_with(".json")) {
    text.resize(text.size() - 5);
  }
  return text;
}

}  // namespace

net::Handler make_routes(RouteContext context) {
  const auto shared = std::make_shared<RouteContext>(std::move(context));
  const auto router = std::make_shared<net::Router>(table(shared));
  return [router](net::Request request, net::Responder respond) {
    request.path = plain_path(request.path);
    (*router)(std::move(request), std::move(respond));
  };
}

}  // namespace ekiden::agent
