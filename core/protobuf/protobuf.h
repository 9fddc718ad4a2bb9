#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

// The protobuf (proto2) form of the v1 messages, from the same tables as their JSON. Link
// core_api_protobuf for the types of core/api and core/model.
namespace ekiden::protobuf {

inline constexpr std::size_t kBytesMax = 256 * 1024 * 1024;  // of one message; more is too_large
inline constexpr std::size_t kDepthMax = 64;                 // nesting beyond it is malformed
// What a message may grow to in memory, so that a list of empty elements does not exhaust it.
inline constexpr std::size_t kGrowthMax = 64;  // times its bytes, beyond the first kMemoryFree
inline constexpr std::size_t kMemoryFree = 16 * 1024 * 1024;

// Fields in the order of their numbers; what JSON would leave out is left out.
template <class T>
std::string to_protobuf(const T& value);

// Unknown fields and enumeration numbers are as absent [mesos-core 1.4]. Errors: malformed bytes;
// invalid with all problems, such as required fields that are missing, text that is not UTF-8 and
// NaN (which protobuf would let pass, but no JSON reader of the same value could live with).
template <class T>
Result<T> from_protobuf(std::string_view bytes);

}  // namespace ekiden::protobuf
