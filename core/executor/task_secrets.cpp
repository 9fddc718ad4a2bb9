#include "core/executor/task_secrets.h"

#include "core/executor/docker_config.h"
#include "core/executor/nested_sandbox.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::executor {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kSecretMode = 0400;

Result<std::string> value_of(const model::Secret& secret) {
  if (secret.value) {
    return *secret.value;
  }
  const std::string name = secret.reference ? secret.reference->name : "";
  return fail(
      ErrorCode::not_found,
      fmt::format("the agent has no usable secret '{}': look at its secret store and log", name));
}

Result<void> write_file(const std::string& path,
                        const std::string& value,
                        const std::optional<User>& owner) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  ::unlink(path.c_str());
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kSecretMode);
  bool done = fd >= 0;
  std::size_t written = 0;
  while (done && written < value.size()) {
    const ssize_t count = ::write(fd, value.data() + written, value.size() - written);
    done = count > 0;
    written += done ? static_cast<std::size_t>(count) : 0;
  }
  if (done && owner) {
    done = ::fchown(fd, owner->uid, owner->gid) == 0;
  }
  const int code = errno;
  if (fd >= 0) {
    ::close(fd);
  }
  return done ? Result<void>()
              : fail(ErrorCode::internal,
                     fmt::format("cannot write the secret's file {}: {}",
                                 path,
                                 std::generic_category().message(code)));
}

bool is_secret(const model::VolumeRef& volume) {
  return volume.source && volume.source->type == model::VolumeSource::Type::secret;
}

}  // namespace

Result<void> place_secrets(model::TaskInfo& task,
                           const std::string& sandbox,
                           const std::optional<User>& owner) {
  if (task.command && task.command->environment) {
    for (model::EnvironmentVariable& variable : task.command->environment->variables) {
      if (variable.type != model::EnvironmentVariable::Type::secret || !variable.secret) {
        continue;
      }
      Result<std::string> value = value_of(*variable.secret);
      if (!value) {
        return fail(value.error());
      }
      variable = {variable.name, std::move(*value)};
    }
  }
  if (!task.container) {
    return {};
  }
  const bool image = needs_docker(task.container);
  std::size_t index = 0;
  auto& volumes = task.container->volumes;
  for (model::VolumeRef& volume : volumes) {
    if (!is_secret(volume)) {
      continue;
    }
    Result<std::string> value = volume.source->secret
                                    ? value_of(*volume.source->secret)
                                    : fail(ErrorCode::invalid, "a secret volume without a secret");
    Result<std::string> path =
        inside(sandbox, image ? fmt::format(".secrets/{}", index++) : volume.container_path);
    if (!value || !path) {
      return fail(value ? path.error() : value.error());
    }
    if (Result<void> done = write_file(*path, *value, owner); !done) {
      return done;
    }
    if (image) {
      volume.host_path = std::move(*path);
      volume.source.reset();
    }
  }
  std::erase_if(volumes, is_secret);  // without an image the file is where it belongs
  return {};
}

}  // namespace ekiden::executor
