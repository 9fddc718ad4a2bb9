// sim --seed N [--trace]      one world; exit code 1 and a sentence when an invariant breaks
// sim --seeds FIRST LAST      many worlds; each tenth twice, its digests must agree
#include "core/base/strings.h"
#include "tests/sim/world.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/core.h>

namespace {

using ekiden::sim::Options;
using ekiden::sim::Outcome;
using ekiden::sim::World;

std::uint64_t number(const std::string& text) {
  return static_cast<std::uint64_t>(ekiden::parse_int(text).value_or(1));
}

Outcome run(Options options) {
  return World(options).run();
}

int run_one(const Options& options) {
  const Outcome outcome = run(options);
  fmt::print("seed {}: {} events, digest {:016x}\n", options.seed, outcome.events, outcome.digest);
  if (outcome.violation) {
    fmt::print("seed {} FAILED {}\n", options.seed, *outcome.violation);
  }
  return outcome.violation ? 1 : 0;
}

int run_many(std::uint64_t first, std::uint64_t last) {
  int failed = 0;
  std::uint64_t events = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Outcome outcome = run({.seed = seed});
    events += outcome.events;
    if (outcome.violation) {
      ++failed;
      fmt::print("seed {} FAILED {}; see it with: sim --seed {} --trace\n",
                 seed,
                 *outcome.violation,
                 seed);
    }
    if (seed % 10 == 0 && run({.seed = seed}).digest != outcome.digest) {
      ++failed;
      fmt::print("seed {} FAILED: two runs differ\n", seed);
    }
  }
  fmt::print("{} worlds, {} events, {} failed\n", last - first + 1, events, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--trace") {
      options.trace = true;
    } else if (words[i] == "--seed" && i + 1 < words.size()) {
      options.seed = number(words[i + 1]);
    } else if (words[i] == "--seeds" && i + 2 < words.size()) {
      return run_many(number(words[i + 1]), number(words[i + 2]));
    }
  }
  return run_one(options);
}
