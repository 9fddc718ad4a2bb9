#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ekiden {

// One durable fact: the last value under (kind, key). No value means: erase it. Kinds are listed in
// each daemon's records.h, which is the only list of what survives a restart. Keys ascend with time
// where there are many (performance.md: 20x in SQLite).
struct Record {
  std::string kind;
  std::string key;
  std::optional<std::string> value;
  bool operator==(const Record&) const = default;
};

using Batch = std::vector<Record>;

}  // namespace ekiden
