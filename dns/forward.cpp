#include "dns/forward.h"

#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace ekiden::dns {

namespace asio = boost::asio;
using boost::system::error_code;

struct Forwarder::Shared {
  asio::io_context& context;
  std::vector<std::vector<HostPort>> groups;
  Duration timeout;
  std::size_t pending = 0;
};

namespace {

// Is this the answer to that query? Same id, a response, the same question.
bool answers(ByteView query, ByteView reply) {
  Query asked;
  if (reply.size() < kHeaderLength || (read_u16(reply, 2) & kFlagQr) == 0 ||
      read_u16(query, 0) != read_u16(reply, 0) ||
      parse_query(query, asked) != QueryState::complete) {
    return false;
  }
  if (read_u16(reply, 4) == 0) {
    return true;  // some resolvers leave the question out of an error
  }
  Bytes as_query(reply.begin(), reply.end());
  as_query[2] &= 0x7f;
  Query replied;
  return parse_query(as_query, replied) != QueryState::no_question && replied.name == asked.name &&
         replied.type == asked.type;
}

}  // namespace

// One query under way. Keeps itself alive by its callbacks; `generation` makes those of an earlier
// resolver harmless.
struct Forwarder::Attempt : std::enable_shared_from_this<Attempt> {
  Attempt(std::shared_ptr<Shared> owner, Bytes bytes, std::size_t to, Transport over, Done call)
      : shared(std::move(owner)),
        query(std::move(bytes)),
        group(to),
        transport(over),
        done(std::move(call)),
        udp(shared->context),
        tcp(shared->context),
        timer(shared->context) {
    ++shared->pending;
  }

  ~Attempt() { --shared->pending; }

  void next() {
    const unsigned mine = ++generation;
    error_code ignored;
    udp.close(ignored);
    tcp.close(ignored);
    const std::vector<HostPort>& resolvers = shared->groups[group];
    if (at >= resolvers.size()) {
      finish(std::nullopt);
      return;
    }
    const HostPort resolver = resolvers[at++];
    error_code bad_address;
    const auto address = asio::ip::make_address(resolver.host, bad_address);
    if (bad_address) {
      next();
      return;
    }
    timer.expires_after(shared->timeout);
    timer.async_wait([self = shared_from_this(), mine](error_code ec) {
      if (!ec && self->generation == mine) {
        self->next();
      }
    });
    if (transport == Transport::udp) {
      ask_udp({address, resolver.port}, mine);
    } else {
      ask_tcp({address, resolver.port}, mine);
    }
  }

  void ask_udp(const asio::ip::udp::endpoint& resolver, unsigned mine) {
    error_code ec;
    udp.open(resolver.protocol(), ec);
    if (!ec) {
      udp.connect(resolver, ec);
    }
    if (!ec) {
      udp.send(asio::buffer(query), 0, ec);
    }
    if (ec) {
      next();
      return;
    }
    receive_udp(mine);
  }

  void receive_udp(unsigned mine) {
    reply.resize(kTcpSizeMax);
    udp.async_receive(asio::buffer(reply),
                      [self = shared_from_this(), mine](error_code ec, std::size_t received) {
                        if (self->generation != mine) {
                          return;
                        }
                        if (ec) {
                          self->next();
                          return;
                        }
                        self->reply.resize(received);
                        if (answers(self->query, self->reply)) {
                          self->finish(std::move(self->reply));
                        } else {
                          self->receive_udp(mine);  // not for us; the timer still runs
                        }
                      });
  }

  void ask_tcp(const asio::ip::tcp::endpoint& resolver, unsigned mine) {
    tcp.async_connect(resolver, [self = shared_from_this(), mine](error_code ec) {
      if (self->generation != mine) {
        return;
      }
      if (ec) {
        self->next();
        return;
      }
      self->write_tcp(mine);
    });
  }

  void write_tcp(unsigned mine) {
    framed.clear();
    append_u16(framed, static_cast<std::uint16_t>(query.size()));
    framed.insert(framed.end(), query.begin(), query.end());
    asio::async_write(
        tcp, asio::buffer(framed), [self = shared_from_this(), mine](error_code ec, std::size_t) {
          if (self->generation != mine) {
            return;
          }
          if (ec) {
            self->next();
            return;
          }
          self->read_tcp(mine);
        });
  }

  void read_tcp(unsigned mine) {
    asio::async_read(
        tcp, asio::buffer(length), [self = shared_from_this(), mine](error_code ec, std::size_t) {
          if (self->generation != mine) {
            return;
          }
          if (ec) {
            self->next();
            return;
          }
          self->reply.resize(read_u16(self->length, 0));
          self->read_tcp_body(mine);
        });
  }

  void read_tcp_body(unsigned mine) {
    asio::async_read(
        tcp, asio::buffer(reply), [self = shared_from_this(), mine](error_code ec, std::size_t) {
          if (self->generation != mine) {
            return;
          }
          if (ec || !answers(self->query, self->reply)) {
            self->next();
            return;
          }
          self->finish(std::move(self->reply));
        });
  }

  void finish(std::optional<Bytes> result) {
    ++generation;
    timer.cancel();
    std::exchange(done, nullptr)(std::move(result));
  }

  std::shared_ptr<Shared> shared;
  Bytes query;
  std::size_t group;
  Transport transport;
  Done done;
  asio::ip::udp::socket udp;
  asio::ip::tcp::socket tcp;
  asio::steady_timer timer;
  std::size_t at = 0;
  unsigned generation = 0;
  Bytes reply;
  Bytes framed;
  std::array<std::uint8_t, 2> length{};
};

Forwarder::Forwarder(asio::io_context& context,
                     std::vector<std::vector<HostPort>> groups,
                     Duration timeout)
    : shared_(std::make_shared<Shared>(Shared{context, std::move(groups), timeout})) {}

Forwarder::~Forwarder() = default;

void Forwarder::forward(Bytes query, std::size_t group, Transport transport, Done done) {
  if (group >= shared_->groups.size() || shared_->pending >= kPendingMax) {
    done(std::nullopt);
    return;
  }
  std::make_shared<Attempt>(shared_, std::move(query), group, transport, std::move(done))->next();
}

}  // namespace ekiden::dns
