#include "core/agent/daemon_setup.h"

#include "core/agent/host_resources.h"
#include "core/executor/cgroup_files.h"
#include "core/json/json.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

namespace fs = std::filesystem;

std::string host_name(const Options& options) {
  if (!options.hostname.empty()) {
    return options.hostname;
  }
  char name[256] = {};
  if (options.ip == "0.0.0.0" && ::gethostname(name, sizeof name - 1) == 0) {
    return name;
  }
  return options.ip;
}

Result<std::optional<model::DomainInfo>> read_domain(const std::string& value) {
  if (value.empty()) {
    return std::optional<model::DomainInfo>();
  }
  const auto text = wire::flag_text(value);
  auto domain = text ? json::decode<model::DomainInfo>(std::string_view(*text), json::kMesos)
                     : Result<model::DomainInfo>(fail(text.error()));
  if (!domain) {
    return fail(ErrorCode::invalid, "cannot read --domain: " + domain.error().message);
  }
  return std::optional(std::move(*domain));
}

}  // namespace

Result<void> make_work_dir(std::string& path) {
  std::error_code error;
  fs::create_directories(path + "/slaves", error);
  if (!error) {
    fs::create_directories(path + "/meta/pids", error);
  }
  if (error) {
    return fail(
        ErrorCode::internal,
        fmt::format("cannot use {} as the agent's work directory: {}", path, error.message()));
  }
  path = fs::canonical(path).string();
  if (::access((path + "/slaves").c_str(), W_OK) != 0 ||
      ::access((path + "/meta").c_str(), W_OK) != 0) {
    return fail(ErrorCode::internal,
                fmt::format("cannot use {} as the agent's work directory: it cannot be written to; "
                            "is its disk mounted read-only?",
                            path));
  }
  return {};
}

Result<void> find_executor_program(std::string& path) {
  if (path.empty()) {
    std::error_code error;
    path = (fs::read_symlink("/proc/self/exe", error).parent_path() / "ekiden-executor").string();
  }
  if (::access(path.c_str(), X_OK) != 0) {
    return fail(ErrorCode::not_found,
                fmt::format("cannot find the executor program {}: build target ekiden-executor, or "
                            "name it in the options",
                            path));
  }
  path = fs::absolute(path).string();
  return {};
}

Result<void> write_endpoint(const std::string& path, const std::string& endpoint) {
  const std::string fresh = path + ".new";
  std::ofstream(fresh) << endpoint << "\n";
  std::error_code error;
  fs::rename(fresh, path, error);
  if (error) {
    return fail(ErrorCode::internal, fmt::format("cannot write {}: {}", path, error.message()));
  }
  return {};
}

Result<StoredRecords> load_records(store::Store& store) {
  StoredRecords records;
  const std::pair<const char*, StoredRecords::Entries*> kinds[] = {
      {kAgentKind, &records.agent},
      {kFrameworkKind, &records.frameworks},
      {kExecutorKind, &records.executors},
      {kTaskKind, &records.tasks},
      {kUpdateKind, &records.updates}};
  for (const auto& [kind, entries] : kinds) {
    auto loaded = store.load(kind);
    if (!loaded) {
      return fail(loaded.error());
    }
    *entries = std::move(*loaded);
  }
  return records;
}

FetcherOptions fetcher_options(const Options& options) {
  FetcherOptions fetcher;
  fetcher.cache_dir =
      options.fetcher_cache_dir.empty() ? options.work_dir + "/fetch" : options.fetcher_cache_dir;
  fetcher.cache_bytes_max = options.fetcher_cache_bytes;
  fetcher.stall_timeout = options.fetcher_stall_timeout;
  fetcher.frameworks_home = options.frameworks_home;
  return fetcher;
}

Result<AgentConfig> make_config(const Options& options) {
  auto resources = host_resources(options.resources, options.work_dir, options.default_role);
  if (!resources) {
    return fail(resources.error());
  }
  auto attributes = options.attributes.empty()
                        ? Result<std::vector<model::Attribute>>(std::vector<model::Attribute>())
                        : model::parse_attributes(options.attributes);
  if (!attributes) {
    return fail(attributes.error());
  }
  AgentConfig config;
  config.ip = options.advertise_ip.empty() ? options.ip : options.advertise_ip;
  config.info.hostname = host_name(options);
  config.info.resources = resources->list();
  config.info.attributes = std::move(*attributes);
  auto domain = read_domain(options.domain);
  if (!domain) {
    return fail(domain.error());
  }
  config.info.domain = std::move(*domain);
  config.executor_registration_timeout = options.executor_registration_timeout;
  config.executor_reregistration_timeout = options.executor_reregistration_timeout;
  config.executor_shutdown_grace = options.executor_shutdown_grace;
  config.registration.first = options.registration_backoff;
  return config;
}

Result<std::shared_ptr<const wire::Credentials>> load_credentials(const Options& options) {
  if (!options.authenticate_readonly && !options.authenticate_readwrite) {
    return std::shared_ptr<const wire::Credentials>();
  }
  if (options.http_credentials.empty()) {
    return fail(ErrorCode::invalid,
                "cannot authenticate HTTP without --http_credentials: name a file of principals "
                "and secrets");
  }
  auto loaded = wire::Credentials::load(options.http_credentials);
  if (!loaded) {
    return fail(loaded.error());
  }
  return std::make_shared<const wire::Credentials>(std::move(*loaded));
}

Result<std::map<std::string, std::string>> executor_environment(const Options& options) {
  std::map<std::string, std::string> variables;
  if (options.executor_environment.empty()) {
    return variables;
  }
  const auto text = wire::flag_text(options.executor_environment);
  const auto value = text ? json::parse(*text) : Result<json::Value>(fail(text.error()));
  if (!value || !value->is_object()) {
    return fail(ErrorCode::invalid,
                "cannot read --executor_environment_variables: write a JSON object of texts");
  }
  for (const auto& [name, one] : value->as_object()) {
    variables[name] = one.as_string();
  }
  return variables;
}

std::optional<std::string> reconfiguration_problem(Options::Reconfiguration policy,
                                                   const model::AgentInfo& before,
                                                   const model::AgentInfo& now) {
  if (policy == Options::Reconfiguration::any) {
    return std::nullopt;
  }
  if (before.hostname != now.hostname) {
    return fmt::format("its host name was '{}' and is now '{}'", before.hostname, now.hostname);
  }
  const bool additive = policy == Options::Reconfiguration::additive;
  const model::Resources had(before.resources);
  const model::Resources has(now.resources);
  if (additive ? !has.contains(had) : !(has == had)) {
    return fmt::format(
        "its resources were '{}' and are now '{}'", model::to_text(had), model::to_text(has));
  }
  const auto kept = [&now](const model::Attribute& attribute) {
    return std::find(now.attributes.begin(), now.attributes.end(), attribute) !=
           now.attributes.end();
  };
  const bool all_kept = std::all_of(before.attributes.begin(), before.attributes.end(), kept);
  if (!all_kept || (!additive && before.attributes.size() != now.attributes.size())) {
    return "its attributes have changed";
  }
  if (before.domain != now.domain && (!additive || before.domain)) {
    return "its domain has changed";
  }
  return std::nullopt;
}

Result<void> check_reconfiguration(const Options& options, const model::AgentInfo& now) {
  const std::string path = options.work_dir + "/meta/agent_info";
  if (const auto text = executor::read_small_file(path)) {
    const auto before = json::decode<model::AgentInfo>(std::string_view(*text), json::kRecord);
    if (!before) {
      return fail(ErrorCode::internal,
                  fmt::format("cannot read {}: {}", path, before.error().message));
    }
    if (const auto problem = reconfiguration_problem(options.reconfiguration, *before, now)) {
      return fail(ErrorCode::conflict,
                  fmt::format("cannot use {} again with another configuration: {}; start with the "
                              "old one, allow more of everything with "
                              "--reconfiguration_policy=additive, or give a fresh --work_dir",
                              options.work_dir,
                              *problem));
    }
  }
  return write_endpoint(path, json::encode(now, json::kRecord));
}

}  // namespace ekiden::agent
