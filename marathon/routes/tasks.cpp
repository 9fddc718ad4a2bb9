#include "core/base/strings.h"
#include "marathon/routes/api.h"

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

constexpr std::string_view kScaleAndWipe = "You cannot use scale and wipe at the same time.";

net::Response no_such_task(const std::string& id) {
  return message(404, "Task '" + id + "' does not exist");
}

// Several apps by a glob, else one.
Result<std::vector<AppPtr>> addressed_apps(const Root& root, const std::string& text) {
  if (text == "*" || text.ends_with("/*")) {
    const PathId group = PathId::parse(std::string_view(text).substr(0, text.size() - 1));
    if (!root.has_group(group)) {
      return fail(ErrorCode::not_found, "Group '" + group.text() + "' does not exist");
    }
    return root.plain_apps_below(group);
  }
  const PathId id = PathId::parse(text);
  const AppPtr app = root.find_plain_app(id);
  if (!app) {
    return fail(ErrorCode::not_found, "App '" + id.text() + "' does not exist");
  }
  return std::vector<AppPtr>{app};
}

void get_app_tasks(Api& api, const Request& request, const Responder& respond) {
  const auto apps = addressed_apps(api.snapshot()->root, request.params.at("id"));
  if (!apps) {
    respond(missing(apps.error().message));
    return;
  }
  std::size_t objects = 0;
  for (const AppPtr& app : *apps) {
    objects += static_cast<std::size_t>(app->instances);
  }
  api.render(objects, respond, [apps = *apps](const wire::View& view) {
    return json_answer(
        200, "{\"tasks\":" + wire::tasks_array(view, apps, wire::ServicePorts::omit, {}) + "}");
  });
}

std::vector<wire::TaskFilter> status_filters(const Request& request) {
  std::vector<wire::TaskFilter> filters;
  for (const char* name : {"status", "status[]"}) {
    for (const std::string& value : request.query_values(name)) {
      if (iequals(value, "running")) {
        filters.push_back(wire::TaskFilter::running);
      } else if (iequals(value, "staging")) {
        filters.push_back(wire::TaskFilter::staging);
      }
    }
  }
  return filters;
}

void list_tasks(Api& api, const Request& request, const Responder& respond) {
  std::size_t objects = 0;
  api.snapshot()->instances.for_each(
      [&](const PathId&, const auto& instances) { objects += instances->all.size(); });
  api.render(objects, respond, [filters = status_filters(request)](const wire::View& view) {
    std::vector<AppPtr> apps;
    view.snapshot().root.apps.for_each([&](const PathId&, const AppPtr& app) {
      if (!app->pod) {  // tasks of pods are not listed [2.7]
        apps.push_back(app);
      }
    });
    return json_answer(
        200,
        "{\"tasks\":" + wire::tasks_array(view, apps, wire::ServicePorts::write, filters) + "}");
  });
}

// ---- killing
struct Victims {
  std::vector<InstanceId> ids;
  std::string json;  // `[...]`, as they were before the kill
};

void add_victim(Victims& victims, const InstanceView& view) {
  victims.ids.push_back(view.instance->id);
  if (view.instance->task && view.instance->place) {
    victims.json += (victims.json.empty() ? "" : ",") + wire::task_json(view, {});
  }
}

using Finish = std::function<net::Response(const std::string& tasks)>;

void kill(Api& api,
          const Request& request,
          const Responder& respond,
          Victims victims,
          const Finish& finish) {
  if (flag(request, "scale")) {
    api.change(request, respond, KillAndScale{std::move(victims.ids)}, [](const Applied& applied) {
      return deployment_result(200, applied);
    });
    return;
  }
  if (victims.ids.empty()) {
    respond(finish(""));
    return;
  }
  KillInstances wanted;
  wanted.instances = std::move(victims.ids);
  wanted.wipe = flag(request, "wipe");
  api.command(std::move(wanted), respond, [finish, tasks = std::move(victims.json)](const Reply&) {
    return finish(tasks);
  });
}

net::Response tasks_answer(const std::string& tasks) {
  return json_answer(200, "{\"tasks\":[" + tasks + "]}");
}

bool refuses_both(const Request& request, const Responder& respond) {
  const bool both = flag(request, "scale") && flag(request, "wipe");
  if (both) {
    respond(message(400, kScaleAndWipe));
  }
  return both;
}

void delete_app_tasks(Api& api, const Request& request, const Responder& respond) {
  if (refuses_both(request, respond)) {
    return;
  }
  const SnapshotPtr snapshot = api.snapshot();
  const PathId id = PathId::parse(request.params.at("id"));
  if (!snapshot->root.find_plain_app(id)) {
    respond(message(404, "App '" + id.text() + "' does not exist"));
    return;
  }
  const auto* instances = snapshot->instances.find(id);
  if (flag(request, "scale") && (instances == nullptr || (*instances)->all.size() == 0)) {
    respond(message(404, "Path '" + id.text() + "' does not exist"));
    return;
  }
  const std::string host = request.query_value("host").value_or("*");
  Victims victims;
  if (instances != nullptr) {
    (*instances)->all.for_each([&](const InstanceId&, const auto& view) {
      const auto& place = view->instance->place;
      if (place && (host == "*" || host.empty() || place->host == host)) {
        add_victim(victims, *view);
      }
    });
  }
  kill(api, request, respond, std::move(victims), tasks_answer);
}

const std::shared_ptr<const InstanceView>* find_view(const Snapshot& snapshot,
                                                     const InstanceId& id) {
  const auto app = app_of(id);
  const auto* instances = app ? snapshot.instances.find(*app) : nullptr;
  return instances == nullptr ? nullptr : (*instances)->all.find(id);
}

void delete_app_task(Api& api, const Request& request, const Responder& respond) {
  if (refuses_both(request, respond)) {
    return;
  }
  const SnapshotPtr snapshot = api.snapshot();
  const PathId id = PathId::parse(request.params.at("id"));
  const std::string& text = request.params.at("task");
  if (!snapshot->root.find_plain_app(id)) {
    respond(message(404, "App '" + id.text() + "' does not exist"));
    return;
  }
  const auto instance = instance_of(TaskId{text});
  const auto* view = instance ? find_view(*snapshot, *instance) : nullptr;
  if (view == nullptr || (*view)->instance->app->id != id) {
    respond(no_such_task(text));
    return;
  }
  Victims victims;
  add_victim(victims, **view);
  kill(api, request, respond, std::move(victims), [](const std::string& task) {
    return json_answer(200, "{\"task\":" + (task.empty() ? "null" : task) + "}");
  });
}

Result<std::vector<std::string>> task_ids(const Request& request) {
  const auto body = parse_body(request);
  if (!body) {
    return fail(body.error());
  }
  const json::Value* ids = body->find("ids");
  Error wrong{ErrorCode::invalid, "Invalid JSON", {}};
  std::vector<std::string> all;
  if (!body->is_object()) {
    wrong.problems.push_back({"", "error.expected.jsobject"});
  } else if (ids == nullptr) {
    wrong.problems.push_back({"/ids", "'ids' is undefined on object: " + json::to_text(*body)});
  } else if (!ids->is_array()) {
    wrong.problems.push_back({"/ids", "error.expected.jsarray"});
  } else {
    for (const json::Value& id : ids->as_array()) {
      if (!id.is_string()) {
        wrong.problems.push_back(
            {"/ids(" + std::to_string(all.size()) + ")", "error.expected.jsstring"});
      }
      all.emplace_back(id.as_string());
    }
  }
  if (!wrong.problems.empty()) {
    return fail(std::move(wrong));
  }
  return all;
}

void delete_tasks(Api& api, const Request& request, const Responder& respond) {
  if (refuses_both(request, respond)) {
    return;
  }
  const auto ids = task_ids(request);
  if (!ids) {
    respond(failure(ids.error()));
    return;
  }
  const SnapshotPtr snapshot = api.snapshot();
  Victims victims;
  for (const std::string& text : *ids) {
    const auto instance = instance_of(TaskId{text});
    if (!instance) {
      respond(message(400,
                      "Invalid task id '" + text + "'. [taskId " + text +
                          " no valid identifier (of class java.lang.String)]"));
      return;
    }
    const auto* view = find_view(*snapshot, *instance);
    if (view != nullptr && !(*view)->instance->app->pod) {
      add_victim(victims, **view);
    }
  }
  kill(api, request, respond, std::move(victims), tasks_answer);
}

net::Handler bind(Api& api, void (*handle)(Api&, const Request&, const Responder&)) {
  return [&api, handle](const Request& request, const Responder& respond) {
    handle(api, request, respond);
  };
}

}  // namespace

std::vector<net::Route> task_routes(Api& api) {
  return {
      {"GET", "/v2/apps/*id/tasks", bind(api, get_app_tasks)},
      {"DELETE", "/v2/apps/*id/tasks", bind(api, delete_app_tasks)},
      {"DELETE", "/v2/apps/*id/tasks/:task", bind(api, delete_app_task)},
      {"GET", "/v2/tasks", bind(api, list_tasks)},
      {"POST", "/v2/tasks/delete", json_only(bind(api, delete_tasks))},
  };
}

}  // namespace ekiden::marathon::routes
