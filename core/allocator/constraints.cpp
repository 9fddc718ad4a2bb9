#include "core/allocator/constraints.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>
#include <re2/re2.h>

namespace ekiden::allocator {
namespace {

using model::Attribute;
using model::AttributeConstraint;
using Pseudo = AttributeConstraint::Pseudo;

// What a selector finds: nothing, a text, or something that is not text.
struct Found {
  bool exists = false;
  bool is_text = true;
  std::string text;
};

struct Compiled {
  AttributeConstraint constraint;
  std::unique_ptr<const re2::RE2> regex;  // of text_matches or text_not_matches
};

using CompiledGroup = std::vector<Compiled>;
using CompiledRoles = std::map<std::string, std::vector<CompiledGroup>>;

Found find(const AttributeConstraint::Selector& selector, const AgentSpec& agent) {
  const auto& domain = agent.domain;
  const bool placed = domain && domain->fault_domain;
  switch (selector.pseudoattribute_type) {
    case Pseudo::hostname:
      return {true, true, agent.hostname};
    case Pseudo::region:
      return {placed, true, placed ? domain->fault_domain->region.name : ""};
    case Pseudo::zone:
      return {placed, true, placed ? domain->fault_domain->zone.name : ""};
    case Pseudo::unknown:
      break;
  }
  const auto found =
      std::find_if(agent.attributes.begin(), agent.attributes.end(), [&](const Attribute& a) {
        return a.name == selector.attribute_name;
      });
  if (found == agent.attributes.end()) {
    return {};
  }
  return {true, found->type == Attribute::Type::text, found->text};
}

bool holds(const Compiled& compiled, const AgentSpec& agent) {
  const AttributeConstraint::Predicate& predicate = compiled.constraint.predicate;
  const Found found = find(compiled.constraint.selector, agent);
  if (predicate.exists) {
    return found.exists;
  }
  if (predicate.not_exists) {
    return !found.exists;
  }
  if (!found.exists) {
    return predicate.text_not_equals || predicate.text_not_matches;
  }
  if (!found.is_text) {
    return true;
  }
  if (predicate.text_equals) {
    return found.text == *predicate.text_equals;
  }
  if (predicate.text_not_equals) {
    return found.text != *predicate.text_not_equals;
  }
  return re2::RE2::FullMatch(found.text, *compiled.regex) == predicate.text_matches.has_value();
}

class Filter final : public ConstraintsFilter {
 public:
  explicit Filter(CompiledRoles roles) : roles_(std::move(roles)) {}

  bool excludes(const std::string& role, const AgentSpec& agent) const override {
    const auto found = roles_.find(role);
    return found != roles_.end() &&
           std::none_of(
               found->second.begin(), found->second.end(), [&](const CompiledGroup& group) {
                 return std::all_of(group.begin(), group.end(), [&](const Compiled& compiled) {
                   return holds(compiled, agent);
                 });
               });
  }

 private:
  CompiledRoles roles_;
};

Result<Compiled> compile_one(const AttributeConstraint& constraint, const RegexLimits& limits) {
  const AttributeConstraint::Predicate& is = constraint.predicate;
  const int predicates = int{is.exists} + int{is.not_exists} + int{is.text_equals.has_value()} +
                         int{is.text_not_equals.has_value()} + int{is.text_matches.has_value()} +
                         int{is.text_not_matches.has_value()};
  const bool by_name = constraint.selector.attribute_name.has_value();
  if (by_name == (constraint.selector.pseudoattribute_type != Pseudo::unknown)) {
    return fail(ErrorCode::invalid,
                "a selector names either an attribute or one of HOSTNAME, REGION and ZONE");
  }
  if (predicates != 1) {
    return fail(ErrorCode::invalid, "an attribute constraint has exactly one known predicate");
  }
  Compiled compiled{constraint, nullptr};
  if (const auto& text = is.text_matches ? is.text_matches : is.text_not_matches) {
    re2::RE2::Options options(re2::RE2::CannedOptions::Quiet);
    options.set_max_mem(limits.max_mem);
    auto regex = std::make_unique<const re2::RE2>(*text, options);
    if (!regex->ok()) {
      return fail(
          ErrorCode::invalid,
          fmt::format("cannot use the regular expression \"{}\": {}", *text, regex->error()));
    }
    if (regex->ProgramSize() > limits.max_program_size) {
      return fail(
          ErrorCode::invalid,
          fmt::format("the regular expression \"{}\" has a program size of {}, more than {} is "
                      "not allowed; make it simpler",
                      *text,
                      regex->ProgramSize(),
                      limits.max_program_size));
    }
    compiled.regex = std::move(regex);
  }
  return compiled;
}

Result<CompiledGroup> compile_group(const model::OfferConstraints::Group& group,
                                    const RegexLimits& limits) {
  if (group.attribute_constraints.empty()) {
    return fail(ErrorCode::invalid, "a group has no attribute constraints");
  }
  CompiledGroup compiled;
  for (const AttributeConstraint& constraint : group.attribute_constraints) {
    auto one = compile_one(constraint, limits);
    if (!one) {
      return tl::unexpected(one.error());
    }
    compiled.push_back(std::move(*one));
  }
  return compiled;
}

}  // namespace

Result<std::shared_ptr<const ConstraintsFilter>> ConstraintsFilter::compile(
    const model::OfferConstraints& constraints, const RegexLimits& limits) {
  CompiledRoles roles;
  for (const auto& [role, constraint] : constraints.role_constraints) {
    if (constraint.groups.empty()) {
      return fail(ErrorCode::invalid,
                  fmt::format("offer constraints of role {}: there are no groups", role));
    }
    for (const model::OfferConstraints::Group& group : constraint.groups) {
      auto compiled = compile_group(group, limits);
      if (!compiled) {
        return fail(
            ErrorCode::invalid,
            fmt::format("offer constraints of role {}: {}", role, compiled.error().message));
      }
      roles[role].push_back(std::move(*compiled));
    }
  }
  return std::shared_ptr<const ConstraintsFilter>(std::make_shared<Filter>(std::move(roles)));
}

}  // namespace ekiden::allocator
