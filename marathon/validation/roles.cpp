#include "marathon/validation/roles.h"

#include "core/base/strings.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace ekiden::marathon::validation {
namespace {

struct ForbiddenCharacter {
  char character;
  std::string_view name;
};

constexpr std::array<ForbiddenCharacter, 8> kForbidden{{{'\t', "horizontal tab (\\x09)"},
                                                        {'\n', "line feed (\\x0a)"},
                                                        {'\v', "vertical tab (\\x0b)"},
                                                        {'\f', "form feed (\\x0c)"},
                                                        {'\r', "carriage return (\\x0d)"},
                                                        {' ', "space (\\x20)"},
                                                        {'/', "slash (\\x2f)"},
                                                        {'\x7f', "backspace (\\x7f)"}}};

bool enforces_role(const Root& root, const PathId& group, const Settings& settings) {
  const auto* found = root.groups.find(group);
  return found && (*found)->enforce_role ? *(*found)->enforce_role
                                         : settings.new_group_enforce_role;
}

void check_role_name(const std::string& role, const std::string& path, Problems& problems) {
  for (std::string_view name : {"", ".", ".."}) {
    problems.require(role != name, path, fmt::format("A role name must not be \"{}\".", name));
  }
  problems.require(!role.starts_with('-'), path, "A role name must not start with a '-'.");
  for (std::size_t i = 0; i < role.size(); ++i) {
    for (const ForbiddenCharacter& forbidden : kForbidden) {
      problems.require(role[i] != forbidden.character,
                       indexed(path, i),
                       fmt::format("A role name must not include a {} character.", forbidden.name));
    }
  }
}

void check_accepted(const Roles& app, Problems& problems) {
  const std::string path = "/acceptedResourceRoles";
  const auto& accepted = *app.accepted;
  problems.require(!accepted.empty(), path, "must not be empty");
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    check_role_name(accepted[i], indexed(path, i), problems);
  }
  const bool known = std::all_of(accepted.begin(), accepted.end(), [&](const std::string& role) {
    return role == "*" || role == app.role;
  });
  const std::string allowed = app.role == "*" ? "*" : "* and " + app.role;
  problems.require(known, path, "acceptedResourceRoles can only contain " + allowed);
  if (app.resident) {
    problems.require(accepted == std::vector<std::string>{"*"},
                     path,
                     fmt::format("A resident {} must have `acceptedResourceRoles = [\"*\"]`.",
                                 app.kind));
  }
}

}  // namespace

RoleRules role_rules(const Root& root, const PathId& app, const Settings& settings) {
  const auto segments = app.segments();
  if (segments.size() < 2) {
    return {settings.mesos_role, {settings.mesos_role}};
  }
  const std::string group(segments.front());
  RoleRules rules;
  if (enforces_role(root, PathId().child(group), settings)) {
    rules = {group, {group}};
  } else {
    rules = {settings.mesos_role, {settings.mesos_role, group}};
  }
  if (const AppPtr old = root.find_app(app)) {
    rules.valid.push_back(old->role);
  }
  return rules;
}

void check_roles(const Roles& app, const RoleRules& rules, Problems& problems) {
  if (std::find(rules.valid.begin(), rules.valid.end(), app.role) == rules.valid.end()) {
    problems.add("/role",
                 fmt::format("got {}, expected one of: [{}]", app.role, join(rules.valid, ", ")));
  }
  if (app.resident) {
    problems.require(
        app.role != "*", "/role", fmt::format("Resident {}s cannot have the role *", app.kind));
  }
  if (app.accepted) {
    check_accepted(app, problems);
  }
}

}  // namespace ekiden::marathon::validation
