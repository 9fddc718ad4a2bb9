#include "core/wire/acls.h"

#include "core/json/json.h"

#include <algorithm>

#include <fmt/core.h>

namespace ekiden::wire {

Result<Acls::Rule> Acls::parse_rule(std::string_view text) {
  const auto value = json::parse(text);
  if (!value || !value->is_object()) {
    return fail(ErrorCode::invalid, "a rule is not an object");
  }
  Rule rule;
  for (const auto& [name, member] : value->as_object()) {
    Entity entity;
    const std::string_view type = member["type"].as_string("SOME");
    if (type == "ANY") {
      entity.type = Entity::Type::any;
    } else if (type == "NONE") {
      entity.type = Entity::Type::none;
    } else if (type != "SOME") {
      return fail(ErrorCode::invalid,
                  fmt::format("'{}' has the type '{}'; use ANY, NONE or values", name, type));
    }
    for (const json::Value& one : member["values"].as_array()) {
      entity.values.emplace_back(one.as_string());
    }
    rule.entities.emplace(name, std::move(entity));
  }
  return rule;
}

Result<Acls> Acls::parse(std::string_view text) {
  const auto value = json::parse(text);
  if (!value || !value->is_object()) {
    return fail(ErrorCode::malformed, "the ACLs are not a JSON object");
  }
  Acls made;
  for (const auto& [name, member] : value->as_object()) {
    if (name == "permissive") {
      made.permissive_ = member.as_bool(true);
      continue;
    }
    for (const json::Value& one : member.as_array()) {
      auto rule = parse_rule(json::to_text(one));
      if (!rule) {
        return fail(rule.error().code, fmt::format("{}: {}", name, rule.error().message));
      }
      made.rules_[name].push_back(std::move(*rule));
    }
  }
  return made;
}

bool Acls::matches(const Entity& request, const Entity& rule) {
  return rule.type != Entity::Type::some || covers(request, rule);
}

bool Acls::covers(const Entity& request, const Entity& rule) {
  if (rule.type != Entity::Type::some) {
    return rule.type == Entity::Type::any;
  }
  return request.type == Entity::Type::some &&
         std::all_of(request.values.begin(), request.values.end(), [&](const std::string& wanted) {
           return std::find(rule.values.begin(), rule.values.end(), wanted) != rule.values.end();
         });
}

bool Acls::restricts(const Action& action) const {
  return !permissive_ || rules_.find(action.rules) != rules_.end();
}

bool Acls::allows(const Action& action,
                  const std::string& principal,
                  const std::optional<std::string>& object) const {
  const auto entity = [](const std::optional<std::string>& value) {
    return value ? Entity{Entity::Type::some, {*value}} : Entity{Entity::Type::any, {}};
  };
  const Entity who = entity(principal.empty() ? std::nullopt : std::optional(principal));
  const Entity what = entity(object);
  const auto found = rules_.find(action.rules);
  if (found == rules_.end()) {
    return permissive_;
  }
  const auto member = [](const Rule& rule, std::string_view name) {
    const auto at = rule.entities.find(name);
    return at == rule.entities.end() ? Entity{} : at->second;
  };
  for (const Rule& rule : found->second) {
    const Entity subjects = member(rule, "principals");
    const Entity objects = member(rule, action.object);
    if (matches(who, subjects) && matches(what, objects)) {
      return covers(who, subjects) && covers(what, objects);
    }
  }
  return permissive_;
}

}  // namespace ekiden::wire
