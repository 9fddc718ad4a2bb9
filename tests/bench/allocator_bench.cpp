// The offer cycle: what scripts/bench reports as row 2 and, over sizes, as part of row 16.
#include "core/allocator/allocator.h"

#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

namespace ekiden::allocator {
namespace {

using namespace std::chrono_literals;
using benchmark::kMillisecond;

constexpr std::int64_t kChanged = 100;  // agents that change between two cycles

// Agents and frameworks of one role; a second of virtual time between cycles.
class Cluster {
 public:
  Cluster(std::int64_t agents, std::int64_t frameworks) {
    const auto total = *model::parse_resources("cpus:24;mem:4096;disk:4096;ports:[31000-32000]");
    for (std::int64_t i = 0; i < agents; ++i) {
      allocator.add_agent({fmt::format("6fa459ea-ee8a-4ca4-894e-db77e160355e-S{}", i)}, total);
    }
    for (std::int64_t i = 0; i < frameworks; ++i) {
      allocator.add_framework({fmt::format("6fa459ea-ee8a-4ca4-894e-db77e160355e-{:04}", i)},
                              {.roles = {"services"}, .suppressed = {}},
                              Activity::active);
    }
  }

  std::vector<Allocation> cycle() { return allocator.allocate(now += 1s); }

  void decline(const std::vector<Allocation>& offers, Duration refuse) {
    for (const Allocation& offer : offers) {
      allocator.recover(offer, refuse, now);
    }
  }

  Time now = Time(1h);
  Allocator allocator{Options{}, Random(1)};
};

// Every agent is offered in every cycle and comes back with the default filter.
void declining(benchmark::State& state) {
  Cluster cluster(state.range(0), state.range(1));
  std::size_t offers_made = 0;
  for (auto _ : state) {
    const auto offers = cluster.cycle();
    state.PauseTiming();
    offers_made = offers.size();
    cluster.decline(offers, 5s);
    state.ResumeTiming();
  }
  state.counters["offers"] = static_cast<double>(offers_made);
}

BENCHMARK(declining)
    ->Name("allocator/declining")
    ->Args({100, 10})
    ->Args({1'000, 100})
    ->Args({10'000, 1'000})
    ->Unit(kMillisecond);

// The same with what the answers cost.
void declining_and_recovering(benchmark::State& state) {
  Cluster cluster(state.range(0), state.range(1));
  for (auto _ : state) {
    cluster.decline(cluster.cycle(), 5s);
  }
}

BENCHMARK(declining_and_recovering)
    ->Name("allocator/declining_and_recovering")
    ->Args({10'000, 1'000})
    ->Unit(kMillisecond);

// All agents are looked at, and all are refused already.
void filtered(benchmark::State& state) {
  Cluster cluster(state.range(0), 1);
  cluster.decline(cluster.cycle(), 24h * 300);
  const FrameworkId framework{"6fa459ea-ee8a-4ca4-894e-db77e160355e-0000"};
  for (auto _ : state) {
    cluster.allocator.update_framework(framework, {.roles = {"services"}, .suppressed = {}});
    if (!cluster.cycle().empty()) {
      state.SkipWithError("something was offered");
    }
  }
}

BENCHMARK(filtered)
    ->Name("allocator/filtered")
    ->Arg(500)
    ->Arg(5'000)
    ->Arg(50'000)
    ->Unit(kMillisecond);

// A hundred agents come free, the others are in use.
void changed(benchmark::State& state) {
  Cluster cluster(state.range(0), 1);
  std::vector<Allocation> used = cluster.cycle();
  std::size_t next = 0;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < kChanged; ++i) {
      cluster.allocator.recover(used[next++ % used.size()], std::nullopt, cluster.now);
    }
    if (static_cast<std::int64_t>(cluster.cycle().size()) != kChanged) {
      state.SkipWithError("not what was free was offered");
    }
  }
}

BENCHMARK(changed)
    ->Name("allocator/changed")
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(50'000)
    ->Unit(kMillisecond);

}  // namespace
}  // namespace ekiden::allocator
