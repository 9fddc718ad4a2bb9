#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/loop.h"
#include "core/net/message.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ekiden::net {

struct Call {
  std::string method = "GET";
  std::string url;  // http:// or https:// (file and others are refused)
  Headers headers;
  std::string body;
  std::string unix_socket;  // path of the socket to talk to instead of TCP, e.g. Docker's
  Duration connect_timeout = std::chrono::seconds(5);
  Duration timeout = std::chrono::seconds(30);  // whole call; zero: none (streams)
  Duration stall_timeout{};                     // without a byte; zero: none
  bool ftp = false;  // ftp:// and ftps:// too; their success is status 226
  std::size_t body_bytes_max = 256 * 1024 * 1024;
  std::string output_file;  // the body goes to this new file instead of memory
  int redirects_max = 0;    // followed for GET and HEAD
  enum class Proxy { none, environment } proxy = Proxy::none;  // environment: http_proxy, no_proxy
  enum class Tls { verify, trust_any } tls = Tls::verify;      // trust_any: health checks only
  std::function<void(std::string_view)> on_chunk;  // streaming: on the loop thread, as it comes
  std::function<void(int status, const Headers&)> on_headers;  // streaming: before the first chunk
};

using CallId = std::uint64_t;
using Done = std::function<void(Result<Response>)>;

// Outgoing HTTP(S): one libcurl-multi thread, pooled connections; every callback comes on the loop
// thread. Any HTTP status is a Response; an Error means no answer was got and says what was
// attempted against which address: unavailable, timeout, too_large (body_bytes_max), invalid (the
// URL), internal (the output file). send and cancel are for any thread; "never comes afterwards"
// holds for calls of cancel and the destructor on the loop thread.
class Client {
 public:
  explicit Client(Loop& loop);
  ~Client();  // outstanding calls are dropped; their callbacks never come
  CallId send(Call call, Done done);
  void cancel(CallId id);  // its callbacks never come afterwards; unknown ids are fine

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ekiden::net
