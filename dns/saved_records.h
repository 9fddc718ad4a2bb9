#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

// Where the last good records lie, for a start without a master. Blocking; for a worker thread and
// for start-up.
namespace ekiden::dns {

std::string saved_records_path(const std::string& work_dir);
// Writes beside the file, makes it durable, renames: a crash leaves the old or the new one.
Result<void> write_saved(const std::string& work_dir, std::string_view text);
// ErrorCode::not_found when nothing was saved yet.
Result<std::string> read_saved(const std::string& work_dir);

}  // namespace ekiden::dns
