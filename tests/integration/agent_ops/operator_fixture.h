#pragma once

#include "core/api/agent_operator.h"
#include "core/api/recordio.h"
#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/wire/media.h"
#include "tests/integration/agent/fixture.h"

#include <cctype>
#include <memory>
#include <string>
#include <vector>

namespace ekiden::agent {

// A real agent with one running task, and the calls of an operator.
struct OperatorTest : AgentTest {
  // The container of the task's executor.
  std::string run_task(const std::string& id, const std::string& command) {
    model::TaskInfo task = command_task(id, command);
    // What is started in its container lives in its limit; with a sanitizer that is not little.
    task.resources = {model::scalar_resource("cpus", 0.1), model::scalar_resource("mem", 512)};
    task.command->environment.emplace().variables.push_back({"GREETING", "hello"});
    master.run(task);
    EXPECT_TRUE(wait_for(id, TaskState::running));
    const model::TaskStatus* running = status(id, TaskState::running);
    return running != nullptr && running->container_status &&
                   running->container_status->container_id
               ? running->container_status->container_id->value
               : "";
  }

  net::Response post(const std::string& body,
                     const std::string& type = "application/json",
                     const std::string& accept = "") {
    net::Call call;
    call.method = "POST";
    call.url = url("/api/v1");
    call.body = body;
    if (!type.empty()) {
      call.headers.set("Content-Type", type);
    }
    if (!accept.empty()) {
      call.headers.set("Accept", accept);
    }
    return send(std::move(call));
  }

  std::string url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", daemon->port(), path);
  }

  json::Value ask(const std::string& body) {
    const net::Response response = post(body);
    EXPECT_EQ(response.status, 200) << body << ": " << response.body;
    const auto value = json::parse(response.body);
    EXPECT_TRUE(value) << response.body;
    return value.value_or(json::Value());
  }

  static std::string nested(const std::string& parent, const std::string& id) {
    return fmt::format(R"({{"value":"{}","parent":{{"value":"{}"}}}})", id, parent);
  }

  // A call about a container; `more` is further members of its body.
  static std::string about(const std::string& type,
                           const std::string& container,
                           const std::string& more = "") {
    std::string member = type;
    for (char& letter : member) {
      letter = static_cast<char>(std::tolower(letter));
    }
    return fmt::format(R"({{"type":"{}","{}":{{"container_id":{}{}{}}}}})",
                       type,
                       member,
                       container,
                       more.empty() ? "" : ",",
                       more);
  }

  static std::string command(const std::string& text) {
    return fmt::format(R"("command":{{"value":"{}"}})", text);
  }

  int wait_status(const std::string& container) {
    const json::Value answer = ask(about("WAIT_CONTAINER", container));
    return static_cast<int>(answer["wait_container"]["exit_status"].as_int(-1));
  }

  // A session or an attached output, read as it comes.
  struct Stream {
    std::unique_ptr<net::Client> client;
    int status = 0;
    std::string type;
    std::string inner_type;
    std::string output;  // of both kinds
    std::string error;
    int heartbeats = 0;
    bool over = false;
  };

  std::unique_ptr<Stream> open(const std::string& body, const std::string& accept = "") {
    auto stream = std::make_unique<Stream>();
    stream->client = std::make_unique<net::Client>(loop);
    net::Call call;
    call.method = "POST";
    call.url = url("/api/v1");
    call.body = body;
    call.timeout = {};
    call.headers.set("Content-Type", "application/json");
    if (!accept.empty()) {
      call.headers.set("Accept", accept);
      call.headers.set("Message-Accept", "application/json");
    }
    call.on_headers = [to = stream.get()](int status, const net::Headers& headers) {
      to->status = status;
      to->type = headers.get("Content-Type").value_or("");
      to->inner_type = headers.get("Message-Content-Type").value_or("");
    };
    const auto decoder = std::make_shared<api::RecordIoDecoder>();
    call.on_chunk = [to = stream.get(), decoder](std::string_view chunk) {
      if (to->status != 200) {
        to->error += chunk;
        return;
      }
      const auto records = decoder->feed(chunk);
      ASSERT_TRUE(records);
      for (const std::string& record : *records) {
        const auto message =
            json::decode<api::agent_operator::ProcessIo>(std::string_view(record), json::kMesos);
        ASSERT_TRUE(message) << record;
        to->heartbeats += message->control ? 1 : 0;
        to->output += message->data ? message->data->data : "";
      }
    };
    stream->client->send(std::move(call),
                         [to = stream.get()](const Result<net::Response>&) { to->over = true; });
    return stream;
  }

  static std::string input_record(const std::string& members) {
    return api::recordio_frame(fmt::format(
        R"({{"type":"ATTACH_CONTAINER_INPUT","attach_container_input":{{{}}}}})", members));
  }

  static std::string attach(const std::string& container) {
    return input_record(fmt::format(R"("type":"CONTAINER_ID","container_id":{})", container));
  }

  static std::string typed(const std::string& text) {
    return input_record(fmt::format(
        R"("type":"PROCESS_IO","process_io":{{"type":"DATA","data":{{"type":"STDIN","data":"{}"}}}})",
        base64_encode(text)));
  }

  // Answers when the container has ended.
  net::Response feed(const std::string& records, const std::string& inner = "application/json") {
    net::Call call;
    call.method = "POST";
    call.url = url("/api/v1");
    call.body = records;
    call.headers.set("Content-Type", "application/recordio");
    if (!inner.empty()) {
      call.headers.set("Message-Content-Type", inner);
    }
    return send(std::move(call));
  }
};

}  // namespace ekiden::agent
