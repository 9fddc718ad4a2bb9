#pragma once

#include "marathon/model/instance.h"

#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

// Counts and orders the instances of one app, so that a decision about it costs what changed and
// not how many instances there are.
namespace ekiden::marathon::deployment {

using InstanceNumber = std::uint64_t;  // names an instance inside the machine

// What an app's instances are held against.
struct Target {
  WallTime config{};   // lastConfigChangeAt: another one means outdated
  WallTime version{};  // exactly this one means fresh
  KillSelection selection = KillSelection::youngest_first;
  bool needs_readiness = false;  // of instances of this config
  bool operator==(const Target&) const = default;
};

Target target_of(const App& app);

// Who goes first when some have to go: never launched or dead ones, unreachable ones, those that
// start, those that do not serve, those that serve; ties by age as killSelection says [2.5, SC-1],
// and by number, which grows with time.
using KillRank = std::tuple<std::uint8_t, std::int64_t, std::int64_t, InstanceNumber>;

// Everything that decisions need to know about one instance.
struct Standing {
  enum class Presence {
    idle,         // nothing runs: never launched, or ended
    starting,     // occupies resources, does not serve yet
    serving,      // running and, where checks are defined, healthy and ready
    ailing,       // running, not serving
    leaving,      // being killed
    lost,         // unreachable
    written_off,  // unreachable for too long: not counted any more
  };
  Presence presence = Presence::idle;
  bool wanted = true;     // its goal is to run
  bool outdated = false;  // of another config than the target
  bool fresh = false;     // of exactly the target's version
  KillRank rank{};
};

enum class Readiness { unknown, ready };

Standing stand(const Instance& instance,
               InstanceNumber number,
               const Target& target,
               Readiness readiness);

struct Counts {
  // Wanted ones of the target's config.
  std::int32_t current = 0;  // without those written off
  std::int32_t current_serving = 0;
  // Wanted ones of exactly the target's version.
  std::int32_t fresh = 0;
  std::int32_t fresh_serving = 0;
  // Wanted ones of another config.
  std::int32_t outdated = 0;       // without those written off
  std::int32_t outdated_idle = 0;  // idle, lost or written off: nothing is lost with them
  std::int32_t outdated_starting = 0;
  std::int32_t outdated_ailing = 0;
  std::int32_t outdated_serving = 0;
  // Unwanted ones that still hold resources.
  std::int32_t leaving = 0;
  std::int32_t present = 0;  // instances of any kind that are known

  std::int32_t wanted() const { return current + outdated; }

  std::int32_t serving() const { return current_serving + outdated_serving; }
};

class Census {
 public:
  void add(const Standing& standing);
  void remove(const Standing& standing);
  void clear();

  const Counts& counts() const { return counts_; }

  // The first `count` of the outdated ones that are wanted.
  std::vector<InstanceNumber> first_outdated(std::int32_t count) const;
  // The first `count` of all wanted ones; of those that serve equally well, outdated ones first.
  std::vector<InstanceNumber> first_surplus(std::int32_t count) const;

 private:
  void count(const Standing& standing, std::int32_t sign);

  Counts counts_;
  std::set<KillRank> outdated_;
  std::set<KillRank> current_;
};

}  // namespace ekiden::marathon::deployment
