// POST /v2/plan: what a change would do; nothing is changed (docs/why.md).
#include "marathon/explain/plan.h"

#include "core/base/strings.h"
#include "marathon/routes/api.h"

#include <algorithm>

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

enum class Kind { app, apps, pod, group };

std::optional<Kind> named_kind(const Request& request) {
  const std::string type = request.query_value("type").value_or("");
  if (type == "app") {
    return Kind::app;
  }
  if (type == "pod") {
    return Kind::pod;
  }
  return type == "group" ? std::optional(Kind::group) : std::nullopt;
}

bool has_any(const json::Value& body, std::initializer_list<const char*> members) {
  return std::any_of(
      members.begin(), members.end(), [&](const char* name) { return body.find(name) != nullptr; });
}

// What exists under the id decides, then what the body looks like.
Kind kind_of(const Root& root, const Request& request, const PathId& id, const json::Value& body) {
  if (const auto named = named_kind(request)) {
    return *named;
  }
  if (body.is_array()) {
    return Kind::apps;
  }
  if (has_any(body, {"containers", "scaling"})) {
    return Kind::pod;
  }
  if (has_any(body, {"apps", "groups", "pods", "scaleBy", "enforceRole"})) {
    return Kind::group;
  }
  if (const AppPtr known = root.find_app(id)) {
    return known->pod ? Kind::pod : Kind::app;
  }
  return root.has_group(id) ? Kind::group : Kind::app;
}

PathId id_of(const Request& request, const json::Value& body) {
  if (const auto id = request.query_value("id")) {
    return PathId::parse(*id);
  }
  return PathId::parse(body["id"].as_string());
}

PutApps put_apps(const Request& request, const PathId& id, const json::Value& body) {
  PutApps wanted;
  wanted.partial_update = flag(request, "partialUpdate", Default::yes);
  if (!body.is_array()) {
    wanted.apps.push_back({id, body});
    return wanted;
  }
  for (const json::Value& one : body.as_array()) {
    wanted.apps.push_back({PathId::parse(one["id"].as_string()), one});
  }
  return wanted;
}

Change removal(const Root& root, const Request& request, const PathId& id) {
  switch (kind_of(root, request, id, json::Value(json::Object{}))) {
    case Kind::pod:
      return DeletePod{id};
    case Kind::group:
      return DeleteGroup{id};
    case Kind::app:
    case Kind::apps:
      break;
  }
  return DeleteApp{id};
}

Change change_of(const Root& root, const Request& request, const json::Value& body) {
  const PathId id = id_of(request, body);
  switch (kind_of(root, request, id, body)) {
    case Kind::pod:
      return PutPod{id, body, PutPod::When::always};
    case Kind::group:
      return PutGroup{id, body};
    case Kind::app:
    case Kind::apps:
      break;
  }
  return put_apps(request, id, body);
}

Result<Change> wanted_change(const Root& root, const Request& request) {
  const bool removes = flag(request, "delete");
  if (removes || flag(request, "restart")) {
    if (!request.query_value("id")) {
      return fail(ErrorCode::invalid, "cannot plan this without ?id=: name what it is about");
    }
    const PathId id = PathId::parse(*request.query_value("id"));
    return removes ? removal(root, request, id) : Change(RestartApp{id});
  }
  auto body = parse_body(request);
  if (!body) {
    return fail(body.error());
  }
  return change_of(root, request, *body);
}

void post_plan(Api& api, const Request& request, const Responder& respond) {
  auto change = wanted_change(api.snapshot()->root, request);
  if (!change) {
    respond(change.error().code == ErrorCode::malformed ? bad_body(change.error())
                                                        : message(400, change.error().message));
    return;
  }
  ChangeRoot wanted;
  wanted.change = std::move(*change);
  wanted.force = flag(request, "force");
  wanted.what_if = true;
  // The machine says what would happen; what that means is written away from the loop.
  const auto plan = std::make_shared<std::optional<DeploymentPlan>>();
  const Responder then([&api, respond, plan](net::Response response) {
    if (!*plan) {
      respond(std::move(response));
      return;
    }
    const std::size_t effort = api.snapshot()->agents.size() * (*plan)->changes.size();
    api.render(effort, respond, [plan, &settings = api.host().settings](const wire::View& view) {
      const explain::Plan answer =
          explain::describe_plan(view.snapshot(), **plan, settings, Now{Time{}, view.now()});
      return json_answer(200, json::encode(answer, json::kMarathon));
    });
  });
  api.command(std::move(wanted), then, [plan](const Reply& reply) {
    if (const auto* applied = std::get_if<Applied>(&reply.body)) {
      *plan = applied->plan;
    }
    return message(500, "the plan was not made");
  });
}

}  // namespace

std::vector<net::Route> plan_routes(Api& api) {
  return {{"POST", "/v2/plan", json_only([&api](const Request& request, const Responder& respond) {
             post_plan(api, request, respond);
           })}};
}

}  // namespace ekiden::marathon::routes
