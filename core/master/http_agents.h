#pragma once

#include "core/api/agent_link.h"
#include "core/master/types.h"
#include "core/net/message.h"
#include "core/wire/record_streams.h"

#include <functional>
#include <string_view>
#include <vector>

namespace ekiden::master {

// POST /ekiden/agent_link: agents in processes of their own. Bodies of both directions are RecordIO
// records, as many as there are, of protobuf or JSON messages (Message-Content-Type says which).
// The first body begins with Register and opens the stream of what the master says; later ones name
// that stream. Loop thread only.
class HttpAgents {
 public:
  struct Links {
    std::function<void(ConnectionId, api::agent_link::ToMaster)> message;
    std::function<void(ConnectionId)> closed;
  };

  HttpAgents(net::Loop& loop, ConnectionId& next, Counter slow_readers, Links links);
  void handle(const net::Request& request, const net::Responder& respond);
  void send(ConnectionId connection, const api::agent_link::ToAgent& message);

  void close(ConnectionId connection) { streams_.close(connection); }

  void shut_down() { streams_.shut_down(); }

 private:
  Links links_;
  wire::RecordStreams streams_;
};

}  // namespace ekiden::master
