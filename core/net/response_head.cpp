#include "core/net/response_head.h"

#include "core/base/strings.h"

#include <charconv>
#include <chrono>
#include <ctime>

namespace ekiden::net {
namespace {

constexpr std::size_t kNumberBytesMax = 20;
constexpr std::size_t kDateBytesMax = 64;

void append_number(std::size_t number, std::string& out) {
  char digits[kNumberBytesMax];
  const auto end = std::to_chars(digits, digits + kNumberBytesMax, number).ptr;
  out.append(digits, end);
}

// A value with a line break would start a header, or a body, of the sender's choice.
void append_clean(std::string_view text, std::string& out) {
  const std::size_t start = out.size();
  out.append(text);
  for (std::size_t i = start; i < out.size(); ++i) {
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') {
      out[i] = ' ';
    }
  }
}

bool is_framing(std::string_view name) {
  switch (name.size()) {
    case 4:
      return iequals(name, "Date");
    case 10:
      return iequals(name, "Connection");
    case 14:
      return iequals(name, "Content-Length");
    case 17:
      return iequals(name, "Transfer-Encoding");
    default:
      return false;
  }
}

}  // namespace

std::string http_date(WallTime time) {
  const auto seconds = static_cast<std::time_t>(
      std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count());
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[kDateBytesMax];
  const std::size_t length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string(text, length);
}

void write_head(const Response& response,
                std::string_view reason,
                const Framing& framing,
                std::string& out) {
  out.assign("HTTP/1.1 ");
  append_number(static_cast<std::size_t>(response.status), out);
  out.append(" ").append(reason).append("\r\n");
  for (const auto& [name, value] : response.headers.all()) {
    if (!is_framing(name)) {
      append_clean(name, out);
      out.append(": ");
      append_clean(value, out);
      out.append("\r\n");
    }
  }
  if (!framing.date.empty()) {
    out.append("Date: ").append(framing.date).append("\r\n");
  }
  if (framing.chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (framing.length) {
    out.append("Content-Length: ");
    append_number(*framing.length, out);
    out.append("\r\n");
  }
  if (framing.connection == Connection::close) {
    out.append("Connection: close\r\n");
  } else if (framing.connection == Connection::keep_alive_http10) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace ekiden::net
