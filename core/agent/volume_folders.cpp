#include "core/agent/volume_folders.h"

#include "core/base/log.h"

#include <filesystem>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrash = ".removed";

}  // namespace

std::string absolute_path(const std::string& path, const std::string& work_dir) {
  return path.starts_with("/") ? path : work_dir + "/" + path;
}

VolumeFolders::VolumeFolders(std::string work_dir) : work_dir_(std::move(work_dir)) {
  const std::string trash = work_dir_ + "/volumes/" + kTrash;
  std::error_code error;
  if (fs::exists(trash, error)) {
    remove_in_background(trash);
  }
}

Result<void> VolumeFolders::apply(const VolumeOrder& order) {
  const std::string path = absolute_path(order.path, work_dir_);
  if (order.kind == VolumeOrder::Kind::remove) {
    return remove(path, order.whole_disk);
  }
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return fail(ErrorCode::internal,
                fmt::format("cannot make the volume's folder {}: {}", path, error.message()));
  }
  return {};
}

Result<void> VolumeFolders::remove(const std::string& path, bool whole_disk) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return {};
  }
  // Beside the roles of its own disk, so that moving is a rename.
  const fs::path base = whole_disk ? fs::path(path) : fs::path(path).parent_path().parent_path();
  const fs::path trash = (whole_disk ? base : base.parent_path()) / kTrash;
  fs::create_directories(trash, error);
  const auto put_aside = [&](const fs::path& one) {
    std::error_code failed;
    fs::rename(one,
               trash / fmt::format("{}-{}-{}", one.filename().string(), ::getpid(), ++removed_),
               failed);
    error = failed ? failed : error;
  };
  if (!whole_disk) {
    put_aside(path);
  } else {
    std::vector<fs::path> all;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      if (at->path() != trash) {
        all.push_back(at->path());
      }
    }
    for (const fs::path& one : all) {
      put_aside(one);
    }
  }
  if (error) {
    return fail(ErrorCode::internal,
                fmt::format("cannot remove the volume's data in {}: {}", path, error.message()));
  }
  remove_in_background(trash.string());
  return {};
}

void VolumeFolders::remove_in_background(std::string path) {
  if (worker_ == nullptr) {
    worker_ = std::make_unique<runtime::Worker>("agent-volumes");
  }
  worker_->post([path = std::move(path)] {
    std::error_code error;
    std::vector<fs::path> all;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      all.push_back(at->path());
    }
    for (const fs::path& one : all) {
      fs::remove_all(one, error);
      if (error) {
        log::warn("cannot delete {}: {}", one.string(), error.message());
      }
    }
  });
}

namespace {

// On its first use by a container the data's folder goes to the sandbox's owner.
void give_to_owner(const std::string& path, const std::string& sandbox) {
  struct stat folder {};

  struct stat owner {};

  if (::stat(path.c_str(), &folder) == 0 && ::stat(sandbox.c_str(), &owner) == 0 &&
      folder.st_uid != owner.st_uid && ::chown(path.c_str(), owner.st_uid, owner.st_gid) != 0) {
    log::warn("cannot give {} to the owner of {}", path, sandbox);
  }
}

Result<void> link_volume(const VolumeMount& volume, const std::string& sandbox) {
  const fs::path inside = fs::path(volume.container_path).lexically_normal();
  if (inside.empty() || inside.is_absolute() || *inside.begin() == "..") {
    return fail(ErrorCode::invalid,
                fmt::format("cannot mount a volume at '{}': the path must be inside the sandbox",
                            volume.container_path));
  }
  std::error_code error;
  fs::create_directories(volume.path, error);
  const fs::path link = fs::path(sandbox) / inside;
  fs::create_directories(link.parent_path(), error);
  if (fs::is_symlink(fs::symlink_status(link, error))) {
    if (fs::read_symlink(link, error) == volume.path) {
      return {};
    }
    fs::remove(link, error);
  }
  error.clear();
  give_to_owner(volume.path, sandbox);
  fs::create_symlink(volume.path, link, error);
  if (error) {
    return fail(
        ErrorCode::internal,
        fmt::format(
            "cannot mount volume {} at {}: {}", volume.path, link.string(), error.message()));
  }
  return {};
}

}  // namespace

Result<void> link_volumes(const std::vector<VolumeMount>& volumes, const std::string& sandbox) {
  for (const VolumeMount& volume : volumes) {
    if (const Result<void> done = link_volume(volume, sandbox); !done) {
      return done;
    }
  }
  return {};
}

}  // namespace ekiden::agent
