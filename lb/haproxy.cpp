#include "lb/haproxy.h"

#include "core/base/log.h"
#include "core/base/strings.h"
#include "lb/child.h"
#include "lb/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ekiden::lb {

namespace {

using namespace std::chrono_literals;

constexpr int kPollMillis = 10;
constexpr int kWorkerTries = 1500;  // 15 s for a new worker to answer
constexpr int kStopTries = 500;     // 5 s for the master to end
constexpr int kSocketTimeoutSeconds = 5;
constexpr std::size_t kAnswerMax = 256 * 1024 * 1024;
constexpr std::size_t kLogMax = 1024 * 1024;
constexpr std::size_t kOldWorkersMax = 16;
constexpr Duration kCheckMax = 60s;
constexpr std::string_view kLoadingFailed = "Loading failure!";  // in the log, after a reload

void pause() {
  poll(nullptr, 0, kPollMillis);
}

int connect_to(int folder_fd, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", folder_fd, name);
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{kSocketTimeoutSeconds, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

// Sends one line; false when the answer did not come whole.
bool exchange(int fd, const std::string& line, std::string& answer) {
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t sent = send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  shutdown(fd, SHUT_WR);
  char buffer[65536];
  while (answer.size() < kAnswerMax) {
    const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
    if (got <= 0) {
      return got == 0;
    }
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return false;
}

bool is_executable(const std::string& path) {
  if (path.find('/') != std::string::npos) {
    return access(path.c_str(), X_OK) == 0;
  }
  const char* search = getenv("PATH");
  for (const std::string_view folder : split_nonempty(search == nullptr ? "" : search, ':')) {
    if (access(fmt::format("{}/{}", folder, path).c_str(), X_OK) == 0) {
      return true;
    }
  }
  return false;
}

// The pids under a heading of "show proc".
std::vector<pid_t> pids_under(std::string_view processes, std::string_view heading) {
  std::vector<pid_t> pids;
  bool inside = false;
  for (const std::string_view line : split(processes, '\n')) {
    if (line.starts_with('#')) {
      inside = line.starts_with(heading);
      continue;
    }
    const auto words = split_nonempty(line, ' ');
    if (const auto pid = words.empty() ? std::nullopt : parse_int(words[0]); inside && pid) {
      pids.push_back(static_cast<pid_t>(*pid));
    }
  }
  return pids;
}

}  // namespace

Haproxy::Haproxy(std::string path, std::string folder)
    : path_(std::move(path)),
      folder_(std::move(folder)),
      folder_fd_(open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
      installed_(is_executable(path_)) {}

Haproxy::~Haproxy() {
  close(folder_fd_);
}

bool Haproxy::is_ours(pid_t pid) const {
  return command_line_of(pid).find(config_file()) != std::string::npos;
}

bool Haproxy::adopt() {
  const std::string identity = read_text(folder_ + "/haproxy.identity");
  const auto words = split_nonempty(identity, ' ');
  const auto pid = words.size() == 2 ? parse_int(words[0]) : std::nullopt;
  if (!pid || *pid <= 1) {
    return false;
  }
  const auto candidate = static_cast<pid_t>(*pid);
  if (start_time_of(candidate) != words[1] || !is_ours(candidate) || worker_pid().empty()) {
    return false;
  }
  master_ = candidate;
  started_ = words[1];
  return true;
}

bool Haproxy::is_alive() {
  if (master_ == 0) {
    return false;
  }
  waitpid(master_, nullptr, WNOHANG);  // ours, unless it was adopted
  if (start_time_of(master_) == started_) {
    return true;
  }
  master_ = 0;
  return false;
}

Result<void> Haproxy::start() {
  const std::string log_file = folder_ + "/haproxy.log";
  if (log_size() > kLogMax) {
    std::filesystem::resize_file(log_file, 0);
  }
  const std::size_t offset = log_size();
  const auto pid = spawn(
      {{path_, "-W", "-S", "unix@master.sock", "-f", config_file(), "-p", folder_ + "/haproxy.pid"},
       folder_,
       log_file});
  if (!pid) {
    return fail(pid.error());
  }
  master_ = *pid;
  started_ = start_time_of(*pid);
  best_effort_write(folder_ + "/haproxy.identity", fmt::format("{} {}", *pid, started_));
  return wait_for_worker("", offset);
}

Result<void> Haproxy::reload() {
  if (!is_alive()) {
    return start();
  }
  const std::string old_worker = worker_pid();
  const std::size_t offset = log_size();
  kill(master_, SIGUSR2);
  return wait_for_worker(old_worker, offset);
}

Result<void> Haproxy::wait_for_worker(const std::string& old_worker, std::size_t log_offset) {
  for (int i = 0; i < kWorkerTries; ++i) {
    if (!is_alive()) {
      return fail(ErrorCode::invalid, log_since(log_offset));
    }
    const std::string worker = worker_pid();
    if (!worker.empty() && worker != old_worker) {
      return {};
    }
    if (i % 10 == 9 && log_since(log_offset).find(kLoadingFailed) != std::string::npos) {
      return fail(ErrorCode::invalid, log_since(log_offset));
    }
    pause();
  }
  return fail(ErrorCode::timeout,
              fmt::format("HAProxy gave no new worker within 15 s: {}", log_since(log_offset)));
}

Result<void> Haproxy::check(const std::string& config_file) {
  const std::string output = folder_ + "/check.log";
  std::filesystem::remove(output);
  const auto status = run({{path_, "-c", "-f", config_file}, folder_, output}, kCheckMax);
  if (!status) {
    return fail(status.error());
  }
  return *status == 0 ? Result<void>() : fail(ErrorCode::invalid, read_text(output));
}

void Haproxy::stop() {
  if (!is_alive()) {
    return;
  }
  kill(master_, SIGTERM);
  for (int i = 0; i < kStopTries && is_alive(); ++i) {
    pause();
  }
  if (is_alive()) {
    kill(master_, SIGKILL);
  }
  std::filesystem::remove(folder_ + "/haproxy.identity");
}

Result<std::string> Haproxy::ask(const std::string& socket, const std::string& text) {
  const int fd = connect_to(folder_fd_, socket);
  if (fd < 0) {
    return fail(
        ErrorCode::unavailable,
        fmt::format("cannot reach HAProxy at {}/{}: {}", folder_, socket, std::strerror(errno)));
  }
  std::string answer;
  const bool whole = exchange(fd, text + "\n", answer);
  close(fd);
  if (!whole) {
    return fail(ErrorCode::timeout, fmt::format("HAProxy did not answer \"{}\"", text));
  }
  return answer;
}

Result<std::string> Haproxy::command(const std::string& text) {
  return ask("haproxy.sock", text);
}

std::vector<std::string> Haproxy::command_old_workers(const std::string& text) {
  std::vector<std::string> answers;
  const auto processes = ask("master.sock", "show proc");
  std::vector<pid_t> old =
      processes ? pids_under(*processes, "# old workers") : std::vector<pid_t>{};
  old.resize(std::min(old.size(), kOldWorkersMax));
  for (const pid_t pid : old) {
    if (auto answer = ask("master.sock", fmt::format("@!{} {}", pid, text))) {
      answers.push_back(std::move(*answer));
    }
  }
  return answers;
}

std::vector<pid_t> Haproxy::pids() {
  const auto processes = ask("master.sock", "show proc");
  std::vector<pid_t> all;
  for (const std::string_view heading : {"# workers", "# old workers", "#<PID>"}) {
    const auto some = processes ? pids_under(*processes, heading) : std::vector<pid_t>{};
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::string Haproxy::worker_pid() {
  const auto answer = command("show info");
  for (const std::string_view line : split(answer ? std::string_view(*answer) : "", '\n')) {
    if (line.starts_with("Pid: ")) {
      return std::string(trim(line.substr(5)));
    }
  }
  return "";
}

std::size_t Haproxy::log_size() const {
  std::error_code error;
  const auto size = std::filesystem::file_size(folder_ + "/haproxy.log", error);
  return error ? 0 : static_cast<std::size_t>(size);
}

std::string Haproxy::log_since(std::size_t offset) const {
  const std::string text = read_text(folder_ + "/haproxy.log");
  return text.substr(std::min(offset, text.size()));
}

}  // namespace ekiden::lb
