#pragma once

#include "core/base/result.h"
#include "core/model/resources.h"

#include <string>
#include <string_view>
#include <vector>

namespace ekiden::model {

// "[31000-31005, 31010-31010]" and back [mesos-core 4.5.1, 6.2]
Result<std::vector<Range>> parse_ranges(std::string_view text);
std::string to_text(const std::vector<Range>& ranges);

}  // namespace ekiden::model
