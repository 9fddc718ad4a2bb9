#include "core/base/persistent_map.h"

#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

namespace ekiden {
namespace {

using Map = PersistentMap<std::string, int>;

std::vector<std::string> keys(std::int64_t count) {
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < count; ++i) {
    all.push_back(fmt::format("web.instance-{:032x}", i * 2654435761));
  }
  return all;
}

Map filled(const std::vector<std::string>& all) {
  Map map;
  for (const std::string& key : all) {
    map.set(key, 1);
  }
  return map;
}

void find(benchmark::State& state) {
  const auto all = keys(state.range(0));
  const Map map = filled(all);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(map.find(all[i++ % all.size()]));
  }
}

BENCHMARK(find)->Name("map/find")->Arg(1'000)->Arg(100'000);

// What one change costs when a snapshot of before is kept: the path is copied.
void change_after_snapshot(benchmark::State& state) {
  const auto all = keys(state.range(0));
  Map map = filled(all);
  std::size_t i = 0;
  for (auto _ : state) {
    const Map snapshot = map;
    map.set(all[i++ % all.size()], 2);
    benchmark::DoNotOptimize(snapshot.size());
  }
}

BENCHMARK(change_after_snapshot)->Name("map/change_after_snapshot")->Arg(1'000)->Arg(100'000);

void change_in_place(benchmark::State& state) {
  const auto all = keys(state.range(0));
  Map map = filled(all);
  std::size_t i = 0;
  for (auto _ : state) {
    map.set(all[i++ % all.size()], 2);
  }
}

BENCHMARK(change_in_place)->Name("map/change_in_place")->Arg(100'000);

}  // namespace
}  // namespace ekiden
