// ekiden-executor: one per task. Moves into its cgroups before anything else, so that whatever it
// starts is counted and limited; says who it is; then runs the task or becomes a custom executor.
#include "core/base/strings.h"
#include "core/executor/cgroup_files.h"
#include "core/executor/shell.h"

#include <cstdio>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

using ekiden::executor::Options;

void enter_cgroups(const Options& options) {
  for (const std::string& directory : options.cgroups) {
    if (!ekiden::executor::write_small_file(directory + "/cgroup.procs", "0")) {
      fmt::print(stderr, "cannot enter cgroup {}: its limits do not apply\n", directory);
    }
  }
}

// "<pid> <start time> <boot id>": what an agent needs to find exactly this process again.
void write_pid_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) {
    fmt::print(stderr, "cannot write {}: a restarted agent will not find this task\n", path);
    return;
  }
  const auto stat = ekiden::executor::process_stat(::getpid());
  const auto boot = ekiden::executor::read_small_file("/proc/sys/kernel/random/boot_id");
  const std::string text = fmt::format(
      "{} {} {}\n", ::getpid(), stat ? stat->start_time : 0, ekiden::trim(boot.value_or("")));
  if (::write(fd, text.data(), text.size()) < 0) {
    fmt::print(stderr, "cannot write {}: a restarted agent will not find this task\n", path);
  }
  ::close(fd);
}

int become(const Options& options) {
  if (options.user) {
    const std::vector<gid_t> groups(options.user->groups.begin(), options.user->groups.end());
    if (::setgroups(groups.size(), groups.data()) != 0 || ::setgid(options.user->gid) != 0 ||
        ::setuid(options.user->uid) != 0) {
      std::perror("cannot become the executor's user");
      return 1;
    }
  }
  std::vector<char*> argv;
  for (const std::string& word : options.exec) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  std::perror("cannot start the executor");
  return 127;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = ekiden::executor::parse_options({argv + 1, argv + argc});
  if (!options) {
    fmt::print(stderr, "ekiden-executor is started by an agent: {}\n", options.error().message);
    return 2;
  }
  enter_cgroups(*options);
  if (!options->pid_file.empty()) {
    write_pid_file(options->pid_file);
  }
  if (!options->supervision.state.empty() && !options->exec.empty()) {
    ekiden::executor::write_small_file("/proc/self/oom_score_adj", "-900");
    ekiden::net::Loop loop;
    return ekiden::executor::supervise(loop, options->supervision, options->exec, options->user);
  }
  if (!options->exec.empty()) {
    return become(*options);
  }
  // Memory pressure shall hit the task, not the one who reports it.
  ekiden::executor::write_small_file("/proc/self/oom_score_adj", "-900");
  ekiden::net::Loop loop;
  const ekiden::SystemClock clock;
  if (options->group) {
    ekiden::executor::GroupShell shell(loop, clock, *options);
    return shell.run();
  }
  ekiden::executor::Shell shell(loop, clock, *options);
  return shell.run();
}
