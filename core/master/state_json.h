#pragma once

#include "core/json/json.h"
#include "core/master/snapshot.h"

#include <map>
#include <optional>
#include <string>

// The JSON of older endpoints, from a snapshot; any thread [mesos-core 4.5].
namespace ekiden::master {

// What only those see who may see flags.
struct StateSettings {
  std::string cluster;
  std::string external_log_file;
  std::map<std::string, std::string> flags;
};

std::string state_json(const Snapshot& snapshot, const std::optional<StateSettings>& settings);
std::string state_summary_json(const Snapshot& snapshot, const std::string& cluster);
std::string slaves_json(const Snapshot& snapshot, const std::string& slave_id);
std::string frameworks_json(const Snapshot& snapshot, const std::string& framework_id);

struct TaskQuery {
  std::string framework_id;  // empty: all
  std::string task_id;
  std::size_t limit = 100;
  std::size_t offset = 0;
  bool ascending = false;  // by the first status; newest first otherwise
};

std::string tasks_json(const Snapshot& snapshot, const TaskQuery& query);
std::string roles_json(const Snapshot& snapshot);
std::string weights_json(const Snapshot& snapshot);
std::string registry_json(const Snapshot& snapshot);

}  // namespace ekiden::master
