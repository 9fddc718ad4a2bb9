#pragma once

#include "core/json/diff.h"
#include "marathon/model/deployment.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::marathon {

// What is kept of a deployment after it ended. Bounded in every direction: it is written once and
// read by people.
struct FinishedDeployment {
  enum class Outcome {
    succeeded,
    cancelled,    // stopped where it was
    overridden,   // by a newer change with force
    rolled_back,  // undone by a person or by onFailure
  };

  struct AppChange {
    enum class Kind { created, removed, scaled, restarted, updated };
    PathId app;
    Kind kind = Kind::updated;
    std::optional<WallTime> before;  // versions
    std::optional<WallTime> after;
    std::vector<json::Difference> diff;
  };

  static constexpr std::size_t kChangesMax = 50;
  static constexpr std::size_t kDifferencesMax = 50;  // of one app

  DeploymentId id;
  WallTime version{};
  DeploymentOrigin origin;
  WallTime ended{};
  Outcome outcome = Outcome::succeeded;
  std::string reason;
  std::size_t steps_done = 0;
  std::size_t steps = 0;
  std::uint32_t failures = 0;  // of new instances
  std::size_t changes_total = 0;
  std::vector<AppChange> changes;  // the first kChangesMax
};

std::string_view to_text(FinishedDeployment::Outcome outcome);
std::string_view to_text(FinishedDeployment::AppChange::Kind kind);

}  // namespace ekiden::marathon
