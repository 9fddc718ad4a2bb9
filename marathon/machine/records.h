#pragma once

#include "core/base/record.h"
#include "core/base/result.h"
#include "marathon/model/deployment.h"
#include "marathon/model/instance.h"
#include "marathon/model/root.h"
#include "marathon/snapshot.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Everything of Marathon that survives a restart: JSON under (kind, key). Keys that are numbers
// have a fixed width and grow with time. Unknown members are ignored; nothing is destroyed because
// a record is missing.
namespace ekiden::marathon::records {

inline constexpr std::string_view kMeta = "meta";                 // "framework-id", "root"
inline constexpr std::string_view kDefinition = "definition";     // number: one version of an app
inline constexpr std::string_view kApp = "app";                   // path: its current version
inline constexpr std::string_view kGroup = "group";               // path
inline constexpr std::string_view kRootVersion = "root-version";  // time: how to undo it
inline constexpr std::string_view kDeployment = "deployment";     // number: a plan
inline constexpr std::string_view kDeploymentStep = "deployment-step";  // number: where it is
inline constexpr std::string_view kDeploymentHalt = "deployment-halt";  // number: why it waits
inline constexpr std::string_view kHistory = "history";                 // number: one that ended
inline constexpr std::string_view kInstance = "instance";               // number
inline constexpr std::string_view kFailure = "failure";                 // path: the last one
inline constexpr std::string_view kReleased = "released";  // number: whose reservation goes
inline constexpr std::string_view kExpunged = "expunged";  // number: an instance id to be killed

// In the order in which they are loaded.
inline constexpr std::array kKinds = {kMeta,
                                      kDefinition,
                                      kApp,
                                      kGroup,
                                      kRootVersion,
                                      kDeployment,
                                      kDeploymentStep,
                                      kDeploymentHalt,
                                      kHistory,
                                      kInstance,
                                      kFailure,
                                      kExpunged,
                                      kReleased};

std::string number_key(std::uint64_t number);
Result<std::uint64_t> parse_number_key(std::string_view key);

// Finds a definition; null when it is not known.
using FindApp = std::function<AppPtr(const PathId&, WallTime)>;

std::string write_app(const App& app);
Result<App> read_app(std::string_view text);

std::string write_version(WallTime version);
Result<WallTime> read_version(std::string_view text);

std::string write_group(const Group& group);
Result<Group> read_group(std::string_view text);

// What a root change did, by what was there before.
struct RootUndo {
  struct AppBefore {
    PathId app;
    std::optional<WallTime> version;  // nothing: it did not exist
  };

  WallTime version_before{};
  std::vector<AppBefore> apps;
  std::vector<DeploymentPlan::GroupChange> groups;
};

std::string write_undo(const DeploymentPlan& plan);
Result<RootUndo> read_undo(std::string_view text);

std::string write_plan(const DeploymentPlan& plan, const DeploymentOrigin& origin);
Result<DeploymentPlan> read_plan(std::string_view text, const FindApp& find);
DeploymentOrigin read_origin(std::string_view text);  // of what write_plan wrote

// history_record.cpp
std::string write_halt(const DeploymentHalt& halt);
Result<DeploymentHalt> read_halt(std::string_view text);
std::string write_finished(const FinishedDeployment& finished);
Result<FinishedDeployment> read_finished(std::string_view text);

std::string write_instance(const Instance& instance);
Result<Instance> read_instance(std::string_view text, const FindApp& find);

std::string write_failure(const TaskFailure& failure);
Result<TaskFailure> read_failure(std::string_view text);

}  // namespace ekiden::marathon::records
