#pragma once

#include "core/api/recordio.h"
#include "core/json/json.h"
#include "core/net/client.h"
#include "core/net/loop.h"
#include "core/runtime/worker.h"
#include "dns/cluster.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::dns {

struct SourceOptions {
  std::vector<std::string> masters;  // base URLs, tried in order: "http://127.0.0.1:5050"
  Duration refresh = std::chrono::seconds(60);
  Duration state_timeout = std::chrono::seconds(300);
  std::string user;  // basic authentication, when not empty
  std::string password;
  net::Call::Tls tls = net::Call::Tls::trust_any;
};

// Follows the leading master: its operator event stream, and where that is not offered, its state
// every `refresh`. A stream is opened anew every `refresh`, because not everything that ends is
// told by an event; its first record is the whole state, so the new one replaces the old in order.
// Loop thread only.
class Source {
 public:
  enum class Mode { none, stream, poll };

  struct Listener {
    std::function<void(Change)> change;
    std::function<void(HostPort)> leader;
    std::function<void()> contact;              // what is known agrees with the master now
    std::function<void(const Error&)> failure;  // it will be tried again
  };

  Source(net::Loop& loop,
         net::Client& client,
         runtime::Worker& worker,
         SourceOptions options,
         Listener listener);
  ~Source();
  void start();

  Mode mode() const { return mode_; }

 private:
  struct Stream;

  net::Call call(std::string method, const std::string& url) const;
  const std::string& base_url() const;
  void subscribe();
  void on_chunk(const std::shared_ptr<Stream>& stream, std::string_view bytes);
  void read_whole_state(const std::shared_ptr<Stream>& stream, std::string record);
  void on_record(const std::shared_ptr<Stream>& stream, const Result<json::Value>& record);
  void take_over(const std::shared_ptr<Stream>& stream);
  void on_end(const std::shared_ptr<Stream>& stream, const Result<net::Response>& response);
  void end(std::shared_ptr<Stream> stream, const Error& error);
  void drop(std::shared_ptr<Stream>& stream);
  void ask_leader(const std::string& base);
  void poll(const std::string& base, int hops);
  void on_state(const std::string& base, int hops, Result<ClusterState> state);
  void fail_and_retry(const Error& error);

  net::Loop& loop_;
  net::Client& client_;
  runtime::Worker& worker_;
  SourceOptions options_;
  Listener listener_;
  Mode mode_ = Mode::none;
  std::size_t master_ = 0;  // which of the masters is tried
  std::string redirected_;  // where that one sent us
  unsigned failures_ = 0;
  std::shared_ptr<Stream> current_;  // the one whose records count
  std::shared_ptr<Stream> opening_;  // not yet at its first record
  net::Timer retry_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ekiden::dns
