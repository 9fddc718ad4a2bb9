#include "marathon/routes/api.h"

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

PathId group_of(const Request& request) {
  const auto found = request.params.find("id");
  return found == request.params.end() ? PathId() : PathId::parse(found->second);
}

net::Response no_such_group(const PathId& id) {
  return missing("Group '" + id.text() + "' does not exist");
}

void get_group(Api& api, const Request& request, const Responder& respond) {
  const PathId id = group_of(request);
  const SnapshotPtr snapshot = api.snapshot();
  if (!snapshot->root.has_group(id)) {
    respond(no_such_group(id));
    return;
  }
  const auto embed = wire::GroupEmbed::of(request.query_values("embed"));
  api.render(snapshot->root.apps.size(), respond, [id, embed](const wire::View& view) {
    return json_answer(200, wire::group_info(view, id, embed));
  });
}

void get_group_apps(Api& api, const Request& request, const Responder& respond) {
  const PathId id = group_of(request);
  const auto embed = wire::GroupEmbed::of(request.query_values("embed"));
  api.render(api.snapshot()->root.apps.size(), respond, [id, embed](const wire::View& view) {
    const auto apps = view.snapshot().root.plain_apps_below(id);
    return json_answer(200, wire::apps_array(view, apps, embed.app));
  });
}

void get_versions(Api& api, const Request& request, const Responder& respond) {
  const PathId id = group_of(request);
  const SnapshotPtr snapshot = api.snapshot();
  if (!snapshot->root.has_group(id)) {
    respond(no_such_group(id));
    return;
  }
  json::Array versions;
  bool current = false;
  for (auto version = snapshot->root_versions.rbegin(); version != snapshot->root_versions.rend();
       ++version) {
    current = current || *version == snapshot->root.version;
    versions.emplace_back(to_iso8601(*version));
  }
  if (!current) {
    versions.insert(versions.begin(), json::Value(to_iso8601(snapshot->root.version)));
  }
  respond(json_answer(200, json::to_text(versions)));
}

void get_version(Api& api, const Request& request, const Responder& respond) {
  const auto version = parse_version(request.params.at("version"));
  if (!version) {
    respond(failure(version.error()));
    return;
  }
  const PathId id = group_of(request);
  Snapshot then;  // definitions only: task details of the past are never shown
  if (const SnapshotPtr now = api.snapshot(); now->root.version == *version) {
    then.root = now->root;
  } else if (auto old = api.host().root_at(*version)) {
    then.root = std::move(*old);
    then.root.version = *version;
  } else {
    respond(no_such_group(id));
    return;
  }
  if (!then.root.has_group(id)) {
    respond(no_such_group(id));
    return;
  }
  auto embed = wire::GroupEmbed::of(request.query_values("embed"));
  embed.app = wire::Embed::none();
  wire::TextCaches caches;
  const wire::View view(then, *version, caches);
  respond(json_answer(200, wire::group_info(view, id, embed)));
}

void post_group(Api& api, const Request& request, const Responder& respond) {
  auto body = parse_body(request);
  if (!body) {
    respond(bad_body(body.error()));
    return;
  }
  const PathId base = group_of(request);
  const PathId id = PathId::parse((*body)["id"].as_string(), base);
  api.change(
      request, respond, CreateGroup{base, std::move(*body)}, [request, id](const Applied& applied) {
        net::Response response = deployment_result(201, applied);
        set_location(response, request, id.text());
        return response;
      });
}

net::Response steps_answer(const DeploymentPlan& plan) {
  json::Writer writer;
  writer.begin_object();
  wire::write_steps(writer, plan);
  writer.end_object();
  return json_answer(200, writer.take());
}

void put_group(Api& api, const Request& request, const Responder& respond) {
  auto body = parse_body(request);
  if (!body) {
    respond(bad_body(body.error()));
    return;
  }
  api.change(request,
             respond,
             PutGroup{group_of(request), std::move(*body)},
             [dry = flag(request, "dryRun")](const Applied& applied) {
               return dry ? steps_answer(applied.plan.value_or(DeploymentPlan{}))
                          : deployment_result(200, applied);
             });
}

void patch_group(Api& api, const Request& request, const Responder& respond) {
  const auto body = parse_body(request);
  if (!body) {
    respond(bad_body(body.error()));
    return;
  }
  PatchGroup wanted{group_of(request), std::nullopt};
  if (const json::Value* enforce = body->find("enforceRole"); enforce && !enforce->is_null()) {
    if (!enforce->is_bool()) {
      respond(failure(Error{
          ErrorCode::invalid, "Invalid JSON", {{"/enforceRole", "error.expected.jsboolean"}}}));
      return;
    }
    wanted.enforce_role = enforce->as_bool();
  }
  api.change(request, respond, wanted, [](const Applied&) { return no_content(200); });
}

void delete_group(Api& api, const Request& request, const Responder& respond) {
  api.change(request, respond, DeleteGroup{group_of(request)}, [](const Applied& applied) {
    return deployment_result(200, applied);
  });
}

net::Handler bind(Api& api, void (*handle)(Api&, const Request&, const Responder&)) {
  return [&api, handle](const Request& request, const Responder& respond) {
    handle(api, request, respond);
  };
}

}  // namespace

std::vector<net::Route> group_routes(Api& api) {
  return {
      {"GET", "/v2/groups", bind(api, get_group)},
      {"POST", "/v2/groups", bind(api, post_group)},
      {"PUT", "/v2/groups", bind(api, put_group)},
      {"DELETE", "/v2/groups", bind(api, delete_group)},
      {"GET", "/v2/groups/*id", bind(api, get_group)},
      {"POST", "/v2/groups/*id", bind(api, post_group)},
      {"PUT", "/v2/groups/*id", bind(api, put_group)},
      {"PATCH", "/v2/groups/*id", bind(api, patch_group)},
      {"DELETE", "/v2/groups/*id", bind(api, delete_group)},
      {"GET", "/v2/groups/*id/apps", bind(api, get_group_apps)},
      {"GET", "/v2/groups/*id/versions", bind(api, get_versions)},
      {"GET", "/v2/groups/*id/versions/:version", bind(api, get_version)},
  };
}

}  // namespace ekiden::marathon::routes
