#include "marathon/launch/constraints.h"

#include "core/base/strings.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace ekiden::marathon::launch {

namespace {

constexpr std::int64_t kInfinite = INT32_MAX;  // "inf" in old definitions

// At most three decimals, no trailing zeros.
std::string scalar_text(model::Scalar scalar) {
  const std::int64_t whole = scalar.milli / 1000;
  const std::int64_t rest = std::abs(scalar.milli % 1000);
  if (rest == 0) {
    return std::to_string(whole);
  }
  std::string text =
      fmt::format("{}{}.{:03}", scalar.milli < 0 && whole == 0 ? "-" : "", whole, rest);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

std::string ranges_text(std::vector<model::Range> ranges) {
  std::sort(
      ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  std::vector<std::string> parts;
  for (const model::Range& range : ranges) {
    parts.push_back(fmt::format("{}-{}", range.begin, range.end));
  }
  return "[" + join(parts, ",") + "]";
}

std::string set_text(std::vector<std::string> items) {
  std::sort(items.begin(), items.end());
  return "{" + join(items, ",") + "}";
}

std::optional<std::string> attribute_text(const std::string& name,
                                          const std::vector<model::Attribute>& attributes) {
  for (const model::Attribute& attribute : attributes) {
    if (attribute.name == name) {
      return to_text(attribute);
    }
  }
  return std::nullopt;
}

bool is_hostname(const std::string& field) {
  return field == "hostname" || field == "@hostname";
}

model::AttributeConstraint::Selector selector_of(const std::string& field) {
  using Pseudo = model::AttributeConstraint::Pseudo;
  model::AttributeConstraint::Selector selector;
  if (is_hostname(field)) {
    selector.pseudoattribute_type = Pseudo::hostname;
  } else if (field == "@region") {
    selector.pseudoattribute_type = Pseudo::region;
  } else if (field == "@zone") {
    selector.pseudoattribute_type = Pseudo::zone;
  } else {
    selector.attribute_name = field;
  }
  return selector;
}

// Means the same to the master (RE2) as to Java: no look-around, references or possessives.
bool is_common_syntax(std::string_view pattern) {
  return pattern.find("(?") == std::string_view::npos &&
         pattern.find('\\') == std::string_view::npos &&
         pattern.find("++") == std::string_view::npos &&
         pattern.find("*+") == std::string_view::npos &&
         pattern.find("?+") == std::string_view::npos;
}

// "1.50" and "1.5" are one number.
std::string canonical(const std::string& text) {
  const std::optional<double> number = parse_double(text);
  return number && *number >= 0 && std::isdigit(static_cast<unsigned char>(text.front()))
             ? scalar_text(model::Scalar::from_double(*number))
             : text;
}

}  // namespace

std::string to_text(const model::Attribute& attribute) {
  switch (attribute.type) {
    case model::Attribute::Type::scalar:
      return scalar_text(attribute.scalar);
    case model::Attribute::Type::ranges:
      return ranges_text(attribute.ranges);
    case model::Attribute::Type::set: {
      std::vector<std::string> items;
      for (std::string_view item : split_nonempty(attribute.text, ',')) {
        items.emplace_back(trim(item));
      }
      return set_text(std::move(items));
    }
    case model::Attribute::Type::text:
      break;
  }
  return attribute.text;
}

std::optional<std::string> field_of(const std::string& field, const model::Offer& offer) {
  if (is_hostname(field)) {
    return offer.hostname;
  }
  if (field == "@region" || field == "@zone") {
    if (!offer.domain || !offer.domain->fault_domain) {
      return std::nullopt;
    }
    const auto& domain = *offer.domain->fault_domain;
    return field == "@region" ? domain.region.name : domain.zone.name;
  }
  return attribute_text(field, offer.attributes);
}

std::optional<std::string> field_of(const std::string& field, const AgentPlace& place) {
  if (is_hostname(field)) {
    return place.host;
  }
  if (field == "@region") {
    return place.region;
  }
  if (field == "@zone") {
    return place.zone;
  }
  return attribute_text(field, place.attributes);
}

bool is_placed(const Instance& instance, WallTime since) {
  if (!instance.place || instance.app->version_info.version < since) {
    return false;
  }
  if (instance.reservation) {
    return true;
  }
  return !is_lost(instance.condition) && instance.condition != Condition::scheduled &&
         !instance.is_scheduled();
}

std::string to_text(const Constraint& constraint) {
  const std::string value = constraint.value ? ", " + *constraint.value : "";
  return fmt::format("[{}, {}{}]", constraint.field, to_text(constraint.op), value);
}

AgentPlace place_of(const model::Offer& offer) {
  AgentPlace place;
  place.host = offer.hostname;
  place.agent_id = offer.agent_id;
  place.attributes = offer.attributes;
  if (offer.domain && offer.domain->fault_domain) {
    place.region = offer.domain->fault_domain->region.name;
    place.zone = offer.domain->fault_domain->zone.name;
  }
  return place;
}

Placement::Placement(const std::vector<Constraint>& constraints, std::int32_t instances)
    : instances_(instances) {
  for (const Constraint& constraint : constraints) {
    Rule rule;
    rule.constraint = constraint;
    if (constraint.value) {
      rule.number = *constraint.value == "inf" ? kInfinite : parse_int(*constraint.value);
      if (constraint.op == ConstraintOperator::like ||
          constraint.op == ConstraintOperator::unlike) {
        if (Result<Pattern> pattern = Pattern::compile(*constraint.value)) {
          rule.pattern = std::move(*pattern);
        }
      }
    }
    rules_.push_back(std::move(rule));
  }
}

void Placement::enter(const std::vector<std::optional<std::string>>& values) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (counted_ == 0) {
      rules_[i].first = values[i];
    }
    ++rules_[i].groups[values[i]];
  }
  ++counted_;
}

void Placement::count(const Instance& instance) {
  if (!instance.place) {
    return;
  }
  std::vector<std::optional<std::string>> values;
  for (const Rule& rule : rules_) {
    values.push_back(field_of(rule.constraint.field, *instance.place));
  }
  enter(values);
}

Placement Placement::without(const Instance& instance) const {
  Placement rest = *this;
  if (!instance.place || rest.counted_ == 0) {
    return rest;
  }
  for (Rule& rule : rest.rules_) {
    const auto group = rule.groups.find(field_of(rule.constraint.field, *instance.place));
    if (group != rule.groups.end() && --group->second == 0) {
      rule.groups.erase(group);
    }
  }
  --rest.counted_;
  return rest;
}

void Placement::see(const model::Offer& offer) {
  for (Rule& rule : rules_) {
    if (rule.constraint.op == ConstraintOperator::group_by && !rule.number) {
      if (std::optional<std::string> value = field_of(rule.constraint.field, offer)) {
        rule.seen.insert(std::move(*value));
      }
    }
  }
}

bool Placement::fits(const model::Offer& offer) const {
  return std::all_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    return fits(rule, field_of(rule.constraint.field, offer));
  });
}

void Placement::placed(const model::Offer& offer) {
  std::vector<std::optional<std::string>> values;
  for (const Rule& rule : rules_) {
    values.push_back(field_of(rule.constraint.field, offer));
  }
  enter(values);
}

std::vector<std::string> Placement::failing(const model::Offer& offer) const {
  std::vector<std::string> texts;
  for (const Rule& rule : rules_) {
    if (!fits(rule, field_of(rule.constraint.field, offer))) {
      texts.push_back(to_text(rule.constraint));
    }
  }
  return texts;
}

std::vector<model::AttributeConstraint> Placement::wanted_agents() const {
  std::vector<model::AttributeConstraint> all;
  for (const Rule& rule : rules_) {
    model::AttributeConstraint one;
    one.selector = selector_of(rule.constraint.field);
    const auto add = [&](auto set) {
      one.predicate = {};
      set(one.predicate);
      all.push_back(one);
    };
    if (rule.constraint.op != ConstraintOperator::unlike) {
      add([](auto& predicate) { predicate.exists = true; });
    }
    const std::optional<std::string>& value = rule.constraint.value;
    switch (rule.constraint.op) {
      case ConstraintOperator::like:
        if (value && is_common_syntax(*value)) {
          add([&](auto& predicate) { predicate.text_matches = *value; });
        }
        break;
      case ConstraintOperator::unlike:
        if (value && is_common_syntax(*value)) {
          add([&](auto& predicate) { predicate.text_not_matches = *value; });
        }
        break;
      case ConstraintOperator::is:
        if (value && !parse_double(*value)) {  // numbers have more than one text
          add([&](auto& predicate) { predicate.text_equals = *value; });
        }
        break;
      case ConstraintOperator::cluster:
        if (value && !value->empty()) {
          add([&](auto& predicate) { predicate.text_equals = *value; });
        } else if (counted_ > 0 && rule.first) {
          add([&](auto& predicate) { predicate.text_equals = *rule.first; });
        }
        break;
      case ConstraintOperator::unique:
      case ConstraintOperator::max_per: {
        const std::int64_t most =
            rule.constraint.op == ConstraintOperator::unique ? 1 : rule.number.value_or(kInfinite);
        for (const auto& [name, count] : rule.groups) {
          if (name && count >= most) {
            add([&](auto& predicate) { predicate.text_not_equals = *name; });
          }
        }
        break;
      }
      case ConstraintOperator::group_by:
        break;
    }
  }
  return all;
}

bool Placement::fits(const Rule& rule, const std::optional<std::string>& value) const {
  const Constraint& constraint = rule.constraint;
  if (!value) {
    return constraint.op == ConstraintOperator::unlike;
  }
  const auto group = rule.groups.find(value);
  const std::int64_t size = group == rule.groups.end() ? 0 : group->second;
  switch (constraint.op) {
    case ConstraintOperator::unique:
      return size == 0;
    case ConstraintOperator::cluster:
      return constraint.value && !constraint.value->empty() ? *value == *constraint.value
                                                            : counted_ == 0 || rule.first == value;
    case ConstraintOperator::is:
      return constraint.value && canonical(*value) == canonical(*constraint.value);
    case ConstraintOperator::like:
      return rule.pattern && rule.pattern->matches(*value);
    case ConstraintOperator::unlike:
      return rule.pattern && !rule.pattern->matches(*value);
    case ConstraintOperator::max_per:
      return rule.number && size < *rule.number;
    case ConstraintOperator::group_by:
      return fits_group(rule, *value);
  }
  return false;
}

bool Placement::fits_group(const Rule& rule, const std::string& value) const {
  const auto group = rule.groups.find(value);
  std::int64_t known = static_cast<std::int64_t>(rule.groups.size());
  if (rule.number && *rule.number > 0) {
    if (group == rule.groups.end()) {
      return known < *rule.number;
    }
    known = *rule.number;
  } else {
    if (group == rule.groups.end()) {
      return true;
    }
    std::set<std::string> values = rule.seen;
    for (const auto& [name, count] : rule.groups) {
      if (name) {
        values.insert(*name);
      }
    }
    known = std::max<std::int64_t>(1, static_cast<std::int64_t>(values.size()));
  }
  const std::int64_t per = instances_ / known;
  const std::int64_t rest = instances_ % known;
  std::int64_t used = 0;
  for (const auto& [name, size] : rule.groups) {
    used += std::max<std::int64_t>(0, size - per);
  }
  return group->second < per || (group->second == per && rest - used > 0);
}

}  // namespace ekiden::marathon::launch
