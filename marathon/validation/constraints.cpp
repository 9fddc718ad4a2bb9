#include "core/base/strings.h"
#include "marathon/model/pattern.h"
#include "marathon/validation/app.h"

#include <algorithm>
#include <array>

namespace ekiden::marathon::validation {
namespace {

bool is_mesos_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("_/.-").find(c) != std::string_view::npos;
  });
}

bool is_int(const std::string& text) {
  const auto number = parse_int(text);
  return number && *number >= INT32_MIN && *number <= INT32_MAX;
}

void check_like(const std::vector<std::string>& parts,
                const std::string& path,
                Problems& problems) {
  if (parts.size() < 3 || parts[2].empty()) {
    problems.add(path, "LIKE and UNLIKE require a non-empty, regular expression value");
  } else {
    problems.require(
        Pattern::compile(parts[2]).has_value(), path, "is not a valid regular expression");
  }
}

}  // namespace

void check_constraint(const std::vector<std::string>& parts,
                      const std::string& path,
                      Problems& problems) {
  if (parts.size() < 2 || parts.size() > 3) {
    problems.add(path, "Each constraint must have either 2 or 3 fields");
    return;
  }
  problems.require(!parts[0].empty(), path, "illegal constraint specification");
  const bool has_value = parts.size() == 3;
  const auto is = [&](std::string_view name) { return iequals(parts[1], name); };
  if (is("UNIQUE")) {
    problems.require(!has_value, path, "UNIQUE does not accept a value");
  } else if (is("GROUP_BY")) {
    problems.require(!has_value || is_int(parts[2]),
                     path,
                     "GROUP BY must define an integer value or else no value at all");
  } else if (is("MAX_PER")) {
    problems.require(has_value && is_int(parts[2]), path, "MAX_PER requires an integer value");
  } else if (is("LIKE") || is("UNLIKE")) {
    check_like(parts, path, problems);
  } else if (is("IS")) {
    problems.require(has_value && is_mesos_text(parts[2]),
                     path,
                     "IS only supports Mesos text and float values (see "
                     "http://mesos.apache.org/documentation/latest/attributes-resources/)");
  } else {
    problems.require(is("CLUSTER"),
                     path,
                     "operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, "
                     "MAX_PER, UNLIKE or IS");
  }
}

void check_constraints(const AppView& app, Problems& problems) {
  for (std::size_t i = 0; app.form.constraints && i < app.form.constraints->size(); ++i) {
    check_constraint((*app.form.constraints)[i], indexed("/constraints", i), problems);
  }
}

}  // namespace ekiden::marathon::validation
