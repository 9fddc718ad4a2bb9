#include "core/agent/secret_store.h"

#include "core/base/log.h"

#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

Error refused(const std::string& name, std::string_view why) {
  return {ErrorCode::not_found, fmt::format("cannot use secret '{}': {}", name, why), {}};
}

class File {
 public:
  explicit File(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}

  ~File() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

bool stays_inside(const std::string& name) {
  const fs::path path(name);
  if (name.empty() || path.is_absolute() || name.find('\0') != std::string::npos) {
    return false;
  }
  for (const fs::path& part : path) {
    if (part == "..") {
      return false;
    }
  }
  return true;
}

Result<std::string> read_all(int fd, const std::string& name) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count < 0) {
      return fail(refused(name, "its file cannot be read"));
    }
    if (count == 0) {
      return text;
    }
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > SecretStore::kSizeMax) {
      return fail(refused(name, "it is larger than 1 MiB"));
    }
  }
}

}  // namespace

Result<std::string> SecretStore::find(const std::string& name) const {
  if (folder_.empty()) {
    return fail(refused(name, "this agent has no secret store; start it with --secret_store_dir"));
  }
  if (!stays_inside(name)) {
    return fail(refused(name, "its name must be a path inside the secret store"));
  }
  const File file(folder_ + "/" + name);

  struct stat state {};

  if (file.fd() < 0 || ::fstat(file.fd(), &state) != 0 || !S_ISREG(state.st_mode)) {
    return fail(refused(name, "there is no such file in the secret store"));
  }
  if (state.st_uid != ::geteuid() || (state.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(refused(
        name,
        "its file must belong to the agent's user and be readable by nobody else: chmod 600"));
  }
  return read_all(file.fd(), name);
}

void SecretStore::reveal(model::Secret& secret, const TaskId& task) const {
  if (secret.type != model::Secret::Type::reference || !secret.reference) {
    return;
  }
  Result<std::string> value = find(secret.reference->name);
  if (!value) {
    log::warn("task {}: {}", task.value, value.error().message);
    return;
  }
  secret.type = model::Secret::Type::value;
  secret.value = std::move(*value);
}

void SecretStore::reveal(model::TaskInfo& task) const {
  if (task.command && task.command->environment) {
    for (model::EnvironmentVariable& variable : task.command->environment->variables) {
      if (variable.secret) {
        reveal(*variable.secret, task.task_id);
      }
    }
  }
  if (task.container) {
    for (model::VolumeRef& volume : task.container->volumes) {
      if (volume.source && volume.source->secret) {
        reveal(*volume.source->secret, task.task_id);
      }
    }
  }
}

void SecretStore::reveal(model::ExecutorInfo& executor) const {
  if (!executor.command || !executor.command->environment) {
    return;
  }
  for (model::EnvironmentVariable& variable : executor.command->environment->variables) {
    if (!variable.secret || !variable.secret->reference) {
      continue;
    }
    if (Result<std::string> value = find(variable.secret->reference->name)) {
      variable = {variable.name, std::move(*value)};
    } else {
      log::warn("executor {}: {}", executor.executor_id.value, value.error().message);
    }
  }
}

void SecretStore::reveal(api::executor::Event& event) const {
  if (auto* launch = std::get_if<api::executor::Launch>(&event)) {
    reveal(launch->task);
  } else if (auto* group = std::get_if<api::executor::LaunchGroup>(&event)) {
    for (model::TaskInfo& task : group->tasks) {
      reveal(task);
    }
  }
}

}  // namespace ekiden::agent
