#include "marathon/change/definition.h"

#include "marathon/api/convert.h"
#include "marathon/api/normalise.h"
#include "marathon/validation/app.h"

namespace ekiden::marathon::change {

Result<App> define(api::AppForm form, const Place& place) {
  api::make_ids_absolute(form, PathId());
  form.version.reset();
  form.version_info.reset();
  if (auto legal = validation::to_result(validation::deprecated_problems(form)); !legal) {
    return fail(std::move(legal.error()));
  }
  if (auto done = api::translate(form, place.settings, api::Completeness::complete); !done) {
    return fail(std::move(done.error()));
  }
  const PathId id = PathId::parse(form.id.value_or("/"));
  const validation::Rules rules{place.settings,
                                validation::role_rules(place.root, id, place.settings)};
  if (!form.role) {
    form.role = rules.roles.default_role;
  }
  if (auto legal = validation::to_result(validation::canonical_problems(form, rules)); !legal) {
    return fail(std::move(legal.error()));
  }
  api::fill(form, place.settings);
  App app = api::to_app(form);
  if (auto legal = validation::to_result(validation::definition_problems(app)); !legal) {
    return fail(std::move(legal.error()));
  }
  return app;
}

Result<App> redefine(const App& old, api::AppForm update, const Place& place) {
  api::make_ids_absolute(update, PathId());
  update.id = old.id.text();
  if (auto legal = validation::to_result(validation::deprecated_problems(update)); !legal) {
    return fail(std::move(legal.error()));
  }
  if (auto done = api::translate(update, place.settings, api::Completeness::update); !done) {
    return fail(std::move(done.error()));
  }
  api::AppForm base = api::to_form(old);
  base.residency.reset();
  return define(api::merge(std::move(base), update), place);
}

}  // namespace ekiden::marathon::change
