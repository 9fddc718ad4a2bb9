// A framework that knows nothing of this project but the HTTP API: launches as many sleeping tasks
// as it is told, acknowledges, subscribes again when the master has gone, reconciles, and writes
// what it sees to standard output, a line each.
//   framework MASTER_URL TASKS
#include "core/api/recordio.h"
#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/net/client.h"
#include "core/net/loop.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <fmt/core.h>

namespace ekiden::mesos_v1 {
namespace {

using namespace std::chrono_literals;

class Framework {
 public:
  Framework(net::Loop& loop, std::string master, int tasks)
      : client_(loop),
        again_(loop, [this] { subscribe(); }),
        url_(std::move(master) + "/api/v1/scheduler"),
        wanted_(tasks) {}

  void subscribe() {
    json::Value info(json::Object{
        {"user", "root"}, {"name", "plain"}, {"failover_timeout", 3600.0}, {"checkpoint", true}});
    json::Value body(json::Object{{"type", "SUBSCRIBE"}});
    if (!id_.empty()) {
      info.set("id", wrapped(id_));
      body.set("framework_id", wrapped(id_));
    }
    body.set("subscribe", json::Object{{"framework_info", info}});
    decoder_ = api::RecordIoDecoder();
    auto call = request(body);
    call.timeout = Duration{};
    call.on_headers = [this](int, const net::Headers& headers) {
      stream_ = headers.get("Mesos-Stream-Id").value_or("");
    };
    call.on_chunk = [this](std::string_view bytes) {
      for (const auto& record : decoder_.feed(bytes).value_or(std::vector<std::string>())) {
        event(json::parse(record).value_or(json::Value()));
      }
    };
    client_.send(std::move(call), [this](const Result<net::Response>&) {
      say("closed");
      stream_.clear();
      again_.set_after(200ms);
    });
  }

 private:
  static json::Value wrapped(const std::string& id) { return json::Object{{"value", id}}; }

  static void say(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
  }

  net::Call request(const json::Value& body) {
    net::Call call;
    call.method = "POST";
    call.url = url_;
    call.headers.set("Content-Type", "application/json");
    call.headers.set("Accept", "application/json");
    if (!stream_.empty()) {
      call.headers.set("Mesos-Stream-Id", stream_);
    }
    call.body = json::to_text(body);
    return call;
  }

  void post(const std::string& type, json::Value body) {
    json::Value call(json::Object{{"type", type}, {"framework_id", wrapped(id_)}});
    call.set(to_lower(type), std::move(body));
    client_.send(request(call), [type](const Result<net::Response>& answer) {
      if (!answer || answer->status != 202) {
        say(fmt::format("refused {} {}", type, answer ? answer->body : answer.error().message));
      }
    });
  }

  void event(const json::Value& event) {
    const auto type = event["type"].as_string();
    if (type == "SUBSCRIBED") {
      id_ = event["subscribed"]["framework_id"]["value"].as_string();
      say("subscribed " + id_);
      if (!tasks_.empty()) {
        post("RECONCILE", json::Object{{"tasks", json::Array{}}});
      }
    } else if (type == "OFFERS") {
      for (const auto& offer : event["offers"]["offers"].as_array()) {
        accept(offer);
      }
    } else if (type == "UPDATE") {
      update(event["update"]["status"]);
    } else if (type == "ERROR") {
      say("error " + std::string(event["error"]["message"].as_string()));
      std::exit(1);
    }
  }

  json::Value task(const std::string& id, const json::Value& offer) {
    const auto scalar = [](const char* name, double value) {
      return json::Value(json::Object{
          {"name", name}, {"type", "SCALAR"}, {"scalar", json::Object{{"value", value}}}});
    };
    return json::Object{{"name", id},
                        {"task_id", wrapped(id)},
                        {"agent_id", offer["agent_id"]},
                        {"resources", json::Array{scalar("cpus", 0.1), scalar("mem", 16.0)}},
                        {"command", json::Object{{"value", "exec sleep 1000"}}}};
  }

  void accept(const json::Value& offer) {
    json::Array tasks;
    while (static_cast<int>(tasks_.size()) < wanted_ && tasks.size() < 10) {
      const auto id = fmt::format("plain-{}", tasks_.size());
      tasks_.insert(id);
      tasks.push_back(task(id, offer));
    }
    const json::Value refuse(json::Object{{"refuse_seconds", tasks.empty() ? 1000.0 : 0.0}});
    json::Array operations;
    if (!tasks.empty()) {
      operations.push_back(
          json::Object{{"type", "LAUNCH"}, {"launch", json::Object{{"task_infos", tasks}}}});
    }
    post("ACCEPT",
         json::Object{{"offer_ids", json::Array{offer["id"]}},
                      {"operations", operations},
                      {"filters", refuse}});
  }

  void update(const json::Value& status) {
    const std::string id(status["task_id"]["value"].as_string());
    const std::string reason(status["reason"].as_string());
    const bool is_answer = reason == "REASON_RECONCILIATION";
    say(fmt::format("{} {} {}", is_answer ? "answer" : "update", id, status["state"].as_string()));
    if (status.find("uuid") != nullptr) {
      post("ACKNOWLEDGE",
           json::Object{{"agent_id", status["agent_id"]},
                        {"task_id", status["task_id"]},
                        {"uuid", status["uuid"]}});
    }
  }

  net::Client client_;
  net::Timer again_;
  api::RecordIoDecoder decoder_;
  std::string url_;
  int wanted_;
  std::string id_;
  std::string stream_;
  std::set<std::string> tasks_;
};

}  // namespace
}  // namespace ekiden::mesos_v1

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  ekiden::net::Loop loop;
  loop.on_signals([&](int) { loop.stop(); });
  ekiden::mesos_v1::Framework framework(loop, argv[1], std::atoi(argv[2]));
  framework.subscribe();
  loop.run();
  return 0;
}
