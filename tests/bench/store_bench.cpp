#include "core/store/sqlite_store.h"

#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <stdlib.h>

namespace ekiden::store {
namespace {

namespace fs = std::filesystem;

class SqliteBench : public benchmark::Fixture {
 public:
  void SetUp(benchmark::State& state) override {
    std::string name = (fs::temp_directory_path() / "ekiden-bench-XXXXXX").string();
    folder_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
    auto opened = open_sqlite((folder_ / "a.db").string());
    if (!opened) {
      state.SkipWithError(opened.error().message.c_str());
      return;
    }
    store_ = std::move(*opened);
  }

  void TearDown(benchmark::State&) override {
    store_.reset();
    fs::remove_all(folder_);
  }

 protected:
  Batch batch(std::int64_t records) {
    Batch records_of_200_bytes;
    for (std::int64_t i = 0; i < records; ++i) {
      records_of_200_bytes.push_back(
          {"task", fmt::format("{:012}", next_key_++), std::string(200, 'x')});
    }
    return records_of_200_bytes;
  }

  fs::path folder_;
  std::unique_ptr<Store> store_;
  std::uint64_t next_key_ = 0;
};

// One commit after another, each waited for.
BENCHMARK_DEFINE_F(SqliteBench, one_by_one)(benchmark::State& state) {
  for (auto _ : state) {
    std::promise<void> done;
    store_->commit(batch(state.range(0)), [&done](const Result<void>&) { done.set_value(); });
    done.get_future().wait();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK_REGISTER_F(SqliteBench, one_by_one)
    ->Name("store/commit_one_by_one")
    ->Arg(1)
    ->Arg(100)
    ->Arg(1'000)
    ->UseRealTime();

// A hundred callers at once: the commits share disk writes.
BENCHMARK_DEFINE_F(SqliteBench, together)(benchmark::State& state) {
  for (auto _ : state) {
    std::promise<void> last;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      const bool is_last = i + 1 == state.range(0);
      store_->commit(batch(1), [&last, is_last](const Result<void>&) {
        if (is_last) {
          last.set_value();
        }
      });
    }
    last.get_future().wait();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK_REGISTER_F(SqliteBench, together)->Name("store/commit_together")->Arg(100)->UseRealTime();

}  // namespace
}  // namespace ekiden::store
