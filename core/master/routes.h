#pragma once

#include "core/master/operator_api.h"
#include "core/net/message.h"

#include <functional>
#include <optional>
#include <string>

namespace ekiden::master {

// Who leads. One master alone always leads itself.
struct Leadership {
  bool here = true;
  std::string leader;  // "host:port"; empty: nobody leads
};

// Every URL of the master. Paths also answer under /master and, where they are old, with ".json".
// The context outlives the handler.
net::Handler make_routes(RouteContext& context, std::function<Leadership()> leadership);

}  // namespace ekiden::master
