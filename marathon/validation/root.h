#pragma once

#include "marathon/model/root.h"
#include "marathon/validation/problems.h"

namespace ekiden::marathon::validation {

// The rules of the root group [marathon-api 4.11]. Cost follows the change: only `changed` apps,
// the groups around them and, when dependencies exist, the graph are looked at.
std::vector<Problem> root_problems(const Root& root, const std::vector<PathId>& changed);

}  // namespace ekiden::marathon::validation
