#include "marathon/api/convert.h"
#include "marathon/change/draft.h"

#include <algorithm>

namespace ekiden::marathon::change {
namespace {

// {"version": ...}, at most with an id beside it: back to an old definition [2.2].
Result<App> restore(const Draft& draft, const PutApps::One& one, const wire::AppForm& form) {
  const auto& members = one.body.as_object();
  const bool alone = std::all_of(members.begin(), members.end(), [](const json::Member& member) {
    return member.first == "version" || member.first == "id" || member.second.is_null();
  });
  if (!alone) {
    return fail(Error{ErrorCode::invalid,
                      "Object is not valid",
                      {{"/", "The 'version' field may only be combined with the 'id' field."}}});
  }
  const auto version = parse_iso8601(*form.version);
  if (!version) {
    return fail(
        ErrorCode::invalid,
        "Invalid timestamp provided '" + *form.version + "'. Expecting ISO-8601 datetime string.");
  }
  const auto& app_at = draft.context().history.app_at;
  const AppPtr old = app_at ? app_at(one.id, *version) : nullptr;
  if (!old) {
    return fail(no_such_app(one.id));
  }
  return *old;
}

Result<App> wanted_app(const Draft& draft, const PutApps& all, const PutApps::One& one) {
  auto form = wire::decode_app(one.body);
  if (!form) {
    return fail(std::move(form.error()));
  }
  if (draft.after().find_pod(one.id)) {
    return fail(shared_id());
  }
  const AppPtr old = draft.after().find_plain_app(one.id);
  if (!old && !all.allow_creation) {
    return fail(no_such_app(one.id));
  }
  if (old && all.partial_update) {
    return form->version ? restore(draft, one, *form)
                         : redefine(*old, std::move(*form), draft.place());
  }
  form->id = one.id.text();
  return define(std::move(*form), draft.place());
}

}  // namespace

Result<void> change(Draft& draft, const CreateApp& wanted) {
  if (draft.before().find_pod(wanted.app.id)) {
    return fail(shared_id());
  }
  if (draft.before().find_app(wanted.app.id)) {
    return fail(ErrorCode::conflict,
                "An app with id [" + wanted.app.id.text() + "] already exists.");
  }
  draft.put_app(wanted.app);
  return {};
}

Result<void> change(Draft& draft, const PutApps& wanted) {
  for (const PutApps::One& one : wanted.apps) {
    auto app = wanted_app(draft, wanted, one);
    if (!app) {
      return fail(std::move(app.error()));
    }
    draft.put_app(std::move(*app));
  }
  return {};
}

Result<void> change(Draft& draft, const DeleteApp& wanted) {
  if (!draft.before().find_plain_app(wanted.id)) {
    return fail(no_such_app(wanted.id));
  }
  draft.erase_app(wanted.id);
  return {};
}

Result<void> change(Draft& draft, const RestartApp& wanted) {
  if (!draft.before().find_plain_app(wanted.id)) {
    return fail(no_such_app(wanted.id));
  }
  draft.restart_app(wanted.id);
  return {};
}

Result<void> change(Draft& draft, const KillAndScale& wanted) {
  std::map<PathId, std::int32_t> fewer;
  for (const InstanceId& id : wanted.instances) {
    const auto& find = draft.context().history.instance;
    const InstancePtr instance = find ? find(id) : nullptr;
    const AppPtr app =
        instance && instance->app ? draft.after().find_app(instance->app->id) : nullptr;
    if (!app) {
      continue;  // what belongs to nothing is ignored [2.7]
    }
    const bool counts = is_active(instance->condition) && instance->condition != Condition::killing;
    fewer[app->id] += counts ? 1 : 0;
    draft.kill_first(app->id, id);
  }
  for (const auto& [id, count] : fewer) {
    App scaled = *draft.after().find_app(id);
    scaled.instances = std::max(0, scaled.instances - count);
    draft.put_app(std::move(scaled));
  }
  return {};
}

}  // namespace ekiden::marathon::change
