#pragma once

#include <fmt/core.h>

namespace ekiden {

// Prints the broken promise and aborts. Stays on in release: a wrong state must not be persisted.
[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& text);

}  // namespace ekiden

// CHECK(used <= total, "agent {}: used {} of {}", id, used, total)
#define CHECK(condition, ...)                                                             \
  do {                                                                                    \
    if (!(condition)) [[unlikely]] {                                                      \
      ::ekiden::check_failed(__FILE__, __LINE__, #condition, ::fmt::format(__VA_ARGS__)); \
    }                                                                                     \
  } while (false)
