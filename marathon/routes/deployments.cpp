#include "core/base/strings.h"
#include "marathon/routes/api.h"

#include <algorithm>

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

void list(Api& api, const Request&, const Responder& respond) {
  api.render(api.snapshot()->deployments.size(), respond, [](const wire::View& view) {
    return json_answer(200, wire::deployments_array(view));
  });
}

void cancel(Api& api, const Request& request, const Responder& respond) {
  const DeploymentId id{request.params.at("id")};
  const SnapshotPtr snapshot = api.snapshot();
  const bool known = std::any_of(snapshot->deployments.begin(),
                                 snapshot->deployments.end(),
                                 [&](const auto& running) { return running->plan->id == id; });
  if (!known) {
    respond(missing("DeploymentPlan " + id.value + " does not exist"));
    return;
  }
  CancelDeployment wanted;
  wanted.id = id;
  wanted.actor = actor_of(request);
  wanted.force = flag(request, "force");
  api.command(wanted, respond, [](const Reply& reply) {
    const auto* applied = std::get_if<Applied>(&reply.body);
    return applied != nullptr ? deployment_result(200, *applied) : no_content(202);
  });
}

void steer(Api& api, SteerDeployment::To to, const Request& request, const Responder& respond) {
  SteerDeployment wanted;
  wanted.id = {request.params.at("id")};
  wanted.to = to;
  wanted.actor = actor_of(request);
  api.command(wanted, respond, [](const Reply&) { return no_content(204); });
}

// The newest first; ?app=ID keeps those that touched it, ?limit=N the first N.
void history(Api& api, const Request& request, const Responder& respond) {
  wire::HistoryFilter filter;
  if (const auto limit = request.query_value("limit")) {
    const auto number = parse_int(*limit);
    if (!number || *number < 1) {
      respond(message(400, "cannot list deployments: limit must be a whole number above 0"));
      return;
    }
    filter.limit = static_cast<std::size_t>(*number);
  }
  if (const auto app = request.query_value("app")) {
    filter.app = PathId::parse(*app);
  }
  api.render(api.snapshot()->finished.size(), respond, [filter](const wire::View& view) {
    return json_answer(200, wire::finished_deployments(view, filter));
  });
}

}  // namespace

std::vector<net::Route> deployment_routes(Api& api) {
  return {
      {"GET",
       "/v2/deployments",
       json_only([&api](const Request& request, const Responder& respond) {
         list(api, request, respond);
       })},
      {"GET",
       "/v2/deployments/history",
       json_only([&api](const Request& request, const Responder& respond) {
         history(api, request, respond);
       })},
      {"POST",
       "/v2/deployments/:id/pause",
       json_only([&api](const Request& request, const Responder& respond) {
         steer(api, SteerDeployment::To::pause, request, respond);
       })},
      {"POST",
       "/v2/deployments/:id/resume",
       json_only([&api](const Request& request, const Responder& respond) {
         steer(api, SteerDeployment::To::resume, request, respond);
       })},
      {"DELETE",
       "/v2/deployments/:id",
       json_only([&api](const Request& request, const Responder& respond) {
         cancel(api, request, respond);
       })},
  };
}

}  // namespace ekiden::marathon::routes
