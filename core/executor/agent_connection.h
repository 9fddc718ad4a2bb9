#pragma once

#include "core/api/executor.h"
#include "core/api/recordio.h"
#include "core/base/backoff.h"
#include "core/executor/http.h"

#include <functional>
#include <memory>
#include <set>
#include <string>

namespace ekiden::executor {

// The executor's side of the v1 executor API: subscribes, again for ever with backoff when the
// agent goes away, and finds it when it has come back on another port. What was sent while there
// was no connection is in the next SUBSCRIBE.
class AgentConnection {
 public:
  static constexpr Backoff kRetry{std::chrono::milliseconds(100), 2.0, std::chrono::seconds(2)};

  struct Callbacks {
    std::function<api::executor::Call()> subscribe;  // everything unacknowledged
    std::function<void(api::executor::Event)> event;
  };

  // `endpoint_file` holds the agent's present address; `fallback` is where it was at the start.
  AgentConnection(net::Loop& loop,
                  std::string endpoint_file,
                  std::string fallback,
                  Callbacks callbacks);
  void connect();
  void send(const api::executor::Call& call);

 private:
  void receive(std::string_view bytes);
  void closed();
  void subscribed();
  void drop();
  void post(const api::executor::Call& call);

  net::Loop& loop_;
  std::string endpoint_file_;
  std::string fallback_;
  Callbacks callbacks_;
  net::Timer retry_;
  unsigned failures_ = 0;
  bool subscribed_ = false;
  std::set<std::string> in_subscribe_;  // uuids of the updates that SUBSCRIBE carried
  std::unique_ptr<HttpConnection> stream_;
  std::unique_ptr<HttpConnection> calls_;
  std::unique_ptr<api::RecordIoDecoder> decoder_;
};

}  // namespace ekiden::executor
