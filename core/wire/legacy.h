#pragma once

#include "core/net/message.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What master and agent have in common beside the v1 APIs [mesos-core 1.1, 4.5].
namespace ekiden::wire {

// "/master/state.json" is "/state": the process's name in front (also percent-encoded) and the
// suffix of old names are dropped.
std::string plain_path(std::string_view path, std::string_view process);

// `?jsonp=callback` wraps the body; 400 for what is no name of a function.
net::Response json_answer(const net::Request& request, std::string body);

// The pairs of a form body, or of a query: names once, the first value counts.
std::map<std::string, std::string> form_values(std::string_view body);

struct BuildInfo {
  std::string_view version;
  std::string_view date;  // "2026-01-01 00:00:00"
  double time = 0;
  std::string_view user;
};

const BuildInfo& build_info();
std::string version_json();

// {"flags": {name: value}}
std::string flags_json(const std::map<std::string, std::string>& flags);

// Load, memory and cpus of this host, now.
struct SystemFacts {
  double load_1 = 0;
  double load_5 = 0;
  double load_15 = 0;
  unsigned cpus = 0;
  double memory_total_bytes = 0;
  double memory_free_bytes = 0;
};

SystemFacts system_facts();
std::string system_stats_json(const SystemFacts& facts);  // GET /system/stats.json
// "system/load_1min" ... [mesos-core 4.8]
std::vector<std::pair<std::string, double>> system_metrics(const SystemFacts& facts);

}  // namespace ekiden::wire
