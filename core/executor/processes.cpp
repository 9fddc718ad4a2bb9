#include "core/executor/processes.h"

#include "core/base/strings.h"
#include "core/executor/cgroup_files.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ekiden::executor {
namespace {

constexpr int kCannotExec = 127;
constexpr mode_t kOutputMode = 0644;
constexpr int kDescriptorsMax = 1024;  // ours, on kernels without close_range flags

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) {
    result.push_back(const_cast<char*>(text.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

// Sockets to the agent and to Docker are not the task's affair.
void close_on_exec() {
  constexpr int kFirst = 3;
  if (::close_range(kFirst, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
    return;
  }
  for (int fd = kFirst; fd < kDescriptorsMax; ++fd) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

// 0, or errno. Runs in the child.
int take_place(const ProcessSpec& spec) {
  if (spec.folder.empty()) {
    return 0;
  }
  if (::chdir(spec.folder.c_str()) != 0) {
    return errno;
  }
  const std::pair<const std::string*, int> outputs[] = {{&spec.output, STDOUT_FILENO},
                                                        {&spec.error, STDERR_FILENO}};
  for (const auto& [path, target] : outputs) {
    const int fd = ::open(path->c_str(), O_WRONLY | O_APPEND | O_CREAT, kOutputMode);
    if (fd < 0 || ::dup2(fd, target) < 0) {
      return errno;
    }
    ::close(fd);
  }
  return 0;
}

// 0, or errno. Runs in the child, the leader of its session already.
int take_descriptors(const ProcessSpec& spec) {
  for (int target = 0; target < 3; ++target) {
    const int fd = spec.stdio[static_cast<std::size_t>(target)];
    if (fd >= 0 && ::dup2(fd, target) < 0) {
      return errno;
    }
  }
  return spec.terminal && ::ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0 ? errno : 0;
}

// Runs in the child: only calls that are safe after fork of a single-threaded program.
[[noreturn]] void become(const ProcessSpec& spec, const std::vector<gid_t>& groups, int report) {
  ::setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGPIPE, SIGCHLD, SIGTERM, SIGINT}) {
    std::signal(signal, SIG_DFL);
  }
  write_small_file("/proc/self/oom_score_adj", "0");
  close_on_exec();
  int error = take_descriptors(spec);
  error = error == 0 ? take_place(spec) : error;
  if (error != 0) {
    // said below
  } else if (spec.user && (::setgroups(groups.size(), groups.data()) != 0 ||
                           ::setgid(spec.user->gid) != 0 || ::setuid(spec.user->uid) != 0)) {
    error = errno;
  } else {
    std::vector<char*> argv = pointers(spec.argv);
    std::vector<char*> environment = pointers(spec.environment);
    ::environ = environment.data();  // execvp looks PATH up there
    ::execvp(spec.program.c_str(), argv.data());
    error = errno;
  }
  if (::write(report, &error, sizeof error) < 0) {
    ::_exit(kCannotExec);
  }
  ::_exit(kCannotExec);
}

// The child's own word on why it could not become the program; 0: it did.
int exec_error(int report) {
  int error = 0;
  const ssize_t got = ::read(report, &error, sizeof error);
  ::close(report);
  return got == static_cast<ssize_t>(sizeof error) ? error : 0;
}

bool carries(int pid, const std::string& mark) {
  const std::string text = read_small_file(fmt::format("/proc/{}/environ", pid)).value_or("");
  const std::string entry = mark + '\0';
  for (std::size_t at = text.find(entry); at != std::string::npos; at = text.find(entry, at + 1)) {
    if (at == 0 || text[at - 1] == '\0') {
      return true;
    }
  }
  return false;
}

std::vector<int> descendants(int root) {
  std::multimap<int, int> children;
  for (const int pid : all_processes()) {
    if (const auto stat = process_stat(pid); stat && stat->state != 'Z') {
      children.emplace(stat->parent, pid);
    }
  }
  std::vector<int> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [begin, end] = children.equal_range(found[i]);
    for (auto at = begin; at != end; ++at) {
      found.push_back(at->second);
    }
  }
  found.erase(found.begin());
  return found;
}

}  // namespace

Result<User> parse_user(std::string_view text) {
  const auto parts = split(text, ':');
  const auto uid = parts.size() == 3 ? parse_int(parts[0]) : std::nullopt;
  const auto gid = parts.size() == 3 ? parse_int(parts[1]) : std::nullopt;
  if (!uid || !gid || *uid < 0 || *gid < 0) {
    return fail(ErrorCode::invalid, fmt::format("not a user: '{}', want uid:gid:groups", text));
  }
  User user{static_cast<unsigned>(*uid), static_cast<unsigned>(*gid), {}};
  for (std::string_view group : split_nonempty(parts[2], ',')) {
    user.groups.push_back(static_cast<unsigned>(parse_int(group).value_or(*gid)));
  }
  return user;
}

Result<User> find_user(const std::string& name) {
  const auto number = parse_int(name);
  std::unique_ptr<FILE, int (*)(FILE*)> people(std::fopen("/etc/passwd", "re"), &std::fclose);
  const passwd* found = nullptr;
  while (people != nullptr && (found = ::fgetpwent(people.get())) != nullptr &&
         name != found->pw_name && (!number || static_cast<long>(found->pw_uid) != *number)) {
  }
  if (found == nullptr) {
    return fail(ErrorCode::not_found, "Failed to get user information for '" + name + "'");
  }
  User user{found->pw_uid, found->pw_gid, {found->pw_gid}};
  const std::string own = found->pw_name;
  std::unique_ptr<FILE, int (*)(FILE*)> groups(std::fopen("/etc/group", "re"), &std::fclose);
  while (const ::group* group = groups == nullptr ? nullptr : ::fgetgrent(groups.get())) {
    for (char** member = group->gr_mem; *member != nullptr; ++member) {
      if (own == *member) {
        user.groups.push_back(group->gr_gid);
      }
    }
  }
  return user;
}

Result<ProcessSpec> process_spec(const model::CommandInfo& command) {
  if (!command.value || command.value->empty()) {
    return fail(ErrorCode::invalid, "Command has no value");
  }
  if (command.shell) {
    ProcessSpec spec;
    spec.program = "/bin/sh";
    spec.argv = {"sh", "-c", *command.value};
    return spec;
  }
  std::vector<std::string> argv = command.arguments;
  if (argv.empty()) {
    argv.push_back(*command.value);
  }
  ProcessSpec spec;
  spec.program = *command.value;
  spec.argv = std::move(argv);
  return spec;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> result;
  for (char** at = ::environ; *at != nullptr; ++at) {
    result.emplace_back(*at);
  }
  return result;
}

std::vector<std::string> merged_environment(const std::vector<std::string>& base,
                                            const std::optional<model::Environment>& top) {
  std::map<std::string, std::string> variables;
  for (const std::string& text : base) {
    const std::size_t equals = text.find('=');
    variables[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
  }
  const model::Environment all = top.value_or(model::Environment{});
  for (const auto& variable : all.variables) {
    if (variable.value) {
      variables[variable.name] = *variable.value;
    }
  }
  std::vector<std::string> result;
  for (const auto& [name, value] : variables) {
    result.push_back(name + "=" + value);
  }
  return result;
}

struct Processes::Impl {
  Impl(net::Loop& loop, std::function<void()> a_reap)
      : signals(loop.context(), SIGCHLD), reap(std::move(a_reap)) {}

  void wait() {
    signals.async_wait([this](const boost::system::error_code& error, int) {
      if (error) {
        return;
      }
      wait();
      reap();
    });
  }

  boost::asio::signal_set signals;
  std::function<void()> reap;
};

Processes::Processes(net::Loop& loop, std::vector<std::string> cgroups)
    : cgroups_(std::move(cgroups)), impl_(std::make_unique<Impl>(loop, [this] { reap(); })) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  impl_->wait();
}

Processes::~Processes() = default;

Result<int> Processes::start(const ProcessSpec& spec, Exited exited) {
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) {
    return fail(ErrorCode::internal,
                fmt::format("cannot start {}: {}", spec.program, std::strerror(errno)));
  }
  const std::vector<gid_t> groups =
      spec.user ? std::vector<gid_t>(spec.user->groups.begin(), spec.user->groups.end())
                : std::vector<gid_t>();
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(spec, groups, report[1]);
  }
  const int fork_error = errno;
  ::close(report[1]);
  const int error = pid < 0 ? fork_error : exec_error(report[0]);
  if (pid < 0) {
    ::close(report[0]);
  }
  if (error != 0) {
    return fail(ErrorCode::internal,
                fmt::format("Failed to execute '{}': {}", spec.program, std::strerror(error)));
  }
  exits_[pid] = std::move(exited);
  return pid;
}

void Processes::forget(int pid) {
  exits_.erase(pid);
}

void Processes::reap() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    const auto found = exits_.find(pid);
    if (found != exits_.end()) {
      const Exited exited = std::move(found->second);
      exits_.erase(found);
      exited(status);
    }
  }
}

void Processes::signal_all(int signal) const {
  const int self = ::getpid();
  std::set<int> pids;
  for (const int pid : cgroups_.empty() ? descendants(self) : cgroup_processes(cgroups_.front())) {
    if (pid != self) {
      pids.insert(pid);
    }
  }
  for (const int pid : pids) {
    ::kill(pid, signal);
  }
}

void Processes::signal_tree(int pid, const std::string& mark, int signal) const {
  const int self = ::getpid();
  const std::vector<int> tree = descendants(pid);
  std::set<int> pids(tree.begin(), tree.end());
  pids.insert(pid);
  for (const int below : descendants(self)) {
    const auto stat = pids.contains(below) ? std::nullopt : process_stat(below);
    if (stat && (stat->session == pid || carries(below, mark))) {
      pids.insert(below);
    }
  }
  for (const int one : pids) {
    ::kill(one, signal);
  }
}

void Processes::signal_group(int pid, int signal) {
  ::kill(-pid, signal);
}

}  // namespace ekiden::executor
