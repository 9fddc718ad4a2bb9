#include "lb/deployment_groups.h"

#include "core/base/strings.h"

#include <algorithm>
#include <map>

namespace ekiden::lb {

namespace {

std::string_view label(const AppView& view, std::string_view name) {
  return (*view.app)["labels"][name].as_string();
}

std::string_view started_at(const AppView& view) {
  return label(view, "HAPROXY_DEPLOYMENT_STARTED_AT");
}

// Instants as text: ISO-8601 compares as text when the forms agree; missing is the earliest.
std::string_view scaled_at(const AppView& view) {
  return (*view.app)["versionInfo"]["lastScalingAt"].as_string();
}

std::int64_t instances(const AppView& view) {
  return (*view.app)["instances"].as_int();
}

std::int64_t healthy_tasks(const AppView& view) {
  if ((*view.app)["healthChecks"].as_array().empty()) {
    return instances(view);
  }
  return std::count_if(view.tasks.begin(), view.tasks.end(), [](const TaskView& task) {
    const json::Array& results = (*task.task)["healthCheckResults"].as_array();
    return std::any_of(results.begin(), results.end(), [](const json::Value& result) {
      return result["alive"].as_bool();
    });
  });
}

AppView merge(AppView previous, AppView current) {
  const bool previous_is_old = started_at(previous) < started_at(current);
  AppView older = previous_is_old ? std::move(previous) : std::move(current);
  AppView newer = previous_is_old ? std::move(current) : std::move(previous);
  std::int64_t target = 1;
  if ((*newer.app)["labels"].find("HAPROXY_DEPLOYMENT_NEW_INSTANCES") != nullptr) {
    // A rollback is recognised by the old app having been scaled last.
    if (scaled_at(older) > scaled_at(newer)) {
      std::swap(older, newer);
    }
    target = parse_int(trim(label(newer, "HAPROXY_DEPLOYMENT_TARGET_INSTANCES"))).value_or(1);
  }
  const std::int64_t healthy = healthy_tasks(newer);
  const std::int64_t spare = std::max<std::int64_t>(0, healthy + instances(older) - target);
  const auto count = static_cast<std::int64_t>(older.tasks.size());
  const std::int64_t draining = std::min({count, healthy, spare});
  std::stable_sort(older.tasks.begin(), older.tasks.end(), [](const auto& a, const auto& b) {
    return (*a.task)["id"].as_string() < (*b.task)["id"].as_string();
  });
  for (std::int64_t i = 0; i < draining; ++i) {
    older.tasks[static_cast<std::size_t>(i)].draining = Draining::yes;
  }
  older.tasks.insert(older.tasks.end(), newer.tasks.begin(), newer.tasks.end());
  return older;
}

AppView view_of(const json::Value& app) {
  AppView view{std::string(app["id"].as_string()), &app, {}};
  for (const json::Value& task : app["tasks"].as_array()) {
    view.tasks.push_back({&task, Draining::no});
  }
  return view;
}

}  // namespace

std::vector<AppView> merge_deployment_groups(const json::Array& apps) {
  std::vector<AppView> views;
  std::vector<AppView> grouped;
  std::map<std::string, std::size_t> place;
  for (const json::Value& app : apps) {
    AppView view = view_of(app);
    const json::Value* group = app["labels"].find("HAPROXY_DEPLOYMENT_GROUP");
    if (group == nullptr || !group->is_string()) {
      views.push_back(std::move(view));
      continue;
    }
    view.id = std::string(group->as_string());
    if (!view.id.starts_with('/')) {
      view.id.insert(view.id.begin(), '/');
    }
    const auto [found, fresh] = place.emplace(view.id, grouped.size());
    if (fresh) {
      grouped.push_back(std::move(view));
    } else {
      grouped[found->second] = merge(std::move(grouped[found->second]), std::move(view));
    }
  }
  std::move(grouped.begin(), grouped.end(), std::back_inserter(views));
  return views;
}

std::string definition_of(const json::Array& apps, const std::string& app_id) {
  for (const AppView& view : merge_deployment_groups(apps)) {
    if (view.id == app_id) {
      const json::Value& app = *view.app;
      return json::to_text(app["labels"]) + json::to_text(app["portDefinitions"]) +
             json::to_text(app["container"]) + json::to_text(app["healthChecks"]);
    }
  }
  return "";
}

}  // namespace ekiden::lb
