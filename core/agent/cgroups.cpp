#include "core/agent/cgroups.h"

#include "core/base/strings.h"
#include "core/executor/cgroup_files.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

using executor::read_small_file;
using executor::write_small_file;

constexpr double kSharesPerCpu = 1024;
constexpr double kSharesMin = 2;
constexpr double kWeightPerCpu = 100;  // v2: 1..10000
constexpr double kMemoryMinMb = 32;
constexpr std::int64_t kPeriodMicros = 100'000;
constexpr std::int64_t kQuotaMinMicros = 1'000;
constexpr int kKillRounds = 200;
constexpr auto kKillPause = std::chrono::milliseconds(5);
constexpr int kRemoveRounds = 40;

struct Mount {
  std::string path;
  std::string type;
  std::string options;
};

// /proc/self/mountinfo: "... mount-point options ... - type source super-options"
std::vector<Mount> cgroup_mounts() {
  std::vector<Mount> mounts;
  const std::string text = read_small_file("/proc/self/mountinfo").value_or("");
  for (std::string_view line : split_nonempty(text, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) {
      continue;
    }
    const auto left = split_nonempty(line.substr(0, dash), ' ');
    const auto right = split_nonempty(line.substr(dash + 3), ' ');
    if (left.size() < 5 || right.size() < 3 || right[0].substr(0, 6) != "cgroup") {
      continue;
    }
    mounts.push_back({std::string(left[4]), std::string(right[0]), std::string(right[2])});
  }
  return mounts;
}

bool has_word(const std::string& text, char separator, std::string_view word) {
  const auto words = split_nonempty(text, separator);
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool make_directory(const std::string& path) {
  return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

// Parents may be nested ("ekiden/agent-1").
bool make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return !error;
}

std::string path_in(const std::string& parent, const ContainerId& container) {
  return parent + "/" + replace_all(container.value, ".", "/mesos/");
}

// Lines of "name number".
std::map<std::string, std::uint64_t> numbers_of(const std::string& path) {
  std::map<std::string, std::uint64_t> numbers;
  const std::string text = read_small_file(path).value_or("");
  for (const std::string_view line : split_nonempty(text, '\n')) {
    const std::size_t space = line.find(' ');
    const auto number =
        space == std::string_view::npos ? std::nullopt : parse_int(line.substr(space + 1));
    if (number) {
      numbers[std::string(line.substr(0, space))] = static_cast<std::uint64_t>(*number);
    }
  }
  return numbers;
}

// The cgroups of nested containers first: a directory goes only when it is empty.
void remove_below(const std::string& path) {
  std::error_code error;
  std::vector<std::string> inner;
  for (std::filesystem::directory_iterator at(path + "/mesos", error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error)) {
      inner.push_back(at->path().string());
    }
  }
  for (const std::string& one : inner) {
    remove_below(one);
    for (const int pid : executor::cgroup_processes(one)) {
      ::kill(pid, SIGKILL);
    }
    for (int round = 0; ::rmdir(one.c_str()) != 0 && errno == EBUSY && round < kRemoveRounds;
         ++round) {
      std::this_thread::sleep_for(kKillPause);
    }
  }
  ::rmdir((path + "/mesos").c_str());
}

double hard_limit(const CgroupLimits& limits, const char* name, double request) {
  const auto found = limits.limits.find(name);
  return found == limits.limits.end() ? request : std::max(found->second, request);
}

}  // namespace

Cgroups Cgroups::detect(const std::string& root, Quota quota) {
  Cgroups cgroups;
  cgroups.quota_ = quota;
  for (const Mount& mount : cgroup_mounts()) {
    if (mount.type != "cgroup2") {
      continue;
    }
    const std::string have = read_small_file(mount.path + "/cgroup.controllers").value_or("");
    const std::string flat = replace_all(have, "\n", " ");
    if (has_word(flat, ' ', "memory") && has_word(flat, ' ', "cpu") &&
        cgroups.use_v2(mount.path, root)) {
      return cgroups;
    }
  }
  cgroups.use_v1(root);
  if (cgroups.memory_.empty()) {
    cgroups.limitations_.push_back(
        "no right to make memory cgroups: tasks run without memory limits (run as root to have "
        "them)");
  }
  if (cgroups.cpu_.empty()) {
    cgroups.limitations_.push_back(
        "no right to make cpu cgroups: tasks run without CPU shares (run as root to have them)");
  }
  return cgroups;
}

bool Cgroups::use_v2(const std::string& mount, const std::string& root) {
  const std::string parent = mount + "/" + root;
  if (!make_directories(parent)) {
    return false;
  }
  std::string path = mount;
  write_small_file(path + "/cgroup.subtree_control", "+cpu +memory");
  for (std::string_view part : split_nonempty(root, '/')) {
    path += "/" + std::string(part);
    if (!write_small_file(path + "/cgroup.subtree_control", "+cpu +memory")) {
      return false;
    }
  }
  version_ = Version::v2;
  parents_ = {parent};
  cpu_ = memory_ = parent;
  return true;
}

void Cgroups::use_v1(const std::string& root) {
  for (const Mount& mount : cgroup_mounts()) {
    const bool cpu = has_word(mount.options, ',', "cpu");
    const bool memory = has_word(mount.options, ',', "memory");
    if (mount.type != "cgroup" || (!cpu && !memory)) {
      continue;
    }
    const std::string parent = mount.path + "/" + root;
    if (!make_directories(parent) || ::access(parent.c_str(), W_OK) != 0) {
      continue;
    }
    parents_.push_back(parent);
    cpu_ = cpu ? parent : cpu_;
    memory_ = memory ? parent : memory_;
  }
  if (!parents_.empty()) {
    spares_ = std::make_shared<CgroupSpares>(parents_);
  }
}

void Cgroups::prepare_next() const {
  if (spares_ != nullptr) {
    spares_->refill();
  }
}

std::vector<std::string> Cgroups::directories(const ContainerId& container) const {
  std::vector<std::string> paths;
  for (const std::string& parent : parents_) {
    paths.push_back(path_in(parent, container));
  }
  return paths;
}

Result<void> Cgroups::create(const ContainerId& container, const CgroupLimits& limits) const {
  for (const std::string& parent : parents_) {
    const std::string path = path_in(parent, container);
    const bool nested = container.value.find('.') != std::string::npos;
    if (!nested && spares_ != nullptr && spares_->take(parent, path)) {
      continue;
    }
    if (!make_directory(path) && !make_directories(path)) {
      return fail(ErrorCode::internal,
                  fmt::format("cannot make cgroup {}: {}", path, std::strerror(errno)));
    }
  }
  set_limits(container, limits);
  return {};
}

void Cgroups::set_limits(const ContainerId& container, const CgroupLimits& limits) const {
  if (!cpu_.empty()) {
    const std::string path = path_in(cpu_, container);
    const auto quota_of = [&](double cpus) {
      return std::max(kQuotaMinMicros, static_cast<std::int64_t>(cpus * kPeriodMicros));
    };
    const double hard = hard_limit(limits, "cpus", quota_ == Quota::always ? limits.cpus : 0);
    if (version_ == Version::v2) {
      const double weight = std::clamp(limits.cpus * kWeightPerCpu, 1.0, 10000.0);
      write_small_file(path + "/cpu.weight", std::to_string(static_cast<int>(weight)));
      if (hard > 0 && std::isfinite(hard)) {
        write_small_file(path + "/cpu.max", fmt::format("{} {}", quota_of(hard), kPeriodMicros));
      }
    } else {
      const double shares = std::max(limits.cpus * kSharesPerCpu, kSharesMin);
      write_small_file(path + "/cpu.shares", std::to_string(static_cast<long>(shares)));
      if (hard > 0 && std::isfinite(hard)) {
        write_small_file(path + "/cpu.cfs_period_us", std::to_string(kPeriodMicros));
        write_small_file(path + "/cpu.cfs_quota_us", std::to_string(quota_of(hard)));
      }
    }
  }
  if (!memory_.empty()) {
    const std::string path = path_in(memory_, container);
    const double request = std::max(limits.mem_mb, kMemoryMinMb);
    const double hard = hard_limit(limits, "mem", request);
    const auto bytes = [](double mb) {
      return std::to_string(static_cast<std::int64_t>(mb * 1024 * 1024));
    };
    const bool v2 = version_ == Version::v2;
    write_small_file(path + (v2 ? "/memory.low" : "/memory.soft_limit_in_bytes"), bytes(request));
    if (std::isfinite(hard)) {
      write_small_file(path + (v2 ? "/memory.max" : "/memory.limit_in_bytes"), bytes(hard));
    }
  }
}

bool Cgroups::kill_all(const ContainerId& container) const {
  bool empty = true;
  for (const std::string& path : directories(container)) {
    write_small_file(path + "/cgroup.kill", "1");
    int round = 0;
    std::vector<int> pids = executor::cgroup_processes(path);
    for (; !pids.empty() && round < kKillRounds; ++round) {
      for (const int pid : pids) {
        ::kill(pid, SIGKILL);
      }
      std::this_thread::sleep_for(kKillPause);
      pids = executor::cgroup_processes(path);
    }
    empty = empty && pids.empty();
  }
  return empty;
}

void Cgroups::remove(const ContainerId& container) const {
  for (const std::string& path : directories(container)) {
    if (::access((path + "/mesos").c_str(), F_OK) == 0) {
      remove_below(path);
    }
    for (int round = 0; ::rmdir(path.c_str()) != 0 && errno == EBUSY && round < kRemoveRounds;
         ++round) {
      std::this_thread::sleep_for(kKillPause);
    }
  }
}

void Cgroups::remove_root_if_empty() const {
  if (spares_ != nullptr) {
    spares_->remove_all();
  }
  for (const std::string& path : parents_) {
    ::rmdir(path.c_str());  // refused by the kernel while a container lives in it
  }
}

std::optional<std::string> Cgroups::memory_limit(const ContainerId& container) const {
  if (memory_.empty()) {
    return std::nullopt;
  }
  return executor::memory_limit_text({path_in(memory_, container)});
}

ContainerUsage Cgroups::usage(const ContainerId& container) const {
  ContainerUsage usage;
  if (parents_.empty()) {
    return usage;
  }
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  for (const int pid : executor::cgroup_processes(directories(container).front())) {
    if (const auto stat = executor::process_stat(pid)) {
      usage.cpu_user_seconds += static_cast<double>(stat->user_ticks) / ticks;
      usage.cpu_system_seconds += static_cast<double>(stat->system_ticks) / ticks;
      usage.threads += stat->threads;
      ++usage.processes;
    }
  }
  if (!cpu_.empty()) {
    usage.cpu_stat = numbers_of(path_in(cpu_, container) + "/cpu.stat");
  }
  if (!memory_.empty()) {
    const std::string path = path_in(memory_, container);
    if (const auto use = executor::memory_use(path)) {
      usage.memory_bytes = use->usage;
      usage.memory_limit_bytes = use->limit;
    }
    usage.memory_stat = numbers_of(path + "/memory.stat");
    const bool v2 = version_ == Version::v2;
    const auto soft = read_small_file(path + (v2 ? "/memory.low" : "/memory.soft_limit_in_bytes"));
    usage.memory_soft_limit_bytes =
        static_cast<std::uint64_t>(parse_int(trim(soft.value_or(""))).value_or(0));
  }
  return usage;
}

}  // namespace ekiden::agent
