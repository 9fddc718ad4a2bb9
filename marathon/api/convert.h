#pragma once

#include "marathon/api/app_form.h"

// Between the wire form and the canonical App. Nothing is decided here: a normalised form goes in.
namespace ekiden::marathon::wire {

// The members that are written, exactly as column "Out" of marathon-api.md 3.2 says.
AppForm to_form(const App& app);
// `form` is normalised and free of problems. Version and version info are taken from the form
// where they are legible.
App to_app(const AppForm& form);

// Parts that apps and pods have in common.
std::vector<Constraint> to_constraints(const std::vector<std::vector<std::string>>& texts);
ResourceLimits to_limits(const ResourceLimitsForm& form);
ResourceLimitsForm to_form(const ResourceLimits& limits);

std::string to_json(const App& app);  // of an app or a pod, as in every answer
// What to_json wrote, byte for byte the same app: for records.
Result<App> app_from_json(std::string_view text);

}  // namespace ekiden::marathon::wire
