#pragma once

#include "core/master/master.h"
#include "core/net/message.h"
#include "core/wire/acls.h"
#include "core/wire/record_streams.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace ekiden::master {

// POST /api/v1/scheduler: frameworks in processes of their own [mesos-core 1.2 to 1.7, 2]. Checks
// run in the order of table 1.7, which its clients rely on. Loop thread only.
class HttpSchedulers {
 public:
  struct Links {
    std::function<const Master&()> machine;
    std::function<void(ConnectionId, api::scheduler::Call)> call;
    std::function<void(ConnectionId)> closed;
    std::function<void(std::function<void()>)> after_commit;  // runs once all before is durable
    std::shared_ptr<const wire::Acls> acls;
  };

  HttpSchedulers(net::Loop& loop, ConnectionId& next, Counter slow_readers, Links links);
  void handle(net::Request request, net::Responder respond);
  // Connections of other kinds are left alone.
  void send(ConnectionId connection, const api::scheduler::Event& event);

  void close(ConnectionId connection) {
    principals_.erase(connection);
    streams_.close(connection);
  }

  void shut_down() { streams_.shut_down(); }

 private:
  struct Body {  // of one call
    wire::Media media;
    std::string_view bytes;
  };

  void handle_batch(const net::Request& request, const net::Responder& respond);
  void handle_call(const net::Request& request, const Body& body, net::Responder respond);
  void subscribe(const net::Request& request, api::scheduler::Call call, net::Responder respond);
  void update(ConnectionId connection, api::scheduler::Call call, net::Responder respond);
  net::Response reconcile(const net::Request& request,
                          const FrameworkId& framework,
                          const api::scheduler::ReconcileOperations& call) const;

  // What is wrong with a call of an existing subscription; the connection it belongs to otherwise.
  struct Refusal {
    int status;
    std::string text;
  };

  std::variant<ConnectionId, Refusal> owner(const net::Request& request,
                                            const FrameworkId& framework) const;

  Links links_;
  wire::RecordStreams streams_;
  std::map<ConnectionId, std::string> principals_;  // of authenticated subscriptions
};

}  // namespace ekiden::master
