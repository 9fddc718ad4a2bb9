#pragma once

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
};

// Writes status line and headers into `out` (replacing it). Line breaks inside header values become
// spaces; Content-Length, Transfer-Encoding and Connection come from `framing` only.
void write_head(const Response& response,
                std::string_view reason,
                const Framing& framing,
                std::string& out);

}  // namespace ekiden::net
