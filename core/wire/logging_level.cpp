#include "core/wire/logging_level.h"

#include "core/base/log.h"
#include "core/base/strings.h"

#include <string>

#include <fmt/core.h>

namespace ekiden::wire {

LoggingLevel::LoggingLevel(net::Loop& loop)
    : was_debug_(log::enabled(log::Level::debug)), timer_(loop, [this] { apply(0); }) {}

void LoggingLevel::apply(std::uint32_t level) {
  level_ = level;
  log::set_level(level > 0 || was_debug_ ? log::Level::debug : log::Level::info);
}

Result<void> LoggingLevel::raise(std::uint32_t level, Duration duration) {
  if (level > kMax) {
    return fail(ErrorCode::invalid,
                fmt::format("Invalid level '{}': use a whole number from 0 to {}", level, kMax));
  }
  if (duration < Duration{}) {
    return fail(ErrorCode::invalid, "Invalid duration: it must not be negative");
  }
  apply(level);
  if (level == 0) {
    timer_.cancel();
  } else {
    timer_.set_after(duration);
  }
  return {};
}

net::Response LoggingLevel::toggle(const net::Request& request) {
  const auto level = request.query_value("level");
  const auto duration = request.query_value("duration");
  if (!level && !duration) {
    return net::text_response(200, std::to_string(level_) + "\n");
  }
  if (!level || !duration) {
    return net::text_response(
        400, fmt::format("Expecting '{}=value' in query.\n", level ? "duration" : "level"));
  }
  const auto number = parse_int(*level);
  if (!number || *number < 0 || *number > kMax) {
    return net::text_response(400, fmt::format("Invalid level '{}'.\n", *level));
  }
  const auto time = parse_duration(*duration);
  if (!time) {
    return net::text_response(400, fmt::format("Invalid duration '{}'.\n", *duration));
  }
  if (const auto raised = raise(static_cast<std::uint32_t>(*number), *time); !raised) {
    return net::text_response(400, raised.error().message + ".\n");
  }
  return net::text_response(200, "");
}

}  // namespace ekiden::wire
