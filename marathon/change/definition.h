#pragma once

#include "marathon/api/app_form.h"
#include "marathon/api/pod_form.h"
#include "marathon/model/root.h"
#include "marathon/settings.h"

namespace ekiden::marathon::change {

struct Place {  // where a definition will live: decides roles and relative ids
  const Root& root;
  const Settings& settings;
};

// A complete form to a definition, through the pipeline of marathon-api.md 3.9. Version and version
// info are left empty. Errors carry every problem of the first phase that fails.
Result<App> define(wire::AppForm form, const Place& place);
// The same for a pod, which is replaced as a whole [3.14, 4.12].
Result<App> define_pod(wire::PodForm form, const Place& place);
// A partial update: members that `update` has replace those of `old`, then as above.
Result<App> redefine(const App& old, wire::AppForm update, const Place& place);

}  // namespace ekiden::marathon::change
