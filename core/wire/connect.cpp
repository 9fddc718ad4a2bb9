#include "core/wire/connect.h"

#include "core/base/log.h"
#include "core/json/json.h"

#include <algorithm>
#include <utility>

namespace ekiden::wire {
namespace {

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
            [this](std::string record) { receive(record); },
            std::move(on_close)) {}

  void send(Out message) override { stream_.send(json::encode(message, json::kMesos)); }

 private:
  // A message we do not know is a newer master's: it is counted by the log and skipped.
  void receive(const std::string& record) {
    auto message = json::decode<In>(record, json::kMesos);
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
  return connect_over_http<api::agent_link::ToMaster, api::agent_link::ToAgent>(
      loop, client, std::move(options));
}

}  // namespace ekiden::wire
