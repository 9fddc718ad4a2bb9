// What the machine can do at best, for scripts/bench:
//   spawn_probe tasks N PROGRAM ARG...  N processes with a memory and a cpu cgroup each (version 1
//                                       where it can be written; else none): seconds until all run
//   spawn_probe serial N PROGRAM ARG... N processes one after another, each waited for
// Prints {"seconds": ..., "cgroups": N}. Ends every process it started and removes its cgroups.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace {

constexpr const char* kMemory = "/sys/fs/cgroup/memory/ekiden-probe-";
constexpr const char* kCpu = "/sys/fs/cgroup/cpu/ekiden-probe-";
constexpr int kRemoveTries = 1000;

double monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

bool write_file(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  return written;
}

// One process with the two directories, limits and attachments that a task of the agent gets.
struct Task {
  pid_t pid = 0;
  std::vector<std::string> cgroups;

  void make_cgroups(int number) {
    const std::string name = std::to_string(::getpid()) + "-" + std::to_string(number);
    for (const std::string parent : {kMemory, kCpu}) {
      if (::mkdir((parent + name).c_str(), 0755) == 0) {
        cgroups.push_back(parent + name);
      }
    }
    if (cgroups.size() == 2) {
      write_file(cgroups[0] + "/memory.limit_in_bytes", std::to_string(64 << 20));
      write_file(cgroups[1] + "/cpu.shares", "102");
    }
  }

  bool start(char** command) {
    if (::posix_spawnp(&pid, command[0], nullptr, nullptr, command, environ) != 0) {
      pid = 0;
      return false;
    }
    for (const std::string& directory : cgroups) {
      write_file(directory + "/cgroup.procs", std::to_string(pid));
    }
    return true;
  }

  void end() {
    if (pid > 0) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    for (const std::string& directory : cgroups) {
      // The kernel needs a moment to see that the group is empty.
      for (int i = 0; i < kRemoveTries && ::rmdir(directory.c_str()) != 0 && errno == EBUSY; ++i) {
        ::poll(nullptr, 0, 1);
      }
    }
  }
};

int run_tasks(int count, char** command) {
  std::vector<Task> tasks(static_cast<std::size_t>(count));
  std::size_t cgroups = 0;
  bool failed = false;
  const double start = monotonic_seconds();
  for (int i = 0; i < count && !failed; ++i) {
    Task& task = tasks[static_cast<std::size_t>(i)];
    task.make_cgroups(i);
    failed = !task.start(command);
    cgroups += task.cgroups.size();
  }
  const double seconds = monotonic_seconds() - start;
  for (Task& task : tasks) {
    task.end();
  }
  if (!failed) {
    std::printf("{\"seconds\": %.6f, \"cgroups\": %zu}\n", seconds, cgroups);
  }
  return failed ? 1 : 0;
}

int run_serial(int count, char** command) {
  const double start = monotonic_seconds();
  for (int i = 0; i < count; ++i) {
    Task task;
    if (!task.start(command)) {
      return 1;
    }
    ::waitpid(task.pid, nullptr, 0);
  }
  std::printf("{\"seconds\": %.6f, \"cgroups\": 0}\n", monotonic_seconds() - start);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: spawn_probe tasks|serial N PROGRAM ARG...\n");
    return 2;
  }
  const int count = std::atoi(argv[2]);
  return std::string(argv[1]) == "serial" ? run_serial(count, argv + 3)
                                          : run_tasks(count, argv + 3);
}
