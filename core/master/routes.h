#pragma once

#include "core/master/operator_stream.h"
#include "core/master/snapshot.h"
#include "core/net/router.h"
#include "core/runtime/worker.h"

#include <functional>
#include <string>
#include <vector>

namespace ekiden::master {

// What routes need of the daemon; loop thread.
struct RouteContext {
  std::function<SnapshotPtr()> snapshot;
  std::function<Duration()> uptime;
  std::function<std::string()> metrics_text;  // Prometheus
  runtime::Worker& worker;                    // writes large answers
  OperatorStream& stream;
  net::Handler scheduler_api;
  net::Handler agent_link;
};

// Every URL of the master. Legacy paths also answer under /master and with ".json".
std::vector<net::Route> routes(RouteContext& context);

}  // namespace ekiden::master
