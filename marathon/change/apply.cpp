#include "marathon/change/apply.h"

#include "core/base/overloaded.h"
#include "marathon/change/draft.h"

namespace ekiden::marathon::change {

Result<Outcome> apply(const Root& root, const Change& wanted, const Context& context) {
  Draft draft(root, context);
  const auto done = std::visit([&](const auto& one) { return change(draft, one); }, wanted);
  if (!done) {
    return fail(done.error());
  }
  return std::move(draft).finish();
}

PathId group_of(const Change& change) {
  return std::visit(Overloaded{
                        [](const CreateApp& wanted) { return wanted.app.id.parent(); },
                        [](const PutApps& wanted) {
                          return wanted.apps.size() == 1 ? wanted.apps.front().id.parent()
                                                         : PathId();
                        },
                        [](const DeleteApp& wanted) { return wanted.id.parent(); },
                        [](const RestartApp& wanted) { return wanted.id.parent(); },
                        [](const PutPod& wanted) { return wanted.id.parent(); },
                        [](const DeletePod& wanted) { return wanted.id.parent(); },
                        [](const CreateGroup& wanted) {
                          return PathId::parse(wanted.body["id"].as_string(), wanted.base);
                        },
                        [](const PutGroup& wanted) { return wanted.id; },
                        [](const DeleteGroup& wanted) { return wanted.id.parent(); },
                        [](const PatchGroup& wanted) { return wanted.id; },
                        [](const KillAndScale&) { return PathId(); },
                    },
                    change);
}

}  // namespace ekiden::marathon::change
