#include "core/agent/spawn.h"

#include "core/base/strings.h"
#include "core/executor/cgroup_files.h"
#include "core/runtime/spawn.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

constexpr int kGroupsMax = 256;
constexpr int kKillRounds = 20;

std::string system_text(int number) {
  return std::error_code(number, std::generic_category()).message();
}

Result<void> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return fail(ErrorCode::internal,
                fmt::format("cannot make folder {}: {}", path, error.message()));
  }
  return {};
}

Result<void> make_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) {
    return fail(ErrorCode::internal,
                fmt::format("cannot make file {}: {}", path, system_text(errno)));
  }
  ::close(fd);
  return {};
}

void point_latest(const ContainerSpec& spec) {
  const std::string fresh = spec.latest + "." + spec.container.value;
  if (::symlink(spec.sandbox.c_str(), fresh.c_str()) == 0 &&
      ::rename(fresh.c_str(), spec.latest.c_str()) != 0) {
    ::unlink(fresh.c_str());
  }
}

std::string boot_id() {
  return std::string(
      trim(executor::read_small_file("/proc/sys/kernel/random/boot_id").value_or("")));
}

}  // namespace

Result<std::optional<UserIds>> find_user(const std::string& user) {
  if (user.empty() || ::geteuid() != 0) {
    return std::optional<UserIds>();
  }
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return fail(ErrorCode::not_found,
                fmt::format("cannot run the task as user '{}': no such user on this host", user));
  }
  if (found->pw_uid == 0) {
    return std::optional<UserIds>();
  }
  UserIds ids{found->pw_uid, found->pw_gid, ""};
  std::vector<gid_t> groups(kGroupsMax);
  int count = kGroupsMax;
  if (::getgrouplist(user.c_str(), found->pw_gid, groups.data(), &count) >= 0) {
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) {
      texts.push_back(std::to_string(groups[static_cast<std::size_t>(i)]));
    }
    ids.groups = join(texts, ",");
  }
  return std::optional(std::move(ids));
}

Result<void> prepare_container(const ContainerSpec& spec, const Cgroups& cgroups) {
  const auto user = find_user(spec.user);
  if (!user) {
    return fail(user.error());
  }
  Result<void> done = make_folder(spec.sandbox);
  done = done ? make_folder(std::filesystem::path(spec.pid_file).parent_path()) : done;
  done = done ? make_file(spec.sandbox + "/stdout") : done;
  done = done ? make_file(spec.sandbox + "/stderr") : done;
  if (!done) {
    return done;
  }
  ::chmod(spec.sandbox.c_str(), 0750);
  if (*user) {
    for (const char* name : {"", "/stdout", "/stderr"}) {
      if (::chown((spec.sandbox + name).c_str(), (*user)->uid, (*user)->gid) != 0) {
        return fail(ErrorCode::internal,
                    fmt::format("cannot give sandbox {} to user {}: {}",
                                spec.sandbox,
                                spec.user,
                                system_text(errno)));
      }
    }
  }
  point_latest(spec);
  return cgroups.create(spec.container, {spec.cpus, spec.mem_mb, spec.limits});
}

Result<int> spawn_container(const ContainerSpec& spec,
                            const Cgroups& cgroups,
                            const std::string& executor_path) {
  const auto user = find_user(spec.user);
  if (!user) {
    return fail(user.error());
  }
  std::vector<std::string> arguments{"ekiden-executor"};
  arguments.insert(arguments.end(), spec.options.begin(), spec.options.end());
  for (const std::string& directory : cgroups.directories(spec.container)) {
    arguments.insert(arguments.end(), {"--cgroup", directory});
  }
  if (*user) {
    arguments.insert(
        arguments.end(),
        {"--user", fmt::format("{}:{}:{}", (*user)->uid, (*user)->gid, (*user)->groups)});
  }
  if (!spec.command.empty()) {
    arguments.emplace_back("--exec");
    arguments.insert(arguments.end(), spec.command.begin(), spec.command.end());
  }
  return runtime::spawn({executor_path,
                         std::move(arguments),
                         spec.environment,
                         spec.sandbox,
                         spec.sandbox + "/stdout",
                         spec.sandbox + "/stderr"});
}

FoundProcess find_process(const std::string& pid_file) {
  const auto text = executor::read_small_file(pid_file);
  if (!text) {
    return {};
  }
  const auto words = split_nonempty(trim(*text), ' ');
  if (words.size() != 3) {
    return {};
  }
  const int pid = static_cast<int>(parse_int(words[0]).value_or(0));
  const auto started = static_cast<std::uint64_t>(parse_int(words[1]).value_or(0));
  const auto stat = executor::process_stat(pid);
  const bool alive =
      stat && stat->start_time == started && stat->state != 'Z' && words[2] == boot_id();
  return {alive ? FoundProcess::State::alive : FoundProcess::State::gone, pid};
}

void kill_by_environment(const std::string& sandbox) {
  const std::string mark = "MESOS_DIRECTORY=" + sandbox;
  bool found = true;
  for (int round = 0; found && round < kKillRounds; ++round) {
    found = false;
    for (const int pid : executor::all_processes()) {
      const std::string text =
          executor::read_small_file(fmt::format("/proc/{}/environ", pid)).value_or("");
      for (std::string_view variable : split_nonempty(text, '\0')) {
        if (variable == mark) {
          found = ::kill(pid, SIGKILL) == 0 || found;
        }
      }
    }
  }
}

int open_pidfd(int pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

void signal_pidfd(int pidfd, int signal) {
  ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0);
}

}  // namespace ekiden::agent
