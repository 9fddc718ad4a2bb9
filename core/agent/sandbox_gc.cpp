#include "core/agent/sandbox_gc.h"

#include "core/base/log.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kLevelsAbove = 6;  // runs, <executor>, executors, <framework>, frameworks, <agent>

struct Found {
  std::string sandbox;
  std::int64_t modified = 0;  // seconds since the epoch
};

std::vector<std::string> folders_in(const std::string& path) {
  std::vector<std::string> all;
  std::error_code error;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (!at->is_symlink(ignored) && at->is_directory(ignored)) {
      all.push_back(at->path().string());
    }
  }
  return all;
}

// slaves/<agent>/frameworks/<framework>/executors/<executor>/runs/<container>
std::vector<Found> find_sandboxes(const std::string& work_dir) {
  std::vector<std::string> level = folders_in(work_dir + "/slaves");
  for (const char* inner : {"/frameworks", "/executors", "/runs"}) {
    std::vector<std::string> next;
    for (const std::string& path : level) {
      for (std::string& below : folders_in(path + inner)) {
        next.push_back(std::move(below));
      }
      if (next.size() > SandboxGc::kFoundMax) {
        break;
      }
    }
    level = std::move(next);
  }
  std::vector<Found> found;
  for (std::string& path : level) {
    struct stat info {};

    if (::stat(path.c_str(), &info) == 0) {
      found.push_back({std::move(path), info.st_mtim.tv_sec});
    }
  }
  return found;
}

// The folders above go with their last sandbox, and so does a link that points to nothing.
void remove_empty_above(const std::string& sandbox) {
  std::error_code error;
  fs::path at = fs::path(sandbox).parent_path();
  const fs::path latest = at / "latest";
  if (fs::is_symlink(latest, error) && !fs::exists(latest, error)) {
    fs::remove(latest, error);
  }
  for (int level = 0; level < kLevelsAbove && ::rmdir(at.c_str()) == 0; ++level) {
    at = at.parent_path();
  }
}

bool remove_sandbox(const std::string& sandbox) {
  std::error_code error;
  fs::remove_all(sandbox, error);  // follows no links: volumes stay
  if (error) {
    log::warn("cannot remove sandbox {}: {}", sandbox, error.message());
    return false;
  }
  remove_empty_above(sandbox);
  return true;
}

double used_part(const std::string& path) {
  struct statvfs info {};

  if (::statvfs(path.c_str(), &info) != 0 || info.f_blocks == 0) {
    return 0;
  }
  return 1.0 - static_cast<double>(info.f_bavail) / static_cast<double>(info.f_blocks);
}

}  // namespace

Duration allowed_age(Duration delay, double headroom, double used) {
  const double part = std::max(0.0, 1.0 - headroom - used);
  return std::chrono::duration_cast<Duration>(delay * part);
}

struct SandboxGc::Impl : std::enable_shared_from_this<SandboxGc::Impl> {
  Impl(net::Loop& a_loop, const Clock& a_clock, Options a_options, Lives a_lives)
      : loop(a_loop),
        clock(a_clock),
        options(std::move(a_options)),
        lives(std::move(a_lives)),
        timer(a_loop, [this] { look(); }),
        worker(std::make_unique<runtime::Worker>("agent-gc")) {}

  template <class Work, class Then>
  void run(Work work, Then then) {
    worker->post([weak = weak_from_this(), work, then] {
      const auto self = weak.lock();
      if (self == nullptr) {
        return;
      }
      auto result = std::make_shared<decltype(work())>(work());
      self->loop.post([weak, then, result] {
        if (const auto again = weak.lock(); again != nullptr && again->alive) {
          then(std::move(*result));
        }
      });
    });
  }

  bool is_live(const std::string& sandbox) const {
    return lives(ContainerId{fs::path(sandbox).filename().string()});
  }

  void start() {
    run([work_dir = options.work_dir] { return find_sandboxes(work_dir); },
        [this](const std::vector<Found>& found) {
          const Now now = clock.now();
          const double seconds = to_epoch_seconds(now.wall);
          for (const Found& one : found) {
            if (is_live(one.sandbox)) {
              continue;
            }
            const double age = std::max(0.0, seconds - static_cast<double>(one.modified));
            const auto back =
                std::chrono::duration_cast<Duration>(std::chrono::duration<double>(age));
            ended.emplace(now.time - back, one.sandbox);
          }
          look();
        });
  }

  void look() {
    timer.set_after(std::min(options.interval, std::max(options.delay, kLookMin)));
    run([path = options.work_dir] { return used_part(path); },
        [this](double used) { remove_old(allowed_age(options.delay, options.headroom, used)); });
  }

  void remove_old(Duration allowed) {
    allowed_seconds = to_seconds(allowed);
    const Time now = clock.now().time;
    while (!ended.empty() && ended.begin()->first + allowed <= now) {
      const std::string sandbox = ended.begin()->second;
      ended.erase(ended.begin());
      if (is_live(sandbox)) {
        continue;
      }
      run([sandbox] { return remove_sandbox(sandbox); },
          [this](bool done) { ++(done ? removed : failed); });
    }
  }

  static constexpr Duration kLookMin = std::chrono::milliseconds(100);

  net::Loop& loop;
  const Clock& clock;
  const Options options;
  const Lives lives;
  net::Timer timer;
  bool alive = true;
  std::multimap<Time, std::string> ended;  // when, sandbox
  std::uint64_t removed = 0;
  std::uint64_t failed = 0;
  double allowed_seconds = 0;
  std::unique_ptr<runtime::Worker> worker;
};

SandboxGc::SandboxGc(net::Loop& loop, const Clock& clock, Options options, Lives lives)
    : impl_(std::make_shared<Impl>(loop, clock, std::move(options), std::move(lives))) {
  impl_->allowed_seconds = to_seconds(impl_->options.delay);
}

SandboxGc::~SandboxGc() {
  impl_->alive = false;
  impl_->timer.cancel();
  impl_->worker.reset();  // joined here, not by whichever thread lets go of Impl last
}

void SandboxGc::start() {
  impl_->start();
}

void SandboxGc::schedule(const std::string& sandbox) {
  impl_->ended.emplace(impl_->clock.now().time, sandbox);
}

SandboxGc::Stats SandboxGc::stats() const {
  return {impl_->removed, impl_->failed, impl_->ended.size(), impl_->allowed_seconds};
}

}  // namespace ekiden::agent
