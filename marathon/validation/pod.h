#pragma once

#include "marathon/api/pod_form.h"
#include "marathon/validation/app.h"

namespace ekiden::marathon::validation {

// The rules of marathon-api.md 4.12 for a normalised pod: every violation at once. Pure.
std::vector<Problem> pod_problems(const wire::PodForm& form, const Rules& rules);

}  // namespace ekiden::marathon::validation
