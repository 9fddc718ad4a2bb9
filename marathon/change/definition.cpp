#include "marathon/change/definition.h"

#include "marathon/api/convert.h"
#include "marathon/api/normalise.h"
#include "marathon/validation/app.h"

namespace ekiden::marathon::change {

Result<App> define(wire::AppForm form, const Place& place) {
  wire::make_ids_absolute(form, PathId());
  form.version.reset();
  form.version_info.reset();
  if (auto legal = validation::to_result(validation::deprecated_problems(form)); !legal) {
    return fail(std::move(legal.error()));
  }
  if (auto done = wire::translate(form, place.settings, wire::Completeness::complete); !done) {
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
  wire::fill(form, place.settings);
  App app = wire::to_app(form);
  if (auto legal = validation::to_result(validation::definition_problems(app)); !legal) {
    return fail(std::move(legal.error()));
  }
  return app;
}

Result<App> redefine(const App& old, wire::AppForm update, const Place& place) {
  wire::make_ids_absolute(update, PathId());
  update.id = old.id.text();
  if (auto legal = validation::to_result(validation::deprecated_problems(update)); !legal) {
    return fail(std::move(legal.error()));
  }
  if (auto done = wire::translate(update, place.settings, wire::Completeness::update); !done) {
    return fail(std::move(done.error()));
  }
  wire::AppForm base = wire::to_form(old);
  base.residency.reset();
  return define(wire::merge(std::move(base), update), place);
}

}  // namespace ekiden::marathon::change
