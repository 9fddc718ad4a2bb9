// A framework's own executor that knows nothing of this project but the executor API over HTTP and
// the environment [mesos-core 3.1-3.6]. It runs nothing: a task is "running" until the framework
// says otherwise by a message: "finish TASK", "fail TASK", "exit CODE", "reconnect", "forget",
// anything else is sent back with "echo " before it. What it sees it writes to standard output.
#include "core/api/recordio.h"
#include "core/base/random.h"
#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/net/client.h"
#include "core/net/loop.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace ekiden {
namespace {

using namespace std::chrono_literals;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

class Executor {
 public:
  explicit Executor(net::Loop& loop)
      : loop_(loop),
        stream_client_(loop),
        client_(loop),
        again_(loop, [this] { subscribe(); }),
        url_("http://" + variable("MESOS_AGENT_ENDPOINT") + "/api/v1/executor") {}

  void subscribe() {
    json::Array tasks;
    for (const auto& [id, task] : tasks_) {
      tasks.push_back(task);
    }
    json::Array updates;
    for (const auto& [uuid, status] : updates_) {
      updates.emplace_back(json::Object{{"status", status}});
    }
    json::Value body = envelope("SUBSCRIBE");
    body.set("subscribe",
             json::Object{{"unacknowledged_tasks", std::move(tasks)},
                          {"unacknowledged_updates", std::move(updates)}});
    decoder_ = api::RecordIoDecoder();
    net::Call call = request(body);
    call.timeout = Duration{};
    call.on_chunk = [this](std::string_view bytes) {
      for (const auto& record : decoder_.feed(bytes).value_or(std::vector<std::string>())) {
        event(json::parse(record).value_or(json::Value()));
      }
    };
    stream_client_.send(std::move(call), [this](const Result<net::Response>& response) {
      say("closed " + std::to_string(response ? response->status : 0));
      again_.set_after(100ms);
    });
  }

 private:
  static json::Value wrapped(const std::string& id) { return json::Object{{"value", id}}; }

  static void say(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
  }

  static json::Value envelope(const char* type) {
    return json::Object{{"type", type},
                        {"framework_id", wrapped(variable("MESOS_FRAMEWORK_ID"))},
                        {"executor_id", wrapped(variable("MESOS_EXECUTOR_ID"))}};
  }

  net::Call request(const json::Value& body) {
    net::Call call;
    call.method = "POST";
    call.url = url_;
    call.headers.set("Content-Type", "application/json");
    call.headers.set("Accept", "application/json");
    call.body = json::to_text(body);
    return call;
  }

  void send(const json::Value& body) {
    client_.send(request(body), [](const Result<net::Response>& response) {
      if (response && response->status != 202) {
        say("refused " + std::to_string(response->status) + " " + response->body);
      }
    });
  }

  void update(const std::string& task, const char* state) {
    const std::string uuid = base64_encode(random_.uuid_bytes());
    const json::Value status = json::Object{{"task_id", wrapped(task)},
                                            {"state", state},
                                            {"source", "SOURCE_EXECUTOR"},
                                            {"uuid", uuid}};
    updates_[uuid] = status;
    json::Value body = envelope("UPDATE");
    body.set("update", json::Object{{"status", status}});
    send(body);
  }

  void event(const json::Value& event) {
    const std::string type(event["type"].as_string());
    if (type == "SUBSCRIBED") {
      say("subscribed " +
          std::string(event["subscribed"]["executor_info"]["executor_id"]["value"].as_string()));
    } else if (type == "LAUNCH") {
      launch(event["launch"]["task"]);
    } else if (type == "LAUNCH_GROUP") {
      for (const auto& task : event["launch_group"]["task_group"]["tasks"].as_array()) {
        launch(task);
      }
    } else if (type == "KILL") {
      const std::string task(event["kill"]["task_id"]["value"].as_string());
      say("kill " + task + " " +
          std::to_string(event["kill"]["kill_policy"]["grace_period"]["nanoseconds"].as_int()));
      update(task, "TASK_KILLED");
    } else if (type == "ACKNOWLEDGED") {
      updates_.erase(std::string(event["acknowledged"]["uuid"].as_string()));
      tasks_.erase(std::string(event["acknowledged"]["task_id"]["value"].as_string()));
    } else if (type == "MESSAGE") {
      message(base64_decode(event["message"]["data"].as_string()).value_or(""));
    } else if (type == "SHUTDOWN") {
      say("shutdown");
      std::_Exit(0);
    } else {
      say(type);
    }
  }

  void launch(const json::Value& task) {
    const std::string id(task["task_id"]["value"].as_string());
    say("launch " + id);
    tasks_[id] = task;
    if (silent_) {
      return;
    }
    update(id, "TASK_RUNNING");
  }

  void message(const std::string& text) {
    say("message " + text);
    const std::size_t space = text.find(' ');
    const std::string word = text.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : text.substr(space + 1);
    if (word == "finish") {
      update(rest, "TASK_FINISHED");
    } else if (word == "fail") {
      update(rest, "TASK_FAILED");
    } else if (word == "exit") {
      std::_Exit(static_cast<int>(parse_int(rest).value_or(1)));
    } else if (word == "silent") {
      silent_ = true;
    } else if (word == "reconnect") {
      subscribe();
    } else if (word == "forget") {
      tasks_.clear();
      updates_.clear();
      subscribe();
    } else {
      json::Value body = envelope("MESSAGE");
      body.set("message", json::Object{{"data", base64_encode("echo " + text)}});
      send(body);
    }
  }

  net::Loop& loop_;
  net::Client stream_client_;
  net::Client client_;
  net::Timer again_;
  std::string url_;
  Random random_{system_seed()};
  api::RecordIoDecoder decoder_;
  std::map<std::string, json::Value> tasks_;    // not acknowledged
  std::map<std::string, json::Value> updates_;  // by uuid
  bool silent_ = false;
};

}  // namespace
}  // namespace ekiden

int main() {
  std::printf("sandbox %s\n", std::getenv("MESOS_SANDBOX"));
  ekiden::net::Loop loop;
  ekiden::Executor executor(loop);
  executor.subscribe();
  loop.run();
  return 0;
}
