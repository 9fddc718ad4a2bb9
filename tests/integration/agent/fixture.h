#pragma once

#include "core/agent/cgroups.h"
#include "core/net/client.h"
#include "core/store/memory_store.h"
#include "tests/integration/agent/fake_master.h"
#include "tests/unit/core/agent/temp_folder.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ekiden::agent {

using model::StatusReason;
using model::TaskState;
using namespace std::chrono_literals;

inline model::TaskInfo command_task(const std::string& id, const std::string& command) {
  model::TaskInfo task;
  task.task_id = TaskId{id};
  task.name = id;
  task.resources = {model::scalar_resource("cpus", 0.1), model::scalar_resource("mem", 32)};
  task.command.emplace().value = command;
  return task;
}

// One agent of the real kind, a fake master, and a loop that runs until something is true.
struct AgentTest : testing::Test {
  AgentTest() {
    options.port = 0;
    options.work_dir = folder.path() + "/work";
    options.executor_path = EKIDEN_EXECUTOR;
    options.resources = "cpus:8;mem:8192;disk:1000;ports:[31000-31100]";
    options.cgroups_root = fmt::format("ekiden-test-{}", ::getpid());
    options.docker_socket = folder.path() + "/no-docker.sock";
    options.registration_backoff = 20ms;
  }

  ~AgentTest() override {
    destroy();
    daemon.reset();
    for (const char* controller : {"cpu", "memory", ""}) {
      ::rmdir(fmt::format("/sys/fs/cgroup/{}/{}", controller, options.cgroups_root).c_str());
    }
  }

  void start() {
    const std::size_t before = master.registrations.size();
    auto started =
        Daemon::start(loop, clock, store, options, master.connect(), [](const Error& error) {
          ADD_FAILURE() << error.message;
        });
    ASSERT_TRUE(started) << started.error().message;
    daemon = std::move(*started);
    ASSERT_TRUE(run_until([&] { return master.registrations.size() > before; }));
  }

  void destroy() {
    if (daemon == nullptr) {
      return;
    }
    bool done = false;
    daemon->destroy_all([&] { done = true; });
    run_until([&] { return done; });
    run_for(150ms);  // cgroups and containers are removed on a helper thread
  }

  // Deterministic waiting: looks after every 5 ms of loop work, gives up after the limit.
  bool run_until(const std::function<bool()>& done, Duration limit = 15s) {
    const Time end = clock.now().time + limit;
    bool result = done();
    while (!result && clock.now().time < end) {
      run_for(5ms);
      result = done();
    }
    return result;
  }

  void run_for(Duration time) {
    net::Timer timer(loop, [this] { loop.stop(); });
    timer.set_after(time);
    loop.run();
  }

  const model::TaskStatus* status(const std::string& task, TaskState state) const {
    for (const auto& one : master.updates) {
      if (one.task_id.value == task && one.state == state) {
        return &one;
      }
    }
    return nullptr;
  }

  bool wait_for(const std::string& task, TaskState state, Duration limit = 15s) {
    return run_until([&] { return status(task, state) != nullptr; }, limit);
  }

  std::string sandbox(const std::string& task) const {
    return fmt::format("{}/slaves/A/frameworks/F/executors/{}/runs/latest", options.work_dir, task);
  }

  std::string file(const std::string& task, const std::string& name) const {
    return slurp(sandbox(task) + "/" + name);
  }

  net::Response get(const std::string& path) {
    net::Call call;
    call.url = fmt::format("http://127.0.0.1:{}{}", daemon->port(), path);
    return send(std::move(call));
  }

  net::Response send(net::Call call) {
    net::Client client(loop);
    std::optional<Result<net::Response>> answer;
    client.send(std::move(call),
                [&](Result<net::Response> response) { answer = std::move(response); });
    run_until([&] { return answer.has_value(); });
    return answer && *answer ? **answer
                             : net::text_response(0, answer ? answer->error().message : "none");
  }

  TempFolder folder;
  net::Loop loop;
  SystemClock clock;
  store::MemoryStore store;
  Options options;
  FakeMaster master{loop};
  std::unique_ptr<Daemon> daemon;
};

inline bool alive(int pid) {
  return pid > 0 && ::kill(pid, 0) == 0;
}

}  // namespace ekiden::agent
