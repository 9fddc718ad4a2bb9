#include "core/executor/cgroup_files.h"

#include "core/base/strings.h"

#include <algorithm>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::executor {
namespace {

constexpr std::size_t kSmallFileMax = 1024 * 1024;
constexpr std::uint64_t kNoLimit = 1ULL << 62;  // v1 writes a number near 2^63 for "none"

std::uint64_t number_in(const std::string& path) {
  const auto text = read_small_file(path);
  const auto value = text ? parse_int(trim(*text)) : std::nullopt;
  return value && *value > 0 ? static_cast<std::uint64_t>(*value) : 0;
}

// "name value" lines.
std::uint64_t member_in(const std::string& path, std::string_view name) {
  const auto text = read_small_file(path);
  if (!text) {
    return 0;
  }
  for (std::string_view line : split_nonempty(*text, '\n')) {
    const auto words = split_nonempty(line, ' ');
    if (words.size() == 2 && words[0] == name) {
      return static_cast<std::uint64_t>(parse_int(words[1]).value_or(0));
    }
  }
  return 0;
}

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.1f}MB", static_cast<double>(bytes) / (1024 * 1024));
}

}  // namespace

std::optional<std::string> read_small_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return std::nullopt;
  }
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while (text.size() < kSmallFileMax && (got = ::read(fd, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  if (got < 0) {
    return std::nullopt;
  }
  return text;
}

bool write_small_file(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  const ssize_t wrote = ::write(fd, text.data(), text.size());
  ::close(fd);
  return wrote == static_cast<ssize_t>(text.size());
}

std::optional<MemoryUse> memory_use(const std::string& directory) {
  MemoryUse use;
  if (::access((directory + "/memory.oom_control").c_str(), R_OK) == 0) {
    use.usage = number_in(directory + "/memory.usage_in_bytes");
    use.peak = number_in(directory + "/memory.max_usage_in_bytes");
    use.limit = number_in(directory + "/memory.limit_in_bytes");
    use.oom_kills = member_in(directory + "/memory.oom_control", "oom_kill");
  } else if (::access((directory + "/memory.events").c_str(), R_OK) == 0) {
    use.usage = number_in(directory + "/memory.current");
    use.peak = number_in(directory + "/memory.peak");
    use.limit = number_in(directory + "/memory.max");
    use.oom_kills = member_in(directory + "/memory.events", "oom_kill");
  } else {
    return std::nullopt;
  }
  use.peak = std::max(use.peak, use.usage);
  use.limit = use.limit >= kNoLimit ? 0 : use.limit;
  return use;
}

std::optional<std::string> memory_limit_text(const std::vector<std::string>& directories) {
  for (const std::string& directory : directories) {
    const auto use = memory_use(directory);
    if (use && use->oom_kills > 0) {
      return fmt::format("Memory limit exceeded: Requested: {} Maximum Used: {}",
                         megabytes(use->limit),
                         megabytes(use->peak));
    }
  }
  return std::nullopt;
}

std::vector<int> cgroup_processes(const std::string& directory) {
  std::vector<int> pids;
  const std::string text = read_small_file(directory + "/cgroup.procs").value_or("");
  for (std::string_view line : split_nonempty(text, '\n')) {
    if (const auto pid = parse_int(line); pid && *pid > 0) {
      pids.push_back(static_cast<int>(*pid));
    }
  }
  return pids;
}

std::optional<ProcessStat> process_stat(int pid) {
  const auto text = read_small_file(fmt::format("/proc/{}/stat", pid));
  if (!text) {
    return std::nullopt;
  }
  const std::size_t name_end = text->rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) {
    return std::nullopt;
  }
  const auto words = split_nonempty(trim(std::string_view(*text).substr(name_end + 1)), ' ');
  if (words.size() < 22) {
    return std::nullopt;
  }
  const auto number = [&](std::size_t field) {  // numbered as in proc(5)
    return static_cast<std::uint64_t>(parse_int(words[field - 3]).value_or(0));
  };
  ProcessStat stat;
  stat.pid = pid;
  stat.state = words[0][0];
  stat.parent = static_cast<int>(number(4));
  stat.session = static_cast<int>(number(6));
  stat.user_ticks = number(14);
  stat.system_ticks = number(15);
  stat.threads = number(20);
  stat.start_time = number(22);
  stat.rss_pages = number(24);
  return stat;
}

std::vector<int> all_processes() {
  std::vector<int> pids;
  DIR* directory = ::opendir("/proc");
  if (directory == nullptr) {
    return pids;
  }
  while (const dirent* entry = ::readdir(directory)) {
    if (const auto pid = parse_int(entry->d_name); pid && *pid > 0) {
      pids.push_back(static_cast<int>(*pid));
    }
  }
  ::closedir(directory);
  return pids;
}

}  // namespace ekiden::executor
