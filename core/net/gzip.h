#pragma once

#include "core/net/message.h"

#include <string>

namespace ekiden::net {

enum class Packing { fast, small };

// Empty when it could not be done.
std::string gzip(const std::string& text, Packing packing);
// "gzip" or "*" among the accepted encodings, not refused with q=0.
bool accepts_gzip(const Request& request);

inline constexpr std::size_t kGzipAnswerBytesMin = 1024;  // [mesos-core 1.1]

// Packs the bodies that the handler answers with when the client takes that; never streams, nor
// what is packed already. The work is done by the thread that answers.
Handler gzip_answers(Handler handler);

}  // namespace ekiden::net
