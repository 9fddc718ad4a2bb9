#include "marathon/routes/load_balancers.h"

#include <algorithm>

namespace ekiden::marathon::routes {

bool LoadBalancers::add(const std::string& url, Time now) {
  if (until_.size() >= kCountMax && until_.count(url) == 0) {
    return false;
  }
  until_[url] = now + kTimeToLive;
  return true;
}

void LoadBalancers::expire(Time now) {
  std::erase_if(until_, [&](const auto& entry) { return entry.second <= now; });
}

std::vector<std::string> LoadBalancers::urls() const {
  std::vector<std::string> all;
  for (const auto& [url, until] : until_) {
    all.push_back(url);
  }
  return all;
}

Time LoadBalancers::next_deadline() const {
  Time next = kNever;
  for (const auto& [url, until] : until_) {
    next = std::min(next, until);
  }
  return next;
}

}  // namespace ekiden::marathon::routes
