#pragma once

#include "core/base/metrics.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/loop.h"
#include "core/net/message.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ekiden::net {

struct ServerOptions {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free port; see Server::port()
  std::size_t header_bytes_max = 64 * 1024;
  std::size_t body_bytes_max = 16 * 1024 * 1024;  // beyond it: 413
  std::size_t connections_max = 20'000;           // beyond it: closed at once and counted
  Duration idle_max = std::chrono::seconds(30);   // keep-alive and half-sent requests
  std::function<Response()> too_large;            // the 413 in the API's own shape
  std::function<bool(const Request&)> streams;    // by its head: hand the body over as it comes
  Registry* metrics = nullptr;  // counts the limits above; must outlive the server
};

// What the limits did so far.
struct ServerStats {
  std::uint64_t requests = 0;
  std::uint64_t connections_refused = 0;  // beyond connections_max
  std::uint64_t readers_cut_off = 0;      // streams whose reader was too slow
};

// HTTP/1.1: keep-alive, pipelining in order, HEAD answered from GET, Expect: 100-continue, gzip is
// the handler's affair. The handler runs on the loop thread and must not block; a handler that
// throws answers 500. Malformed requests get 400, too long headers 431, and are closed. A streamed
// response ends with its connection.
class Server {
 public:
  // Binds and listens at once: internal error text names ip, port and what to do when it cannot.
  static Result<std::unique_ptr<Server>> listen(Loop& loop, ServerOptions options, Handler handler);
  // Closes the listener and every session; loop thread, or after the loop has stopped. Answers are
  // dropped and on_close of streams is not called from then on.
  ~Server();
  std::uint16_t port() const;
  const std::string& ip() const;
  std::size_t connections() const;
  ServerStats stats() const;

  struct Impl;                                  // in server.cpp, which is
  explicit Server(std::shared_ptr<Impl> impl);  // the only one to call this

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace ekiden::net
