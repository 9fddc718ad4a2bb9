#include "core/json/json.h"

#include <string>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

namespace ekiden::json {
namespace {

// About 1 KB, the shape of an app definition.
std::string app(int number) {
  std::string labels;
  for (int i = 0; i < 12; ++i) {
    labels += fmt::format(R"({}"HAPROXY_{}_VHOST":"shop-{}.example.org")", i == 0 ? "" : ",", i, i);
  }
  return fmt::format(
      R"({{"id":"/prod/shop/web-{}","cmd":"python3 -m http.server $PORT0","cpus":0.25,"mem":128,)"
      R"("disk":0,"instances":3,"labels":{{{}}},"env":{{"MODE":"production","LEVEL":"info"}},)"
      R"("healthChecks":[{{"protocol":"HTTP","path":"/health","portIndex":0,)"
      R"("gracePeriodSeconds":30,)"
      R"("intervalSeconds":10,"timeoutSeconds":5,"maxConsecutiveFailures":3}}],)"
      R"("upgradeStrategy":{{"minimumHealthCapacity":0.5,"maximumOverCapacity":0.2}},)"
      R"("portDefinitions":[{{"port":10000,"protocol":"tcp","name":"http"}}]}})",
      number,
      labels);
}

void parse_app(benchmark::State& state) {
  const std::string text = app(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse(text));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

BENCHMARK(parse_app)->Name("json/parse_1KB");

void write_app(benchmark::State& state) {
  const auto document = parse(app(1));
  std::size_t size = 0;
  for (auto _ : state) {
    const std::string text = to_text(*document);
    size = text.size();
    benchmark::DoNotOptimize(text.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(size) * state.iterations());
}

BENCHMARK(write_app)->Name("json/write_1KB");

}  // namespace
}  // namespace ekiden::json
