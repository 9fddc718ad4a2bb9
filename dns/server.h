#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "dns/answer.h"
#include "dns/metrics.h"
#include "dns/record_set.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::dns {

struct ServerOptions {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 0;  // 0: one that is free for both UDP and TCP
  AnswerOptions answers;
  std::vector<std::vector<HostPort>> upstreams;  // group 0: default; n: n-th forward zone
  Duration upstream_timeout = std::chrono::seconds(5);
};

// UDP and TCP on one port, on a thread of its own: answers go on whatever the rest of the process
// does. Serves the record set published last; before the first it answers SERVFAIL.
class Server {
  struct Impl;

 public:
  explicit Server(std::unique_ptr<Impl> impl);  // for listen()
  static Result<std::unique_ptr<Server>> listen(ServerOptions options,
                                                Random random,
                                                const Metrics& metrics);
  ~Server();  // stops and joins the thread
  std::uint16_t port() const;
  void publish(std::shared_ptr<const RecordSet> records);  // any thread

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ekiden::dns
