#include "core/wire/files.h"

#include "core/base/strings.h"
#include "core/json/json.h"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::wire {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameBuffer = 4096;
constexpr std::int64_t kNanoseconds = 1'000'000'000;

std::string mode_text(std::uint32_t mode) {
  std::string text = S_ISDIR(mode) ? "d" : S_ISLNK(mode) ? "l" : "-";
  const std::string_view letters = "rwxrwxrwx";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    text.push_back((mode & (0400U >> i)) != 0 ? letters[i] : '-');
  }
  return text;
}

std::string user_name(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  char buffer[kNameBuffer];
  ::getpwuid_r(uid, &entry, buffer, sizeof buffer, &found);
  return found == nullptr ? std::to_string(uid) : found->pw_name;
}

std::string group_name(gid_t gid) {
  group entry{};
  group* found = nullptr;
  char buffer[kNameBuffer];
  ::getgrgid_r(gid, &entry, buffer, sizeof buffer, &found);
  return found == nullptr ? std::to_string(gid) : found->gr_name;
}

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xc2 && lead < 0xe0) {
    return 2;
  }
  if (lead >= 0xe0 && lead < 0xf0) {
    return 3;
  }
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

// JSON is UTF-8 and files are anything: bytes that are no text become '?', one for one, so that a
// reader who counts what it got still asks for the right offset.
std::string as_text(std::string bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(bytes[i]));
    bool good = length > 0 && i + length <= bytes.size();
    for (std::size_t k = 1; good && k < length; ++k) {
      good = (static_cast<unsigned char>(bytes[i + k]) & 0xc0U) == 0x80U;
    }
    const auto second = good && length > 2 ? static_cast<unsigned char>(bytes[i + 1]) : 0;
    const auto lead = static_cast<unsigned char>(bytes[i]);
    // Overlong forms, surrogates, beyond the last code point.
    good = good && !(lead == 0xe0 && second < 0xa0) && !(lead == 0xed && second > 0x9f) &&
           !(lead == 0xf0 && second < 0x90) && !(lead == 0xf4 && second > 0x8f);
    if (good) {
      i += length;
    } else {
      bytes[i++] = '?';
    }
  }
  return bytes;
}

Result<std::string> read_part(const std::string& path, std::int64_t offset, std::int64_t length) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    return fail(ErrorCode::internal, "Failed to open file at '" + path + "'");
  }
  std::string data(static_cast<std::size_t>(length), '\0');
  std::size_t have = 0;
  while (have < data.size()) {
    const ssize_t got = ::pread(fd,
                                data.data() + have,
                                data.size() - have,
                                static_cast<off_t>(offset) + static_cast<off_t>(have));
    if (got <= 0) {
      break;
    }
    have += static_cast<std::size_t>(got);
  }
  ::close(fd);
  data.resize(have);
  return data;
}

struct RealFile {
  std::string path;
  std::int64_t size = 0;
};

Result<RealFile> find_file(const std::string& path, const ResolvePath& resolve) {
  auto real = resolve(path);
  if (!real) {
    return fail(std::move(real.error()));
  }

  struct stat info {};

  if (::stat(real->c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return fail(ErrorCode::invalid, "Cannot read '" + path + "': it is not a file");
  }
  return RealFile{std::move(*real), info.st_size};
}

Result<std::string> path_parameter(const net::Request& request) {
  auto path = request.query_value("path");
  if (!path || path->empty()) {
    return fail(ErrorCode::invalid, "Expecting 'path=value' in query");
  }
  return std::move(*path);
}

// Absent: -1.
Result<std::int64_t> number_parameter(const net::Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) {
    return -1;
  }
  const auto number = parse_int(*text);
  if (!number || *number < -1) {
    return fail(ErrorCode::invalid, fmt::format("Failed to parse {}: '{}'", name, *text));
  }
  return *number;
}

}  // namespace

net::Response refusal(const Error& error) {
  int status = 400;
  if (error.code == ErrorCode::not_found) {
    status = 404;
  } else if (error.code == ErrorCode::forbidden) {
    status = 403;
  } else if (error.code == ErrorCode::internal) {
    status = 500;
  }
  return net::text_response(status, error.message + ".\n");
}

Result<std::vector<FileEntry>> list_files(const std::string& path, const ResolvePath& resolve) {
  const auto real = resolve(path);
  if (!real) {
    return fail(real.error());
  }
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(*real, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  const std::string shown = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  std::vector<FileEntry> entries;
  for (const std::string& name : names) {
    struct stat info {};

    if (::lstat((*real + "/" + name).c_str(), &info) != 0) {
      continue;
    }
    FileEntry& entry = entries.emplace_back();
    entry.path = as_text(shown + "/" + name);
    entry.nlink = static_cast<std::int32_t>(info.st_nlink);
    entry.size = static_cast<std::uint64_t>(info.st_size);
    entry.mtime_nanoseconds = info.st_mtim.tv_sec * kNanoseconds + info.st_mtim.tv_nsec;
    entry.mode = info.st_mode;
    entry.user = user_name(info.st_uid);
    entry.group = group_name(info.st_gid);
  }
  return entries;
}

Result<FilePart> read_file(const std::string& path, FileRange range, const ResolvePath& resolve) {
  const auto file = find_file(path, resolve);
  if (!file) {
    return fail(file.error());
  }
  const std::int64_t left = std::max<std::int64_t>(file->size - range.offset, 0);
  const std::int64_t wanted = range.length < 0 ? left : std::min(range.length, left);
  auto data = read_part(file->path, range.offset, std::min(wanted, kReadBytesMax));
  if (!data) {
    return fail(std::move(data.error()));
  }
  return FilePart{static_cast<std::uint64_t>(file->size), std::move(*data)};
}

net::Response browse_files(const net::Request& request, const ResolvePath& resolve) {
  const auto path = path_parameter(request);
  const auto entries = path ? list_files(*path, resolve) : fail(path.error());
  if (!entries) {
    return refusal(entries.error());
  }
  json::Writer writer;
  writer.begin_array();
  for (const FileEntry& entry : *entries) {
    writer.begin_object().member("path", entry.path);
    writer.key("nlink").integer(entry.nlink).key("size").unsigned_integer(entry.size);
    writer.key("mtime").number(static_cast<double>(entry.mtime_nanoseconds) /
                               static_cast<double>(kNanoseconds));
    writer.member("mode", mode_text(entry.mode));
    writer.member("uid", entry.user).member("gid", entry.group).end_object();
  }
  writer.end_array();
  return net::json_response(200, writer.take());
}

net::Response read_files(const net::Request& request, const ResolvePath& resolve) {
  const auto path = path_parameter(request);
  const auto offset = number_parameter(request, "offset");
  const auto length = number_parameter(request, "length");
  for (const Error* error : {path ? nullptr : &path.error(),
                             offset ? nullptr : &offset.error(),
                             length ? nullptr : &length.error()}) {
    if (error != nullptr) {
      return refusal(*error);
    }
  }
  const bool only_size = *offset == -1;
  const auto part =
      only_size ? read_file(*path, {0, 0}, resolve) : read_file(*path, {*offset, *length}, resolve);
  if (!part) {
    return refusal(part.error());
  }
  json::Writer writer;
  writer.begin_object().key("offset");
  writer.integer(only_size ? static_cast<std::int64_t>(part->size) : *offset);
  writer.member("data", as_text(part->data)).end_object();
  return net::json_response(200, writer.take());
}

net::Response download_file(const net::Request& request, const ResolvePath& resolve) {
  const auto path = path_parameter(request);
  const auto file = path ? find_file(*path, resolve) : fail(path.error());
  if (!file) {
    return refusal(file.error());
  }
  if (file->size > kDownloadBytesMax) {
    return net::text_response(413,
                              fmt::format("Cannot download '{}': {} bytes are more than {}; use "
                                          "/files/read in pieces.\n",
                                          *path,
                                          file->size,
                                          kDownloadBytesMax));
  }
  auto data = read_part(file->path, 0, file->size);
  if (!data) {
    return refusal(data.error());
  }
  const bool text = file->path.ends_with("/stdout") || file->path.ends_with("/stderr") ||
                    file->path.ends_with(".log");
  net::Response response =
      net::text_response(200, std::move(*data), text ? "text/plain" : "application/octet-stream");
  const std::string name = percent_encode(fs::path(*path).filename().string());
  response.headers.set("Content-Disposition", "attachment; filename=" + name);
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace ekiden::wire
