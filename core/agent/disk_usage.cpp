#include "core/agent/disk_usage.h"

#include <filesystem>
#include <utility>

#include <sys/stat.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBlock = 512;  // st_blocks' unit

}  // namespace

std::uint64_t measure_folder(const std::string& folder) {
  std::uint64_t total = 0;
  std::size_t files = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end;
       !error && at != end && files < DiskUsage::kFilesMax;
       at.increment(error), ++files) {
    struct stat info {};

    if (::lstat(at->path().c_str(), &info) == 0) {
      total += static_cast<std::uint64_t>(info.st_blocks) * kBlock;
    }
  }
  return total;
}

struct DiskUsage::Impl : std::enable_shared_from_this<DiskUsage::Impl> {
  struct Known {
    std::optional<std::uint64_t> bytes;
    Time measured{};
    bool measuring = false;
  };

  Impl(net::Loop& a_loop, const Clock& a_clock)
      : loop(a_loop), clock(a_clock), worker(std::make_unique<runtime::Worker>("agent-disk")) {}

  net::Loop& loop;
  const Clock& clock;
  std::map<std::string, Known> folders;
  std::unique_ptr<runtime::Worker> worker;
};

DiskUsage::DiskUsage(net::Loop& loop, const Clock& clock)
    : impl_(std::make_shared<Impl>(loop, clock)) {}

DiskUsage::~DiskUsage() {
  impl_->worker.reset();  // joined here, not by whichever thread lets go of Impl last
}

std::optional<std::uint64_t> DiskUsage::bytes(const std::string& folder) {
  Impl::Known& known = impl_->folders[folder];
  const Time now = impl_->clock.now().time;
  if (known.measuring || (known.bytes && now - known.measured < kAge)) {
    return known.bytes;
  }
  known.measuring = impl_->worker->post([weak = std::weak_ptr(impl_), folder, now] {
    const std::uint64_t total = measure_folder(folder);
    if (const auto self = weak.lock()) {
      self->loop.post([weak, folder, total, now] {
        const auto again = weak.lock();
        if (again == nullptr) {
          return;
        }
        const auto found = again->folders.find(folder);
        if (found != again->folders.end()) {
          found->second = {total, now, false};
        }
      });
    }
  });
  return known.bytes;
}

void DiskUsage::forget(const std::string& folder) {
  impl_->folders.erase(folder);
}

}  // namespace ekiden::agent
