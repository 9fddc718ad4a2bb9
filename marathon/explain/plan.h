#pragma once

#include "core/json/json.h"
#include "marathon/commands.h"
#include "marathon/explain/nodes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// POST /v2/plan: what a change would do, without doing it. docs/why.md describes the answer.
namespace ekiden::marathon::explain {

struct FieldChange {
  std::string path;  // JSON pointer
  std::optional<json::Value> before;
  std::optional<json::Value> after;
  bool operator==(const FieldChange&) const = default;
};

struct Effect {  // on instances
  std::int64_t before = 0;
  std::int64_t after = 0;
  std::int64_t started = 0;
  std::int64_t stopped = 0;
  std::int64_t replaced = 0;  // stopped for one that starts
  std::int64_t at_least = 0;  // serving all the time
  std::int64_t at_most = 0;   // at any time
  bool operator==(const Effect&) const = default;
};

struct Room {  // judged from the last offers
  bool fits = true;
  std::int64_t wanted = 0;  // at one time, beyond what runs
  std::int64_t fitting = 0;
  std::string text;
  bool operator==(const Room&) const = default;
};

struct ServicePlan {
  std::string id;
  std::string type;    // app, pod
  std::string change;  // created, removed, scaled, restarted, updated
  std::vector<FieldChange> fields;
  Effect instances;
  std::optional<Room> room;  // when something starts
  std::vector<Stage> nodes;  // when not everything fits
  std::vector<Nearest> nearest;
  bool operator==(const ServicePlan&) const = default;
};

struct PlannedAction {
  std::string action;  // "ScaleApplication"
  std::string app;
  bool operator==(const PlannedAction&) const = default;
};

struct PlannedStep {
  std::vector<PlannedAction> actions;
  bool operator==(const PlannedStep&) const = default;
};

struct Totals {
  std::int64_t services = 0;
  std::int64_t started = 0;
  std::int64_t stopped = 0;
  std::int64_t replaced = 0;
  bool operator==(const Totals&) const = default;
};

struct Plan {
  bool changes = false;
  bool fits = true;
  std::string text;
  std::string version;
  std::vector<PlannedStep> steps;
  std::vector<ServicePlan> services;
  Totals totals;
  std::vector<std::string> conflicts;  // deployments that would have to be overridden
  std::vector<std::string> groups;     // created, changed or removed
  bool operator==(const Plan&) const = default;
};

Plan describe_plan(const Snapshot& snapshot,
                   const DeploymentPlan& plan,
                   const Settings& settings,
                   Now now);

}  // namespace ekiden::marathon::explain
