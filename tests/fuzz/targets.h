#pragma once

#include <string_view>

// What is fuzzed: each function takes any bytes, must not crash, hang or leak, and aborts when a
// promise that holds for all input is broken. corpus/<name> holds the inputs that are replayed as a
// unit test; what a fuzzer finds is added there.
namespace ekiden::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};

void access_text(std::string_view bytes);
void dns_message(std::string_view bytes);
void http_target(std::string_view bytes);
void json_app(std::string_view bytes);
void json_call(std::string_view bytes);
void json_operator(std::string_view bytes);
void json_value(std::string_view bytes);
void protobuf_call(std::string_view bytes);
void protobuf_event(std::string_view bytes);
void protobuf_operator(std::string_view bytes);
void recordio(std::string_view bytes);
void resources_text(std::string_view bytes);

inline constexpr Target kTargets[] = {
    {"access_text", access_text},
    {"dns_message", dns_message},
    {"http_target", http_target},
    {"json_app", json_app},
    {"json_call", json_call},
    {"json_operator", json_operator},
    {"json_value", json_value},
    {"protobuf_call", protobuf_call},
    {"protobuf_event", protobuf_event},
    {"protobuf_operator", protobuf_operator},
    {"recordio", recordio},
    {"resources_text", resources_text},
};

}  // namespace ekiden::fuzz
