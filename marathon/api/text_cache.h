#pragma once

#include "marathon/snapshot.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace ekiden::marathon::wire {

// JSON of immutable objects, written once and shared between answers and threads. An entry lives as
// long as its object may: it is dropped when the object has gone.
template <class T>
class TextCache {
 public:
  using Text = std::shared_ptr<const std::string>;
  static constexpr std::size_t kEntriesMax = 200'000;  // beyond it: dead entries are swept

  Text get(const std::shared_ptr<const T>& object, const std::function<std::string()>& write) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = entries_.find(object.get());
      if (found != entries_.end() && found->second.object.lock() == object) {
        return found->second.text;
      }
    }
    auto text = std::make_shared<const std::string>(write());
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= sweep_at_) {
      sweep();
    }
    entries_[object.get()] = {object, text};
    return text;
  }

 private:
  struct Entry {
    std::weak_ptr<const T> object;
    Text text;
  };

  void sweep() {
    std::erase_if(entries_, [](const auto& entry) { return entry.second.object.expired(); });
    if (entries_.size() >= kEntriesMax) {
      entries_.clear();
    }
    sweep_at_ = std::max<std::size_t>(1024, 2 * entries_.size());
  }

  std::mutex mutex_;
  std::unordered_map<const T*, Entry> entries_;
  std::size_t sweep_at_ = 1024;
};

struct TextCaches {
  TextCache<App> apps;
  TextCache<InstanceView> tasks;  // with empty service ports
};

}  // namespace ekiden::marathon::wire
