#pragma once

#include "core/agent/operator_containers.h"
#include "core/agent/operator_reads.h"
#include "core/base/clock.h"
#include "core/net/message.h"
#include "core/runtime/worker.h"
#include "core/wire/files.h"
#include "core/wire/logging_level.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::agent {

// POST /api/v1 of the agent, JSON and protobuf, and the streams of containers
// [mesos-core 1.2, 4.3, 4.4]. Loop thread only.
class OperatorApi {
 public:
  struct Context {  // all outlive the API
    net::Loop& loop;
    const Agent& agent;
    const History& history;
    const ContainerHost& host;
    const Clock& clock;
    OperatorContainers& containers;
    runtime::Worker& worker;  // files block
    wire::LoggingLevel& logging;
    UsageOf usage;
    std::function<std::vector<std::pair<std::string, double>>()> metrics;
    std::function<wire::ResolvePath()> resolver;
    std::map<std::string, std::string> flags;
    Duration heartbeat = std::chrono::seconds(30);
  };

  explicit OperatorApi(Context context);
  ~OperatorApi();  // streams end

  void handle(net::Request request, net::Responder respond);
  // Whether the body of this request is a stream: for ServerOptions::streams.
  static bool streams(const net::Request& request);

  static constexpr std::size_t kStreamsMax = 1000;       // of containers' input and output at once
  static constexpr std::size_t kInputMax = 1024 * 1024;  // of one record, and waiting

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::agent
