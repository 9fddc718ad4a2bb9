#include "marathon/machine/records.h"

#include "core/base/strings.h"
#include "core/json/json.h"
#include "marathon/api/convert.h"
#include "marathon/api/pod_form.h"
#include "marathon/machine/record_times.h"

#include <fmt/core.h>

namespace ekiden::marathon::records {

namespace {

json::Value paths(const std::vector<PathId>& list) {
  json::Array array;
  for (const PathId& path : list) {
    array.emplace_back(path.text());
  }
  return array;
}

std::vector<PathId> paths_of(const json::Value& value) {
  std::vector<PathId> list;
  for (const json::Value& path : value.as_array()) {
    list.push_back(PathId::parse(path.as_string()));
  }
  return list;
}

json::Value group_value(const Group& group) {
  json::Value value(json::Object{});
  value.set("version", millis(group.version));
  value.set("dependencies", paths(group.dependencies));
  if (group.enforce_role) {
    value.set("enforceRole", *group.enforce_role);
  }
  return value;
}

Group group_of(const json::Value& value) {
  Group group;
  group.version = time_of(value["version"]);
  group.dependencies = paths_of(value["dependencies"]);
  if (const json::Value* enforce = value.find("enforceRole")) {
    group.enforce_role = enforce->as_bool();
  }
  return group;
}

json::Value group_changes(const std::vector<DeploymentPlan::GroupChange>& changes) {
  json::Array array;
  for (const auto& change : changes) {
    json::Value entry(json::Object{});
    entry.set("group", change.group.text());
    if (change.before) {
      entry.set("before", group_value(*change.before));
    }
    if (change.after) {
      entry.set("after", group_value(*change.after));
    }
    array.push_back(std::move(entry));
  }
  return array;
}

std::shared_ptr<const Group> shared_group(const json::Value* value) {
  return value ? std::make_shared<const Group>(group_of(*value)) : nullptr;
}

std::vector<DeploymentPlan::GroupChange> group_changes_of(const json::Value& value) {
  std::vector<DeploymentPlan::GroupChange> changes;
  for (const json::Value& entry : value.as_array()) {
    changes.push_back({PathId::parse(entry["group"].as_string()),
                       shared_group(entry.find("before")),
                       shared_group(entry.find("after"))});
  }
  return changes;
}

json::Value action_value(const Action& action) {
  json::Value value(json::Object{});
  value.set("type", static_cast<int>(action.type));
  value.set("app", action.app.text());
  value.set("scaleTo", std::int64_t{action.scale_to});
  if (!action.to_kill.empty()) {
    json::Array array;
    for (const InstanceId& id : action.to_kill) {
      array.emplace_back(id.value);
    }
    value.set("toKill", std::move(array));
  }
  return value;
}

Action action_of(const json::Value& value) {
  Action action;
  action.type = static_cast<Action::Type>(value["type"].as_int());
  action.app = PathId::parse(value["app"].as_string());
  action.scale_to = static_cast<std::int32_t>(value["scaleTo"].as_int());
  for (const json::Value& id : value["toKill"].as_array()) {
    action.to_kill.push_back({std::string(id.as_string())});
  }
  return action;
}

Result<json::Value> parse_object(std::string_view text, std::string_view what) {
  Result<json::Value> value = json::parse(text);
  if (!value || !value->is_object()) {
    return fail(ErrorCode::malformed,
                fmt::format("cannot read the record of {}: it is not a JSON object; restore the "
                            "store from a backup",
                            what));
  }
  return value;
}

Result<AppPtr> find_change(const json::Value& value, std::string_view member, const FindApp& find) {
  const json::Value* version = value.find(member);
  if (!version) {
    return AppPtr();
  }
  const PathId app = PathId::parse(value["app"].as_string());
  AppPtr found = find(app, time_of(*version));
  if (!found) {
    return fail(ErrorCode::not_found,
                fmt::format("cannot load a deployment: version {} of {} is not stored",
                            to_iso8601(time_of(*version)),
                            app.text()));
  }
  return found;
}

}  // namespace

std::string number_key(std::uint64_t number) {
  return fmt::format("{:016x}", number);
}

Result<std::uint64_t> parse_number_key(std::string_view key) {
  std::uint64_t number = 0;
  for (const char c : key) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = c >= 'a' && c <= 'f';
    if (!digit && !letter) {
      return fail(ErrorCode::malformed, fmt::format("cannot read record key '{}'", key));
    }
    number = number * 16 + static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return number;
}

std::string write_app(const App& app) {
  json::Writer writer;
  writer.begin_object();
  writer.member("app", app.id.text());
  writer.key("version").integer(to_epoch_millis(app.version_info.version));
  writer.key("scaling").integer(to_epoch_millis(app.version_info.last_scaling_at));
  writer.key("config").integer(to_epoch_millis(app.version_info.last_config_change_at));
  if (app.pod) {
    writer.member("pod", wire::pod_to_json(app));
  } else {
    writer.member("definition", wire::to_json(app));
  }
  writer.end_object();
  return writer.take();
}

Result<App> read_app(std::string_view text) {
  Result<json::Value> value = parse_object(text, "an app definition");
  if (!value) {
    return fail(value.error());
  }
  const json::Value* pod = value->find("pod");
  Result<App> app = pod ? wire::pod_from_json(pod->as_string())
                        : wire::app_from_json((*value)["definition"].as_string());
  if (!app) {
    return app;
  }
  app->id = PathId::parse((*value)["app"].as_string());
  app->version_info = {
      time_of((*value)["version"]), time_of((*value)["scaling"]), time_of((*value)["config"])};
  return app;
}

std::string write_version(WallTime version) {
  json::Value value(json::Object{});
  value.set("version", millis(version));
  return json::to_text(value);
}

Result<WallTime> read_version(std::string_view text) {
  Result<json::Value> value = parse_object(text, "a version");
  return value ? Result<WallTime>(time_of((*value)["version"])) : fail(value.error());
}

std::string write_group(const Group& group) {
  return json::to_text(group_value(group));
}

Result<Group> read_group(std::string_view text) {
  Result<json::Value> value = parse_object(text, "a group");
  return value ? Result<Group>(group_of(*value)) : fail(value.error());
}

std::string write_undo(const DeploymentPlan& plan) {
  json::Value value(json::Object{});
  value.set("before", millis(plan.root_version_before));
  json::Array apps;
  for (const DeploymentPlan::Change& change : plan.changes) {
    json::Value entry(json::Object{});
    entry.set("app", change.app.text());
    if (change.before) {
      entry.set("version", millis(change.before->version_info.version));
    }
    apps.push_back(std::move(entry));
  }
  value.set("apps", std::move(apps));
  value.set("groups", group_changes(plan.groups));
  return json::to_text(value);
}

Result<RootUndo> read_undo(std::string_view text) {
  Result<json::Value> value = parse_object(text, "a root version");
  if (!value) {
    return fail(value.error());
  }
  RootUndo undo;
  undo.version_before = time_of((*value)["before"]);
  for (const json::Value& entry : (*value)["apps"].as_array()) {
    const json::Value* version = entry.find("version");
    undo.apps.push_back({PathId::parse(entry["app"].as_string()),
                         version ? std::optional(time_of(*version)) : std::nullopt});
  }
  undo.groups = group_changes_of((*value)["groups"]);
  return undo;
}

std::string write_plan(const DeploymentPlan& plan, const DeploymentOrigin& origin) {
  json::Value value(json::Object{});
  value.set("id", plan.id.value);
  value.set("started", millis(origin.started));
  value.set("actor", origin.actor);
  if (origin.reverts) {
    value.set("reverts", origin.reverts->value);
  }
  value.set("version", millis(plan.version));
  value.set("before", millis(plan.root_version_before));
  json::Array steps;
  for (const Step& step : plan.steps) {
    json::Array actions;
    for (const Action& action : step.actions) {
      actions.push_back(action_value(action));
    }
    steps.push_back(std::move(actions));
  }
  value.set("steps", std::move(steps));
  json::Array changes;
  for (const DeploymentPlan::Change& change : plan.changes) {
    json::Value entry(json::Object{});
    entry.set("app", change.app.text());
    if (change.before) {
      entry.set("before", millis(change.before->version_info.version));
    }
    if (change.after) {
      entry.set("after", millis(change.after->version_info.version));
    }
    changes.push_back(std::move(entry));
  }
  value.set("changes", std::move(changes));
  value.set("groups", group_changes(plan.groups));
  return json::to_text(value);
}

Result<DeploymentPlan> read_plan(std::string_view text, const FindApp& find) {
  Result<json::Value> value = parse_object(text, "a deployment");
  if (!value) {
    return fail(value.error());
  }
  DeploymentPlan plan;
  plan.id = {std::string((*value)["id"].as_string())};
  plan.version = time_of((*value)["version"]);
  plan.root_version_before = time_of((*value)["before"]);
  for (const json::Value& actions : (*value)["steps"].as_array()) {
    Step step;
    for (const json::Value& action : actions.as_array()) {
      step.actions.push_back(action_of(action));
    }
    plan.steps.push_back(std::move(step));
  }
  for (const json::Value& entry : (*value)["changes"].as_array()) {
    Result<AppPtr> before = find_change(entry, "before", find);
    Result<AppPtr> after = find_change(entry, "after", find);
    if (!before || !after) {
      return fail(before ? after.error() : before.error());
    }
    plan.changes.push_back(
        {PathId::parse(entry["app"].as_string()), std::move(*before), std::move(*after)});
  }
  plan.groups = group_changes_of((*value)["groups"]);
  return plan;
}

DeploymentOrigin read_origin(std::string_view text) {
  DeploymentOrigin origin;
  if (const Result<json::Value> value = json::parse(text)) {
    origin.started = time_of((*value)["started"]);
    origin.actor = (*value)["actor"].as_string();
    if (const json::Value* reverts = value->find("reverts")) {
      origin.reverts = DeploymentId{std::string(reverts->as_string())};
    }
  }
  return origin;
}

std::string write_failure(const TaskFailure& failure) {
  json::Value value(json::Object{});
  value.set("task", failure.task_id.value);
  value.set("state", failure.state);
  value.set("message", failure.message);
  value.set("host", failure.host);
  value.set("version", millis(failure.version));
  value.set("at", millis(failure.timestamp));
  if (failure.agent_id) {
    value.set("agent", failure.agent_id->value);
  }
  return json::to_text(value);
}

Result<TaskFailure> read_failure(std::string_view text) {
  Result<json::Value> parsed = parse_object(text, "a task failure");
  if (!parsed) {
    return fail(parsed.error());
  }
  const json::Value& value = *parsed;
  TaskFailure failure;
  failure.task_id = {std::string(value["task"].as_string())};
  failure.state = value["state"].as_string();
  failure.message = value["message"].as_string();
  failure.host = value["host"].as_string();
  failure.version = time_of(value["version"]);
  failure.timestamp = time_of(value["at"]);
  if (const json::Value* agent = value.find("agent")) {
    failure.agent_id = AgentId{std::string(agent->as_string())};
  }
  return failure;
}

}  // namespace ekiden::marathon::records
