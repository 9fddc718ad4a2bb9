#pragma once

#include "core/store/store.h"

#include <memory>
#include <string>

namespace ekiden::store {

// One table, WAL, synchronous=FULL, one writer thread with group commit. Opening creates the folder
// and the file, takes an exclusive lock (a second process gets a clear error that names the path
// and says that another ekiden is running on it), and migrates older schema versions.
Result<std::unique_ptr<Store>> open_sqlite(const std::string& path);

}  // namespace ekiden::store
