// What a change may not destroy without a second thought: apps labelled ekiden.protect, and, where
// --destroy_guard is on, many instances of several apps at once.
#include "marathon/machine/state.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon {

namespace {

constexpr std::string_view kProtectLabel = "ekiden.protect";
constexpr std::int32_t kInstancesMax = 10;  // destroyed without force, when several apps lose some

bool is_protected(const App& app) {
  const auto label = app.labels.find(std::string(kProtectLabel));
  return label != app.labels.end() && label->second == "true";
}

}  // namespace

std::optional<Error> Marathon::State::guard_problem(const Submission& submission) const {
  std::int32_t instances = 0;
  std::size_t losing = 0;
  for (const PathId& id : submission.changed) {
    const AppPtr before = root.find_app(id);
    const AppPtr after = submission.root.find_app(id);
    if (!before) {
      continue;
    }
    if (!after && is_protected(*before)) {
      return Error{ErrorCode::forbidden,
                   fmt::format("cannot delete app {}: its label {} is \"true\"; remove the label "
                               "first if it is really to go",
                               id.text(),
                               kProtectLabel),
                   {}};
    }
    const std::int32_t lost = before->instances - (after ? after->instances : 0);
    if (lost > 0) {
      instances += lost;
      ++losing;
    }
  }
  if (settings.destroy_guard && !submission.force && losing > 1 && instances > kInstancesMax) {
    return Error{ErrorCode::conflict,
                 fmt::format("cannot apply the change: it would destroy {} instances of {} apps; "
                             "repeat it with force=true if that is meant",
                             instances,
                             losing),
                 {}};
  }
  return std::nullopt;
}

}  // namespace ekiden::marathon
