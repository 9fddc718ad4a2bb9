#pragma once

#include "core/base/clock.h"
#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/net/client.h"
#include "core/net/loop.h"
#include "tests/unit/core/agent/temp_folder.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

// Daemons in processes of their own, and plain HTTP to talk to them.
namespace ekiden::mesos_v1 {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

inline std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// One child; ended when it goes out of scope.
class Process {
 public:
  Process(std::vector<std::string> arguments, const fs::path& log) {
    std::vector<char*> argv;
    for (std::string& one : arguments) {
      argv.push_back(one.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    EXPECT_EQ(::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }

  ~Process() { end(SIGKILL); }

  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The exit code, or minus the signal that ended it.
  int end(int signal) {
    if (pid_ <= 0) {
      return 0;
    }
    ::kill(pid_, signal);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

struct Answer {
  int status = 0;
  std::string body;
  net::Headers headers;
};

struct Cluster : testing::Test {
  ~Cluster() override {
    processes.clear();
    end_tasks();
    remove_cgroups();
    if (HasFailure()) {
      for (const auto& entry : fs::directory_iterator(folder.path())) {
        if (entry.path().extension() == ".log") {
          std::fprintf(
              stderr, "==== %s\n%s\n", entry.path().c_str(), read_file(entry.path()).c_str());
        }
      }
    }
  }

  // Executors and tasks outlive their agents: those that work in our folder are ours.
  void end_tasks() const {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const auto pid = parse_int(entry.path().filename().string());
      const auto ours = folder.path() + "/";
      if (pid && *pid > 1 && *pid != ::getpid() &&
          (read_file(entry.path() / "environ").find(ours) != std::string::npos ||
           read_file(entry.path() / "cmdline").find(ours) != std::string::npos)) {
        ::kill(static_cast<pid_t>(*pid), SIGKILL);
      }
    }
  }

  static std::string cgroups() { return fmt::format("ekiden-test-{}", ::getpid()); }

  // They can go once the kernel has taken the killed processes out of them.
  void remove_cgroups() {
    std::vector<fs::path> mine;
    for (const char* place : {"/sys/fs/cgroup", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/memory"}) {
      std::error_code ignored;
      for (const auto& entry : fs::directory_iterator(place, ignored)) {
        if (entry.path().filename().string().starts_with(cgroups() + "-")) {
          mine.push_back(entry.path());
        }
      }
    }
    until(
        [&] {
          std::erase_if(mine, [](const fs::path& root) {
            std::error_code ignored;
            for (const auto& entry : fs::directory_iterator(root, ignored)) {
              ::rmdir(entry.path().c_str());
            }
            return ::rmdir(root.c_str()) == 0;
          });
          return mine.empty();
        },
        5s);
  }

  // Starts `ekiden NAME ...` and waits for its address; NAME2 is another one of the same kind.
  std::string start(const std::string& name, std::vector<std::string> arguments) {
    const auto ready = folder.path() + "/" + name + ".json";
    fs::remove(ready);
    std::string command = name;
    while (std::isdigit(static_cast<unsigned char>(command.back())) != 0) {
      command.pop_back();
    }
    std::vector<std::string> all = {EKIDEN, command, "--ready-file=" + ready};
    all.insert(all.end(), arguments.begin(), arguments.end());
    processes[name] = std::make_unique<Process>(all, folder.path() + "/" + name + ".log");
    EXPECT_TRUE(until([&] { return fs::exists(ready); })) << name;
    const auto value = json::parse(read_file(ready)).value_or(json::Value());
    return std::string(value[command].as_string());
  }

  void start_master() {
    const auto port = master.empty() ? "0" : master.substr(master.rfind(':') + 1);
    master = start("master", {"--port=" + port, "--work_dir=" + folder.path() + "/m"});
  }

  void start_agent(int number) {
    const auto name = fmt::format("agent{}", number);
    start(name,
          {"--master=" + master,
           "--port=0",
           fmt::format("--ip=127.0.0.{}", number),
           fmt::format("--work_dir={}/{}", folder.path(), name),
           fmt::format("--resources=cpus:8;mem:8192;disk:100;ports:[{0}000-{0}999]", 30 + number),
           fmt::format("--cgroups_root={}-{}", cgroups(), number),
           "--registration_backoff_factor=50ms"});
  }

  void start_marathon() {
    const auto port = marathon.empty() ? "0" : marathon.substr(marathon.rfind(':') + 1);
    marathon = start("marathon",
                     {"--master=" + master,
                      "--http_port=" + port,
                      "--work_dir=" + folder.path() + "/marathon",
                      "--min_revive_offers_interval=100"});
  }

  // Looks after every 5 ms of loop work.
  bool until(const std::function<bool()>& done, Duration limit = 30s) {
    const Time end = clock.now().time + limit;
    while (!done()) {
      if (clock.now().time > end) {
        return false;
      }
      net::Timer timer(loop, [this] { loop.stop(); });
      timer.set_after(5ms);
      loop.run();
    }
    return true;
  }

  using HeaderList = std::vector<std::pair<std::string, std::string>>;

  Answer call(const std::string& method,
              const std::string& url,
              const std::string& body = "",
              const HeaderList& headers = {}) {
    net::Call request;
    request.method = method;
    request.url = url;
    request.body = body;
    for (const auto& [name, value] : headers) {
      request.headers.set(name, value);
    }
    std::optional<Answer> answer;
    client.send(std::move(request), [&](Result<net::Response> got) {
      answer =
          got ? Answer{got->status, got->body, got->headers} : Answer{0, got.error().message, {}};
    });
    until([&] { return answer.has_value(); });
    return answer.value_or(Answer{});
  }

  json::Value get_json(const std::string& url) {
    return json::parse(call("GET", url).body).value_or(json::Value());
  }

  agent::TempFolder folder;
  SystemClock clock;
  net::Loop loop;
  net::Client client{loop};
  std::map<std::string, std::unique_ptr<Process>> processes;
  std::string master;
  std::string marathon;
};

}  // namespace ekiden::mesos_v1
