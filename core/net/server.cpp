// The HTTP server: one accept loop, and one coroutine per connection (server_session.h).
//
// Deadlines cost no timer per operation: every session that waits for its peer stands in one list
// in order of its deadline (idle_max is the same for all), and one timer looks at the front.
#include "core/net/server.h"

#include "core/base/log.h"
#include "core/net/server_session.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/core.h>

namespace ekiden::net {
namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // out of file descriptors
constexpr int kAcceptsAtOnce = 1024;                            // between other work of the loop

asio::awaitable<void> accept_loop(std::shared_ptr<Server::Impl> server) {
  asio::steady_timer pause(server->loop.context());
  while (server->acceptor.is_open()) {
    auto [error, socket] = co_await server->acceptor.async_accept(as_result);
    if (!error) {
      server->start_session(std::move(socket));
      server->accept_waiting();
    } else if (error != asio::error::operation_aborted) {
      log::warn("cannot accept a connection on {}:{}: {}; trying again",
                server->options.ip,
                server->port,
                error.message());
      pause.expires_after(kAcceptPause);
      const auto [ignored] = co_await pause.async_wait(as_result);
      (void)ignored;
    }
  }
}

}  // namespace

Server::Impl::Impl(Loop& owner, ServerOptions chosen, Handler answer)
    : loop(owner),
      options(std::move(chosen)),
      handler(std::move(answer)),
      acceptor(owner.context()),
      deadline_timer(owner, [this] { sweep(); }) {
  gate->loop = &owner;
  if (options.metrics != nullptr) {
    refused = options.metrics->counter("http_connections_refused_total",
                                       "Connections closed at once, beyond the connection limit");
    cut_off = options.metrics->counter("http_slow_readers_total",
                                       "Streams cut off because their reader was too slow");
  }
}

Result<void> Server::Impl::open() {
  const auto failed = [this](const error_code& error) {
    return fail(ErrorCode::internal,
                fmt::format("cannot listen on {} port {}: {}; choose another port or address, or "
                            "stop the program that uses it",
                            options.ip,
                            options.port,
                            error.message()));
  };
  error_code error;
  const auto address = asio::ip::make_address(options.ip, error);
  if (error) {
    return failed(error);
  }
  const tcp::endpoint endpoint(address, options.port);
  if (acceptor.open(endpoint.protocol(), error); error) {
    return failed(error);
  }
  if (acceptor.set_option(tcp::acceptor::reuse_address(true), error); error) {
    return failed(error);
  }
  if (acceptor.bind(endpoint, error); error) {
    return failed(error);
  }
  if (acceptor.listen(asio::socket_base::max_listen_connections, error); error) {
    return failed(error);
  }
  if (acceptor.non_blocking(true, error); error) {
    return failed(error);
  }
  port = acceptor.local_endpoint().port();
  return {};
}

// Thousands may come at the same moment (the agents of a master that was restarted), and those that
// the kernel's queue does not hold try again only after seconds.
void Server::Impl::accept_waiting() {
  for (int i = 1; i < kAcceptsAtOnce; ++i) {
    error_code error;
    tcp::socket socket = acceptor.accept(error);
    if (error) {
      return;  // nobody waits; what is wrong otherwise comes again in accept_loop
    }
    start_session(std::move(socket));
  }
}

void Server::Impl::start_session(tcp::socket socket) {
  if (sessions.size() >= options.connections_max) {
    ++stats.connections_refused;
    if (refused) {
      refused->add();
    }
    return;
  }
  error_code ignored;  // a peer that has gone already is found by the first read
  socket.set_option(tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  auto session = std::make_shared<Session>(shared_from_this(), std::move(socket));
  asio::co_spawn(loop.context(), Session::run(std::move(session)), log_failure("session"));
}

std::string_view Server::Impl::date() {
  const WallTime now = clock.now().wall;
  if (date_text.empty() || now - date_of >= std::chrono::seconds(1) || now < date_of) {
    date_of = std::chrono::floor<std::chrono::seconds>(now);
    date_text = http_date(now);
  }
  return date_text;
}

void Server::Impl::stop() {
  {
    const std::lock_guard lock(gate->mutex);
    gate->loop = nullptr;
  }
  error_code ignored;
  acceptor.close(ignored);
  for (Session* session : sessions) {
    session->end();
  }
  deadline_timer.cancel();
}

void Server::Impl::sweep() {
  const Time now = clock.now().time;
  while (!by_deadline.empty() && by_deadline.front()->deadline <= now) {
    by_deadline.front()->close();
  }
  if (!by_deadline.empty()) {
    deadline_timer.set(by_deadline.front()->deadline);
  }
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  impl_->stop();
}

Result<std::unique_ptr<Server>> Server::listen(Loop& loop, ServerOptions options, Handler handler) {
  auto impl = std::make_shared<Impl>(loop, std::move(options), std::move(handler));
  if (auto opened = impl->open(); !opened) {
    return fail(opened.error());
  }
  asio::co_spawn(loop.context(), accept_loop(impl), log_failure("accept loop"));
  return std::make_unique<Server>(std::move(impl));
}

std::uint16_t Server::port() const {
  return impl_->port;
}

const std::string& Server::ip() const {
  return impl_->options.ip;
}

std::size_t Server::connections() const {
  return impl_->sessions.size();
}

ServerStats Server::stats() const {
  return impl_->stats;
}

}  // namespace ekiden::net
