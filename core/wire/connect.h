#pragma once

#include "core/api/link.h"
#include "core/wire/stream_call.h"

#include <string>
#include <vector>

// The links of core/api/link.h over HTTP, for daemons in processes of their own.
namespace ekiden::wire {

// A framework's connection to any Mesos v1 master: POST /api/v1/scheduler in JSON or protobuf. Each
// connection starts with the next master of the list; a redirect leads to the leader.
api::SchedulerConnect http_scheduler_connect(net::Loop& loop,
                                             net::Client& client,
                                             StreamOptions options);

// An agent's connection to our master: POST /ekiden/agent_link, protobuf. The agent connects out.
api::MasterConnect http_master_connect(net::Loop& loop, net::Client& client, StreamOptions options);

inline constexpr const char* kSchedulerPath = "/api/v1/scheduler";
inline constexpr const char* kAgentLinkPath = "/ekiden/agent_link";

}  // namespace ekiden::wire
