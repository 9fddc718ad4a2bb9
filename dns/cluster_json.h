#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/json/json.h"
#include "dns/cluster.h"

#include <string>
#include <string_view>

// Cluster state out of the master's JSON. What is missing or odd in one entry leaves out that entry
// or member, never the rest: Mesos-DNS lost everything for one bad agent [discovery 3.3].
namespace ekiden::dns {

// GET /state [mesos-core 4.5.1]. Fails without a leader.
Result<ClusterState> from_legacy_state(const json::Value& state);
// The get_state of the operator API [4.1]; knows no leader.
ClusterState from_get_state(const json::Value& get_state);
// One event of the operator API's stream [4.2]; monostate for what does not matter here.
// `heartbeat` is set by SUBSCRIBED.
Change from_event(const json::Value& event, Duration& heartbeat);
// The answer to GET_MASTER.
std::optional<HostPort> leader_from_get_master(const json::Value& response);

// What is kept on disk for a start without a master: a small form of /state, with a version.
std::string to_saved(const ClusterState& state, WallTime saved_at);

struct Saved {
  ClusterState state;
  WallTime saved_at;
};

Result<Saved> from_saved(std::string_view text);

}  // namespace ekiden::dns
