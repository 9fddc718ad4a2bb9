// sim --seed N [--trace]               one world; exit code 1 and a sentence when an invariant
// breaks sim --seeds FIRST LAST [--jobs N]    many worlds; each tenth twice, its digests must agree
// sim --scenarios FILE                 the worlds of a file: a seed and a name on each line
#include "core/base/strings.h"
#include "tests/sim/world.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

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

struct Sweep {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  std::uint64_t step = 1;
};

int run_many(Sweep sweep) {
  int failed = 0;
  std::uint64_t worlds = 0;
  std::uint64_t events = 0;
  for (std::uint64_t seed = sweep.first; seed <= sweep.last; seed += sweep.step) {
    const Outcome outcome = run({.seed = seed});
    events += outcome.events;
    if (outcome.violation) {
      ++failed;
      fmt::print("seed {} FAILED {}; see it with: sim --seed {} --trace\n",
                 seed,
                 *outcome.violation,
                 seed);
      std::fflush(stdout);
    }
    if (worlds++ % 10 == 0 && run({.seed = seed}).digest != outcome.digest) {
      ++failed;
      fmt::print("seed {} FAILED: two runs differ\n", seed);
    }
  }
  fmt::print("{} worlds, {} events, {} failed\n", worlds, events, failed);
  return failed == 0 ? 0 : 1;
}

// Each process takes every so-many-th seed.
int run_in_processes(Sweep sweep, std::uint64_t jobs) {
  std::vector<pid_t> children;
  for (std::uint64_t i = 0; i < jobs; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      const int result = run_many({sweep.first + i, sweep.last, jobs});
      std::fflush(stdout);
      _exit(result);
    }
    children.push_back(child);
  }
  int failed = 0;
  for (const pid_t child : children) {
    int status = 0;
    failed += child < 0 || waitpid(child, &status, 0) != child || status != 0 ? 1 : 0;
  }
  return failed == 0 ? 0 : 1;
}

int run_scenarios(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    fmt::print("cannot read the scenarios in {}\n", path);
    return 1;
  }
  int failed = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::size_t space = line.find(' ');
    const Outcome outcome = run({.seed = number(line.substr(0, space))});
    fmt::print("{}: {}\n", line, outcome.violation.value_or("ok"));
    failed += outcome.violation ? 1 : 0;
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  Options options;
  Sweep sweep;
  std::uint64_t jobs = 1;
  bool many = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--trace") {
      options.trace = true;
    } else if (words[i] == "--seed" && i + 1 < words.size()) {
      options.seed = number(words[i + 1]);
    } else if (words[i] == "--jobs" && i + 1 < words.size()) {
      jobs = number(words[i + 1]);
    } else if (words[i] == "--scenarios" && i + 1 < words.size()) {
      return run_scenarios(words[i + 1]);
    } else if (words[i] == "--seeds" && i + 2 < words.size()) {
      many = true;
      sweep = {number(words[i + 1]), number(words[i + 2]), 1};
    }
  }
  if (!many) {
    return run_one(options);
  }
  return jobs > 1 ? run_in_processes(sweep, jobs) : run_many(sweep);
}
