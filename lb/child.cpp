#include "lb/child.h"

#include "core/base/strings.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace ekiden::lb {

namespace {

constexpr int kPollMillis = 5;
constexpr mode_t kLogMode = 0644;

std::string read_proc(pid_t pid, const char* name) {
  std::ifstream file(fmt::format("/proc/{}/{}", pid, name), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct SpawnSettings {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  explicit SpawnSettings(const Child& child) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(
        &actions, 1, child.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, kLogMode);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawn_file_actions_addchdir_np(&actions, child.folder.c_str());
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }

  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }

  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
};

}  // namespace

Result<pid_t> spawn(const Child& child) {
  std::vector<std::string> copies = child.arguments;
  std::vector<char*> arguments;
  for (std::string& argument : copies) {
    arguments.push_back(argument.data());
  }
  arguments.push_back(nullptr);
  const SpawnSettings settings(child);
  pid_t pid = 0;
  const int error = posix_spawnp(
      &pid, arguments[0], &settings.actions, &settings.attributes, arguments.data(), environ);
  if (error != 0) {
    return fail(
        error == ENOENT ? ErrorCode::not_found : ErrorCode::internal,
        fmt::format(
            "cannot start {} in {}: {}", child.arguments[0], child.folder, std::strerror(error)));
  }
  return pid;
}

Result<int> run(const Child& child, Duration limit) {
  const auto pid = spawn(child);
  if (!pid) {
    return fail(pid.error());
  }
  const auto tries = limit / std::chrono::milliseconds(kPollMillis);
  int status = 0;
  for (std::int64_t i = 0; waitpid(*pid, &status, WNOHANG) == 0; ++i) {
    if (i >= tries) {
      kill(*pid, SIGKILL);
      waitpid(*pid, &status, 0);
      return fail(
          ErrorCode::timeout,
          fmt::format(
              "{} did not end within {}: it was killed", child.arguments[0], to_text(limit)));
    }
    poll(nullptr, 0, kPollMillis);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string start_time_of(pid_t pid) {
  constexpr std::size_t kStateAfterName = 0;
  constexpr std::size_t kStartAfterName = 19;
  const std::string stat = read_proc(pid, "stat");
  const std::size_t name_end = stat.rfind(')');
  if (pid <= 0 || name_end == std::string::npos) {
    return "";
  }
  const auto words = split_nonempty(std::string_view(stat).substr(name_end + 1), ' ');
  if (words.size() <= kStartAfterName || words[kStateAfterName] == "Z") {
    return "";
  }
  return std::string(words[kStartAfterName]);
}

std::string command_line_of(pid_t pid) {
  return read_proc(pid, "cmdline");
}

}  // namespace ekiden::lb
