#pragma once

#include "core/master/snapshot.h"

#include <string>
#include <utility>
#include <vector>

namespace ekiden::master {

// Name and value, as /metrics/snapshot and GET_METRICS have them [mesos-core 4.8].
using MetricValues = std::vector<std::pair<std::string, double>>;

enum class FrameworkMetrics { shown, left_out };  // of each framework

// "master/frameworks/<name>/<id>/"
std::string framework_prefix(const std::string& name, const FrameworkId& id);

// What the state itself says: gauges. Walks all tasks: for worker threads.
MetricValues gauges(const Snapshot& snapshot, FrameworkMetrics frameworks);

// {"master/cpus_total": 8.0, ...}, sorted by name
std::string metrics_json(MetricValues values);

}  // namespace ekiden::master
