#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace ekiden::lb {

// Empty when there is none.
std::string read_text(const std::string& path);
// Written beside, made durable, renamed: readers see the old file or the new one.
Result<void> replace_file(const std::string& path, std::string_view text);
// For files whose loss only costs a restart of HAProxy.
void best_effort_write(const std::string& path, std::string_view text);

}  // namespace ekiden::lb
