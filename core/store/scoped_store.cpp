#include "core/store/store.h"

#include <utility>

namespace ekiden::store {
namespace {

class ScopedStore final : public Store {
 public:
  ScopedStore(Store& store, std::string prefix) : store_(store), prefix_(std::move(prefix)) {}

  Result<std::vector<Entry>> load(const std::string& kind) override {
    return store_.load(prefix_ + kind);
  }

  void commit(Batch batch, std::function<void(Result<void>)> done) override {
    for (Record& record : batch) {
      record.kind.insert(0, prefix_);
    }
    store_.commit(std::move(batch), std::move(done));
  }

 private:
  Store& store_;
  std::string prefix_;
};

}  // namespace

std::unique_ptr<Store> scoped(Store& store, std::string prefix) {
  return std::make_unique<ScopedStore>(store, std::move(prefix));
}

}  // namespace ekiden::store
