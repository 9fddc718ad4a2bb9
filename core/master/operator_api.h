#pragma once

#include "core/master/access.h"
#include "core/master/metric_values.h"
#include "core/master/operator_commands.h"
#include "core/master/operator_stream.h"
#include "core/master/snapshot.h"
#include "core/net/message.h"
#include "core/runtime/worker.h"
#include "core/wire/files.h"
#include "core/wire/logging_level.h"

#include <functional>
#include <map>
#include <string>

namespace ekiden::master {

// What the routes need of the daemon; loop thread.
struct RouteContext {
  std::function<SnapshotPtr()> snapshot;
  std::function<MetricValues()> counters;     // and what else the loop thread knows
  std::function<std::string()> metrics_text;  // Prometheus
  // Tells the machine; the answer comes once it is durable.
  std::function<void(OperatorCommand, const std::string& principal, net::Responder)> order;
  runtime::Worker& worker;  // writes large answers
  OperatorStream& stream;
  wire::LoggingLevel& logging;
  const Access& access;
  const std::map<std::string, std::string>& flags;
  FrameworkMetrics framework_metrics;
  wire::ResolvePath files;
  net::Handler scheduler_api;
  net::Handler agent_link;
};

// POST /api/v1 [mesos-core 4.1], JSON and protobuf.
net::Handler operator_api(RouteContext& context);

// The same rules for older endpoints: 403, or the machine's answer.
void order_if_allowed(RouteContext& context,
                      const net::Request& request,
                      OperatorCommand command,
                      const net::Responder& respond);

}  // namespace ekiden::master
