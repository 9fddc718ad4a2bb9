#pragma once

#include "marathon/api/app_form.h"
#include "marathon/settings.h"
#include "marathon/validation/problems.h"
#include "marathon/validation/roles.h"

#include <optional>
#include <string>
#include <vector>

// The rules of marathon-api.md section 4 for one app. Pure; every violation of a phase at once.
namespace ekiden::marathon::validation {

struct Rules {
  const Settings& settings;
  RoleRules roles;
};

// Phase A: the form as it came, with its deprecated members.
std::vector<Problem> deprecated_problems(const wire::AppForm& form);
// Phase B: translated, defaults of networks not yet filled in.
std::vector<Problem> canonical_problems(const wire::AppForm& form, const Rules& rules);
// Phase C: the definition that would be stored.
std::vector<Problem> definition_problems(const App& app);

// ---- parts of phase B, one file each
struct AppView {  // what several rules need to know
  const wire::AppForm& form;
  const Rules& rules;
  bool host_network = true;
  bool resident = false;
  std::size_t port_count = 0;
};

AppView view_of(const wire::AppForm& form, const Rules& rules);
bool is_enabled(const Rules& rules, const std::string& feature);
void check_id(std::string_view id, const std::string& path, Problems& problems);
void check_networks(const AppView& app, Problems& problems);
void check_ports(const AppView& app, Problems& problems);
void check_health(const AppView& app, Problems& problems);
void check_readiness(const AppView& app, Problems& problems);
void check_constraints(const AppView& app, Problems& problems);
void check_container(const AppView& app, Problems& problems);
void check_secrets(const AppView& app, Problems& problems);
// ---- rules that pods have too
struct Requested {
  std::string path;
  double amount = 0;
};

void check_limit(const std::optional<json::Value>& limit,
                 const Requested& requested,
                 Problems& problems);
void check_linux_info(const json::Value& info, const std::string& path, Problems& problems);
void check_persistent(const PersistentVolume& volume, const std::string& path, Problems& problems);
void check_constraint(const std::vector<std::string>& parts,
                      const std::string& path,
                      Problems& problems);
void check_external_volume(const AppView& app, std::size_t index, Problems& problems);
void check_external_volumes_together(const AppView& app, Problems& problems);

}  // namespace ekiden::marathon::validation
