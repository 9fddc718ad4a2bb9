#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Reading and writing the small files of cgroups and /proc; shared by agent and executor.
namespace ekiden::executor {

std::optional<std::string> read_small_file(const std::string& path);
bool write_small_file(const std::string& path, const std::string& text);

struct MemoryUse {
  std::uint64_t usage = 0;
  std::uint64_t peak = 0;
  std::uint64_t limit = 0;  // 0: none
  std::uint64_t oom_kills = 0;
};

// Of a v1 memory cgroup or a v2 cgroup; nothing when `directory` is neither.
std::optional<MemoryUse> memory_use(const std::string& directory);
// "Memory limit exceeded: ...", when the kernel has killed in one of these cgroups.
std::optional<std::string> memory_limit_text(const std::vector<std::string>& directories);

std::vector<int> cgroup_processes(const std::string& directory);

struct ProcessStat {
  int pid = 0;
  int parent = 0;
  int session = 0;
  char state = ' ';
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t threads = 0;
  std::uint64_t start_time = 0;  // ticks since boot: with the pid it names one process for ever
  std::uint64_t rss_pages = 0;
};

std::optional<ProcessStat> process_stat(int pid);
std::vector<int> all_processes();

}  // namespace ekiden::executor
