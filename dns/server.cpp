#include "dns/server.h"

#include "dns/forward.h"
#include "dns/udp.h"

#include <array>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace ekiden::dns {

namespace asio = boost::asio;
using boost::system::error_code;
using namespace std::chrono_literals;

namespace {

constexpr int kPortTries = 50;      // to find a port that is free for UDP and TCP
constexpr int kBatchesPerWake = 8;  // then others get their turn
constexpr int kSocketBuffer = 1 << 20;
constexpr std::size_t kTcpConnectionsMax = 1000;
constexpr int kTcpQueriesMax = 128;  // on one connection [3.8]
constexpr auto kAcceptPause = 100ms;
constexpr auto kTcpFirstWait = 2s;
constexpr auto kTcpIdleWait = 8s;

// A reply that the client's buffer cannot take becomes an empty one with the TC bit.
void fit(ByteView query, Transport transport, Bytes& reply) {
  Query asked;
  if (transport == Transport::tcp || parse_query(query, asked) != QueryState::complete) {
    return;
  }
  const std::size_t limit =
      std::max<std::size_t>(kUdpSizeMin, asked.edns ? asked.edns->udp_size : 0);
  if (reply.size() <= limit) {
    return;
  }
  reply.resize(kHeaderLength);
  put_u16(reply, 2, read_u16(reply, 2) | kFlagTc);
  put_u16(reply, 4, 1);
  for (std::size_t count : {6, 8, 10}) {
    put_u16(reply, count, 0);
  }
  reply.insert(reply.end(),
               query.begin() + kHeaderLength,
               query.begin() + static_cast<std::ptrdiff_t>(asked.question_end));
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions opts, Random random, const Metrics& counters)
      : options(std::move(opts)),
        metrics(counters),
        answerer(options.answers, random),
        forwarder(context, options.upstreams, options.upstream_timeout),
        udp(context),
        acceptor(context),
        accept_pause(context) {}

  Result<void> bind();
  error_code bind_to(const asio::ip::address& address, std::uint16_t wanted);
  void wait_for_datagrams();
  void accept();
  void answer_datagram(ByteView query, const Peer& peer, Bytes& reply);
  Outcome answer(ByteView query, Transport transport, Bytes& reply);
  void count(const Bytes& reply);
  // The forwarded answer, or SERVFAIL.
  Bytes settle(const Bytes& query, Transport transport, std::optional<Bytes> reply);

  struct Session;

  ServerOptions options;
  Metrics metrics;
  std::size_t sessions = 0;
  std::uint16_t port = 0;
  asio::io_context context{1};
  Answerer answerer;
  Forwarder forwarder;
  std::shared_ptr<const RecordSet> records = std::make_shared<const RecordSet>();
  asio::ip::udp::socket udp;
  asio::ip::tcp::acceptor acceptor;
  asio::steady_timer accept_pause;
  UdpBatch batch;
  std::jthread thread;
};

// One TCP connection: reads a query, answers it, reads the next; in order.
struct Server::Impl::Session : std::enable_shared_from_this<Session> {
  Session(Impl& owner, asio::ip::tcp::socket connected)
      : impl(owner), socket(std::move(connected)), timer(impl.context) {
    ++impl.sessions;
  }

  ~Session() { --impl.sessions; }

  void close() {
    error_code ignored;
    socket.close(ignored);
    timer.cancel();
  }

  void expire_after(Duration wait) {
    timer.expires_after(wait);
    timer.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec) {
        self->close();
      }
    });
  }

  void read() {
    if (queries++ >= kTcpQueriesMax) {
      close();
      return;
    }
    expire_after(queries == 1 ? Duration(kTcpFirstWait) : Duration(kTcpIdleWait));
    asio::async_read(
        socket, asio::buffer(length), [self = shared_from_this()](error_code ec, std::size_t) {
          if (ec) {
            self->close();
            return;
          }
          self->query.resize(read_u16(self->length, 0));
          self->read_query();
        });
  }

  void read_query() {
    asio::async_read(
        socket, asio::buffer(query), [self = shared_from_this()](error_code ec, std::size_t) {
          if (ec) {
            self->close();
            return;
          }
          self->answer();
        });
  }

  void answer() {
    impl.metrics.tcp_queries.add();
    Bytes reply;
    const Outcome outcome = impl.answer(query, Transport::tcp, reply);
    if (outcome.kind == Outcome::Kind::drop) {
      close();
      return;
    }
    if (outcome.kind == Outcome::Kind::reply) {
      write(std::move(reply));
      return;
    }
    timer.cancel();  // the forwarder has a time limit of its own
    impl.forwarder.forward(
        query,
        outcome.group,
        Transport::tcp,
        [self = shared_from_this()](std::optional<Bytes> answer) {
          self->write(self->impl.settle(self->query, Transport::tcp, std::move(answer)));
        });
  }

  void write(Bytes reply) {
    framed.clear();
    append_u16(framed, static_cast<std::uint16_t>(reply.size()));
    framed.insert(framed.end(), reply.begin(), reply.end());
    expire_after(kTcpIdleWait);
    asio::async_write(
        socket, asio::buffer(framed), [self = shared_from_this()](error_code ec, std::size_t) {
          if (ec) {
            self->close();
            return;
          }
          self->read();
        });
  }

  Impl& impl;
  asio::ip::tcp::socket socket;
  asio::steady_timer timer;
  std::array<std::uint8_t, 2> length{};
  Bytes query;
  Bytes framed;
  int queries = 0;
};

error_code Server::Impl::bind_to(const asio::ip::address& address, std::uint16_t wanted) {
  error_code ec;
  const asio::ip::udp::endpoint udp_endpoint(address, wanted);
  udp = asio::ip::udp::socket(context);
  acceptor = asio::ip::tcp::acceptor(context);
  udp.open(udp_endpoint.protocol(), ec);
  if (!ec) {
    udp.bind(udp_endpoint, ec);
  }
  if (ec) {
    return ec;
  }
  port = udp.local_endpoint(ec).port();
  const asio::ip::tcp::endpoint tcp_endpoint(address, port);
  acceptor.open(tcp_endpoint.protocol(), ec);
  if (!ec) {
    acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  }
  if (!ec) {
    acceptor.bind(tcp_endpoint, ec);
  }
  if (!ec) {
    acceptor.listen(asio::socket_base::max_listen_connections, ec);
  }
  return ec;
}

Result<void> Server::Impl::bind() {
  error_code ec;
  const auto address = asio::ip::make_address(options.ip, ec);
  if (ec) {
    return fail(ErrorCode::invalid,
                fmt::format("cannot listen on '{}': it is not an IP address; give one, e.g. "
                            "127.0.0.1",
                            options.ip));
  }
  for (int tries = 0; tries < (options.port == 0 ? kPortTries : 1); ++tries) {
    ec = bind_to(address, options.port);
    if (!ec) {
      break;
    }
  }
  if (ec) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot listen for DNS on {} port {}: {}; choose another port or stop "
                            "what uses it (ports below 1024 need root)",
                            options.ip,
                            options.port,
                            ec.message()));
  }
  udp.non_blocking(true, ec);
  udp.set_option(asio::socket_base::receive_buffer_size(kSocketBuffer), ec);
  if (address.is_v4()) {
    const int on = 1;
    setsockopt(udp.native_handle(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  }
  return {};
}

void Server::Impl::wait_for_datagrams() {
  udp.async_wait(asio::ip::udp::socket::wait_read, [this](error_code ec) {
    if (ec == asio::error::operation_aborted) {
      return;
    }
    const auto reply_to = [this](ByteView query, const Peer& peer, Bytes& reply) {
      answer_datagram(query, peer, reply);
    };
    for (int i = 0; i < kBatchesPerWake; ++i) {
      if (batch.serve(udp.native_handle(), reply_to) < UdpBatch::kBatch) {
        break;
      }
    }
    if (const std::size_t failures = batch.take_send_failures(); failures > 0) {
      metrics.send_failed.add(static_cast<double>(failures));
    }
    wait_for_datagrams();
  });
}

void Server::Impl::answer_datagram(ByteView query, const Peer& peer, Bytes& reply) {
  metrics.udp_queries.add();
  const Outcome outcome = answer(query, Transport::udp, reply);
  if (outcome.kind != Outcome::Kind::forward) {
    return;
  }
  Bytes copy(query.begin(), query.end());
  forwarder.forward(
      copy, outcome.group, Transport::udp, [this, copy, peer](std::optional<Bytes> answer) {
        const Bytes bytes = settle(copy, Transport::udp, std::move(answer));
        if (!UdpBatch::send(udp.native_handle(), bytes, peer)) {
          metrics.send_failed.add();
        }
      });
}

Outcome Server::Impl::answer(ByteView query, Transport transport, Bytes& reply) {
  const Outcome outcome = answerer.answer(query, *records, transport, reply);
  switch (outcome.kind) {
    case Outcome::Kind::reply:
      count(reply);
      break;
    case Outcome::Kind::drop:
      metrics.dropped.add();
      break;
    case Outcome::Kind::forward:
      metrics.forwarded.add();
      break;
  }
  return outcome;
}

void Server::Impl::count(const Bytes& reply) {
  const std::uint16_t flags = read_u16(reply, 2);
  if ((flags & kFlagTc) != 0) {
    metrics.truncated.add();
  }
  switch (static_cast<Rcode>(flags & 0xf)) {
    case Rcode::name_error:
      metrics.not_found.add();
      break;
    case Rcode::refused:
      metrics.refused.add();
      break;
    case Rcode::server_failure:
      metrics.failed.add();
      break;
    case Rcode::format_error:
    case Rcode::not_implemented:
      metrics.malformed.add();
      break;
    case Rcode::no_error:
    case Rcode::bad_version:
      break;
  }
}

Bytes Server::Impl::settle(const Bytes& query, Transport transport, std::optional<Bytes> reply) {
  if (!reply) {
    metrics.forward_failed.add();
    Bytes failure;
    answerer.reply_with(query, Rcode::server_failure, failure);
    return failure;
  }
  fit(query, transport, *reply);
  return std::move(*reply);
}

void Server::Impl::accept() {
  acceptor.async_accept([this](error_code ec, asio::ip::tcp::socket socket) {
    if (ec == asio::error::operation_aborted) {
      return;
    }
    if (!ec && sessions < kTcpConnectionsMax) {
      std::make_shared<Session>(*this, std::move(socket))->read();
    } else if (!ec) {
      metrics.tcp_refused.add();
    } else {
      metrics.tcp_refused.add();  // out of file descriptors, most likely
      accept_pause.expires_after(kAcceptPause);
      accept_pause.async_wait([this](error_code) { accept(); });
      return;
    }
    accept();
  });
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Server>> Server::listen(ServerOptions options,
                                               Random random,
                                               const Metrics& metrics) {
  auto impl = std::make_unique<Impl>(std::move(options), random, metrics);
  if (auto bound = impl->bind(); !bound) {
    return fail(bound.error());
  }
  impl->wait_for_datagrams();
  impl->accept();
  Impl& running = *impl;
  impl->thread = std::jthread([&running] { running.context.run(); });
  return std::make_unique<Server>(std::move(impl));
}

Server::~Server() {
  impl_->context.stop();
  impl_->thread.join();
}

std::uint16_t Server::port() const {
  return impl_->port;
}

void Server::publish(std::shared_ptr<const RecordSet> records) {
  asio::post(impl_->context,
             [this, moved = std::move(records)]() mutable { impl_->records = std::move(moved); });
}

}  // namespace ekiden::dns
