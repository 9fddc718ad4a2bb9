#pragma once

#include "core/agent/agent.h"
#include "core/agent/metrics.h"
#include "core/agent/sandbox_files.h"
#include "core/agent/state_json.h"
#include "core/base/clock.h"
#include "core/net/message.h"
#include "core/runtime/worker.h"
#include "core/wire/authentication.h"
#include "core/wire/logging_level.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::agent {

// What the routes look at and call; all outlive the handler.
struct RouteContext {
  const Agent& agent;
  const History& history;
  const ContainerHost& host;
  const Clock& clock;
  Now started;
  AgentMetrics& metrics;
  std::function<std::vector<MetricValue>()> metric_values;
  runtime::Worker& worker;  // file routes block
  UsageOf usage;
  wire::LoggingLevel& logging;
  const std::map<std::string, std::string>& flags;
  std::string log_file;
  std::shared_ptr<const wire::Credentials> readonly;   // nothing: everybody may read
  std::shared_ptr<const wire::Credentials> readwrite;  // ... may change
  net::Handler executor_call;
  net::Handler operator_call;
};

// The URL table of the agent, also under /slave(1) and with a .json suffix [mesos-core 1.1, 4.6].
net::Handler make_routes(RouteContext context);

}  // namespace ekiden::agent
