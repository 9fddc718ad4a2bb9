#pragma once

#include "marathon/explain/nodes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// GET .../why: why something is not as it should be, since when, and what would help. Computed from
// a snapshot when asked, so that it costs nobody else anything. docs/why.md lists the codes.
namespace ekiden::marathon::explain {

struct Ask {
  const Snapshot& snapshot;
  const Settings& settings;
  Now now;
};

// Stable names; the numbers are those of docs/why.md.
enum class Code {
  resources = 1,
  constraint,
  role,
  host_port,
  service_port,
  volume_away,
  quota,
  dependency,
  backoff,
  image,
  fetch,
  exits,
  out_of_memory,
  unhealthy,
  not_ready,
  paused,
  superseded,
  node_away,
  missing,
  degraded,
  starting,  // nothing is wrong yet
};

struct Reason {
  Code code = Code::starting;
  std::optional<std::string> since;  // ISO 8601
  std::string text;
  std::string fix;  // what would help
  bool operator==(const Reason&) const = default;
};

struct InstanceCounts {
  std::int64_t wanted = 0;
  std::int64_t running = 0;
  std::int64_t healthy = 0;
  std::int64_t unhealthy = 0;
  std::int64_t staged = 0;
  std::int64_t waiting = 0;
  std::int64_t unreachable = 0;
  bool operator==(const InstanceCounts&) const = default;
};

struct Why {
  std::string id;
  std::string type;    // app, pod, instance
  std::string status;  // running, suspended, deploying, waiting, delayed, unhealthy, ...
  std::string text;    // one sentence for people
  std::optional<std::string> since;
  std::optional<InstanceCounts> instances;
  std::vector<Reason> reasons;   // the most important first; none when all is well
  std::vector<Stage> nodes;      // when something waits for a place
  std::vector<Nearest> nearest;  // the same
  std::vector<Largest> largest;  // the same
  bool operator==(const Why&) const = default;
};

struct WhyMany {  // of a group or deployment
  std::string id;
  std::string type;
  std::string status;
  std::string text;
  std::vector<Why> members;  // those with reasons, at most kMembersMax
  std::int64_t total = 0;    // of those with reasons
  bool operator==(const WhyMany&) const = default;
};

inline constexpr std::size_t kMembersMax = 100;

Why why_app(const Ask& ask, const App& app);
Why why_instance(const Ask& ask, const InstanceView& view);
WhyMany why_group(const Ask& ask, const PathId& group);
WhyMany why_deployment(const Ask& ask, const DeploymentView& deployment);

}  // namespace ekiden::marathon::explain
