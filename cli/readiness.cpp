#include "cli/readiness.h"

#include <chrono>
#include <utility>

namespace ekiden::cli {
namespace {

using namespace std::chrono_literals;

constexpr Duration kAskAgain = 20ms;

}  // namespace

Readiness::Readiness(net::Loop& loop,
                     net::Client& client,
                     std::vector<std::string> urls,
                     std::function<void()> ready)
    : client_(client),
      waiting_(std::move(urls)),
      ready_(std::move(ready)),
      again_(loop, [this] { ask(); }) {}

void Readiness::start() {
  ask();
}

void Readiness::ask() {
  if (waiting_.empty()) {
    std::exchange(ready_, [] {})();
    return;
  }
  net::Call call;
  call.url = waiting_.back();
  call.timeout = 2s;
  client_.send(std::move(call), [this](Result<net::Response> answer) {
    if (answer && answer->status < 500) {
      waiting_.pop_back();
      ask();
    } else {
      again_.set_after(kAskAgain);
    }
  });
}

}  // namespace ekiden::cli
