#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace ekiden {

// A code exists only because some caller reacts to it. http_status() maps it for the wire.
enum class ErrorCode {
  invalid,    // the input is wrong; see problems
  malformed,  // the input could not even be parsed
  not_found,
  conflict,  // valid, but not now (locked app, stale version)
  unauthorized,
  forbidden,
  too_large,
  unsupported,  // wrong media type or method
  unavailable,  // try again later or elsewhere
  timeout,
  internal,
};

// One thing wrong with an input, e.g. {"/healthChecks(1)/path", "must not be empty"}.
struct Problem {
  std::string path;
  std::string reason;
  bool operator==(const Problem&) const = default;
};

// Messages start with what was attempted, carry ids and the next step, and have no trailing period.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::vector<Problem> problems{};
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message), {}});
}

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// The HTTP status a code stands for on every API of ours.
int http_status(ErrorCode code);

}  // namespace ekiden
