#include "core/net/router.h"
#include "dns/answer.h"
#include "dns/record_set.h"
#include "dns/wire.h"
#include "marathon/api/app_form.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

#include <memory>
#include <string>

namespace ekiden::fuzz {
namespace {

void answer_nothing(net::Request, const net::Responder& respond) {
  respond(net::text_response(200, ""));
}

const net::Router& router() {
  static const net::Router all({{"GET", "/v2/apps/*id", answer_nothing},
                                {"GET", "/v2/apps/*id/versions/:version", answer_nothing},
                                {"GET", "/v2/apps/*id/tasks/:task", answer_nothing},
                                {"GET", "/v2/groups", answer_nothing},
                                {"GET", "/files/*path", answer_nothing}});
  return all;
}

std::shared_ptr<const dns::RecordSet> small_zone() {
  dns::RecordSetBuilder builder;
  const std::string host = "web-a-s0.marathon.mesos";
  builder.add({"web.marathon.mesos", dns::Ipv4{10, 0, 0, 1}});
  builder.add({host, dns::Ipv4{10, 0, 0, 1}});
  builder.add({"_web._tcp.marathon.mesos", dns::Srv{dns::make_target(host), 31000}});
  return builder.publish(1);
}

}  // namespace

// The bytes are the request's target, with its query.
void http_target(std::string_view bytes) {
  net::Request request;
  request.method = "GET";
  const std::size_t query = bytes.find('?');
  request.path = bytes.substr(0, query);
  if (query != std::string_view::npos) {
    request.query = bytes.substr(query + 1);
  }
  for (const char* name : {"force", "embed", "id", ""}) {
    const auto values = request.query_values(name);
    const auto first = request.query_value(name);
    EKIDEN_FUZZ_EXPECT(first.has_value() == !values.empty());
    EKIDEN_FUZZ_EXPECT(!first || *first == values.front());
    EKIDEN_FUZZ_EXPECT(request.has_query(name) == first.has_value());
  }
  int answers = 0;
  router()(request, net::Responder([&](const net::Response&) { ++answers; }));
  EKIDEN_FUZZ_EXPECT(answers == 1);
}

void json_app(std::string_view bytes) {
  const auto app = marathon::wire::decode_app(bytes);
  if (!app) {
    EKIDEN_FUZZ_EXPECT(!app.error().message.empty());
    return;
  }
  const std::string text = json::encode(*app, json::kMarathon);
  EKIDEN_FUZZ_EXPECT(json::decode<marathon::wire::AppForm>(text, json::kMarathon));
}

void dns_message(std::string_view bytes) {
  const dns::ByteView view(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  (void)dns::decode(view);
  static const auto records = small_zone();
  for (const auto transport : {dns::Transport::udp, dns::Transport::tcp}) {
    dns::Answerer answerer({}, Random(1));
    dns::Bytes reply;
    const dns::Outcome outcome = answerer.answer(view, *records, transport, reply);
    if (outcome.kind == dns::Outcome::Kind::reply) {
      const auto message = dns::decode(reply);
      EKIDEN_FUZZ_EXPECT(message);
      EKIDEN_FUZZ_EXPECT((message->flags & dns::kFlagQr) != 0);
    }
  }
}

}  // namespace ekiden::fuzz
