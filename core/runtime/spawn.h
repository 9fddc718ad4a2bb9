#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace ekiden::runtime {

// A child that outlives us: a session of its own, so that neither Ctrl-C nor our death reaches it,
// none of our descriptors (a listener that lived on in a child would block its port for our
// successor), default signals, nothing on its standard input.
struct Spawn {
  std::string program;                                  // without a slash: looked up in PATH
  std::vector<std::string> arguments;                   // [0] is argv[0]
  std::optional<std::vector<std::string>> environment;  // "NAME=value"; nothing: ours
  std::string folder;
  std::string output_file;  // appended to, made when missing
  std::string error_file;   // may be the same
};

// The pid. posix_spawn: never a fork of a big process. Any thread; blocks about a millisecond.
// not_found when there is no such program.
Result<int> spawn(const Spawn& child);

}  // namespace ekiden::runtime
