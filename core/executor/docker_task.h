#pragma once

#include "core/executor/docker_config.h"
#include "core/executor/http.h"
#include "core/executor/task_life.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ekiden::executor {

// One task as a container of the Docker Engine, driven over its socket [mesos-core 3.10]. A
// container of the name that exists already is taken over, never started a second time. An engine
// that is away for a while is asked again: only its word ends the task.
class DockerTask {
 public:
  struct Callbacks {
    std::function<void(TaskStarted, std::string address)> started;
    std::function<void(TaskStartFailed)> failed;
    std::function<void(TaskExited)> exited;
  };

  DockerTask(net::Loop& loop, std::string socket, DockerContext context, Callbacks callbacks);
  ~DockerTask();
  void start(const model::TaskInfo& task);
  void terminate(Duration grace);
  void kill();
  void remove();  // once it has ended and nobody else does it
  // Runs a command in the container: `done` gets its exit code.
  void exec(const model::CommandInfo& command,
            Duration timeout,
            std::function<void(Result<int>)> done);

 private:
  using Then = std::function<void(const HttpAnswer&)>;
  void ask(HttpExchange exchange, const std::string& doing, Then then);
  void look_for_image();
  void pull();
  void create();
  void start_container();
  void inspect_started(const HttpAnswer& answer);
  void follow_logs();
  void write_log(int fd, std::string_view text);
  void wait();
  void inspect_ended();
  void report_end();
  void fail_start(const std::string& message);
  std::string path(const std::string& rest) const;

  net::Loop& loop_;
  std::string socket_;
  DockerContext context_;
  Callbacks callbacks_;
  model::TaskInfo task_;
  HttpConnection calls_;
  HttpConnection orders_;  // stop and kill must not queue behind a pull
  HttpConnection logs_;
  std::unique_ptr<HttpConnection> execs_;
  DockerLogDecoder decoder_;
  int outputs_[2] = {-1, -1};  // standard output and error of the container
  net::Timer again_;
  net::Timer last_logs_;
  bool logs_ended_ = false;
  std::optional<TaskExited> end_;  // waits for the last of the logs
  enum class State { idle, preparing, running, ended } state_ = State::idle;
  bool stopping_ = false;
  bool terminal_ = false;  // with a TTY the log stream is raw
};

}  // namespace ekiden::executor
