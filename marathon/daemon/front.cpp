#include "marathon/daemon/front.h"

#include "core/net/gzip.h"
#include "core/wire/authentication.h"

#include <memory>
#include <utility>

namespace ekiden::marathon {
namespace {

// Every origin of the list is written over the one before it: the last one counts, as ever.
void allow_origins(const std::vector<std::string>& origins,
                   const std::string& wanted_headers,
                   net::Response& response) {
  for (const std::string& origin : origins) {
    response.headers.set("Access-Control-Allow-Origin", origin);
  }
  if (!wanted_headers.empty()) {
    response.headers.set("Access-Control-Allow-Headers", wanted_headers);
  }
  response.headers.set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
  response.headers.set("Access-Control-Max-Age", "86400");
}

net::Handler cross_origin(std::vector<std::string> origins, net::Handler handler) {
  const auto list = std::make_shared<const std::vector<std::string>>(std::move(origins));
  return [list, handler = std::move(handler)](net::Request request, net::Responder respond) {
    const std::string wanted(
        request.headers.get("Access-Control-Request-Headers").value_or(std::string_view()));
    const net::Responder with_headers([list, wanted, respond](net::Response response) {
      allow_origins(*list, wanted, response);
      respond(std::move(response));
    });
    if (request.method == "OPTIONS") {
      net::Response answer = net::text_response(200, "");
      answer.headers.set("Allow", "GET, HEAD, OPTIONS");
      with_headers(std::move(answer));
      return;
    }
    handler(std::move(request), with_headers);
  };
}

}  // namespace

Result<net::Handler> front(const FrontOptions& options, net::Handler handler) {
  if (options.compression) {
    handler = net::gzip_answers(std::move(handler));
  }
  if (!options.allow_origins.empty()) {
    handler = cross_origin(options.allow_origins, std::move(handler));
  }
  if (options.credentials.empty()) {
    return handler;
  }
  const std::size_t colon = options.credentials.find(':');
  if (colon == std::string::npos || colon == 0) {
    return fail(ErrorCode::invalid,
                "cannot use --http_credentials: it is not of the form user:password");
  }
  auto known = std::make_shared<const wire::Credentials>(wire::Credentials::single(
      options.credentials.substr(0, colon), options.credentials.substr(colon + 1)));
  return wire::authenticated(std::move(known), options.realm, std::move(handler));
}

}  // namespace ekiden::marathon
