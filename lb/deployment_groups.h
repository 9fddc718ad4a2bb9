#pragma once

#include "core/json/json.h"
#include "lb/service.h"

#include <string>
#include <vector>

namespace ekiden::lb {

struct TaskView {
  const json::Value* task = nullptr;
  Draining draining = Draining::no;
};

// An app as it will be seen by HAProxy: its own document, or the two or more of a deployment group
// merged into one. The pointers are into the document of the caller.
struct AppView {
  std::string id;
  const json::Value* app = nullptr;
  std::vector<TaskView> tasks;
};

// Blue/green: apps that share HAPROXY_DEPLOYMENT_GROUP become one, and as many tasks of the old one
// drain as healthy tasks of the new one make spare [discovery 1.9]. Groups come after all others.
std::vector<AppView> merge_deployment_groups(const json::Array& apps);

// What of an app decides about its part of the configuration, as one text: when it changes, an app
// that was left out gets another chance.
std::string definition_of(const json::Array& apps, const std::string& app_id);

}  // namespace ekiden::lb
