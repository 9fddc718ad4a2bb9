#include "core/net/tcp_connect.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/core.h>

namespace ekiden::net {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

struct TcpConnect::Attempt : std::enable_shared_from_this<Attempt> {
  Attempt(Loop& loop, TcpTarget wanted, std::function<void(Result<void>)> tell)
      : target(std::move(wanted)),
        done(std::move(tell)),
        resolver(loop.context()),
        socket(loop.context()),
        deadline(loop.context()) {}

  void start() {
    deadline.expires_after(target.timeout);
    deadline.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) {
        self->finish(fail(ErrorCode::timeout, self->text("no answer in time")));
      }
    });
    resolver.async_resolve(
        target.host,
        std::to_string(target.port),
        [self = shared_from_this()](boost::system::error_code error,
                                    Tcp::resolver::results_type to) {
          if (error) {
            self->finish(fail(ErrorCode::unavailable, self->text(error.message())));
          } else {
            self->connect(to);
          }
        });
  }

  void connect(const Tcp::resolver::results_type& to) {
    asio::async_connect(
        socket,
        to,
        [self = shared_from_this()](boost::system::error_code error, const Tcp::endpoint&) {
          self->finish(error
                           ? Result<void>(fail(ErrorCode::unavailable, self->text(error.message())))
                           : Result<void>());
        });
  }

  std::string text(const std::string& why) const {
    return fmt::format("cannot connect to {}:{}: {}", target.host, target.port, why);
  }

  void finish(Result<void> result) {
    if (!done) {
      return;
    }
    const auto tell = std::move(done);
    cancel();
    tell(std::move(result));
  }

  void cancel() {
    done = nullptr;
    boost::system::error_code ignored;
    deadline.cancel();
    resolver.cancel();
    socket.close(ignored);
  }

  TcpTarget target;
  std::function<void(Result<void>)> done;
  Tcp::resolver resolver;
  Tcp::socket socket;
  asio::steady_timer deadline;
};

TcpConnect::TcpConnect(Loop& loop, TcpTarget target, std::function<void(Result<void>)> done)
    : attempt_(std::make_shared<Attempt>(loop, std::move(target), std::move(done))) {
  attempt_->start();
}

TcpConnect::~TcpConnect() {
  attempt_->cancel();
}

}  // namespace ekiden::net
