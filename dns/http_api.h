#pragma once

#include "core/json/json.h"
#include "core/net/message.h"
#include "dns/options.h"
#include "dns/record_set.h"
#include "dns/records.h"

#include <functional>
#include <memory>
#include <string>

namespace ekiden::dns {

// What the HTTP API reads; all of it outlives the handler, all on the loop thread.
struct ApiView {
  const Options& options;
  const Zone& zone;
  std::function<std::shared_ptr<const RecordSet>()> published;
  std::function<std::string()> metrics;
  std::function<json::Value()> status;
};

// Mesos-DNS's HTTP API [discovery 3.9], and /v1/status, /metrics, /health.
net::Handler http_api(ApiView view);

// As Mesos-DNS prints it: inner lines start with one space and one more for each level.
std::string pretty(const json::Value& value);

}  // namespace ekiden::dns
