#include "lb/child.h"

#include "core/base/strings.h"
#include "core/runtime/spawn.h"

#include <fstream>
#include <sstream>

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ekiden::lb {

namespace {

constexpr int kPollMillis = 5;

std::string read_proc(pid_t pid, const char* name) {
  std::ifstream file(fmt::format("/proc/{}/{}", pid, name), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

Result<pid_t> spawn(const Child& child) {
  return runtime::spawn({child.arguments[0],
                         child.arguments,
                         std::nullopt,
                         child.folder,
                         child.output_file,
                         child.output_file});
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
