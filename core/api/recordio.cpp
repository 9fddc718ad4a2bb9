#include "core/api/recordio.h"

#include <charconv>
#include <iterator>

#include <fmt/core.h>

namespace ekiden::api {
namespace {

constexpr std::size_t kHeaderDigitsMax = 20;  // of a 64-bit number

}  // namespace

std::string recordio_frame(std::string_view record) {
  std::string frame;
  frame.reserve(record.size() + kHeaderDigitsMax);
  append_recordio_frame(frame, record);
  return frame;
}

void append_recordio_frame(std::string& frames, std::string_view record) {
  fmt::format_to(std::back_inserter(frames), "{}\n", record.size());
  frames += record;
}

RecordIoDecoder::RecordIoDecoder(std::size_t record_bytes_max)
    : record_bytes_max_(record_bytes_max) {}

Result<std::vector<std::string>> RecordIoDecoder::feed(std::string_view bytes) {
  const auto broken = [this](std::string why) {
    failed_ = true;
    buffer_.clear();
    return fail(
        ErrorCode::malformed,
        "cannot read the record stream: " + why + "; close the connection and open another");
  };
  if (failed_) {
    return broken("it is out of step after an earlier error");
  }
  buffer_ += bytes;
  std::vector<std::string> records;
  std::size_t at = 0;
  while (at < buffer_.size()) {
    const std::size_t newline = buffer_.find('\n', at);
    if (newline == std::string::npos ? buffer_.size() - at > kHeaderDigitsMax
                                     : newline - at > kHeaderDigitsMax) {
      return broken("a record's length has too many digits");
    }
    if (newline == std::string::npos) {
      break;
    }
    std::uint64_t length = 0;
    const char* begin = buffer_.data() + at;
    const char* end = buffer_.data() + newline;
    const auto parsed = std::from_chars(begin, end, length);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      return broken("a record's length is not a number");
    }
    if (length > record_bytes_max_) {
      return broken(
          fmt::format("a record of {} bytes is beyond the limit of {}", length, record_bytes_max_));
    }
    if (buffer_.size() - newline - 1 < length) {
      break;
    }
    records.emplace_back(buffer_, newline + 1, length);
    at = newline + 1 + length;
  }
  buffer_.erase(0, at);
  return records;
}

}  // namespace ekiden::api
