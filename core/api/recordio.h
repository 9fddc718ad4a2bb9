#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::api {

// "<decimal length>\n<bytes>" (mesos-core.md 1.3).
std::string recordio_frame(std::string_view record);
void append_recordio_frame(std::string& frames, std::string_view record);

// Incremental; feed what arrived, get the records that are complete. After an error every further
// call fails (the stream is out of step).
class RecordIoDecoder {
 public:
  explicit RecordIoDecoder(std::size_t record_bytes_max = 256 * 1024 * 1024);
  Result<std::vector<std::string>> feed(std::string_view bytes);

 private:
  std::string buffer_;
  std::size_t record_bytes_max_;
  bool failed_ = false;
};

}  // namespace ekiden::api
