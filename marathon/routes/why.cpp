// GET .../why: reasons, for people and programs (docs/why.md).
#include "marathon/explain/why.h"

#include "marathon/routes/api.h"

#include <algorithm>

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

explain::Ask ask_of(const wire::View& view, const Settings& settings) {
  return {view.snapshot(), settings, Now{Time{}, view.now()}};
}

template <class T>
net::Response told(const T& answer) {
  return json_answer(200, json::encode(answer, json::kMarathon));
}

// A funnel looks at every agent, a group at every app of it.
std::size_t effort(const Snapshot& snapshot, std::size_t services) {
  return snapshot.agents.size() * std::max<std::size_t>(1, services);
}

const std::shared_ptr<const InstanceView>* find_view(const Snapshot& snapshot,
                                                     const std::string& text) {
  auto id = instance_of(TaskId{text});
  const auto app = id ? app_of(*id) : std::nullopt;
  const auto* instances = app ? snapshot.instances.find(*app) : nullptr;
  return instances ? (*instances)->all.find(*id) : nullptr;
}

void tell_instance(Api& api, const std::string& text, const PathId& app, const Responder& respond) {
  const SnapshotPtr snapshot = api.snapshot();
  const auto* view = find_view(*snapshot, text);
  if (!view || (*view)->instance->app->id != app) {
    respond(message(404, "Task '" + text + "' does not exist"));
    return;
  }
  api.render(effort(*snapshot, 1),
             respond,
             [&settings = api.host().settings, found = *view](const wire::View& shown) {
               return told(explain::why_instance(ask_of(shown, settings), *found));
             });
}

void tell_service(Api& api, const AppPtr& app, const Responder& respond) {
  api.render(effort(*api.snapshot(), 1),
             respond,
             [&settings = api.host().settings, app](const wire::View& view) {
               return told(explain::why_app(ask_of(view, settings), *app));
             });
}

// An app may be called "why": then it is meant.
bool is_an_app(Api& api, const Request& request, const Responder& respond) {
  const AppPtr app = api.snapshot()->root.find_app(PathId::parse(request.params.at("id") + "/why"));
  if (!app) {
    return false;
  }
  const auto embed = wire::Embed::of(request.query_values("embed"));
  api.render(1, respond, [app, embed](const wire::View& view) {
    return json_answer(200, "{\"app\":" + wire::app_info(view, app, embed) + "}");
  });
  return true;
}

void why_service(Api& api, const Request& request, const Responder& respond, bool pod) {
  if (!pod && is_an_app(api, request, respond)) {
    return;
  }
  const PathId id = PathId::parse(request.params.at("id"));
  const AppPtr app = api.snapshot()->root.find_app(id);
  if (!app || static_cast<bool>(app->pod) != pod) {
    respond(message(404, (pod ? "Pod '" : "App '") + id.text() + "' does not exist"));
    return;
  }
  if (const auto instance = request.query_value("instance")) {
    tell_instance(api, *instance, id, respond);
    return;
  }
  tell_service(api, app, respond);
}

void why_task(Api& api, const Request& request, const Responder& respond) {
  tell_instance(api, request.params.at("task"), PathId::parse(request.params.at("id")), respond);
}

void why_group(Api& api, const Request& request, const Responder& respond) {
  const SnapshotPtr snapshot = api.snapshot();
  const PathId id = PathId::parse(request.params.at("id"));
  if (!id.is_root() && !snapshot->root.has_group(id)) {
    respond(message(404, "Group '" + id.text() + "' does not exist"));
    return;
  }
  api.render(effort(*snapshot, snapshot->root.apps.size()),
             respond,
             [&settings = api.host().settings, id](const wire::View& view) {
               return told(explain::why_group(ask_of(view, settings), id));
             });
}

void why_deployment(Api& api, const Request& request, const Responder& respond) {
  const SnapshotPtr snapshot = api.snapshot();
  const std::string& id = request.params.at("id");
  const auto& all = snapshot->deployments;
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const auto& one) { return one->plan->id.value == id; });
  if (found == all.end()) {
    respond(missing("DeploymentPlan " + id + " does not exist"));
    return;
  }
  api.render(effort(*snapshot, (*found)->current_actions.size()),
             respond,
             [&settings = api.host().settings, deployment = *found](const wire::View& view) {
               return told(explain::why_deployment(ask_of(view, settings), *deployment));
             });
}

}  // namespace

std::vector<net::Route> why_routes(Api& api) {
  const auto service = [&api](bool pod) {
    return [&api, pod](const Request& request, const Responder& respond) {
      why_service(api, request, respond, pod);
    };
  };
  const auto bind = [&api](void (*handle)(Api&, const Request&, const Responder&)) {
    return [&api, handle](const Request& request, const Responder& respond) {
      handle(api, request, respond);
    };
  };
  return {{"GET", "/v2/apps/*id/why", service(false)},
          {"GET", "/v2/pods/*id/why", service(true)},
          {"GET", "/v2/apps/*id/tasks/:task/why", bind(why_task)},
          {"GET", "/v2/groups/*id/why", bind(why_group)},
          {"GET", "/v2/deployments/:id/why", bind(why_deployment)}};
}

}  // namespace ekiden::marathon::routes
