#include "marathon/health/brake.h"

namespace ekiden::marathon::health {

void Brake::erase(std::uint64_t instance) {
  const auto at = marks_.find(instance);
  if (at == marks_.end()) {
    return;
  }
  by_time_.erase({at->second.at, instance});
  const auto app = apps_.find(at->second.app);
  if (--app->second == 0) {
    apps_.erase(app);
  }
  marks_.erase(at);
}

void Brake::unwatch(std::uint64_t instance) {
  --watched_;
  erase(instance);
}

Brake::Change Brake::unhealthy(std::uint64_t instance, const PathId& app, Time now) {
  erase(instance);
  marks_.emplace(instance, Mark{app, now});
  by_time_.emplace(now, instance);
  ++apps_[app];
  return judge(now);
}

Brake::Change Brake::recovered(std::uint64_t instance, Time now) {
  erase(instance);
  return judge(now);
}

Brake::Change Brake::tick(Time now) {
  return judge(now);
}

bool Brake::widespread() const {
  return apps_.size() >= kBrakeAppsMin &&
         static_cast<double>(marks_.size()) >= kBrakeShareMin * static_cast<double>(watched_);
}

Brake::Change Brake::judge(Time now) {
  if (!engaged_at_) {
    while (!by_time_.empty() && by_time_.begin()->first + kBrakeWindow < now) {
      erase(by_time_.begin()->second);
    }
    if (!widespread()) {
      return Change::none;
    }
    engaged_at_ = now;
    return Change::engaged;
  }
  if (widespread() && now < *engaged_at_ + kBrakeHoldMax) {
    return Change::none;
  }
  engaged_at_.reset();
  marks_.clear();
  by_time_.clear();
  apps_.clear();
  return Change::released;
}

Time Brake::next_deadline() const {
  return engaged_at_ ? *engaged_at_ + kBrakeHoldMax : kNever;
}

}  // namespace ekiden::marathon::health
