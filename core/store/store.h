#pragma once

#include "core/base/record.h"
#include "core/base/result.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ekiden::store {

using Entry = std::pair<std::string, std::string>;  // key, value

// The whole persistence interface: memory is the database, the store is the log of last values.
class Store {
 public:
  virtual ~Store() = default;
  // Every entry of a kind in ascending key order; at start only, may block.
  virtual Result<std::vector<Entry>> load(const std::string& kind) = 0;
  // Atomic, durable, in the order of the calls. `done` comes on a thread of the store's; many
  // batches may share one disk write. After a failed commit every later one fails too (fail-stop).
  virtual void commit(Batch batch, std::function<void(Result<void>)> done) = 0;
};

// A view in which every kind gets a prefix, so that several daemons share one file ("agent-1/").
std::unique_ptr<Store> scoped(Store& store, std::string prefix);

}  // namespace ekiden::store
