#pragma once

#include "core/json/json.h"
#include "core/master/snapshot.h"

#include <string>

// The JSON of reads, from a snapshot; any thread.
namespace ekiden::master {

// ---- legacy shapes [mesos-core 4.5]
std::string state_json(const Snapshot& snapshot);
std::string state_summary_json(const Snapshot& snapshot);
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
std::string version_json(const MasterFacts& facts);
// "master/cpus_total" ... as a flat object [mesos-core 4.8]
std::string metrics_snapshot_json(const Snapshot& snapshot, Duration uptime);

}  // namespace ekiden::master
