#pragma once

#include "core/net/client.h"
#include "core/net/loop.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::wire {

struct StreamOptions {
  std::vector<std::string> masters;  // "http://host:port"; tried in turn, redirects are followed
  std::string path;                  // "/api/v1/scheduler"
  std::string credentials;           // "principal:secret" for HTTP basic; empty: none
  Duration silence_max = std::chrono::seconds(75);  // five heartbeats [mesos-core 1.8]
};

// A subscription over HTTP and the calls that belong to it: the first body opens a RecordIO stream,
// every later one is POSTed with the stream's id, one after the other in order. Loop thread only;
// callbacks never come from inside a call, nor after destruction.
class StreamCall {
 public:
  StreamCall(net::Loop& loop,
             net::Client& client,
             StreamOptions options,
             std::function<void(std::string)> on_record,
             std::function<void()> on_close);
  ~StreamCall();
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  void send(std::string body);

  static constexpr std::size_t kQueueMax = 100'000;  // calls that wait; beyond it the stream closes
  static constexpr int kRedirectsMax = 5;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::wire
