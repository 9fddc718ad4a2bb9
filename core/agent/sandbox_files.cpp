#include "core/agent/sandbox_files.h"

#include "core/base/strings.h"
#include "core/json/json.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kReadMax = 16 * 4096;
constexpr std::int64_t kDownloadMax = 512LL * 1024 * 1024;
constexpr std::size_t kNameBuffer = 4096;

net::Response refused(const Error& error) {
  return net::text_response(http_status(error.code) == 404 ? 404 : 400, error.message + ".\n");
}

std::string mode_text(const struct stat& info) {
  std::string text = S_ISDIR(info.st_mode) ? "d" : S_ISLNK(info.st_mode) ? "l" : "-";
  const std::string_view letters = "rwxrwxrwx";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    text.push_back((info.st_mode & (0400U >> i)) != 0 ? letters[i] : '-');
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

// JSON is UTF-8 and sandbox files are anything: bytes that are no text become '?', one for one, so
// that a reader who counts what it got still asks for the right offset.
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

bool inside(const std::string& path, const std::string& root) {
  return path == root || path.rfind(root + "/", 0) == 0;
}

}  // namespace

Result<std::string> SandboxFiles::resolve(const std::string& path,
                                          const std::string& agent_id) const {
  for (std::string_view part : split(path, '/')) {
    if (part == "..") {
      return fail(ErrorCode::invalid, "Requested path '" + path + "' contains '..'");
    }
  }
  std::error_code error;
  const std::string root = fs::canonical(work_dir_ + "/slaves", error).string();
  if (error) {
    return fail(ErrorCode::not_found, "No sandbox has been made yet");
  }
  const bool is_virtual = path.rfind("/frameworks/", 0) == 0;
  const std::string host = is_virtual ? root + "/" + agent_id + path : path;
  const std::string real = fs::canonical(host, error).string();
  if (error || path.find('\0') != std::string::npos) {
    return fail(ErrorCode::not_found, "No such file or directory: '" + path + "'");
  }
  if (!inside(real, root)) {
    return fail(ErrorCode::invalid, "Requested path '" + path + "' is outside of the sandboxes");
  }
  return real;
}

net::Response SandboxFiles::browse(const net::Request& request, const std::string& agent_id) const {
  const auto asked = request.query_value("path");
  if (!asked || asked->empty()) {
    return net::text_response(400, "Expecting 'path=value' in query.\n");
  }
  const Result<std::string> path = resolve(*asked, agent_id);
  if (!path) {
    return refused(path.error());
  }
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(*path, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  json::Writer writer;
  writer.begin_array();
  const std::string shown = asked->back() == '/' ? asked->substr(0, asked->size() - 1) : *asked;
  for (const std::string& name : names) {
    struct stat info {};

    if (::lstat((*path + "/" + name).c_str(), &info) != 0) {
      continue;
    }
    writer.begin_object();
    writer.member("path", as_text(shown + "/" + name));
    writer.key("nlink").integer(static_cast<std::int64_t>(info.st_nlink));
    writer.key("size").integer(info.st_size);
    writer.key("mtime").number(static_cast<double>(info.st_mtim.tv_sec) +
                               static_cast<double>(info.st_mtim.tv_nsec) / 1e9);
    writer.member("mode", mode_text(info));
    writer.member("uid", user_name(info.st_uid)).member("gid", group_name(info.st_gid));
    writer.end_object();
  }
  writer.end_array();
  return net::json_response(200, writer.take());
}

net::Response SandboxFiles::read(const net::Request& request, const std::string& agent_id) const {
  const auto asked = request.query_value("path");
  if (!asked || asked->empty()) {
    return net::text_response(400, "Expecting 'path=value' in query.\n");
  }
  std::int64_t numbers[2] = {-1, -1};
  const char* names[2] = {"offset", "length"};
  for (int i = 0; i < 2; ++i) {
    if (const auto text = request.query_value(names[i])) {
      const auto number = parse_int(*text);
      if (!number || *number < -1) {
        return net::text_response(400, fmt::format("Failed to parse {}: '{}'.\n", names[i], *text));
      }
      numbers[i] = *number;
    }
  }
  const Result<std::string> path = resolve(*asked, agent_id);
  if (!path) {
    return refused(path.error());
  }

  struct stat info {};

  if (::stat(path->c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return net::text_response(400, "Cannot read '" + *asked + "': it is not a file.\n");
  }
  json::Writer writer;
  writer.begin_object();
  if (numbers[0] == -1) {
    writer.key("offset").integer(info.st_size).member("data", "").end_object();
    return net::json_response(200, writer.take());
  }
  const std::int64_t left = std::max<std::int64_t>(info.st_size - numbers[0], 0);
  const std::int64_t wanted = numbers[1] == -1 ? left : std::min(numbers[1], left);
  const auto data = read_part(*path, numbers[0], std::min(wanted, kReadMax));
  if (!data) {
    return net::text_response(500, data.error().message + ".\n");
  }
  writer.key("offset").integer(numbers[0]).member("data", as_text(*data)).end_object();
  return net::json_response(200, writer.take());
}

net::Response SandboxFiles::download(const net::Request& request,
                                     const std::string& agent_id) const {
  const auto asked = request.query_value("path");
  if (!asked || asked->empty()) {
    return net::text_response(400, "Expecting 'path=value' in query.\n");
  }
  const Result<std::string> path = resolve(*asked, agent_id);
  if (!path) {
    return refused(path.error());
  }

  struct stat info {};

  if (::stat(path->c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return net::text_response(400, "Cannot download '" + *asked + "': it is not a file.\n");
  }
  if (info.st_size > kDownloadMax) {
    return net::text_response(413,
                              fmt::format("Cannot download '{}': {} bytes are more than {}; use "
                                          "/files/read in pieces.\n",
                                          *asked,
                                          info.st_size,
                                          kDownloadMax));
  }
  auto data = read_part(*path, 0, info.st_size);
  if (!data) {
    return net::text_response(500, data.error().message + ".\n");
  }
  const bool text =
      path->ends_with("/stdout") || path->ends_with("/stderr") || path->ends_with(".log");
  net::Response response =
      net::text_response(200, std::move(*data), text ? "text/plain" : "application/octet-stream");
  const std::string name = percent_encode(fs::path(*asked).filename().string());
  response.headers.set("Content-Disposition", "attachment; filename=" + name);
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace ekiden::agent
