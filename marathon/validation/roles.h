#pragma once

#include "marathon/api/app_form.h"
#include "marathon/model/root.h"
#include "marathon/settings.h"
#include "marathon/validation/problems.h"

namespace ekiden::marathon::validation {

// Which role an app gets and which it may have [marathon-api 4.6].
struct RoleRules {
  std::string default_role = "*";
  std::vector<std::string> valid = {"*"};
};

RoleRules role_rules(const Root& root, const PathId& app, const Settings& settings);

struct Roles {  // of one app
  std::string role;
  const std::optional<std::vector<std::string>>& accepted;
  bool resident = false;
  std::string_view kind = "app";  // or "pod", for the texts
};

void check_roles(const Roles& app, const RoleRules& rules, Problems& problems);

}  // namespace ekiden::marathon::validation
