#include "core/master/access.h"

#include "core/json/json.h"

#include <utility>

#include <fmt/core.h>

namespace ekiden::master {
namespace {

Error about(const char* flag, const Error& error) {
  return {error.code, fmt::format("cannot use --{}: {}", flag, error.message), error.problems};
}

Result<std::set<std::string>> parse_closed_paths(const std::string& rules) {
  const auto value = json::parse(rules);
  if (!value) {
    return fail(ErrorCode::malformed, "the rules are not valid JSON");
  }
  std::set<std::string> paths;
  for (const json::Value& path : (*value)["disabled_endpoints"]["paths"].as_array()) {
    paths.emplace(path.as_string());
  }
  return paths;
}

}  // namespace

Result<Access> Access::from(const AccessOptions& options) {
  Access access;
  if (options.readonly) {
    access.authenticated.insert(Realm::readonly);
  }
  if (options.readwrite) {
    access.authenticated.insert(Realm::readwrite);
  }
  if (options.frameworks) {
    access.authenticated.insert(Realm::scheduler);
  }
  if (!options.credentials.empty()) {
    auto loaded = wire::Credentials::load(options.credentials);
    if (!loaded) {
      return fail(about("credentials", loaded.error()));
    }
    access.credentials = std::make_shared<const wire::Credentials>(std::move(*loaded));
  } else if (!access.authenticated.empty()) {
    return fail(ErrorCode::invalid,
                "authentication of HTTP clients is asked for, but there is nothing to compare "
                "with: give a file with --credentials");
  }
  if (!options.acls.empty()) {
    const auto text = wire::flag_text(options.acls);
    auto acls = text ? wire::Acls::parse(*text) : Result<wire::Acls>(fail(text.error()));
    if (!acls) {
      return fail(about("acls", acls.error()));
    }
    access.acls = std::make_shared<const wire::Acls>(std::move(*acls));
  }
  if (!options.firewall_rules.empty()) {
    const auto text = wire::flag_text(options.firewall_rules);
    auto paths =
        text ? parse_closed_paths(*text) : Result<std::set<std::string>>(fail(text.error()));
    if (!paths) {
      return fail(about("firewall_rules", paths.error()));
    }
    access.closed_paths = std::move(*paths);
  }
  return access;
}

net::Handler guarded(const Access& access, Realm realm, net::Handler handler) {
  if (!access.authenticated.contains(realm)) {
    return handler;
  }
  std::string name = "mesos-master-readonly";
  if (realm == Realm::readwrite) {
    name = "mesos-master-readwrite";
  } else if (realm == Realm::scheduler) {
    name = "mesos-master-scheduler";
  }
  return wire::authenticated(access.credentials, std::move(name), std::move(handler));
}

}  // namespace ekiden::master
