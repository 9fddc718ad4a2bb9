#pragma once

#include "core/base/backoff.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/net/client.h"
#include "core/net/loop.h"
#include "lb/metrics.h"
#include "lb/options.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ekiden::lb {

// Follows Marathon: fetches the apps at the start, after events (those within Options::coalesce
// make one fetch), after every reconnect, and now and then. Never gives up. Loop thread only.
class Watcher {
 public:
  struct Callbacks {
    std::function<void(std::uint64_t fetch, std::string apps_json)> on_apps;
    std::function<void(std::uint64_t fetch, Error)> on_failure;
  };

  Watcher(net::Loop& loop,
          net::Client& client,
          const Options& options,
          Metrics& metrics,
          Callbacks callbacks);
  ~Watcher();
  void start();
  // Asks at once; returns the number of a fetch that begins after this call.
  std::uint64_t refresh();

 private:
  void soon();
  void fetch();
  void fetched(Result<net::Response> answer);
  void connect();
  void disconnected();
  void on_bytes(std::string_view bytes);
  void arm_poll();
  net::Call call(std::string_view path) const;

  net::Loop& loop_;
  net::Client& client_;
  const Options& options_;
  Metrics& metrics_;
  Callbacks callbacks_;
  Random random_;
  net::Timer coalesce_timer_;
  net::Timer poll_timer_;
  net::Timer reconnect_timer_;
  net::Timer silence_timer_;
  net::CallId fetch_call_ = 0;
  net::CallId stream_call_ = 0;
  std::uint64_t fetch_number_ = 0;
  bool fetching_ = false;
  bool fetch_again_ = false;
  bool soon_ = false;
  bool streaming_ = false;
  unsigned failures_ = 0;
  std::string line_start_;  // of the line that is coming in
};

}  // namespace ekiden::lb
