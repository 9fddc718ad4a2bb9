#pragma once

#include "core/base/result.h"
#include "core/net/message.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// The files API of master and agent [mesos-core 4.7] over whatever paths a daemon shows. Blocking:
// for worker threads.
namespace ekiden::wire {

// From the path a client names to the real one: not_found (404), forbidden (403), anything else
// 400.
using ResolvePath = std::function<Result<std::string>(const std::string& path)>;

inline constexpr std::int64_t kReadBytesMax = 16 * 4096;  // of one read
inline constexpr std::int64_t kDownloadBytesMax = 512LL * 1024 * 1024;

struct FileEntry {
  std::string path;  // as the client would name it
  std::int32_t nlink = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_nanoseconds = 0;
  std::uint32_t mode = 0;  // st_mode
  std::string user;
  std::string group;
};

// Sorted by path. A file, or a folder that cannot be read, has none.
Result<std::vector<FileEntry>> list_files(const std::string& path, const ResolvePath& resolve);

struct FilePart {
  std::uint64_t size = 0;  // of the whole file
  std::string data;
};

struct FileRange {
  std::int64_t offset = 0;
  std::int64_t length = -1;  // to the end
};

// At most kReadBytesMax. A folder is `invalid`, what cannot be read `internal`.
Result<FilePart> read_file(const std::string& path, FileRange range, const ResolvePath& resolve);

// GET /files/browse, /files/read, /files/download
net::Response browse_files(const net::Request& request, const ResolvePath& resolve);
net::Response read_files(const net::Request& request, const ResolvePath& resolve);
net::Response download_file(const net::Request& request, const ResolvePath& resolve);

// 400, 403, 404 or 500, with the error's text.
net::Response refusal(const Error& error);

}  // namespace ekiden::wire
