#include "marathon/api/pod_status.h"
#include "marathon/change/definition.h"
#include "marathon/routes/api.h"

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

constexpr std::string_view kInstancePattern =
    "must fully match regular expression '^(.+)\\.(instance-|marathon-)([^\\.]+)$'";

// "<pod>::<what>/<rest>": sub-resources are behind a double colon [marathon-api 1.2].
struct Target {
  PathId id;
  std::string what;  // "status", "versions", "instances"; empty: the pod itself
  std::string rest;
};

Target target_of(const Request& request) {
  const std::string& text = request.params.at("id");
  const std::size_t colons = text.find("::");
  Target target{PathId::parse(text.substr(0, colons)), {}, {}};
  if (colons != std::string::npos) {
    const std::string sub = text.substr(colons + 2);
    const std::size_t slash = sub.find('/');
    target.what = sub.substr(0, slash);
    target.rest = slash == std::string::npos ? "" : sub.substr(slash + 1);
  }
  return target;
}

net::Response no_such_pod(const PathId& id) {
  return message(404, "Pod '" + id.text() + "' does not exist");
}

// ---- reads
std::vector<AppPtr> pods_of(const Root& root) {
  std::vector<AppPtr> pods;
  root.apps.for_each([&](const PathId&, const AppPtr& app) {
    if (app->pod) {
      pods.push_back(app);
    }
  });
  return pods;
}

void list_pods(Api& api, const Request&, const Responder& respond) {
  api.render(api.snapshot()->root.apps.size(), respond, [](const wire::View& view) {
    std::string out = "[";
    for (const AppPtr& pod : pods_of(view.snapshot().root)) {
      out += (out.size() > 1 ? "," : "") + wire::pod_info(view, pod);
    }
    return json_answer(200, out + "]");
  });
}

void list_statuses(Api& api, const Responder& respond) {
  api.render(api.snapshot()->root.apps.size(), respond, [](const wire::View& view) {
    return json_answer(200, wire::pod_statuses(view, pods_of(view.snapshot().root)));
  });
}

void get_status(Api& api, const AppPtr& pod, const Responder& respond) {
  api.render(static_cast<std::size_t>(pod->instances), respond, [pod](const wire::View& view) {
    return json_answer(200, wire::pod_status(view, pod));
  });
}

// Definitions by version, the current one among them.
std::map<WallTime, AppPtr> versions_of(const Snapshot& snapshot, const AppPtr& pod) {
  std::map<WallTime, AppPtr> versions;
  if (const auto* old = snapshot.versions.find(pod->id)) {
    for (const auto& [version, definition] : **old) {
      if (definition->pod) {
        versions.emplace(version, definition);
      }
    }
  }
  versions.insert_or_assign(pod->version_info.version, pod);
  return versions;
}

net::Response versions_answer(const Snapshot& snapshot, const AppPtr& pod) {
  json::Array newest_first;
  const auto versions = versions_of(snapshot, pod);
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    newest_first.emplace_back(to_iso8601(version->first));
  }
  return json_answer(200, json::to_text(newest_first));
}

net::Response version_answer(const Snapshot& snapshot, const AppPtr& pod, const std::string& text) {
  const auto version = parse_version(text);
  if (!version) {
    return failure(version.error());
  }
  const auto versions = versions_of(snapshot, pod);
  const auto found = versions.find(*version);
  return found == versions.end() ? no_such_pod(pod->id)
                                 : json_answer(200, wire::pod_to_json(*found->second));
}

void get_pod(Api& api, const Request& request, const Responder& respond) {
  const Target target = target_of(request);
  const SnapshotPtr snapshot = api.snapshot();
  if (target.id.is_root() && target.what == "status") {
    list_statuses(api, respond);
    return;
  }
  const AppPtr pod = snapshot->root.find_pod(target.id);
  if (!pod) {
    respond(target.what.empty()
                ? missing(R"({"message": "pod with )" + target.id.text() + R"( does not exist"})")
                : no_such_pod(target.id));
  } else if (target.what.empty()) {
    respond(json_answer(200, wire::pod_to_json(*pod)));
  } else if (target.what == "status") {
    get_status(api, pod, respond);
  } else if (target.what == "versions") {
    respond(target.rest.empty() ? versions_answer(*snapshot, pod)
                                : version_answer(*snapshot, pod, target.rest));
  } else if (target.what == "instances") {
    respond(not_allowed());
  } else {
    respond(message(404, "URI not found"));
  }
}

// ---- changes
void publish(Api& api, std::string_view type, const Request& request) {
  api.events().publish({pod_event(type, client_ip(request), request.path, api.host().now().wall)});
}

struct Answer {  // of an accepted definition
  int status = 200;
  std::string_view event;
};

void put(Api& api, const Request& request, const Responder& respond, PutPod wanted, Answer answer) {
  const PathId id = wanted.id;
  api.change(
      request, respond, std::move(wanted), [&api, request, id, answer](const Applied& applied) {
        publish(api, answer.event, request);
        const AppPtr pod = api.snapshot()->root.find_pod(id);
        net::Response response = json_answer(answer.status, pod ? wire::pod_to_json(*pod) : "{}");
        response.headers.set("Marathon-Deployment-Id", applied.deployment.value);
        if (answer.status == 201) {
          set_location(response, request, id.text());
        }
        return response;
      });
}

void post_pod(Api& api, const Request& request, const Responder& respond) {
  auto body = parse_body(request);
  if (!body) {
    respond(bad_body(body.error()));
    return;
  }
  PutPod wanted;
  wanted.id = PathId::parse((*body)["id"].as_string());
  wanted.when = PutPod::When::absent;
  wanted.body = std::move(*body);
  put(api, request, respond, std::move(wanted), {201, "pod_created_event"});
}

void put_pod(Api& api, const Request& request, const Responder& respond) {
  auto body = parse_body(request);
  if (!body) {
    respond(bad_body(body.error()));
    return;
  }
  const PathId id = target_of(request).id;
  const json::Value* named = body->find("id");
  if (named != nullptr && named->is_string() && PathId::parse(named->as_string()) != id) {
    if (const auto form = wire::decode_pod(*body); !form) {
      respond(failure(form.error()));
      return;
    }
    respond(message(400,
                    "'" + id.text() + "' does not match definition's id ('" +
                        PathId::parse(named->as_string()).text() + "')"));
    return;
  }
  PutPod wanted;
  wanted.id = id;
  wanted.body = std::move(*body);
  put(api, request, respond, std::move(wanted), {200, "pod_updated_event"});
}

void delete_pod(Api& api, const PathId& id, const Request& request, const Responder& respond) {
  api.change(request, respond, DeletePod{id}, [&api, request](const Applied& applied) {
    publish(api, "pod_deleted_event", request);
    net::Response response = no_content(202);
    response.headers.set("Marathon-Deployment-Id", applied.deployment.value);
    set_location(response, request, "/" + applied.deployment.value);
    return response;
  });
}

// ---- killing instances; they are replaced
InstancePtr find_instance(const Snapshot& snapshot, const PathId& pod, const std::string& id) {
  const auto* instances = snapshot.instances.find(pod);
  const auto* found = instances ? (*instances)->all.find(InstanceId{id}) : nullptr;
  return found ? (*found)->instance : nullptr;
}

void kill(Api& api,
          const Request& request,
          const Responder& respond,
          std::vector<InstanceId> ids,
          std::string answer) {
  if (ids.empty()) {
    respond(json_answer(200, std::move(answer)));
    return;
  }
  KillInstances wanted;
  wanted.instances = std::move(ids);
  wanted.wipe = flag(request, "wipe");
  api.command(std::move(wanted), respond, [answer = std::move(answer)](const Reply&) {
    return json_answer(200, answer);
  });
}

Error bad_instance(std::string path) {
  return {ErrorCode::invalid,
          "Object is not valid",
          {{std::move(path), std::string(kInstancePattern)}}};
}

bool is_instance_id(const std::string& text) {
  for (const std::string_view prefix : {".instance-", ".marathon-"}) {
    const std::size_t at = text.rfind(prefix);
    if (at != std::string::npos && at > 0 && at + prefix.size() < text.size() &&
        text.find('.', at + prefix.size()) == std::string::npos) {
      return true;
    }
  }
  return false;
}

void delete_instance(Api& api,
                     const Target& target,
                     const Request& request,
                     const Responder& respond) {
  if (!is_instance_id(target.rest)) {
    respond(failure(bad_instance("/")));
    return;
  }
  const SnapshotPtr snapshot = api.snapshot();
  if (!snapshot->root.find_pod(target.id)) {
    respond(message(404, "Path '" + target.id.text() + "' does not exist"));
    return;
  }
  const InstancePtr instance = find_instance(*snapshot, target.id, target.rest);
  if (!instance) {
    respond(message(404, "Task '" + target.rest + "' does not exist"));
    return;
  }
  kill(api, request, respond, {instance->id}, wire::instance_info(*instance));
}

Result<std::vector<std::string>> instance_ids(const Request& request) {
  const auto body = parse_body(request);
  if (!body) {
    return fail(body.error());
  }
  Error wrong{ErrorCode::invalid, "Invalid JSON", {}};
  Error bad{ErrorCode::invalid, "Object is not valid", {}};
  if (!body->is_array()) {
    wrong.problems.push_back({"", "error.expected.jsarray"});
  }
  std::vector<std::string> ids;
  for (const json::Value& id : body->as_array()) {
    const std::string path = "(" + std::to_string(ids.size()) + ")";
    if (!id.is_string()) {
      wrong.problems.push_back({path, "error.expected.jsstring"});
    }
    ids.emplace_back(id.as_string());
    if (!is_instance_id(ids.back())) {
      bad.problems.push_back({path, std::string(kInstancePattern)});
    }
  }
  if (!wrong.problems.empty()) {
    return fail(std::move(wrong));
  }
  if (!bad.problems.empty()) {
    return fail(std::move(bad));
  }
  return ids;
}

void delete_instances(Api& api,
                      const Target& target,
                      const Request& request,
                      const Responder& respond) {
  const auto ids = instance_ids(request);
  if (!ids) {
    respond(failure(ids.error()));
    return;
  }
  const SnapshotPtr snapshot = api.snapshot();
  if (!snapshot->root.find_pod(target.id)) {
    respond(message(404, "Path '" + target.id.text() + "' does not exist"));
    return;
  }
  std::vector<InstanceId> found;
  std::string answer = "[";
  for (const std::string& id : *ids) {
    if (const InstancePtr instance = find_instance(*snapshot, target.id, id)) {
      found.push_back(instance->id);
      answer += (answer.size() > 1 ? "," : "") + wire::instance_info(*instance);
    }
  }
  kill(api, request, respond, std::move(found), answer + "]");
}

void remove(Api& api, const Request& request, const Responder& respond) {
  const Target target = target_of(request);
  if (target.what.empty()) {
    delete_pod(api, target.id, request, respond);
  } else if (target.what == "instances") {
    target.rest.empty() ? delete_instances(api, target, request, respond)
                        : delete_instance(api, target, request, respond);
  } else {
    respond(not_allowed());
  }
}

net::Handler bind(Api& api, void (*handle)(Api&, const Request&, const Responder&)) {
  return json_only([&api, handle](const Request& request, const Responder& respond) {
    handle(api, request, respond);
  });
}

}  // namespace

std::vector<net::Route> pod_routes(Api& api) {
  return {
      {"HEAD",
       "/v2/pods",
       [](const Request&, const Responder& respond) { respond(no_content(200)); }},
      {"GET", "/v2/pods", bind(api, list_pods)},
      {"POST", "/v2/pods", bind(api, post_pod)},
      {"GET", "/v2/pods/*id", bind(api, get_pod)},
      {"PUT", "/v2/pods/*id", bind(api, put_pod)},
      {"DELETE", "/v2/pods/*id", bind(api, remove)},
  };
}

}  // namespace ekiden::marathon::routes
