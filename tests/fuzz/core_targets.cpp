#include "core/api/agent_operator.h"
#include "core/api/executor.h"
#include "core/api/master_operator.h"
#include "core/api/recordio.h"
#include "core/api/scheduler.h"
#include "core/json/json.h"
#include "core/model/attributes.h"
#include "core/model/resources.h"
#include "core/protobuf/protobuf.h"
#include "core/wire/acls.h"
#include "core/wire/authentication.h"
#include "core/wire/legacy.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

#include <string>
#include <vector>

namespace ekiden::fuzz {
namespace {

constexpr std::size_t kRecordBytesMax = 1 << 20;

// What was read once is written and read without loss.
template <class T>
void json_round_trip(std::string_view bytes, const json::Dialect& dialect) {
  const auto value = json::decode<T>(bytes, dialect);
  if (!value) {
    EKIDEN_FUZZ_EXPECT(!value.error().message.empty());
    return;
  }
  const std::string text = json::encode(*value, dialect);
  const auto back = json::decode<T>(text, dialect);
  EKIDEN_FUZZ_EXPECT(back);
  EKIDEN_FUZZ_EXPECT(json::encode(*back, dialect) == text);
}

template <class T>
void protobuf_round_trip(std::string_view bytes) {
  const auto value = protobuf::from_protobuf<T>(bytes);
  if (!value) {
    EKIDEN_FUZZ_EXPECT(!value.error().message.empty());
    return;
  }
  const std::string written = protobuf::to_protobuf(*value);
  const auto back = protobuf::from_protobuf<T>(written);
  EKIDEN_FUZZ_EXPECT(back);
  EKIDEN_FUZZ_EXPECT(protobuf::to_protobuf(*back) == written);
  // Whoever said it in protobuf can be told again in JSON.
  const std::string text = json::encode(*value, json::kMesos);
  EKIDEN_FUZZ_EXPECT(json::decode<T>(text, json::kMesos));
}

}  // namespace

void json_call(std::string_view bytes) {
  json_round_trip<api::scheduler::Call>(bytes, json::kMesos);
  json_round_trip<api::executor::Call>(bytes, json::kMesos);
}

void json_operator(std::string_view bytes) {
  json_round_trip<api::master_operator::Call>(bytes, json::kMesos);
  json_round_trip<api::master_operator::Response>(bytes, json::kMesos);
  json_round_trip<api::agent_operator::Call>(bytes, json::kMesos);
}

void json_value(std::string_view bytes) {
  const auto value = json::parse(bytes);
  if (value) {
    const std::string text = json::to_text(*value);
    const auto back = json::parse(text);
    EKIDEN_FUZZ_EXPECT(back);
    EKIDEN_FUZZ_EXPECT(json::to_text(*back) == text);
  }
}

void protobuf_call(std::string_view bytes) {
  protobuf_round_trip<api::scheduler::Call>(bytes);
  protobuf_round_trip<api::executor::Call>(bytes);
}

void protobuf_event(std::string_view bytes) {
  protobuf_round_trip<api::scheduler::Event>(bytes);
  protobuf_round_trip<api::executor::Event>(bytes);
}

void protobuf_operator(std::string_view bytes) {
  protobuf_round_trip<api::master_operator::Call>(bytes);
  protobuf_round_trip<api::master_operator::Event>(bytes);
  protobuf_round_trip<api::agent_operator::Call>(bytes);
}

// Files and headers that decide who may come in; forms and paths.
void access_text(std::string_view bytes) {
  const std::string text(bytes);
  if (const auto acls = wire::Acls::parse(bytes)) {
    (void)acls->allows(wire::actions::kRunTasks, text, text);
  }
  net::Headers headers;
  headers.set("Authorization", text);
  const auto known = wire::Credentials::parse("principal secret");
  EKIDEN_FUZZ_EXPECT(known);
  const auto principal = known->principal(headers);
  EKIDEN_FUZZ_EXPECT(!principal || *principal == "principal");
  (void)wire::Credentials::parse(bytes);
  (void)wire::form_values(bytes);
  const std::string path = wire::plain_path(bytes, "master");
  EKIDEN_FUZZ_EXPECT(path.size() <= bytes.size());
}

// However the bytes are cut, the records are the same; framed again, they come out again.
void recordio(std::string_view bytes) {
  api::RecordIoDecoder whole(kRecordBytesMax);
  const auto records = whole.feed(bytes);
  api::RecordIoDecoder pieces(kRecordBytesMax);
  std::vector<std::string> pieced;
  bool failed = false;
  for (std::size_t at = 0; at < bytes.size() && !failed; at += 3) {
    const auto more = pieces.feed(bytes.substr(at, 3));
    failed = !more;
    if (more) {
      pieced.insert(pieced.end(), more->begin(), more->end());
    }
  }
  EKIDEN_FUZZ_EXPECT(failed == !records);
  if (!records) {
    return;
  }
  EKIDEN_FUZZ_EXPECT(*records == pieced);
  std::string framed;
  for (const std::string& record : *records) {
    framed += api::recordio_frame(record);
  }
  EKIDEN_FUZZ_EXPECT(*api::RecordIoDecoder(kRecordBytesMax).feed(framed) == *records);
}

void resources_text(std::string_view bytes) {
  if (const auto resources = model::parse_resources(bytes)) {
    const model::Resources twice = *resources + *resources;
    EKIDEN_FUZZ_EXPECT(twice.contains(*resources));
    model::to_text(*resources);
  }
  (void)model::parse_attributes(bytes);
}

}  // namespace ekiden::fuzz
