#pragma once

#include "core/base/time.h"

#include <map>
#include <string>
#include <vector>

namespace ekiden::marathon::routes {

// The load balancers that said they are there [POST /v2/ekiden/lbs]. Each says so again well within
// the time to live; one that fell silent is not waited for.
class LoadBalancers {
 public:
  static constexpr Duration kTimeToLive = std::chrono::seconds(30);
  static constexpr std::size_t kCountMax = 256;

  bool add(const std::string& url, Time now);  // false: too many
  void expire(Time now);
  std::vector<std::string> urls() const;

  std::size_t count() const { return until_.size(); }

  Time next_deadline() const;

 private:
  std::map<std::string, Time> until_;
};

}  // namespace ekiden::marathon::routes
