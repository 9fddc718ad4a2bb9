#pragma once

#include "core/json/json.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ekiden::json {

// One place where two documents differ, named by a JSON pointer ("/container/docker/image").
struct Difference {
  std::string path;
  std::optional<Value> before;  // absent: the member is new
  std::optional<Value> after;   // absent: the member is gone
  bool operator==(const Difference&) const = default;
};

// Objects are compared member by member, in the order of `before`, then what only `after` has;
// arrays of equal length element by element, others as a whole. At most `max` are listed.
std::vector<Difference> diff(const Value& before, const Value& after, std::size_t max);

}  // namespace ekiden::json
