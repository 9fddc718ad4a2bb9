#include "core/agent/fetcher.h"
#include "core/base/strings.h"

#include <filesystem>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/core.h>

namespace ekiden::agent {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::int64_t kExtractBytesMax = 64LL * 1024 * 1024 * 1024;
constexpr int kFlags = ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
                       ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS;

struct ReadFree {
  void operator()(archive* one) const { archive_read_free(one); }
};

struct WriteFree {
  void operator()(archive* one) const { archive_write_free(one); }
};

using Reader = std::unique_ptr<archive, ReadFree>;
using DiskWriter = std::unique_ptr<archive, WriteFree>;

bool stays_inside(const std::string& path) {
  if (path.empty() || path.front() == '/') {
    return false;
  }
  for (std::string_view part : split(path, '/')) {
    if (part == "..") {
      return false;
    }
  }
  return true;
}

Result<void> failure(archive* source, const std::string& name) {
  const char* text = archive_error_string(source);
  return fail(ErrorCode::invalid,
              fmt::format("cannot unpack {}: {}", name, text == nullptr ? "unknown error" : text));
}

Result<void> copy_data(archive* from, archive* to, const std::string& name, std::int64_t& total) {
  for (;;) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int got = archive_read_data_block(from, &block, &size, &offset);
    if (got == ARCHIVE_EOF) {
      return {};
    }
    if (got < ARCHIVE_WARN) {
      return failure(from, name);
    }
    total += static_cast<std::int64_t>(size);
    if (total > kExtractBytesMax) {
      return fail(ErrorCode::too_large, fmt::format("cannot unpack {}: it grows too large", name));
    }
    if (archive_write_data_block(to, block, size, offset) < ARCHIVE_WARN) {
      return failure(to, name);
    }
  }
}

// Puts the entry under `folder`, or says why not.
Result<void> place(archive_entry* entry, const std::string& folder, const std::string& raw_name) {
  const char* path = archive_entry_pathname(entry);
  std::string name = path == nullptr ? "" : path;
  if (!raw_name.empty()) {
    name = raw_name;
  }
  if (!stays_inside(name)) {
    return fail(ErrorCode::forbidden,
                fmt::format("cannot unpack entry '{}': it would leave the sandbox", name));
  }
  archive_entry_set_pathname(entry, (folder + "/" + name).c_str());
  if (const char* hardlink = archive_entry_hardlink(entry)) {
    const std::string target = hardlink;
    if (!stays_inside(target)) {
      return fail(
          ErrorCode::forbidden,
          fmt::format("cannot unpack link '{}' to '{}': it would leave the sandbox", name, target));
    }
    archive_entry_set_hardlink(entry, (folder + "/" + target).c_str());
  }
  return {};
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool only_compressed(const std::string& name) {
  return ends_with(name, ".gz") && !ends_with(name, ".tar.gz");
}

Result<void> open_archive(archive* from, const std::string& path) {
  archive_read_support_filter_all(from);
  if (only_compressed(path)) {
    archive_read_support_format_raw(from);
  } else {
    archive_read_support_format_all(from);
  }
  if (archive_read_open_filename(from, path.c_str(), kBlock) != ARCHIVE_OK) {
    return failure(from, path);
  }
  return {};
}

}  // namespace

bool is_archive(const std::string& name) {
  for (std::string_view end :
       {".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip", ".gz"}) {
    if (ends_with(name, end)) {
      return true;
    }
  }
  return false;
}

Result<void> extract_archive(const std::string& path, const std::string& folder) {
  const Reader from(archive_read_new());
  const DiskWriter to(archive_write_disk_new());
  archive_write_disk_set_options(to.get(), kFlags);
  const Result<void> opened = open_archive(from.get(), path);
  if (!opened) {
    return opened;
  }
  const std::string root = std::filesystem::canonical(folder).string();
  const std::string file = std::filesystem::path(path).filename().string();
  const std::string raw_name = only_compressed(path) ? file.substr(0, file.size() - 3) : "";
  std::int64_t total = 0;
  for (;;) {
    archive_entry* entry = nullptr;
    const int got = archive_read_next_header(from.get(), &entry);
    if (got == ARCHIVE_EOF) {
      return {};
    }
    if (got < ARCHIVE_WARN) {
      return failure(from.get(), path);
    }
    Result<void> done = place(entry, root, raw_name);
    if (done && archive_write_header(to.get(), entry) < ARCHIVE_WARN) {
      done = failure(to.get(), path);
    }
    done = done ? copy_data(from.get(), to.get(), path, total) : done;
    if (done && archive_write_finish_entry(to.get()) < ARCHIVE_WARN) {
      done = failure(to.get(), path);
    }
    if (!done) {
      return done;
    }
  }
}

}  // namespace ekiden::agent
