// Records of deployments that ended, and of why one that runs does not go on.
#include "core/json/json.h"
#include "marathon/machine/record_times.h"
#include "marathon/machine/records.h"

namespace ekiden::marathon::records {

namespace {

using AppChange = FinishedDeployment::AppChange;

json::Value change_value(const AppChange& change) {
  json::Value value(json::Object{});
  value.set("app", change.app.text());
  value.set("kind", static_cast<int>(change.kind));
  if (change.before) {
    value.set("before", millis(*change.before));
  }
  if (change.after) {
    value.set("after", millis(*change.after));
  }
  json::Array diff;
  for (const json::Difference& one : change.diff) {
    json::Value entry(json::Object{});
    entry.set("path", one.path);
    if (one.before) {
      entry.set("before", *one.before);
    }
    if (one.after) {
      entry.set("after", *one.after);
    }
    diff.push_back(std::move(entry));
  }
  value.set("diff", std::move(diff));
  return value;
}

std::optional<json::Value> member(const json::Value& value, std::string_view name) {
  const json::Value* found = value.find(name);
  return found ? std::optional(*found) : std::nullopt;
}

std::optional<WallTime> time_member(const json::Value& value, std::string_view name) {
  const json::Value* found = value.find(name);
  return found ? std::optional(time_of(*found)) : std::nullopt;
}

AppChange change_of(const json::Value& value) {
  AppChange change;
  change.app = PathId::parse(value["app"].as_string());
  change.kind = static_cast<AppChange::Kind>(value["kind"].as_int());
  change.before = time_member(value, "before");
  change.after = time_member(value, "after");
  for (const json::Value& entry : value["diff"].as_array()) {
    change.diff.push_back(
        {std::string(entry["path"].as_string()), member(entry, "before"), member(entry, "after")});
  }
  return change;
}

}  // namespace

std::string write_halt(const DeploymentHalt& halt) {
  json::Value value(json::Object{});
  value.set("kind", static_cast<int>(halt.kind));
  value.set("reason", halt.reason);
  value.set("since", millis(halt.since));
  return json::to_text(value);
}

Result<DeploymentHalt> read_halt(std::string_view text) {
  const Result<json::Value> value = json::parse(text);
  if (!value) {
    return fail(value.error());
  }
  return DeploymentHalt{static_cast<DeploymentHalt::Kind>((*value)["kind"].as_int()),
                        std::string((*value)["reason"].as_string()),
                        time_of((*value)["since"])};
}

std::string write_finished(const FinishedDeployment& finished) {
  json::Value value(json::Object{});
  value.set("id", finished.id.value);
  value.set("version", millis(finished.version));
  value.set("started", millis(finished.origin.started));
  value.set("ended", millis(finished.ended));
  value.set("actor", finished.origin.actor);
  if (finished.origin.reverts) {
    value.set("reverts", finished.origin.reverts->value);
  }
  value.set("outcome", static_cast<int>(finished.outcome));
  value.set("reason", finished.reason);
  value.set("stepsDone", static_cast<std::int64_t>(finished.steps_done));
  value.set("steps", static_cast<std::int64_t>(finished.steps));
  value.set("failures", static_cast<std::int64_t>(finished.failures));
  value.set("total", static_cast<std::int64_t>(finished.changes_total));
  json::Array changes;
  for (const AppChange& change : finished.changes) {
    changes.push_back(change_value(change));
  }
  value.set("changes", std::move(changes));
  return json::to_text(value);
}

Result<FinishedDeployment> read_finished(std::string_view text) {
  const Result<json::Value> parsed = json::parse(text);
  if (!parsed) {
    return fail(parsed.error());
  }
  const json::Value& value = *parsed;
  FinishedDeployment finished;
  finished.id = {std::string(value["id"].as_string())};
  finished.version = time_of(value["version"]);
  finished.origin = read_origin(text);
  finished.ended = time_of(value["ended"]);
  finished.outcome = static_cast<FinishedDeployment::Outcome>(value["outcome"].as_int());
  finished.reason = value["reason"].as_string();
  finished.steps_done = static_cast<std::size_t>(value["stepsDone"].as_int());
  finished.steps = static_cast<std::size_t>(value["steps"].as_int());
  finished.failures = static_cast<std::uint32_t>(value["failures"].as_int());
  finished.changes_total = static_cast<std::size_t>(value["total"].as_int());
  for (const json::Value& change : value["changes"].as_array()) {
    finished.changes.push_back(change_of(change));
  }
  return finished;
}

}  // namespace ekiden::marathon::records
