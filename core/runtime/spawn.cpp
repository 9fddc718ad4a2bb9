#include "core/runtime/spawn.h"

#include <cerrno>
#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <unistd.h>

namespace ekiden::runtime {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr int kFirstOfOurs = 3;  // descriptors behind standard error

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) {
    result.push_back(const_cast<char*>(text.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

// Owns the two posix_spawn objects.
struct Settings {
  explicit Settings(const Spawn& child) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;
    posix_spawn_file_actions_addopen(&actions, 1, child.output_file.c_str(), kAppend, kFileMode);
    posix_spawn_file_actions_addopen(&actions, 2, child.error_file.c_str(), kAppend, kFileMode);
    posix_spawn_file_actions_addclosefrom_np(&actions, kFirstOfOurs);
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

  ~Settings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }

  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

}  // namespace

Result<int> spawn(const Spawn& child) {
  const Settings settings(child);
  const auto arguments = pointers(child.arguments);
  std::vector<char*> environment;
  if (child.environment) {
    environment = pointers(*child.environment);
  }
  pid_t pid = 0;
  const int error = posix_spawnp(&pid,
                                 child.program.c_str(),
                                 &settings.actions,
                                 &settings.attributes,
                                 arguments.data(),
                                 child.environment ? environment.data() : ::environ);
  if (error != 0) {
    return fail(error == ENOENT ? ErrorCode::not_found : ErrorCode::internal,
                fmt::format("cannot start {} in {}: {}",
                            child.program,
                            child.folder,
                            std::error_code(error, std::generic_category()).message()));
  }
  return pid;
}

}  // namespace ekiden::runtime
