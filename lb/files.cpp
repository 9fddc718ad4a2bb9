#include "lb/files.h"

#include "core/base/log.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::lb {

namespace {

constexpr mode_t kMode = 0644;

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<void> replace_file(const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
  const bool written = fd >= 0 && write_all(fd, text) && fdatasync(fd) == 0;
  const int error = errno;
  if (fd >= 0) {
    close(fd);
  }
  if (!written || rename(beside.c_str(), path.c_str()) != 0) {
    return fail(ErrorCode::internal,
                fmt::format("cannot write {}: {}; free space or give rights",
                            path,
                            std::strerror(written ? errno : error)));
  }
  return {};
}

void best_effort_write(const std::string& path, std::string_view text) {
  if (const auto done = replace_file(path, text); !done) {
    log::warn("{}", done.error().message);
  }
}

}  // namespace ekiden::lb
