#include "core/wire/connect.h"

#include "core/base/log.h"

#include <algorithm>
#include <utility>

namespace ekiden::wire {
namespace {

// An acknowledgement says nothing about any other call, and the next update of its task comes after
// it: it may go beside them.
Order order_of(const api::scheduler::Call& call) {
  return std::holds_alternative<api::scheduler::Acknowledge>(call.body) ? Order::any_time
                                                                        : Order::in_turn;
}

Order order_of(const api::agent_link::ToMaster&) {
  return Order::in_turn;
}

template <class Out, class In>
class HttpLink final : public api::Link<Out> {
 public:
  HttpLink(net::Loop& loop,
           net::Client& client,
           StreamOptions options,
           std::function<void(In)> on_message,
           std::function<void()> on_close)
      : on_message_(std::move(on_message)),
        stream_(
            loop,
            client,
            std::move(options),
            [this](const std::string& record) { receive(record); },
            std::move(on_close)) {}

  void send(Out message) override {
    stream_.send(encode(stream_.calls_media(), message), order_of(message));
  }

 private:
  // A message we do not know is a newer master's: it is counted by the log and skipped.
  void receive(const std::string& record) {
    auto message = decode<In>(stream_.records_media(), record);
    if (!message) {
      log::warn("ignored a message from the master: {}", message.error().message);
      return;
    }
    on_message_(std::move(*message));
  }

  std::function<void(In)> on_message_;
  StreamCall stream_;
};

template <class Out, class In>
api::Connect<Out, In> connect_over_http(net::Loop& loop,
                                        net::Client& client,
                                        StreamOptions options) {
  auto next = std::make_shared<std::size_t>(0);
  return [&loop, &client, options, next](std::function<void(In)> on_message,
                                         std::function<void()> on_close) {
    StreamOptions mine = options;
    const auto first = static_cast<std::ptrdiff_t>((*next)++ % mine.masters.size());
    std::rotate(mine.masters.begin(), mine.masters.begin() + first, mine.masters.end());
    return std::make_unique<HttpLink<Out, In>>(
        loop, client, std::move(mine), std::move(on_message), std::move(on_close));
  };
}

}  // namespace

api::SchedulerConnect http_scheduler_connect(net::Loop& loop,
                                             net::Client& client,
                                             StreamOptions options) {
  options.path = kSchedulerPath;
  return connect_over_http<api::scheduler::Call, api::scheduler::Event>(
      loop, client, std::move(options));
}

api::MasterConnect http_master_connect(net::Loop& loop,
                                       net::Client& client,
                                       StreamOptions options) {
  options.path = kAgentLinkPath;
  options.batching = Batching::concatenate;
  options.media = Media::protobuf;
  return connect_over_http<api::agent_link::ToMaster, api::agent_link::ToAgent>(
      loop, client, std::move(options));
}

}  // namespace ekiden::wire
