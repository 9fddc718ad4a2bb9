#include "cli/state_files.h"

#include "core/store/sqlite_store.h"

#include <fstream>

#include <fmt/core.h>

namespace ekiden::cli {

namespace fs = std::filesystem;

Result<std::unique_ptr<store::Store>> open_state(const fs::path& folder, const FolderName& name) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot create the {} {}: {}; choose another one with {}",
                            name.what,
                            folder.string(),
                            error.message(),
                            name.flag));
  }
  return store::open_sqlite((folder / "ekiden.db").string());
}

Result<void> write_ready_file(const fs::path& path, const std::string& text) {
  const auto beside = path.string() + ".new";
  std::ofstream file(beside, std::ios::trunc);
  file << text;
  file.close();
  std::error_code error;
  if (file) {
    fs::rename(beside, path, error);
  }
  if (!file || error) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot write the ready file {}: check that its folder exists and is "
                            "writable",
                            path.string()));
  }
  return {};
}

}  // namespace ekiden::cli
