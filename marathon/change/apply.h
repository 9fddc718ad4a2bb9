#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "marathon/commands.h"
#include "marathon/model/root.h"
#include "marathon/settings.h"

#include <functional>
#include <map>
#include <optional>
#include <vector>

// Changes of the root group [DP-1 steps 2 to 6]: pure, one at a time.
namespace ekiden::marathon::change {

// What only the machine knows. Unset functions mean: nothing is known.
struct History {
  std::function<AppPtr(const PathId&, WallTime)> app_at;   // null: no such version
  std::function<std::optional<Root>(WallTime)> root_at;    // nothing: no such version
  std::function<InstancePtr(const InstanceId&)> instance;  // null: unknown
};

enum class Purpose { apply, dry_run };  // a dry run assigns no ports and validates no root [2.5]
enum class Force { no, yes };

struct Context {
  const Settings& settings;
  WallTime version{};  // of the new root, of every group and of what changes
  History history{};
  Purpose purpose = Purpose::apply;
  Force force = Force::no;
};

struct Outcome {
  Root root;
  std::vector<PathId> created;  // apps that did not exist before, in path order
  std::vector<PathId> changed;  // apps that were created, redefined or deleted, in path order
  std::map<PathId, std::vector<InstanceId>> to_kill;  // kill and scale: these first
};

// The new root with service ports [DP-11] and version info [DP-5..7], validated [4.11]. Errors:
// not_found, conflict, invalid (with problems, or with a message alone), malformed never.
Result<Outcome> apply(const Root& root, const Change& change, const Context& context);

// The group that events name for a change [marathon-api 5.3].
PathId group_of(const Change& change);

}  // namespace ekiden::marathon::change
