#pragma once

#include "core/store/store.h"

#include <map>
#include <mutex>
#include <string>

namespace ekiden::store {

// For tests and simulation: commits at once (calls `done` inside commit) unless a fault is set.
class MemoryStore final : public Store {
 public:
  Result<std::vector<Entry>> load(const std::string& kind) override;
  void commit(Batch batch, std::function<void(Result<void>)> done) override;
  // From now on every commit fails with this message and changes nothing.
  void fail_with(std::string message);
  std::size_t commits() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, std::string>> kinds_;
  std::string failure_;
  std::size_t commits_ = 0;
};

}  // namespace ekiden::store
