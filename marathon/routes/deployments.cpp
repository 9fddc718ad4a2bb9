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
  wanted.force = flag(request, "force");
  api.command(wanted, respond, [](const Reply& reply) {
    const auto* applied = std::get_if<Applied>(&reply.body);
    return applied != nullptr ? deployment_result(200, *applied) : no_content(202);
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
      {"DELETE",
       "/v2/deployments/:id",
       json_only([&api](const Request& request, const Responder& respond) {
         cancel(api, request, respond);
       })},
  };
}

}  // namespace ekiden::marathon::routes
