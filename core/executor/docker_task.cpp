#include "core/executor/docker_task.h"

#include "core/base/log.h"
#include "core/base/strings.h"

#include <cmath>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::executor {
namespace {

constexpr auto kPullMax = std::chrono::minutes(30);
constexpr auto kEngineAgain = std::chrono::seconds(1);
constexpr auto kLastLogs = std::chrono::seconds(2);
constexpr std::size_t kMessageMax = 2000;
constexpr mode_t kLogMode = 0644;

std::string engine_message(const HttpAnswer& answer) {
  const auto value = json::parse(answer.body);
  std::string text(value ? (*value)["message"].as_string() : std::string_view());
  if (text.empty()) {
    text = answer.body.substr(0, kMessageMax);
  }
  return text;
}

void write_out(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote <= 0) {
      return;  // a full disk must not end the task
    }
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

}  // namespace

DockerTask::DockerTask(net::Loop& loop,
                       std::string socket,
                       DockerContext context,
                       Callbacks callbacks)
    : loop_(loop),
      socket_(std::move(socket)),
      context_(std::move(context)),
      callbacks_(std::move(callbacks)),
      calls_(loop, Endpoint{socket_, "", 0}),
      orders_(loop, Endpoint{socket_, "", 0}),
      logs_(loop, Endpoint{socket_, "", 0}),
      again_(loop, [this] { wait(); }),
      last_logs_(loop, [this] { report_end(); }) {
  if (!context_.output.empty()) {
    constexpr int kAppend = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
    outputs_[0] = ::open(context_.output.c_str(), kAppend, kLogMode);
    outputs_[1] = ::open(context_.error.c_str(), kAppend, kLogMode);
  }
}

DockerTask::~DockerTask() {
  for (const int fd : outputs_) {
    if (fd >= 0) {
      ::close(fd);
    }
  }
}

void DockerTask::write_log(int fd, std::string_view text) {
  const int own = outputs_[fd == STDERR_FILENO ? 1 : 0];
  write_out(context_.output.empty() ? fd : own, text);
}

std::string DockerTask::path(const std::string& rest) const {
  return "/containers/" + context_.container_name + rest;
}

// While preparing: no answer ends the start.
void DockerTask::ask(HttpExchange exchange, const std::string& doing, Then then) {
  calls_.send(std::move(exchange), [this, doing, then](Result<HttpAnswer> answer) {
    if (state_ != State::preparing) {
      return;
    }
    if (!answer) {
      fail_start(fmt::format("no Docker engine at {}: command tasks only (cannot {}: {})",
                             socket_,
                             doing,
                             answer.error().message));
    } else {
      then(*answer);
    }
  });
}

void DockerTask::start(const model::TaskInfo& task) {
  task_ = task;
  state_ = State::preparing;
  HttpExchange exchange;
  exchange.target = path("/json");
  ask(std::move(exchange), "look for the container", [this](const HttpAnswer& answer) {
    if (answer.status == 200) {
      inspect_started(answer);
    } else {
      look_for_image();
    }
  });
}

void DockerTask::look_for_image() {
  const model::DockerInfo docker =
      task_.container && task_.container->docker ? *task_.container->docker : model::DockerInfo{};
  if (docker.force_pull_image.value_or(false)) {
    pull();
    return;
  }
  HttpExchange exchange;
  exchange.target = "/images/" + docker.image + "/json";
  ask(std::move(exchange), "look for the image", [this](const HttpAnswer& answer) {
    if (answer.status == 200) {
      create();
    } else {
      pull();
    }
  });
}

void DockerTask::pull() {
  const std::string image = task_.container->docker->image;
  const ImageName name = parse_image(image);
  HttpExchange exchange;
  exchange.method = "POST";
  exchange.timeout = kPullMax;
  exchange.target = fmt::format("/images/create?fromImage={}&tag={}",
                                percent_encode(name.repository),
                                percent_encode(name.tag));
  ask(std::move(exchange), "pull the image", [this, image](const HttpAnswer& answer) {
    // Progress lines; the last may be {"error": "..."}.
    const auto lines = split_nonempty(answer.body, '\n');
    const auto last =
        lines.empty() ? Result<json::Value>(json::Value()) : json::parse(trim(lines.back()));
    const std::string error(last ? (*last)["error"].as_string() : std::string_view());
    if (answer.status != 200 || !error.empty()) {
      fail_start(fmt::format(
          "Failed to pull image '{}': {}", image, error.empty() ? engine_message(answer) : error));
    } else {
      create();
    }
  });
}

void DockerTask::create() {
  if (stopping_) {
    fail_start("Container destroyed while pulling image");
    return;
  }
  const Result<json::Value> body = docker_create_body(task_, context_);
  if (!body) {
    fail_start("Failed to create container: " + body.error().message);
    return;
  }
  terminal_ = (*body)["Tty"].as_bool();
  HttpExchange exchange;
  exchange.method = "POST";
  exchange.target = "/containers/create?name=" + context_.container_name;
  exchange.body = json::to_text(*body);
  ask(std::move(exchange), "create the container", [this](const HttpAnswer& answer) {
    if (answer.status == 201) {
      start_container();
    } else {
      fail_start("Failed to create container: " + engine_message(answer));
    }
  });
}

void DockerTask::start_container() {
  HttpExchange exchange;
  exchange.method = "POST";
  exchange.target = path("/start");
  ask(std::move(exchange), "start the container", [this](const HttpAnswer& answer) {
    if (answer.status != 204 && answer.status != 304) {
      fail_start("Failed to run container: " + engine_message(answer));
      return;
    }
    HttpExchange inspect;
    inspect.target = path("/json");
    ask(std::move(inspect), "inspect the container", [this](const HttpAnswer& inspected) {
      inspect_started(inspected);
    });
  });
}

void DockerTask::inspect_started(const HttpAnswer& answer) {
  const auto inspected = json::parse(answer.body);
  if (answer.status != 200 || !inspected) {
    fail_start("Failed to inspect container: " + engine_message(answer));
    return;
  }
  if ((*inspected)["State"]["Status"].as_string() == "created") {
    start_container();  // taken over before it was started
    return;
  }
  terminal_ = (*inspected)["Config"]["Tty"].as_bool();
  state_ = State::running;
  TaskStarted started;
  // The CLI's `docker inspect` prints an array, and that is what readers of `data` expect.
  started.data = "[" + answer.body + "]";
  started.network_infos = docker_networks(*inspected);
  follow_logs();
  wait();
  callbacks_.started(std::move(started), docker_address(*inspected));
}

void DockerTask::follow_logs() {
  HttpExchange exchange;
  exchange.target = path("/logs?follow=1&stdout=1&stderr=1");
  exchange.timeout = {};
  exchange.on_chunk = [this](std::string_view chunk) {
    if (terminal_) {
      write_log(STDOUT_FILENO, chunk);
      return;
    }
    for (const auto& piece : decoder_.feed(chunk)) {
      write_log(piece.fd, piece.text);
    }
  };
  logs_.send(std::move(exchange), [this](Result<HttpAnswer>) {
    logs_ended_ = true;
    report_end();
  });
}

void DockerTask::wait() {
  HttpExchange exchange;
  exchange.method = "POST";
  exchange.target = path("/wait");
  exchange.timeout = {};
  calls_.send(std::move(exchange), [this](Result<HttpAnswer> answer) {
    if (state_ != State::running) {
      return;
    }
    if (answer && answer->status == 404) {
      state_ = State::ended;
      callbacks_.exited({false, "Container was removed by somebody else", std::nullopt});
    } else if (answer && answer->status == 200) {
      inspect_ended();
    } else {
      again_.set_after(kEngineAgain);  // the engine restarts or is busy: the container may live on
    }
  });
}

void DockerTask::inspect_ended() {
  HttpExchange exchange;
  exchange.target = path("/json");
  calls_.send(std::move(exchange), [this](Result<HttpAnswer> answer) {
    const auto inspected = answer && answer->status == 200
                               ? json::parse(answer->body)
                               : Result<json::Value>(fail(ErrorCode::unavailable, ""));
    if (!inspected || (*inspected)["State"]["Running"].as_bool()) {
      again_.set_after(kEngineAgain);
      return;
    }
    const json::Value& state = (*inspected)["State"];
    TaskExited exited;
    exited.success = state["ExitCode"].as_int() == 0;
    exited.text = fmt::format("Container exited with status {}", state["ExitCode"].as_int());
    if (state["OOMKilled"].as_bool()) {
      const double mb = (*inspected)["HostConfig"]["Memory"].as_double() / (1024 * 1024);
      exited.memory_limit =
          fmt::format("Memory limit exceeded: Requested: {:.1f}MB; {}", mb, exited.text);
    }
    state_ = State::ended;
    end_ = std::move(exited);
    last_logs_.set_after(kLastLogs);
    if (logs_ended_) {
      report_end();
    }
  });
}

// The container is removed once the end is known, and its logs with it: they come first.
void DockerTask::report_end() {
  if (!end_) {
    return;
  }
  last_logs_.cancel();
  const TaskExited exited = std::move(*end_);
  end_.reset();
  callbacks_.exited(exited);
}

void DockerTask::terminate(Duration grace) {
  stopping_ = true;
  if (state_ != State::running) {
    return;
  }
  HttpExchange exchange;
  exchange.method = "POST";
  exchange.timeout = {};
  exchange.target = path(fmt::format("/stop?t={}", static_cast<int>(std::ceil(to_seconds(grace)))));
  orders_.send(std::move(exchange), [](Result<HttpAnswer>) {});
}

void DockerTask::kill() {
  if (state_ == State::preparing) {
    fail_start("Container destroyed while being prepared");
    return;
  }
  // On a connection of its own: the others may be waiting for an answer.
  execs_ = std::make_unique<HttpConnection>(loop_, Endpoint{socket_, "", 0});
  HttpExchange at_once;
  at_once.method = "POST";
  at_once.target = path("/kill");
  execs_->send(std::move(at_once), [](Result<HttpAnswer>) {});
}

void DockerTask::remove() {
  HttpExchange exchange;
  exchange.method = "DELETE";
  exchange.target = path("?force=1&v=1");
  orders_.send(std::move(exchange), [](Result<HttpAnswer>) {});
}

void DockerTask::exec(const model::CommandInfo& command,
                      Duration timeout,
                      std::function<void(Result<int>)> done) {
  json::Value body;
  json::Array words;
  if (command.shell) {
    words = {json::Value("/bin/sh"), json::Value("-c"), json::Value(command.value.value_or(""))};
  } else if (command.value) {
    words.emplace_back(*command.value);
    for (std::size_t i = 1; i < command.arguments.size(); ++i) {
      words.emplace_back(command.arguments[i]);
    }
  }
  body.set("Cmd", std::move(words));
  body.set("AttachStdout", true);
  body.set("AttachStderr", true);
  execs_ = std::make_unique<HttpConnection>(loop_, Endpoint{socket_, "", 0});
  HttpExchange create;
  create.method = "POST";
  create.target = path("/exec");
  create.body = json::to_text(body);
  create.timeout = timeout;
  execs_->send(std::move(create), [this, timeout, done](Result<HttpAnswer> created) {
    const auto id =
        created ? json::parse(created->body) : Result<json::Value>(fail(created.error()));
    if (!id || (*id)["Id"].as_string().empty()) {
      done(fail(ErrorCode::unavailable, id ? engine_message(*created) : id.error().message));
      return;
    }
    const std::string name = "/exec/" + std::string((*id)["Id"].as_string());
    HttpExchange run;
    run.method = "POST";
    run.target = name + "/start";
    run.body = R"({"Detach":false,"Tty":false})";
    run.timeout = timeout;
    execs_->send(std::move(run), [this, name, done](Result<HttpAnswer> ran) {
      if (!ran) {
        done(fail(ran.error()));
        return;
      }
      HttpExchange inspect;
      inspect.target = name + "/json";
      execs_->send(std::move(inspect), [done](Result<HttpAnswer> answer) {
        const auto value =
            answer ? json::parse(answer->body) : Result<json::Value>(fail(answer.error()));
        if (value) {
          done(static_cast<int>((*value)["ExitCode"].as_int(-1)));
        } else {
          done(fail(value.error()));
        }
      });
    });
  });
}

void DockerTask::fail_start(const std::string& message) {
  state_ = State::ended;
  callbacks_.failed({message});
}

}  // namespace ekiden::executor
