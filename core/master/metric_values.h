#pragma once

#include "core/master/snapshot.h"

#include <string>
#include <utility>
#include <vector>

namespace ekiden::master {

// Name and value, as /metrics/snapshot and GET_METRICS have them [mesos-core 4.8].
using MetricValues = std::vector<std::pair<std::string, double>>;

// What the state itself says: gauges. Walks all tasks: for worker threads.
MetricValues gauges(const Snapshot& snapshot);

// {"master/cpus_total": 8.0, ...}, sorted by name
std::string metrics_json(MetricValues values);

}  // namespace ekiden::master
