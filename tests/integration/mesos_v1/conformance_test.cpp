// POST /api/v1/scheduler as its clients rely on it: every row of the table of status codes
// [mesos-core 1.7], streams, failover, both media types.
#include "core/api/recordio.h"
#include "core/api/scheduler.h"
#include "core/wire/media.h"
#include "tests/integration/mesos_v1/cluster.h"

namespace ekiden::mesos_v1 {
namespace {

namespace scheduler = api::scheduler;
using wire::Media;

// One SUBSCRIBE and what came of it.
struct Stream {
  net::CallId id = 0;
  int status = 0;
  net::Headers headers;
  std::string error;
  std::vector<std::string> records;
  bool ended = false;
  api::RecordIoDecoder decoder;

  std::string stream_id() const { return std::string(headers.get("Mesos-Stream-Id").value_or("")); }

  const json::Value event(std::size_t index) const {
    return index < records.size() ? json::parse(records[index]).value_or(json::Value())
                                  : json::Value();
  }

  std::string framework() const {
    return std::string(event(0)["subscribed"]["framework_id"]["value"].as_string());
  }
};

struct Conformance : Cluster {
  Conformance() {
    start_master();
    url = master + "/api/v1/scheduler";
  }

  std::unique_ptr<Stream> open(const std::string& body, const HeaderList& headers) {
    auto stream = std::make_unique<Stream>();
    Stream* s = stream.get();
    net::Call call;
    call.method = "POST";
    call.url = url;
    call.body = body;
    call.timeout = Duration{};
    for (const auto& [name, value] : headers) {
      call.headers.set(name, value);
    }
    call.on_headers = [s](int status, const net::Headers& got) {
      s->status = status;
      s->headers = got;
    };
    call.on_chunk = [s](std::string_view bytes) {
      if (s->status != 200) {
        s->error += bytes;
        return;
      }
      for (auto& record : s->decoder.feed(bytes).value_or(std::vector<std::string>())) {
        s->records.push_back(std::move(record));
      }
    };
    s->id = client.send(std::move(call), [s](const Result<net::Response>&) { s->ended = true; });
    EXPECT_TRUE(until([&] { return s->ended || s->records.size() >= 2; }));
    return stream;
  }

  std::unique_ptr<Stream> subscribe(const std::string& id = "") {
    const auto outer = id.empty() ? "" : fmt::format(R"("framework_id":{{"value":"{}"}},)", id);
    const auto inner = id.empty() ? "" : fmt::format(R"("id":{{"value":"{}"}},)", id);
    return open(fmt::format(R"({{{}"type":"SUBSCRIBE","subscribe":{{"framework_info":)"
                            R"({{{}"user":"root","name":"x","failover_timeout":60}}}}}})",
                            outer,
                            inner),
                kJson);
  }

  // A call of the stream's framework.
  Answer say(const Stream& stream, const std::string& rest, HeaderList headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    return call("POST",
                url,
                fmt::format(R"({{"framework_id":{{"value":"{}"}},{}}})", stream.framework(), rest),
                headers);
  }

  static HeaderList with(const Stream& stream) { return {{"Mesos-Stream-Id", stream.stream_id()}}; }

  const HeaderList kJson = {{"Content-Type", "application/json"}};
  std::string url;
};

TEST_F(Conformance, AnswersOnlyPost) {
  const auto answer = call("GET", url);
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.get("Allow"), "POST");
}

TEST_F(Conformance, RefusesBodiesItCannotRead) {
  EXPECT_EQ(call("POST", url, "{}").status, 400);
  EXPECT_EQ(call("POST", url, "{}", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(call("POST", url, "{}", {{"Content-Type", "application/jsonx"}}).status, 415);
  EXPECT_EQ(call("POST", url, "{nonsense", kJson).status, 400);
  EXPECT_EQ(call("POST", url, "{}", kJson).status, 400);
  EXPECT_EQ(call("POST", url, R"({"type":"SUBSCRIBE"})", kJson).status, 400);
  EXPECT_EQ(call("POST", url, R"({"type":"NEVER_HEARD"})", kJson).status, 400);
  EXPECT_EQ(
      call(
          "POST", url, R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"name":"x"}}})", kJson)
          .status,
      400);  // user is missing
  EXPECT_EQ(call("POST", url, "\xff\xff", {{"Content-Type", "application/x-protobuf"}}).status,
            400);
}

TEST_F(Conformance, RefusesEnvelopesThatMakeNoSense) {
  EXPECT_EQ(call("POST", url, R"({"type":"REVIVE"})", kJson).status, 400);
  EXPECT_EQ(call("POST",
                 url,
                 R"({"framework_id":{"value":"F"},"type":"ACKNOWLEDGE","acknowledge":{)"
                 R"("agent_id":{"value":"A"},"task_id":{"value":"T"},"uuid":"AAAA"}})",
                 kJson)
                .status,
            400);
  EXPECT_EQ(call("POST",
                 url,
                 R"({"framework_id":{"value":"F"},"type":"SUBSCRIBE","subscribe":{)"
                 R"("framework_info":{"user":"u","name":"x","id":{"value":"G"}}}})",
                 kJson)
                .status,
            400);
}

TEST_F(Conformance, RefusesWhatItCannotAnswerIn) {
  const std::string body =
      R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u","name":"x"}}})";
  const auto refused = open(body, {{"Content-Type", "application/json"}, {"Accept", "text/html"}});
  EXPECT_EQ(refused->status, 406);
  const auto with_id = open(body, {{"Content-Type", "application/json"}, {"Mesos-Stream-Id", "x"}});
  EXPECT_EQ(with_id->status, 400);
}

TEST_F(Conformance, SubscribesWithAStreamOfRecords) {
  const auto stream = subscribe();
  EXPECT_EQ(stream->status, 200);
  EXPECT_EQ(stream->headers.get("Content-Type"), "application/json");
  EXPECT_EQ(stream->headers.get("Transfer-Encoding"), "chunked");
  EXPECT_EQ(stream->stream_id().size(), 36U);
  EXPECT_EQ(stream->event(0)["type"].as_string(), "SUBSCRIBED");
  EXPECT_EQ(stream->event(0)["subscribed"]["heartbeat_interval_seconds"].as_double(), 15.0);
  EXPECT_EQ(stream->event(1)["type"].as_string(), "HEARTBEAT");
  EXPECT_TRUE(stream->framework().ends_with("-0000")) << stream->framework();
}

TEST_F(Conformance, ARefusedSubscriptionIsAnErrorEventAndTheEnd) {
  const auto stream =
      open(R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u","name":"x",)"
           R"("role":"a b"}}})",
           kJson);
  EXPECT_EQ(stream->status, 200);
  EXPECT_TRUE(until([&] { return stream->ended; }));
  EXPECT_EQ(stream->event(0)["type"].as_string(), "ERROR");
}

TEST_F(Conformance, TakesCallsOfTheLiveSubscriptionOnly) {
  const auto stream = subscribe();
  const std::string revive = R"("type":"REVIVE")";
  EXPECT_EQ(say(*stream, revive).status, 400);
  EXPECT_EQ(say(*stream, revive, {{"Mesos-Stream-Id", "stale"}}).status, 400);
  const auto taken = say(*stream, revive, with(*stream));
  EXPECT_EQ(taken.status, 202);
  EXPECT_EQ(taken.body, "");
  EXPECT_EQ(call("POST",
                 url,
                 R"({"framework_id":{"value":"nobody"},"type":"REVIVE"})",
                 {{"Content-Type", "application/json"}, {"Mesos-Stream-Id", stream->stream_id()}})
                .status,
            400);
  EXPECT_EQ(say(*stream, R"("type":"UNKNOWN")", with(*stream)).status, 501);
  url = master + "/master/api/v1/scheduler";
  EXPECT_EQ(say(*stream, revive, with(*stream)).status, 202);
}

TEST_F(Conformance, TakesEveryCallOfTheTable) {
  const auto stream = subscribe();
  for (const char* rest :
       {R"("type":"ACCEPT","accept":{"offer_ids":[{"value":"gone"}],"operations":[]})",
        R"("type":"DECLINE","decline":{"offer_ids":[{"value":"gone"}]})",
        R"("type":"SUPPRESS")",
        R"("type":"KILL","kill":{"task_id":{"value":"t"}})",
        R"("type":"SHUTDOWN","shutdown":{"executor_id":{"value":"e"},"agent_id":{"value":"a"}})",
        R"("type":"ACKNOWLEDGE","acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},)"
        R"("uuid":"AAAAAAAAAAAAAAAAAAAAAA=="})",
        R"("type":"RECONCILE","reconcile":{})",
        R"("type":"MESSAGE","message":{"agent_id":{"value":"a"},"executor_id":{"value":"e"},)"
        R"("data":"AAAA"})",
        R"("type":"REQUEST","request":{"requests":[]})",
        R"("type":"ACCEPT_INVERSE_OFFERS","accept_inverse_offers":{"inverse_offer_ids":[]})",
        R"("type":"DECLINE_INVERSE_OFFERS","decline_inverse_offers":{"inverse_offer_ids":[]})",
        R"("type":"RECONCILE_OPERATIONS","reconcile_operations":{})",
        R"("type":"TEARDOWN")"}) {
    const auto answer = say(*stream, rest, with(*stream));
    EXPECT_EQ(answer.status, 202) << rest << " " << answer.body;
  }
  EXPECT_TRUE(until([&] { return stream->ended; }));  // torn down
  EXPECT_EQ(say(*stream, R"("type":"REVIVE")", with(*stream)).status, 400);
}

TEST_F(Conformance, UpdatesAFramework) {
  const auto stream = subscribe();
  const auto update = [&](const std::string& user) {
    return fmt::format(R"("type":"UPDATE_FRAMEWORK","update_framework":{{"framework_info":)"
                       R"({{"user":"{}","name":"renamed","id":{{"value":"{}"}}}}}})",
                       user,
                       stream->framework());
  };
  EXPECT_EQ(say(*stream, update("root"), with(*stream)).status, 200);
  EXPECT_EQ(get_json(master + "/frameworks")["frameworks"].as_array().at(0)["name"].as_string(),
            "renamed");
  EXPECT_EQ(say(*stream, update("other"), with(*stream)).status, 400);
}

TEST_F(Conformance, TheLatestSubscriptionWins) {
  const auto first = subscribe();
  const auto second = subscribe(first->framework());
  EXPECT_EQ(second->framework(), first->framework());
  EXPECT_TRUE(until([&] { return first->ended; }));
  const auto last = first->event(first->records.size() - 1);
  EXPECT_EQ(last["type"].as_string(), "ERROR");
  EXPECT_EQ(last["error"]["message"].as_string(), "Framework failed over");
  EXPECT_EQ(say(*second, R"("type":"REVIVE")", with(*first)).status, 400);
  EXPECT_EQ(say(*second, R"("type":"REVIVE")", with(*second)).status, 202);
}

TEST_F(Conformance, ADisconnectedFrameworkIsRefusedUntilItSubscribes) {
  const auto stream = subscribe();
  client.cancel(stream->id);
  EXPECT_TRUE(
      until([&] { return say(*stream, R"("type":"REVIVE")", with(*stream)).status == 403; }));
  const auto again = subscribe(stream->framework());
  EXPECT_EQ(say(*again, R"("type":"REVIVE")", with(*again)).status, 202);
}

TEST_F(Conformance, SpeaksProtobuf) {
  scheduler::Subscribe body;
  body.framework_info.user = "root";
  body.framework_info.name = "binary";
  const HeaderList headers = {{"Content-Type", "application/x-protobuf"},
                              {"Accept", "application/x-protobuf"}};
  const auto stream =
      open(wire::encode(Media::protobuf, scheduler::Call{std::nullopt, body}), headers);
  EXPECT_EQ(stream->status, 200);
  EXPECT_EQ(stream->headers.get("Content-Type"), "application/x-protobuf");
  const auto event = wire::decode<scheduler::Event>(Media::protobuf, stream->records.at(0));
  ASSERT_TRUE(event) << event.error().message;
  const auto* subscribed = std::get_if<scheduler::Subscribed>(&*event);
  ASSERT_NE(subscribed, nullptr);
  HeaderList calling = headers;
  calling.emplace_back("Mesos-Stream-Id", stream->stream_id());
  const scheduler::Call revive{subscribed->framework_id, scheduler::Revive{}};
  EXPECT_EQ(call("POST", url, wire::encode(Media::protobuf, revive), calling).status, 202);
}

TEST_F(Conformance, AnswersAboutOperationsInTheBody) {
  const auto stream = subscribe();
  const std::string ask = R"("type":"RECONCILE_OPERATIONS","reconcile_operations":{"operations":[)"
                          R"({"operation_id":{"value":"never"}}]})";
  const auto answer = say(*stream, ask, with(*stream));
  EXPECT_EQ(answer.status, 202);
  const auto shown = json::parse(answer.body).value_or(json::Value());
  EXPECT_EQ(shown["type"].as_string(), "RECONCILE_OPERATIONS");
  const auto& status = shown["reconcile_operations"]["operation_statuses"].as_array().at(0);
  EXPECT_EQ(status["operation_id"]["value"].as_string(), "never");
  EXPECT_EQ(status["state"].as_string(), "OPERATION_UNKNOWN");
  HeaderList binary = with(*stream);
  binary.emplace_back("Accept", "application/x-protobuf");
  const auto packed = say(*stream, ask, binary);
  EXPECT_EQ(packed.headers.get("Content-Type"), "application/x-protobuf");
  EXPECT_TRUE(wire::decode<scheduler::Response>(Media::protobuf, packed.body));
  binary.back().second = "text/html";
  EXPECT_EQ(say(*stream, ask, binary).status, 406);
}

TEST_F(Conformance, DoesNotKnowTheUnknownCall) {
  const auto stream = subscribe();
  EXPECT_EQ(say(*stream, R"("type":"UNKNOWN")", with(*stream)).status, 501);
}

TEST_F(Conformance, TakesUnknownMembersAndNumbersAsText) {
  const auto stream =
      open(R"({"type":"SUBSCRIBE","whatever":[1],"subscribe":{"framework_info":{"user":"u",)"
           R"("name":"x","failover_timeout":"60.5","checkpoint":"true","labels":null,)"
           R"("capabilities":{"type":"PARTITION_AWARE"}}}})",
           kJson);
  EXPECT_EQ(stream->status, 200);
  const auto framework = get_json(master + "/frameworks")["frameworks"].as_array().at(0);
  EXPECT_EQ(framework["failover_timeout"].as_double(), 60.5);
  EXPECT_TRUE(framework["checkpoint"].as_bool());
  EXPECT_EQ(framework["capabilities"].as_array().at(0).as_string(), "PARTITION_AWARE");
  client.cancel(stream->id);
}

}  // namespace
}  // namespace ekiden::mesos_v1
