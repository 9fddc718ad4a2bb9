// An agent with a fake master inside, for tests that must kill it: agent_process <work dir> <task>
// <command>. With a command it runs the task, without one it kills the task it has recovered. Each
// status update is a line on standard output.
#include "core/store/sqlite_store.h"
#include "tests/integration/agent/fake_master.h"

#include <cstdio>
#include <string>

#include <fmt/core.h>

int main(int argc, char** argv) {
  using namespace ekiden;
  if (argc != 4) {
    fmt::print(stderr, "agent_process <work dir> <task> <command>\n");
    return 2;
  }
  const std::string task_id = argv[2];
  const std::string command = argv[3];
  net::Loop loop;
  const SystemClock clock;
  auto store = store::open_sqlite(std::string(argv[1]) + ".db");
  if (!store) {
    fmt::print(stderr, "{}\n", store.error().message);
    return 1;
  }
  agent::FakeMaster master(loop);
  master.on_update = [](const model::TaskStatus& status) {
    fmt::print("{} {}\n", status.task_id.value, model::to_text(status.state));
    std::fflush(stdout);
  };
  agent::Options options;
  options.port = 0;
  options.work_dir = argv[1];
  options.executor_path = EKIDEN_EXECUTOR;
  options.resources = "cpus:8;mem:8192;disk:100";
  options.cgroups_root = "ekiden-test-process";
  options.registration_backoff = std::chrono::milliseconds(20);
  auto daemon = agent::Daemon::start(
      loop, clock, **store, options, master.connect(), [&](const Error&) { loop.stop(); });
  if (!daemon) {
    fmt::print(stderr, "{}\n", daemon.error().message);
    return 1;
  }
  net::Timer then(loop, [&] {
    if (command.empty()) {
      for (const auto& task : master.registrations.at(0).tasks) {
        fmt::print("recovered {} {}\n", task.task.task_id.value, model::to_text(task.state));
      }
      std::fflush(stdout);
      master.kill(task_id);
      return;
    }
    model::TaskInfo task;
    task.task_id = TaskId{task_id};
    task.name = task_id;
    task.resources = {model::scalar_resource("cpus", 0.1), model::scalar_resource("mem", 32)};
    task.command.emplace().value = command;
    master.run(task);
  });
  then.set_after(std::chrono::milliseconds(200));
  loop.run();
  return 0;
}
