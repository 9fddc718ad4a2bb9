#pragma once

#include "core/api/recordio.h"
#include "core/json/json.h"
#include "core/net/loop.h"
#include "core/net/server.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ekiden::dns {

// A loop on a thread of its own; run() does something there and waits for it.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop.run(); }) {}

  ~LoopThread() {
    loop.stop();
    thread_.join();
  }

  void run(const std::function<void()>& work) {
    std::promise<void> done;
    loop.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  net::Loop loop;

 private:
  std::thread thread_;
};

inline std::string agent_json(int number) {
  return fmt::format(
      R"({{"agent_info":{{"id":{{"value":"c-S{0}"}},"hostname":"a{0}","port":5051}},)"
      R"("pid":"slave(1)@127.9.0.{0}:5051"}})",
      number);
}

inline std::string task_json(const std::string& name, int number) {
  return fmt::format(
      R"({{"task_id":{{"value":"{0}.{1}"}},"framework_id":{{"value":"f1"}},)"
      R"("agent_id":{{"value":"c-S1"}},"name":"{0}","state":"TASK_RUNNING","resources":[)"
      R"({{"name":"ports","type":"RANGES","ranges":{{"range":[{{"begin":{2},"end":{2}}}]}}}}],)"
      R"("statuses":[{{"state":"TASK_RUNNING","timestamp":1.0}}],"discovery":{{"name":"{0}",)"
      R"("visibility":"FRAMEWORK","ports":{{"ports":[{{"number":{2},"protocol":"tcp"}}]}}}}}})",
      name,
      number,
      31000 + number);
}

// Enough of a master: the operator stream, GET_MASTER and /state.
class FakeMaster {
 public:
  explicit FakeMaster(LoopThread& thread) : thread_(thread) {
    thread_.run([this] {
      auto listening = net::Server::listen(
          thread_.loop, {}, [this](net::Request request, net::Responder respond) {
            answer(request, std::move(respond));
          });
      ASSERT_TRUE(listening) << listening.error().message;
      server_ = std::move(*listening);
      port = server_->port();
    });
  }

  ~FakeMaster() { stop(); }

  void stop() {
    thread_.run([this] {
      streams_.clear();
      server_.reset();
    });
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", port); }

  void event(const std::string& json) {
    thread_.run([this, &json] {
      for (const auto& stream : streams_) {
        stream->push(api::recordio_frame(json));
      }
    });
  }

  void task_added(const std::string& task) {
    event(R"({"type":"TASK_ADDED","task_added":{"task":)" + task + "}}");
  }

  std::uint16_t port = 0;
  bool has_stream = true;
  std::string redirect;            // "//127.0.0.1:5050": answers of a follower
  std::vector<std::string> tasks;  // of the whole state
  std::string legacy_state = "{}";

 private:
  void answer(const net::Request& request, net::Responder respond) {
    if (request.path == "/master/state") {
      respond(net::json_response(200, legacy_state));
    } else if (!redirect.empty()) {
      net::Response response = net::text_response(307, "");
      response.headers.set("Location", redirect + "/api/v1");
      respond(std::move(response));
    } else if (request.body.find("GET_MASTER") != std::string::npos) {
      respond(net::json_response(
          200,
          R"({"type":"GET_MASTER","get_master":{"master_info":{"id":"m","ip":1,"port":5050,)"
          R"("address":{"ip":"127.0.0.7","port":5050}}}})"));
    } else if (!has_stream) {
      respond(net::text_response(400, "no such call"));
    } else {
      subscribe(std::move(respond));
    }
  }

  void subscribe(net::Responder respond) {
    std::string list;
    for (const std::string& task : tasks) {
      list += (list.empty() ? "" : ",") + task;
    }
    net::Response response;
    response.headers.set("Content-Type", "application/json");
    response.chunks = std::make_shared<net::ChunkSource>();
    response.chunks->push(api::recordio_frame(
        R"({"type":"SUBSCRIBED","subscribed":{"heartbeat_interval_seconds":15.0,"get_state":{)"
        R"("get_agents":{"agents":[)" +
        agent_json(1) + "," + agent_json(2) +
        R"(]},"get_frameworks":{"frameworks":[{"framework_info":{"id":{"value":"f1"},)"
        R"("name":"marathon","hostname":"127.0.0.1"}}]},"get_tasks":{"tasks":[)" +
        list + "]}}}}"));
    streams_.push_back(response.chunks);
    respond(std::move(response));
  }

  LoopThread& thread_;
  std::unique_ptr<net::Server> server_;
  std::vector<std::shared_ptr<net::ChunkSource>> streams_;
};

inline std::string run_command(const std::string& command) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) {
    return output;
  }
  std::array<char, 4096> buffer{};
  while (const std::size_t length = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), length);
  }
  pclose(pipe);
  return output;
}

inline std::string dig(std::uint16_t port, const std::string& question) {
  return run_command(fmt::format("dig @127.0.0.1 -p {} +tries=1 +time=3 {}", port, question));
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A folder that goes away with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ekiden-dns-XXXXXX").string();
    path = mkdtemp(name.data());
  }

  ~TempFolder() { std::filesystem::remove_all(path); }

  std::string path;
};

}  // namespace ekiden::dns
