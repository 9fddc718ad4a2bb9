#include "core/agent/container_state.h"

#include "core/base/log.h"
#include "core/base/strings.h"
#include "core/executor/cgroup_files.h"
#include "core/json/json.h"
#include "core/runtime/spawn.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;
using model::VolumeSource;

constexpr std::int64_t kPlanVersion = 1;

Result<void> system_failure(const std::string& what, const std::string& path) {
  return fail(ErrorCode::internal,
              fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

Result<void> write_durably(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    return system_failure("write", fresh);
  }
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  ::close(fd);
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
    return system_failure("write", path);
  }
  return {};
}

Result<void> own(const std::string& path, const std::optional<UserIds>& user) {
  if (user && ::lchown(path.c_str(), user->uid, user->gid) != 0) {
    return system_failure("give the sandbox to its user:", path);
  }
  return {};
}

bool stays_inside(const std::string& path) {
  for (const std::string_view part : split(path, '/')) {
    if (part == "..") {
      return false;
    }
  }
  return !path.empty() && path.front() != '/';
}

// A folder of the parent's sandbox under a name of its own [mesos-core 6.9].
Result<void> link_volume(const model::VolumeRef& volume,
                         const ContainerPlan& plan,
                         const std::optional<UserIds>& user) {
  const std::string& inner = volume.source->sandbox_path->path;
  if (!stays_inside(inner) || !stays_inside(volume.container_path)) {
    return fail(ErrorCode::invalid,
                fmt::format("cannot mount volume '{}' from '{}': both paths must be relative and "
                            "stay inside the sandboxes",
                            volume.container_path,
                            inner));
  }
  const std::string shared = plan.parent_sandbox + "/" + inner;
  const std::string link = plan.sandbox + "/" + volume.container_path;
  std::error_code error;
  if (fs::create_directories(shared, error)) {
    if (Result<void> done = own(shared, user); !done) {
      return done;
    }
  }
  fs::create_directories(fs::path(link).parent_path(), error);
  if (::symlink(shared.c_str(), link.c_str()) != 0 && errno != EEXIST) {
    return system_failure("link volume", link);
  }
  return {};
}

std::string window_text(const ContainerPlan& plan) {
  const auto& container = plan.launch.container;
  if (!container || !container->tty_info || !container->tty_info->window_size) {
    return "0x0";
  }
  const auto& size = *container->tty_info->window_size;
  return fmt::format("{}x{}", size.rows, size.columns);
}

bool has_terminal(const ContainerPlan& plan) {
  return plan.launch.container && plan.launch.container->tty_info;
}

std::vector<std::string> command_words(const ContainerPlan& plan) {
  const model::CommandInfo command = plan.launch.command.value_or(model::CommandInfo{});
  std::vector<std::string> words;
  if (command.shell) {
    words = {"/bin/sh", "-c", command.value.value_or("")};
  } else {
    words = {command.value.value_or("")};
    const std::size_t skipped = command.arguments.empty() ? 0 : 1;  // arguments[0] is argv[0]
    words.insert(words.end(),
                 command.arguments.begin() + static_cast<long>(skipped),
                 command.arguments.end());
  }
  if (plan.docker.empty()) {
    return words;
  }
  std::vector<std::string> outer{plan.docker_program, "--host", "unix://" + plan.docker_socket};
  outer.insert(outer.end(), {"exec", "--interactive"});
  if (has_terminal(plan)) {
    outer.emplace_back("--tty");
  }
  const model::Environment environment = command.environment.value_or(model::Environment{});
  for (const model::EnvironmentVariable& variable : environment.variables) {
    outer.insert(outer.end(), {"--env", variable.name + "=" + variable.value.value_or("")});
  }
  if (!plan.user.empty()) {
    outer.insert(outer.end(), {"--user", plan.user});
  }
  outer.push_back(plan.docker);
  outer.insert(outer.end(), words.begin(), words.end());
  return outer;
}

std::string plan_text(const ContainerPlan& plan) {
  json::Writer writer;
  writer.begin_object().key("version").integer(kPlanVersion);
  writer.key("session").boolean(plan.session);
  writer.key("own_cgroup").boolean(plan.own_cgroup);
  writer.member("sandbox", plan.sandbox).key("launch");
  json::encode(writer, plan.launch, json::kRecord);
  writer.end_object();
  return writer.take();
}

Result<ContainerPlan> read_plan(const std::string& text) {
  const auto value = json::parse(text);
  if (!value) {
    return fail(value.error());
  }
  auto launch =
      json::decode<api::agent_operator::LaunchContainer>((*value)["launch"], json::kRecord);
  if (!launch) {
    return fail(launch.error());
  }
  ContainerPlan plan;
  plan.launch = std::move(*launch);
  plan.session = (*value)["session"].as_bool();
  plan.own_cgroup = (*value)["own_cgroup"].as_bool();
  plan.sandbox = (*value)["sandbox"].as_string();
  return plan;
}

}  // namespace

Result<void> check_supported(const api::agent_operator::LaunchContainer& launch) {
  if (!launch.container) {
    return {};
  }
  const model::ContainerInfo& container = *launch.container;
  if (container.type == model::ContainerInfo::Type::docker || container.mesos_image) {
    return fail(
        ErrorCode::unsupported,
        "The provided ContainerInfo is not supported: this agent runs images through Docker "
        "tasks only");
  }
  for (const model::VolumeRef& volume : container.volumes) {
    const bool shared =
        volume.source && volume.source->sandbox_path &&
        volume.source->sandbox_path->type == VolumeSource::SandboxPath::Type::parent;
    if (!shared) {
      return fail(ErrorCode::unsupported,
                  fmt::format("The provided ContainerInfo is not supported: volume '{}' is not of "
                              "type SANDBOX_PATH with PARENT, the only one without a filesystem of "
                              "the container's own",
                              volume.container_path));
    }
  }
  return {};
}

std::string ContainerState::folder(const ContainerId& container) const {
  return root_ + "/" + container.value;
}

Result<void> ContainerState::write_plan(const ContainerPlan& plan) const {
  const std::string path = folder(plan.launch.container_id);
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return fail(ErrorCode::internal, fmt::format("cannot make {}: {}", path, error.message()));
  }
  return write_durably(path + "/plan", plan_text(plan));
}

Result<void> ContainerState::make_sandbox(const ContainerPlan& plan) const {
  if (plan.session) {
    return {};
  }
  const auto user = find_user(plan.user);
  if (!user) {
    return fail(user.error());
  }
  std::error_code error;
  fs::create_directories(plan.sandbox, error);
  if (error) {
    return fail(ErrorCode::internal,
                fmt::format("cannot make sandbox {}: {}", plan.sandbox, error.message()));
  }
  ::chmod(plan.sandbox.c_str(), 0750);
  Result<void> done = own(plan.sandbox, *user);
  for (const char* name : {"/stdout", "/stderr"}) {
    const std::string path = plan.sandbox + name;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (done && fd < 0) {
      done = system_failure("make file", path);
    }
    ::close(fd);
    done = done ? own(path, *user) : done;
  }
  if (plan.launch.container) {
    for (const model::VolumeRef& volume : plan.launch.container->volumes) {
      done = done ? link_volume(volume, plan, *user) : done;
    }
  }
  return done;
}

Result<int> ContainerState::spawn(const ContainerPlan& plan,
                                  const std::vector<std::string>& cgroups,
                                  const std::string& executor_path) const {
  const std::string state = folder(plan.launch.container_id);
  const char* io = has_terminal(plan) ? "terminal" : plan.session ? "pipes" : "files";
  std::vector<std::string> words{"ekiden-executor", "--pid-file", state + "/pid"};
  words.insert(words.end(), {"--state", state, "--io", io, "--window", window_text(plan)});
  words.insert(words.end(), {"--session", plan.session ? "true" : "false"});
  for (const std::string& directory : cgroups) {
    words.insert(words.end(), {"--cgroup", directory});
  }
  if (plan.docker.empty()) {
    const auto user = find_user(plan.user);
    if (!user) {
      return fail(user.error());
    }
    if (*user) {
      words.insert(
          words.end(),
          {"--user", fmt::format("{}:{}:{}", (*user)->uid, (*user)->gid, (*user)->groups)});
    }
  }
  words.emplace_back("--exec");
  const std::vector<std::string> command = command_words(plan);
  words.insert(words.end(), command.begin(), command.end());
  const std::string& output = plan.session ? state : plan.sandbox;
  return runtime::spawn({executor_path,
                         std::move(words),
                         plan.environment,
                         plan.session ? plan.parent_sandbox : plan.sandbox,
                         output + "/stdout",
                         output + "/stderr"});
}

FoundProcess ContainerState::find(const ContainerId& container) const {
  return find_process(folder(container) + "/pid");
}

std::optional<ContainerEnd> ContainerState::read_end(const ContainerId& container) const {
  const auto text = executor::read_small_file(folder(container) + "/status");
  if (!text) {
    return std::nullopt;
  }
  const std::size_t line = text->find('\n');
  const auto status = parse_int(std::string_view(*text).substr(0, line));
  if (!status || line == std::string::npos) {
    return std::nullopt;
  }
  return ContainerEnd{static_cast<int>(*status),
                      std::string(trim(std::string_view(*text).substr(line)))};
}

void ContainerState::remove(const ContainerId& container) const {
  std::error_code error;
  fs::remove_all(folder(container), error);
  if (error) {
    log::warn("cannot remove {}: {}", folder(container), error.message());
  }
}

std::vector<StoredContainer> ContainerState::load() const {
  std::vector<StoredContainer> all;
  std::error_code error;
  for (fs::directory_iterator at(root_, error), end; !error && at != end; at.increment(error)) {
    const std::string path = at->path().string();
    const auto text = executor::read_small_file(path + "/plan");
    if (!text) {  // its start was never promised to anybody
      fs::remove_all(path, error);
      continue;
    }
    auto plan = read_plan(*text);
    if (!plan) {
      log::error("cannot read the plan of container {}: {}", path, plan.error().message);
      continue;
    }
    StoredContainer stored;
    stored.process = find_process(path + "/pid");
    stored.end = read_end(plan->launch.container_id);
    stored.plan = std::move(*plan);
    all.push_back(std::move(stored));
  }
  return all;
}

}  // namespace ekiden::agent
