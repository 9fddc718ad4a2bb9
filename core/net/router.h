#pragma once

#include "core/net/message.h"

#include <string>
#include <string_view>
#include <vector>

namespace ekiden::net {

// Data: {"GET", "/v2/apps/*id/tasks/:task", handler}. ":name" is one segment; "*name" is greedy
// over zero or more segments and may be followed by literal or ":name" segments; the pattern with
// the most literal segments wins, then the longest. Matching is on percent-decoded segments (a %2F
// inside a segment becomes a slash of the greedy part); empty segments are dropped.
struct Route {
  std::string method;
  std::string pattern;
  Handler handler;
};

class Router {
 public:
  // Answers for "no such path" and "path exists, method does not" (allowed methods given).
  using NotFound = std::function<Response(const Request&)>;
  using NotAllowed =
      std::function<Response(const Request&, const std::vector<std::string>& allowed)>;

  explicit Router(std::vector<Route> routes);
  Router& on_not_found(NotFound answer);
  Router& on_not_allowed(NotAllowed answer);
  // HEAD is routed as GET where there is no HEAD route.
  void operator()(Request request, Responder respond) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  NotFound not_found_;
  NotAllowed not_allowed_;
};

}  // namespace ekiden::net
