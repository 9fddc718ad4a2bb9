#pragma once

#include "core/base/result.h"
#include "core/net/message.h"

#include <optional>
#include <string>
#include <vector>

namespace ekiden::marathon {

// What stands before every route [marathon-api 1.12, 1.13].
struct FrontOptions {
  std::vector<std::string> allow_origins;  // CORS; empty: no headers
  std::string credentials;                 // "user:password"; empty: everybody may do everything
  std::string realm = "Mesosphere";
  bool compression = true;
};

// Basic authentication, CORS, gzip around `handler`. Errors: credentials without a colon.
Result<net::Handler> front(const FrontOptions& options, net::Handler handler);

}  // namespace ekiden::marathon
