#include "marathon/model/pattern.h"
#include "marathon/validation/app.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::marathon::validation {
namespace {

bool has_secret(const AppView& app, const std::string& name) {
  return app.form.secrets && app.form.secrets->count(name) > 0;
}

void check_docker(const AppView& app, Problems& problems) {
  const wire::ContainerForm& container = *app.form.container;
  const std::string path = "/container/docker";
  if (container.type == Engine::docker) {
    problems.require(container.docker.has_value(), path, "not defined");
  }
  if (!container.docker) {
    return;
  }
  problems.require(!container.docker->image.empty(), path + "/image", "must not be empty");
  if (!container.docker->pull_config) {
    return;
  }
  const std::string pull = path + "/pullConfig";
  problems.require(container.type == Engine::mesos,
                   pull,
                   "pullConfig is not supported with Docker containerizer");
  problems.require(has_secret(app, container.docker->pull_config->secret),
                   pull,
                   "pullConfig.secret must refer to an existing secret");
  if (!is_enabled(app.rules, "secrets")) {
    problems.add(pull, feature_missing("secrets"));
    problems.add(pull, "must be empty");
  }
}

}  // namespace

void check_linux_info(const json::Value& info, const std::string& path, Problems& problems) {
  if (const json::Value* seccomp = info.find("seccomp")) {
    const bool profile = seccomp->find("profileName") != nullptr;
    const bool unconfined = (*seccomp)["unconfined"].as_bool();
    problems.require(!profile || !unconfined,
                     path + "/seccomp",
                     "Seccomp unconfined can NOT be true when Profile is defined");
    problems.require(profile || unconfined,
                     path + "/seccomp",
                     "Seccomp unconfined must be true when Profile is NOT defined");
  }
  const json::Value& ipc = info["ipcInfo"];
  problems.require(ipc["mode"].as_string() != "SHARE_PARENT" || ipc.find("shmSize") == nullptr,
                   path + "/ipcInfo",
                   "ipcInfo shmSize can NOT be set when mode is SHARE_PARENT");
}

namespace {

void check_volume_constraint(const std::vector<std::string>& parts,
                             const std::string& path,
                             Problems& problems) {
  if (parts.size() < 2) {
    problems.add(path, "Missing field and operator");
    return;
  }
  if (parts[1] != "LIKE" && parts[1] != "UNLIKE") {
    const bool known =
        std::find(kConstraintOperators.begin(), kConstraintOperators.end(), parts[1]) !=
        kConstraintOperators.end();
    problems.add(path,
                 known ? "Operator must be one of LIKE, UNLIKE"
                       : "unknown constraint operator " + parts[1]);
    return;
  }
  if (parts.size() != 3 || parts[0] != "path" || parts[1] == "UNLIKE") {
    std::string all;
    for (const std::string& part : parts) {
      all += (all.empty() ? "" : ",") + part;
    }
    problems.add(path, "Unsupported constraint " + all);
    return;
  }
  problems.require(
      Pattern::compile(parts[2]).has_value(), path + "/" + parts[2], "Invalid regular expression");
}

void check_persistent(const Volume& volume, const std::string& path, Problems& problems) {
  problems.require(volume.container_path.find('/') == std::string::npos,
                   path + "/containerPath",
                   "value must not contain \"/\"");
  problems.require(volume.container_path != "." && volume.container_path != "..",
                   path + "/containerPath",
                   "can not be one of (.,..)");
  problems.require(volume.mode == "RW", path + "/mode", "does not equal RW");
  check_persistent(*volume.persistent, path, problems);
}

}  // namespace

void check_persistent(const PersistentVolume& persistent,
                      const std::string& path,
                      Problems& problems) {
  problems.require(persistent.size > 0, path + "/persistent/size", "got 0, expected more than 0");
  const bool mount = persistent.type == PersistentVolume::Type::mount;
  problems.require(
      !persistent.max_size || mount, path + "/persistent", "Only mount volumes can have maxSize");
  problems.require(!persistent.max_size || *persistent.max_size > persistent.size,
                   path + "/persistent",
                   "Max size must be larger than size");
  problems.require(
      persistent.constraints.empty() || persistent.type != PersistentVolume::Type::root,
      path + "/persistent",
      "Constraints on root volumes are not supported");
  for (std::size_t i = 0; i < persistent.constraints.size(); ++i) {
    check_volume_constraint(
        persistent.constraints[i], indexed(path + "/persistent/constraints", i), problems);
  }
}

namespace {

void check_secret_volume(const AppView& app,
                         const Volume& volume,
                         const std::string& path,
                         Problems& problems) {
  problems.require(
      has_secret(app, *volume.secret), path, "volume.secret must refer to an existing secret");
  if (!is_enabled(app.rules, "secrets")) {
    problems.add("/container", feature_missing("secrets"));
    problems.add("/container", "must be empty");
  }
}

void check_volumes(const AppView& app, Problems& problems) {
  const auto& volumes = app.form.container->volumes;
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const std::string path = indexed("/container/volumes", i);
    if (volumes[i].persistent) {
      check_persistent(volumes[i], path, problems);
    } else if (volumes[i].secret) {
      check_secret_volume(app, volumes[i], path, problems);
    } else if (volumes[i].external) {
      check_external_volume(app, i, problems);
    }
  }
  check_external_volumes_together(app, problems);
}

}  // namespace

void check_container(const AppView& app, Problems& problems) {
  if (!app.form.container) {
    return;
  }
  check_docker(app, problems);
  check_volumes(app, problems);
  if (app.form.container->linux_info) {
    check_linux_info(*app.form.container->linux_info, "/container/linuxInfo", problems);
  }
}

void check_secrets(const AppView& app, Problems& problems) {
  const bool enabled = is_enabled(app.rules, "secrets");
  std::size_t index = 0;
  for (const auto& [name, secret] :
       app.form.secrets.value_or(std::map<std::string, wire::SecretSource>{})) {
    problems.require(enabled, "/secrets", feature_missing("secrets"));
    problems.require(!name.empty(), indexed("/secrets/keys", index++), "must not be empty");
    problems.require(!secret.source.empty(), "/secrets/" + name + "/source", "must not be empty");
  }
  index = 0;
  for (const auto& [name, value] : app.form.env.value_or(std::map<std::string, EnvValue>{})) {
    problems.require(!name.empty(), indexed("/env/keys", index++), "must not be empty");
    const auto* secret = std::get_if<Secret>(&value);
    if (secret == nullptr) {
      continue;
    }
    problems.require(
        enabled,
        "/env",
        "use of secret-references in the environment requires the secrets feature to be enabled");
    problems.require(has_secret(app, secret->secret),
                     "/env/" + name + "/secret",
                     "references an undefined secret");
  }
}

}  // namespace ekiden::marathon::validation
