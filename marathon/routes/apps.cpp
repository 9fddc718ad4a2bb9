#include "core/base/strings.h"
#include "marathon/api/convert.h"
#include "marathon/change/definition.h"
#include "marathon/routes/api.h"
#include "marathon/routes/label_selector.h"

#include <algorithm>

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

// ---- reads
struct Filters {
  std::string cmd;
  std::string id;
  LabelSelectors labels;
};

bool contains(const std::string& text, const std::string& lower_part) {
  return to_lower(text).find(lower_part) != std::string::npos;
}

bool passes(const App& app, const Filters& filters) {
  const bool cmd = filters.cmd.empty() || (app.cmd && contains(*app.cmd, filters.cmd));
  return cmd && (filters.id.empty() || contains(app.id.text(), filters.id)) &&
         filters.labels.match(app.labels);
}

Result<Filters> filters_of(const Request& request) {
  auto labels = LabelSelectors::parse(request.query_value("label").value_or(""));
  if (!labels) {
    return fail(std::move(labels.error()));
  }
  return Filters{to_lower(request.query_value("cmd").value_or("")),
                 to_lower(request.query_value("id").value_or("")),
                 std::move(*labels)};
}

void list_apps(Api& api, const Request& request, const Responder& respond) {
  auto filters = filters_of(request);
  if (!filters) {
    respond(failure(filters.error()));
    return;
  }
  wire::Embed embed = wire::Embed::of(request.query_values("embed"));
  embed.counts = true;
  embed.deployments = true;
  const SnapshotPtr snapshot = api.snapshot();
  const std::size_t objects = snapshot->root.apps.size() + snapshot->instances.size();
  api.render(objects, respond, [filters = std::move(*filters), embed](const wire::View& view) {
    std::vector<AppPtr> apps;
    view.snapshot().root.apps.for_each([&](const PathId&, const AppPtr& app) {
      if (!app->pod && passes(*app, filters)) {
        apps.push_back(app);
      }
    });
    return json_answer(200, "{\"apps\":" + wire::apps_array(view, apps, embed) + "}");
  });
}

bool is_glob(std::string_view id) {
  return id == "*" || id.ends_with("/*");
}

PathId glob_group(std::string_view id) {
  return PathId::parse(id.substr(0, id.size() - 1));
}

void list_below(Api& api, const PathId& group, const Responder& respond, wire::Embed embed) {
  if (!api.snapshot()->root.has_group(group)) {
    respond(missing("Group '" + group.text() + "' does not exist"));
    return;
  }
  const std::size_t objects = api.snapshot()->root.apps.size();
  api.render(objects, respond, [group, embed](const wire::View& view) {
    const auto apps = view.snapshot().root.plain_apps_below(group);
    return json_answer(200, "{\"*\":" + wire::apps_array(view, apps, embed) + "}");
  });
}

net::Response no_such_app(const PathId& id) {
  return missing("App '" + id.text() + "' does not exist");
}

void get_app(Api& api, const Request& request, const Responder& respond) {
  const std::string& text = request.params.at("id");
  wire::Embed embed = wire::Embed::of(request.query_values("embed"));
  embed.tasks = embed.counts = embed.deployments = embed.last_task_failure = true;
  if (is_glob(text)) {
    list_below(api, glob_group(text), respond, embed);
    return;
  }
  const PathId id = PathId::parse(text);
  const SnapshotPtr snapshot = api.snapshot();
  const AppPtr app = snapshot->root.find_plain_app(id);
  if (!app) {
    respond(no_such_app(id));
    return;
  }
  const auto* instances = snapshot->instances.find(id);
  const std::size_t objects = instances == nullptr ? 1 : (*instances)->all.size();
  api.render(objects, respond, [app, embed](const wire::View& view) {
    return json_answer(200, "{\"app\":" + wire::app_info(view, app, embed) + "}");
  });
}

void get_versions(Api& api, const Request& request, const Responder& respond) {
  const PathId id = PathId::parse(request.params.at("id"));
  const SnapshotPtr snapshot = api.snapshot();
  const AppPtr app = snapshot->root.find_plain_app(id);
  if (!app) {
    respond(no_such_app(id));
    return;
  }
  std::set<WallTime> versions{app->version_info.version};
  if (const auto* old = snapshot->versions.find(id)) {
    for (const auto& [version, definition] : **old) {
      versions.insert(version);
    }
  }
  json::Array newest_first;
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    newest_first.emplace_back(to_iso8601(*version));
  }
  respond(json_answer(200, json::to_text(json::Object{{"versions", std::move(newest_first)}})));
}

void get_version(Api& api, const Request& request, const Responder& respond) {
  const PathId id = PathId::parse(request.params.at("id"));
  const auto version = parse_version(request.params.at("version"));
  if (!version) {
    respond(failure(version.error()));
    return;
  }
  const SnapshotPtr snapshot = api.snapshot();
  AppPtr app = snapshot->root.find_plain_app(id);
  if (!app) {
    respond(no_such_app(id));
    return;
  }
  if (app->version_info.version != *version) {
    const auto* old = snapshot->versions.find(id);
    const auto found = old == nullptr ? decltype((*old)->end()){} : (*old)->find(*version);
    app = old == nullptr || found == (*old)->end() ? nullptr : found->second;
  }
  respond(
      app ? json_answer(200, wire::to_json(*app))
          : missing("App '" + id.text() + "' does not exist in version " + to_iso8601(*version)));
}

// ---- changes
// The definition as it was sent: ports and version info come later (QUIRK of 2.1).
net::Response created_app(const Request& request, App app, const Applied& applied) {
  app.version_info = {};
  app.version_info.version = applied.version;
  std::string body = wire::to_json(app);
  body.pop_back();
  body +=
      ",\"tasksStaged\":0,\"tasksRunning\":0,\"tasksHealthy\":0,\"tasksUnhealthy\":0,"
      "\"deployments\":[{\"id\":";
  body += json::to_text(json::Value(applied.deployment.value)) + "}]}";
  net::Response response = json_answer(201, std::move(body));
  response.headers.set("Marathon-Deployment-Id", applied.deployment.value);
  set_location(response, request, app.id.text());
  return response;
}

void post_app(Api& api, const Request& request, const Responder& respond) {
  const auto body = parse_body(request);
  if (!body) {
    respond(bad_body(body.error()));
    return;
  }
  auto form = wire::decode_app(*body);
  if (form && !form->id) {
    form = fail(Error{ErrorCode::invalid,
                      "Invalid JSON",
                      {{"/id", "'id' is undefined on object: " + json::to_text(*body)}}});
  }
  if (!form) {
    respond(failure(form.error()));
    return;
  }
  const SnapshotPtr snapshot = api.snapshot();
  auto app = change::define(std::move(*form), {snapshot->root, api.host().settings});
  if (!app) {
    respond(failure(app.error()));
    return;
  }
  api.change(
      request, respond, CreateApp{*app}, [&api, request, app = *app](const Applied& applied) {
        const AppPtr stored = api.snapshot()->root.find_plain_app(app.id);
        api.publish_api_post(request, stored ? *stored : app);
        return created_app(request, app, applied);
      });
}

enum class Creation { allow, refuse };

void put_app(Api& api, const Request& request, const Responder& respond, Creation creation) {
  auto body = parse_body(request);
  if (!body) {
    respond(bad_body(body.error()));
    return;
  }
  const PathId id = PathId::parse(request.params.at("id"));
  PutApps wanted;
  wanted.apps.push_back({id, std::move(*body)});
  wanted.allow_creation = creation == Creation::allow;
  wanted.partial_update =
      creation == Creation::refuse || flag(request, "partialUpdate", Default::yes);
  api.change(request, respond, std::move(wanted), [&api, request, id](const Applied& applied) {
    if (const AppPtr app = api.snapshot()->root.find_plain_app(id)) {
      api.publish_api_post(request, *app);
    }
    const bool created =
        std::find(applied.created.begin(), applied.created.end(), id) != applied.created.end();
    net::Response response = deployment_result(created ? 201 : 200, applied);
    if (created) {
      set_location(response, request, id.text());
    }
    return response;
  });
}

Error not_an_array() {
  return {ErrorCode::invalid, "Invalid JSON", {{"", "error.expected.jsarray"}}};
}

void put_apps(Api& api, const Request& request, const Responder& respond, Creation creation) {
  auto body = parse_body(request);
  if (!body) {
    respond(bad_body(body.error()));
    return;
  }
  if (!body->is_array()) {
    respond(failure(not_an_array()));
    return;
  }
  PutApps wanted;
  wanted.allow_creation = creation == Creation::allow;
  wanted.partial_update =
      creation == Creation::refuse || flag(request, "partialUpdate", Default::yes);
  for (json::Value& one : body->array()) {
    const json::Value* id = one.find("id");
    if (id == nullptr || !id->is_string()) {
      respond(message(422, "requirement failed: App Update must have app id set"));
      return;
    }
    const PathId path = PathId::parse(id->as_string());
    wanted.apps.push_back({path, std::move(one)});
  }
  api.change(request, respond, std::move(wanted), [](const Applied& applied) {
    return deployment_result(200, applied);
  });
}

void delete_app(Api& api, const Request& request, const Responder& respond) {
  const PathId id = PathId::parse(request.params.at("id"));
  api.change(request, respond, DeleteApp{id}, [](const Applied& applied) {
    return deployment_result(200, applied);
  });
}

void restart_app(Api& api, const Request& request, const Responder& respond) {
  const PathId id = PathId::parse(request.params.at("id"));
  api.change(request, respond, RestartApp{id}, [](const Applied& applied) {
    return deployment_result(200, applied);
  });
}

// An app that is literally named "restart", from early versions [2.2].
void delete_app_named_restart(Api& api, Request request, const Responder& respond) {
  request.params["id"] += "/restart";
  delete_app(api, request, respond);
}

net::Handler bind(Api& api, void (*handle)(Api&, const Request&, const Responder&)) {
  return json_only([&api, handle](const Request& request, const Responder& respond) {
    handle(api, request, respond);
  });
}

net::Handler bind(Api& api,
                  void (*handle)(Api&, const Request&, const Responder&, Creation),
                  Creation creation) {
  return json_only([&api, handle, creation](const Request& request, const Responder& respond) {
    handle(api, request, respond, creation);
  });
}

}  // namespace

std::vector<net::Route> app_routes(Api& api) {
  return {
      {"GET", "/v2/apps", bind(api, list_apps)},
      {"POST", "/v2/apps", bind(api, post_app)},
      {"PUT", "/v2/apps", bind(api, put_apps, Creation::allow)},
      {"PATCH", "/v2/apps", bind(api, put_apps, Creation::refuse)},
      {"GET", "/v2/apps/*id", bind(api, get_app)},
      {"PUT", "/v2/apps/*id", bind(api, put_app, Creation::allow)},
      {"PATCH", "/v2/apps/*id", bind(api, put_app, Creation::refuse)},
      {"DELETE", "/v2/apps/*id", bind(api, delete_app)},
      {"POST", "/v2/apps/*id/restart", bind(api, restart_app)},
      {"DELETE",
       "/v2/apps/*id/restart",
       [&api](Request request, const Responder& respond) {
         delete_app_named_restart(api, std::move(request), respond);
       }},
      {"GET", "/v2/apps/*id/versions", bind(api, get_versions)},
      {"GET", "/v2/apps/*id/versions/:version", bind(api, get_version)},
  };
}

}  // namespace ekiden::marathon::routes
