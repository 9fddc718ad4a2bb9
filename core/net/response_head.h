#pragma once

#include "core/base/time.h"
#include "core/net/message.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ekiden::net {

enum class Connection { keep_alive, keep_alive_http10, close };

// How the body is delimited, as the head announces it.
struct Framing {
  Connection connection = Connection::keep_alive;
  bool chunked = false;
  std::optional<std::size_t> length;
  std::string_view date;  // "Tue, 24 Nov 2026 10:00:00 GMT"; empty: no such header
};

// A moment as HTTP writes it.
std::string http_date(WallTime time);

// Writes status line and headers into `out` (replacing it). Line breaks inside header values become
// spaces; Content-Length, Transfer-Encoding and Connection come from `framing` only.
void write_head(const Response& response,
                std::string_view reason,
                const Framing& framing,
                std::string& out);

}  // namespace ekiden::net
