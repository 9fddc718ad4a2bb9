#include "marathon/change/draft.h"
#include "marathon/validation/pod.h"

namespace ekiden::marathon::change {
namespace {

Error no_such_pod(const PathId& id) {
  return {ErrorCode::not_found, "Pod '" + id.text() + "' does not exist", {}};
}

}  // namespace

Result<App> define_pod(wire::PodForm form, const Place& place) {
  form.version.reset();
  wire::normalise(form, place.settings);
  const PathId id = PathId::parse(form.id);
  const validation::Rules rules{place.settings,
                                validation::role_rules(place.root, id, place.settings)};
  if (!form.role) {
    form.role = rules.roles.default_role;
  }
  if (auto legal = validation::to_result(validation::pod_problems(form, rules)); !legal) {
    return fail(std::move(legal.error()));
  }
  return wire::pod_to_app(form);
}

Result<void> change(Draft& draft, const PutPod& wanted) {
  auto form = wire::decode_pod(wanted.body);
  if (!form) {
    return fail(std::move(form.error()));
  }
  auto pod = define_pod(std::move(*form), draft.place());
  if (!pod) {
    return fail(std::move(pod.error()));
  }
  if (draft.before().find_plain_app(pod->id)) {
    return fail(shared_id());
  }
  if (wanted.when == PutPod::When::absent && draft.before().find_pod(pod->id)) {
    return fail(ErrorCode::conflict, "A pod with id [" + pod->id.text() + "] already exists.");
  }
  draft.put_app(std::move(*pod));
  return {};
}

Result<void> change(Draft& draft, const DeletePod& wanted) {
  if (!draft.before().find_pod(wanted.id)) {
    return fail(no_such_pod(wanted.id));
  }
  draft.erase_app(wanted.id);
  return {};
}

}  // namespace ekiden::marathon::change
