#pragma once

#include "core/base/clock.h"
#include "core/net/loop.h"
#include "core/runtime/worker.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace ekiden::agent {

// What sandboxes take on the disk. Measured in the background and only for those that somebody
// asks about; the answer is at most kAge old, and missing the first time. Loop thread only.
class DiskUsage {
 public:
  static constexpr auto kAge = std::chrono::seconds(15);
  static constexpr std::size_t kFilesMax = 100'000;  // of one sandbox; more are not counted

  DiskUsage(net::Loop& loop, const Clock& clock);
  ~DiskUsage();
  std::optional<std::uint64_t> bytes(const std::string& folder);
  void forget(const std::string& folder);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

std::uint64_t measure_folder(const std::string& folder);  // blocking; follows no links

}  // namespace ekiden::agent
