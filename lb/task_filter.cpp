#include "lb/task_filter.h"

#include <algorithm>
#include <array>

namespace ekiden::lb {

namespace {

constexpr std::array<std::string_view, 11> kStatesOut = {"TASK_STAGING",
                                                         "TASK_STARTING",
                                                         "TASK_KILLING",
                                                         "TASK_FINISHED",
                                                         "TASK_FAILED",
                                                         "TASK_KILLED",
                                                         "TASK_ERROR",
                                                         "TASK_DROPPED",
                                                         "TASK_GONE",
                                                         "TASK_GONE_BY_OPERATOR",
                                                         "TASK_UNKNOWN"};

bool is_alive(const json::Value& task, HealthMemory& memory) {
  const std::string id(task["id"].as_string());
  const json::Value& results = task["healthCheckResults"];
  if (results.is_null()) {
    return memory.recall(id);
  }
  const bool alive = std::any_of(
      results.as_array().begin(), results.as_array().end(), [](const json::Value& result) {
        return result["alive"].as_bool();
      });
  memory.remember(id, alive);
  return alive;
}

}  // namespace

void HealthMemory::remember(const std::string& task_id, bool alive) {
  const auto found = by_task_.find(task_id);
  if (found != by_task_.end()) {
    recent_.erase(found->second);
  }
  recent_.push_front({task_id, alive});
  by_task_[task_id] = recent_.begin();
  if (recent_.size() > capacity_) {
    by_task_.erase(recent_.back().task_id);
    recent_.pop_back();
  }
}

bool HealthMemory::recall(const std::string& task_id) {
  const auto found = by_task_.find(task_id);
  if (found == by_task_.end()) {
    return false;
  }
  recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->alive;
}

bool is_in_rotation(const json::Value& app,
                    const json::Value& task,
                    HealthRule rule,
                    HealthMemory& memory) {
  if (task["host"].as_string().empty()) {
    return false;
  }
  const std::string_view state = task["state"].as_string();
  if (std::find(kStatesOut.begin(), kStatesOut.end(), state) != kStatesOut.end()) {
    return false;
  }
  const bool health_counts = rule == HealthRule::require && !app["healthChecks"].as_array().empty();
  return !health_counts || is_alive(task, memory);
}

}  // namespace ekiden::lb
