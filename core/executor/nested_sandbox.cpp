#include "core/executor/nested_sandbox.h"

#include "core/executor/nested_id.h"

#include <filesystem>
#include <system_error>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::executor {
namespace {

namespace fs = std::filesystem;
using model::VolumeSource;

constexpr mode_t kSandboxMode = 0750;

Result<void> make_folder(const std::string& path, const std::optional<User>& owner) {
  std::error_code error;
  const bool made = fs::create_directories(path, error);
  if (!error && made && owner && ::chown(path.c_str(), owner->uid, owner->gid) != 0) {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) {
    return fail(ErrorCode::internal, fmt::format("cannot make {}: {}", path, error.message()));
  }
  return {};
}

Result<void> make_link(const std::string& target, const std::string& link) {
  std::error_code error;
  fs::create_directories(fs::path(link).parent_path(), error);
  const fs::file_status there = fs::symlink_status(link, error);
  if (fs::is_symlink(there)) {
    fs::remove(link, error);
  }
  error.clear();
  fs::create_symlink(target, link, error);
  if (error) {
    return fail(ErrorCode::internal,
                fmt::format("cannot make the link {} to {}: {}", link, target, error.message()));
  }
  return {};
}

// A path that stays inside the folder it is relative to.
bool stays_inside(const std::string& path) {
  const fs::path normal = fs::path(path).lexically_normal();
  return !path.empty() && normal.is_relative() && *normal.begin() != "..";
}

}  // namespace

Result<std::string> inside(const std::string& folder, const std::string& path) {
  if (!stays_inside(path)) {
    return fail(ErrorCode::invalid,
                fmt::format("the volume's path '{}' leaves the sandbox: give one inside", path));
  }
  return folder + "/" + path;
}

namespace {

Result<std::string> host_path(const std::string& path, const std::string& sandbox) {
  if (path.empty() || path.front() != '/') {
    return inside(sandbox, path);
  }
  if (::access(path.c_str(), F_OK) != 0) {
    return fail(ErrorCode::not_found,
                fmt::format("the volume's host path '{}' does not exist", path));
  }
  return path;
}

Result<std::string> place_of(const model::VolumeRef& volume,
                             const std::string& sandbox,
                             const std::string& parent) {
  if (volume.host_path) {
    return host_path(*volume.host_path, sandbox);
  }
  const VolumeSource source = volume.source.value_or(VolumeSource{});
  if (source.type == VolumeSource::Type::host_path && source.host_path) {
    return host_path(*source.host_path, sandbox);
  }
  if (source.type == VolumeSource::Type::sandbox_path && source.sandbox_path) {
    const bool own = source.sandbox_path->type != VolumeSource::SandboxPath::Type::parent;
    if (!own && parent.empty()) {
      return fail(ErrorCode::invalid,
                  "a SANDBOX_PATH volume of type PARENT needs a parent container: only tasks of a "
                  "task group have one");
    }
    return inside(own ? sandbox : parent, source.sandbox_path->path);
  }
  return fail(ErrorCode::unsupported,
              fmt::format("the source of the volume at '{}' is not supported by this agent",
                          volume.container_path));
}

}  // namespace

Result<std::string> make_nested_sandbox(const std::string& executor_sandbox,
                                        const ContainerId& container,
                                        const TaskId& task,
                                        const std::optional<User>& owner) {
  const std::string folder = executor_sandbox + "/containers/" + own_part(container);
  Result<void> done = make_folder(executor_sandbox + "/containers", std::nullopt);
  done = done ? make_folder(folder, owner) : done;
  done = done ? make_link(folder, executor_sandbox + "/tasks/" + task.value) : done;
  if (!done) {
    return fail(done.error());
  }
  ::chmod(folder.c_str(), kSandboxMode);
  return folder;
}

Result<std::vector<ResolvedVolume>> resolve_volumes(const model::ContainerInfo& container,
                                                    const std::string& sandbox,
                                                    const std::string& parent,
                                                    const std::optional<User>& owner) {
  std::vector<ResolvedVolume> all;
  for (const model::VolumeRef& volume : container.volumes) {
    Result<std::string> place = place_of(volume, sandbox, parent);
    if (!place) {
      return fail(place.error());
    }
    const bool of_sandbox =
        place->starts_with(sandbox + "/") || (!parent.empty() && place->starts_with(parent + "/"));
    if (of_sandbox) {
      if (Result<void> made = make_folder(*place, owner); !made) {
        return fail(made.error());
      }
    }
    all.push_back(
        {std::move(*place), volume.container_path, volume.mode == model::VolumeRef::Mode::ro});
  }
  return all;
}

Result<void> link_volumes(const std::vector<ResolvedVolume>& volumes, const std::string& sandbox) {
  for (const ResolvedVolume& volume : volumes) {
    std::string link = volume.container_path;
    if (link == volume.host_path) {
      continue;
    }
    if (!link.empty() && link.front() == '/') {
      return fail(ErrorCode::unsupported,
                  fmt::format("a volume at the absolute path '{}' needs a container image: without "
                              "one, give a path relative to the sandbox",
                              link));
    }
    const Result<std::string> place = inside(sandbox, link);
    if (!place) {
      return fail(place.error());
    }
    if (*place == volume.host_path) {
      continue;
    }
    if (const Result<void> made = make_link(volume.host_path, *place); !made) {
      return made;
    }
  }
  return {};
}

}  // namespace ekiden::executor
