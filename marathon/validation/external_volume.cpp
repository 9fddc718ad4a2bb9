#include "core/base/strings.h"
#include "marathon/api/patterns.h"
#include "marathon/validation/app.h"

#include <cctype>
#include <set>

#include <fmt/core.h>

namespace ekiden::marathon::validation {
namespace {

constexpr std::string_view kLabelPattern =
    "must match regular expression '^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$'";
constexpr std::string_view kOptionPattern =
    "must match regular expression "
    "'^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?/[A-Za-z0-9](?:[-A-Za-z0-9\\._:]*[A-Za-z0-9])?$'";
constexpr std::string_view kDriver = "dvdi/driver";

bool is_option_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || !wire::is_label(name.substr(0, slash))) {
    return false;
  }
  const std::string_view rest = name.substr(slash + 1);
  const auto alnum = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (rest.empty() || !alnum(rest.front()) || !alnum(rest.back())) {
    return false;
  }
  for (char c : rest) {
    if (!alnum(c) && std::string_view("-._:").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

void check_rexray_options(const json::Value& options, const std::string& path, Problems& problems) {
  for (std::string_view name : {"dvdi/volumetype", "dvdi/newfstype"}) {
    if (const json::Value* value = options.find(name)) {
      problems.require(wire::is_label(value->as_string()),
                       fmt::format("{}/\"{}\"", path, name),
                       std::string(kLabelPattern));
    }
  }
  if (const json::Value* iops = options.find("dvdi/iops")) {
    const auto number = parse_int(iops->as_string());
    problems.require(
        number && *number > 0,
        path + "/\"dvdi/iops\"",
        fmt::format("Expected a valid, positive integer instead of {}", iops->as_string()));
  }
  if (const json::Value* overwrite = options.find("dvdi/overwritefs")) {
    const std::string_view text = overwrite->as_string();
    problems.require(iequals(text, "true") || iequals(text, "false"),
                     path + "/\"dvdi/overwritefs\"",
                     "Expected a valid boolean");
  }
}

void check_options(const json::Value& options,
                   bool docker,
                   const std::string& path,
                   Problems& problems) {
  const json::Value* driver = options.find(kDriver);
  const std::string driver_path = path + "(\"dvdi/driver\")";
  if (driver == nullptr) {
    problems.add(driver_path, "not defined");
  } else {
    problems.require(wire::is_label(driver->as_string()), driver_path, std::string(kLabelPattern));
    if (driver->as_string() == "rexray") {
      check_rexray_options(options, path, problems);
    }
  }
  std::size_t index = 0;
  for (const auto& [name, value] : options.as_object()) {
    problems.require(
        is_option_name(name), indexed(path + "/keys", index++), std::string(kOptionPattern));
    problems.require(!docker || name == kDriver, path, "must only contain dvdi/driver");
  }
}

void check_dvdi(const AppView& app,
                const Volume& volume,
                const std::string& path,
                Problems& problems) {
  const json::Value& external = *volume.external;
  const bool docker = app.form.container->type == Engine::docker;
  const json::Value* name = external.find("name");
  problems.require(name != nullptr, path + "/external/name", "not defined");
  problems.require(
      name == nullptr || !name->as_string().empty(), path + "/external/name", "must not be empty");
  check_options(external["options"], docker, path + "/external/options", problems);
  if (docker) {
    problems.require(external.find("size") == nullptr,
                     path + "/external/size",
                     "must be undefined for Docker containers");
  } else {
    problems.require(volume.mode == "RW", path + "/mode", "does not equal RW");
  }
  problems.require(volume.container_path != "." && volume.container_path != "..",
                   path + "/containerPath",
                   "can not be one of (.,..)");
}

void check_csi(const AppView& app,
               const Volume& volume,
               const std::string& path,
               Problems& problems) {
  const std::string_view mode =
      (*volume.external)["options"]["capability"]["accessMode"].as_string();
  const std::int32_t instances = app.form.instances.value_or(1);
  if (mode == "SINGLE_NODE_WRITER" || mode == "SINGLE_NODE_READER_ONLY") {
    problems.require(
        instances <= 1,
        "/instances",
        fmt::format("got {}, expected 1 or less while non-shareable CSI volumes are defined",
                    instances));
  }
  if (mode == "MULTI_NODE_SINGLE_WRITER" && volume.mode == "RW") {
    problems.require(
        instances <= 1,
        "/instances",
        fmt::format("got {}, expected 1 or less while a multi-node single-writer volume is defined "
                    "mounted as read/write",
                    instances));
  }
  const json::Value& capability = (*volume.external)["options"]["capability"];
  problems.require(
      capability["accessType"].as_string() != "mount" || capability.find("fsType") != nullptr,
      path + "/external/options/capability/fsType",
      "not defined");
  problems.require(!mode.ends_with("READER_ONLY") || volume.mode == "RO",
                   path,
                   "CSI volume must be mounted readonly with a read-only access mode");
}

bool is_dvdi(const Volume& volume) {
  return volume.external && (*volume.external)["provider"].as_string() == "dvdi";
}

}  // namespace

void check_external_volume(const AppView& app, std::size_t index, Problems& problems) {
  const Volume& volume = app.form.container->volumes[index];
  const std::string path = indexed("/container/volumes", index);
  if (!is_enabled(app.rules, "external_volumes")) {
    problems.add(path, feature_missing("external_volumes"));
  }
  const json::Value* provider = volume.external->find("provider");
  if (provider == nullptr) {
    problems.add(path + "/external/provider", "not defined");
  } else if (provider->as_string() == "dvdi") {
    check_dvdi(app, volume, path, problems);
  } else if (provider->as_string() == "csi") {
    check_csi(app, volume, path, problems);
  } else {
    problems.add(path + "/external/provider", "is unknown provider");
  }
}

void check_external_volumes_together(const AppView& app, Problems& problems) {
  std::set<std::string> names;
  bool exclusive = false;
  for (const Volume& volume : app.form.container->volumes) {
    if (!is_dvdi(volume)) {
      continue;
    }
    const std::string name((*volume.external)["name"].as_string());
    exclusive = exclusive || !(*volume.external)["shared"].as_bool();
    if (!names.insert(name).second) {
      problems.add("/container/volumes", "Volume names must be unique");
      problems.add(
          "/",
          fmt::format("Requested DVDI volume '{}' is declared more than once within app {}",
                      name,
                      app.form.id.value_or("")));
    }
  }
  problems.require(
      !exclusive || app.form.instances.value_or(1) <= 1,
      "/",
      fmt::format("Number of instances is limited to 1 when declaring DVDI volumes in app [{}]",
                  app.form.id.value_or("")));
}

}  // namespace ekiden::marathon::validation
