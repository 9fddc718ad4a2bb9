#pragma once

#include <string>
#include <string_view>

namespace ekiden::api {

// What the protocol compiler makes of our bytes, by mesos_v1.proto: an independent witness. Both
// fail the running test when it refuses.
std::string protoc_decode(std::string_view message, const std::string& bytes);  // as text
std::string protoc_encode(std::string_view message, const std::string& text);   // as bytes

}  // namespace ekiden::api
