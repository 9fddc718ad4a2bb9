#include "core/store/memory_store.h"

#include <utility>

namespace ekiden::store {

Result<std::vector<Entry>> MemoryStore::load(const std::string& kind) {
  const std::lock_guard lock(mutex_);
  const auto found = kinds_.find(kind);
  if (found == kinds_.end()) {
    return std::vector<Entry>();
  }
  return std::vector<Entry>(found->second.begin(), found->second.end());
}

void MemoryStore::commit(Batch batch, std::function<void(Result<void>)> done) {
  Result<void> result;
  {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) {
      result = fail(ErrorCode::internal, failure_);
    } else {
      ++commits_;
      for (Record& record : batch) {
        if (record.value) {
          kinds_[record.kind][record.key] = std::move(*record.value);
        } else if (const auto kind = kinds_.find(record.kind); kind != kinds_.end()) {
          kind->second.erase(record.key);
        }
      }
    }
  }
  done(std::move(result));
}

void MemoryStore::fail_with(std::string message) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(message);
}

std::size_t MemoryStore::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

}  // namespace ekiden::store
