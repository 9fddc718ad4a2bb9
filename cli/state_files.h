#pragma once

#include "core/base/result.h"
#include "core/store/store.h"

#include <filesystem>
#include <memory>
#include <string>

// The files of a running process that every command has.
namespace ekiden::cli {

// How a command calls its folder, for the error that names it.
struct FolderName {
  const char* what;  // "data folder"
  const char* flag;  // "--data-dir"
};

// Makes the folder where it is missing and opens the database in it.
Result<std::unique_ptr<store::Store>> open_state(const std::filesystem::path& folder,
                                                 const FolderName& name);

// Whole or not at all: a reader never sees half of it.
Result<void> write_ready_file(const std::filesystem::path& path, const std::string& text);

}  // namespace ekiden::cli
