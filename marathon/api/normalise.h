#pragma once

#include "marathon/api/app_form.h"
#include "marathon/settings.h"

// The normalisation pipeline of marathon-api.md 3.9, step by step. Validation runs between the
// steps (marathon/change/definition.h puts them in order).
namespace ekiden::marathon::wire {

enum class Completeness { complete, update };

// Ids of the form become absolute below `base`.
void make_ids_absolute(AppForm& form, const PathId& base);
// Deprecated members become canonical ones. Fails for what only conversion can find [4.13].
Result<void> translate(AppForm& form, const Settings& settings, Completeness completeness);
// Networks, container and the other defaults of a complete form.
void fill(AppForm& form, const Settings& settings);

}  // namespace ekiden::marathon::wire
