#pragma once

#include "core/agent/agent.h"
#include "core/agent/metrics.h"
#include "core/agent/sandbox_files.h"
#include "core/agent/state_json.h"
#include "core/base/clock.h"
#include "core/net/message.h"
#include "core/runtime/worker.h"

#include <functional>
#include <string>

namespace ekiden::agent {

// What the read-only routes look at; all outlive the handler.
struct RouteContext {
  const Agent& agent;
  const ContainerHost& host;
  const Clock& clock;
  Now started;
  AgentMetrics& metrics;
  runtime::Worker& worker;  // file routes block
  UsageOf usage;
  std::function<void(net::Request, net::Responder)> executor_call;
};

// The URL table of the agent, also under /slave(1) and with a .json suffix [mesos-core 1.1, 4.6].
net::Handler make_routes(RouteContext context);

}  // namespace ekiden::agent
