#include "dns/saved_records.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace ekiden::dns {
namespace {

Result<void> cannot_write(const std::string& path, int error) {
  return fail(ErrorCode::unavailable,
              fmt::format("cannot save the DNS records to {}: {}; answers go on, but a restart "
                          "without a master would have none: make the folder writable",
                          path,
                          std::strerror(error)));
}

Result<void> write_durably(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) {
    return cannot_write(path, errno);
  }
  int error = 0;
  while (!text.empty() && error == 0) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error = written == 0 ? EIO : errno;
    }
  }
  if (error == 0 && fsync(file) != 0) {
    error = errno;
  }
  close(file);
  return error == 0 ? Result<void>() : cannot_write(path, error);
}

}  // namespace

std::string saved_records_path(const std::string& work_dir) {
  return work_dir + "/dns-records.json";
}

Result<void> write_saved(const std::string& work_dir, std::string_view text) {
  std::error_code ec;
  std::filesystem::create_directories(work_dir, ec);
  const std::string path = saved_records_path(work_dir);
  const std::string beside = path + ".new";
  if (auto written = write_durably(beside, text); !written) {
    std::filesystem::remove(beside, ec);
    return written;
  }
  std::filesystem::rename(beside, path, ec);
  return ec ? cannot_write(path, ec.value()) : Result<void>();
}

Result<std::string> read_saved(const std::string& work_dir) {
  const std::string path = saved_records_path(work_dir);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(ErrorCode::not_found, fmt::format("no DNS records are saved at {}", path));
  }
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) {
    return fail(ErrorCode::internal,
                fmt::format("cannot read the saved DNS records at {}: the disk failed", path));
  }
  return text;
}

}  // namespace ekiden::dns
