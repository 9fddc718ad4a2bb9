#pragma once

#include "core/api/master_operator.h"
#include "core/api/recordio.h"
#include "core/base/strings.h"
#include "core/wire/media.h"
#include "tests/integration/mesos_v1/cluster.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

// A master and its agents, as an operator sees them.
namespace ekiden::mesos_v1 {

struct OperatorStreamReader {
  int status = 0;
  net::Headers headers;
  std::vector<std::string> records;
  bool ended = false;
  net::CallId id = 0;
  api::RecordIoDecoder decoder;

  json::Value event(std::size_t index) const {
    return index < records.size() ? json::parse(records[index]).value_or(json::Value())
                                  : json::Value();
  }

  // Nothing: not there (yet).
  json::Value find(std::string_view type) const {
    for (std::size_t i = 0; i < records.size(); ++i) {
      json::Value one = event(i);
      if (one["type"].as_string() == type) {
        return one;
      }
    }
    return {};
  }
};

struct OperatorCluster : Cluster {
  const HeaderList kJson = {{"Content-Type", "application/json"}};
  const HeaderList kForm = {{"Content-Type", "application/x-www-form-urlencoded"}};

  Answer ask(const std::string& body) { return call("POST", master + "/api/v1", body, kJson); }

  // {"type": T} or {"type": T, "<t>": rest}
  Answer order(const std::string& type, const std::string& rest = "") {
    return ask(rest.empty()
                   ? fmt::format(R"({{"type":"{}"}})", type)
                   : fmt::format(R"({{"type":"{}","{}":{}}})", type, to_lower(type), rest));
  }

  // The body of the answer.
  json::Value get(const std::string& type) {
    const Answer answer = order(type);
    EXPECT_EQ(answer.status, 200) << type << ": " << answer.body;
    return json::parse(answer.body).value_or(json::Value())[to_lower(type)];
  }

  std::string agent_id() {
    std::string id;
    EXPECT_TRUE(until([&] {
      const json::Value agents = get("GET_AGENTS")["agents"];
      if (!agents.as_array().empty() && agents.as_array()[0]["active"].as_bool()) {
        id = agents.as_array()[0]["agent_info"]["id"]["value"].as_string();
      }
      return !id.empty();
    }));
    return id;
  }

  std::unique_ptr<OperatorStreamReader> listen(const HeaderList& more = {}) {
    auto reader = std::make_unique<OperatorStreamReader>();
    OperatorStreamReader* r = reader.get();
    net::Call request;
    request.method = "POST";
    request.url = master + "/api/v1";
    request.body = R"({"type":"SUBSCRIBE"})";
    request.headers.set("Content-Type", "application/json");
    for (const auto& [name, value] : more) {
      request.headers.set(name, value);
    }
    request.timeout = Duration{};
    request.on_headers = [r](int status, const net::Headers& headers) {
      r->status = status;
      r->headers = headers;
    };
    request.on_chunk = [r](std::string_view bytes) {
      for (auto& record : r->decoder.feed(bytes).value_or(std::vector<std::string>())) {
        r->records.push_back(std::move(record));
      }
    };
    r->id = client.send(std::move(request), [r](const Result<net::Response>&) { r->ended = true; });
    EXPECT_TRUE(until([&] { return r->ended || r->records.size() >= 2; }));
    return reader;
  }
};

}  // namespace ekiden::mesos_v1
